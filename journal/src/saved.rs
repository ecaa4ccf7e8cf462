//! Reads of one account.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use tradewire_core::{AccountChange, AccountEvent, ExchangeOrderId, Fill, Timestamp};
use tradewire_tracking::{OrderRecord, Saved, SavedOrder, Setting};

use crate::json::Json;
use crate::row_id::{self, Rows};

/// Orders that ended no longer than this before the end of the record are known at once after a restart.
const CLOSED_ORDER_TTL: Duration = Duration::from_mins(10);
/// So many of them at most.
const CLOSED_ORDER_MAX: u32 = 10_000;
/// So many of the newest funding payments are known at once after a restart: far more than a read of them reaches back.
const PAYMENTS_MAX: u32 = 10_000;

// The indexes are named, since nothing tells SQLite how many rows of a kind there are.
const LIVE: &str = "SELECT json FROM order_rows INDEXED BY orders_by_end \
     WHERE closed IS NULL AND id BETWEEN ?1 AND ?2";
const LATELY_CLOSED: &str = "SELECT json FROM order_rows INDEXED BY orders_by_end \
     WHERE closed >= ?3 AND +id BETWEEN ?1 AND ?2 ORDER BY closed DESC LIMIT ?4";
const LAST_RECEIVED: &str = "SELECT received FROM event_rows WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1";
const POSITIONS: &str = "SELECT json FROM position_rows WHERE account = ?1 ORDER BY symbol, side";
const SETTINGS: &str = "SELECT json FROM setting_rows WHERE account = ?1 ORDER BY name";
const LATEST_PAYMENTS: &str = "SELECT json FROM (SELECT json, time FROM payment_rows INDEXED BY payments_by_time \
     WHERE account = ?1 ORDER BY time DESC LIMIT ?2) ORDER BY time";
const EVENTS: &str = "SELECT id, time, received, json FROM event_rows WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3";
const FILLS: &str = "SELECT json FROM fill_rows INDEXED BY fills_by_order \
     WHERE account = ?1 AND symbol = ?2 AND exchange_order_id = ?3 ORDER BY time, rowid";
const BY_EXCHANGE_ID: &str = "SELECT json FROM order_rows INDEXED BY orders_by_exchange_id \
     WHERE exchange_order_id = ?3 AND id BETWEEN ?1 AND ?2 AND json ->> '$.order.symbol' = ?4 \
     ORDER BY id DESC LIMIT 1";
/// An id of ours can name an order of somebody else too.
const BY_CLIENT_ID: &str = "SELECT json FROM order_rows INDEXED BY orders_by_client_id \
     WHERE client_order_id = ?3 AND id BETWEEN ?1 AND ?2 \
     ORDER BY json ->> '$.order.origin' = 'own' DESC, id DESC LIMIT 1";

pub(crate) fn load(connection: &Connection, rows: Rows) -> rusqlite::Result<Saved> {
    let (first, last) = rows.range().into_inner();
    // Both numbers and all rows are of one moment.
    let moment = connection.unchecked_transaction()?;
    let last_event = row_id::last(&moment, "SELECT max(id) FROM event_rows WHERE id BETWEEN ?1 AND ?2", rows)?;
    let last_order = row_id::last(&moment, "SELECT max(id) FROM order_rows WHERE id BETWEEN ?1 AND ?2", rows)?;
    let mut records = read_all::<OrderRecord>(&moment, LIVE, [first, last])?;
    let since = closed_since(&moment, rows)?;
    records.extend(read_all(&moment, LATELY_CLOSED, params![first, last, since, CLOSED_ORDER_MAX])?);
    records.sort_unstable_by_key(|record: &OrderRecord| record.number);
    let orders = records.into_iter().map(|record| with_fills(&moment, rows, record)).collect::<Result<_, _>>()?;
    let balances =
        read_all(&moment, "SELECT json FROM balance_rows WHERE account = ?1 ORDER BY asset", [rows.account()])?;
    let positions = read_all(&moment, POSITIONS, [rows.account()])?;
    let settings = settings(&moment, rows)?;
    let payments = read_all(&moment, LATEST_PAYMENTS, params![rows.account(), PAYMENTS_MAX])?;
    let facts = facts(&moment, rows)?;
    moment.commit()?;
    Ok(Saved { last_event, last_order, orders, balances, positions, settings, payments, facts })
}

/// From when on closed orders are loaded: by the record itself, so that it is the same however long the program was
/// down.
fn closed_since(connection: &Connection, rows: Rows) -> rusqlite::Result<i64> {
    let (first, last) = rows.range().into_inner();
    let received: Option<i64> = connection.query_row(LAST_RECEIVED, [first, last], |row| row.get(0)).optional()?;
    let ttl = i64::try_from(CLOSED_ORDER_TTL.as_nanos()).unwrap_or(i64::MAX);
    Ok(received.map_or(i64::MIN, |received| received.saturating_sub(ttl)))
}

fn facts(connection: &Connection, rows: Rows) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement =
        connection.prepare_cached("SELECT name, value FROM fact_rows WHERE account = ?1 ORDER BY name")?;
    let facts = statement.query_map([rows.account()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    facts.collect()
}

pub(crate) fn settings(connection: &Connection, rows: Rows) -> rusqlite::Result<Vec<Setting>> {
    read_all(connection, SETTINGS, [rows.account()])
}

/// Up to `limit` events after number `after`.
pub(crate) fn events(
    connection: &Connection,
    rows: Rows,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Arc<AccountEvent>>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(EVENTS)?;
    let events = statement.query_map([rows.id(after), *rows.range().end(), limit], event)?;
    events.map(|event| event.map(Arc::new)).collect()
}

fn event(row: &Row<'_>) -> rusqlite::Result<AccountEvent> {
    let Json(change) = row.get::<_, Json<AccountChange>>(3)?;
    Ok(AccountEvent {
        number: row_id::number(row.get(0)?),
        time: row.get::<_, Option<i64>>(1)?.map(Timestamp::from_nanos),
        received: Timestamp::from_nanos(row.get(2)?),
        change,
    })
}

pub(crate) fn by_exchange_id(
    connection: &Connection,
    rows: Rows,
    symbol: &str,
    id: &str,
) -> rusqlite::Result<Option<SavedOrder>> {
    let (first, last) = rows.range().into_inner();
    one_order(connection, rows, BY_EXCHANGE_ID, params![first, last, id, symbol])
}

pub(crate) fn by_client_id(connection: &Connection, rows: Rows, id: &str) -> rusqlite::Result<Option<SavedOrder>> {
    let (first, last) = rows.range().into_inner();
    one_order(connection, rows, BY_CLIENT_ID, params![first, last, id])
}

fn one_order(
    connection: &Connection,
    rows: Rows,
    sql: &str,
    values: impl Params,
) -> rusqlite::Result<Option<SavedOrder>> {
    let found =
        connection.prepare_cached(sql)?.query_row(values, |row| row.get::<_, Json<OrderRecord>>(0)).optional()?;
    found.map(|Json(record)| with_fills(connection, rows, record)).transpose()
}

/// The order with its fills, oldest first.
pub(crate) fn with_fills(connection: &Connection, rows: Rows, record: OrderRecord) -> rusqlite::Result<SavedOrder> {
    let order = &record.order;
    let fills = match &order.exchange_order_id {
        None => Vec::new(),
        Some(id) => fills_of(connection, rows, &order.symbol, id)?,
    };
    Ok(SavedOrder { record, fills })
}

fn fills_of(connection: &Connection, rows: Rows, symbol: &str, id: &ExchangeOrderId) -> rusqlite::Result<Vec<Fill>> {
    read_all(connection, FILLS, params![rows.account(), symbol, id.as_str()])
}

fn read_all<T: serde::de::DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let read = statement.query_map(values, |row| row.get::<_, Json<T>>(0).map(|Json(value)| value))?;
    read.collect()
}
