//! What is so old that nobody asks for it any longer. Each call deletes a small part, so that a write never waits long.

use rusqlite::{Connection, params};
use tradewire_core::Timestamp;

use crate::row_id::{self, Rows};

/// Rows that one transaction deletes at most.
const PART: i64 = 500;

const MAX_ORDER: &str = "SELECT max(id) FROM order_rows WHERE id BETWEEN ?1 AND ?2";
const MAX_EVENT: &str = "SELECT max(id) FROM event_rows WHERE id BETWEEN ?1 AND ?2";
/// An order stays while a fill of it does.
const ORDERS: &str = "DELETE FROM order_rows WHERE id IN (SELECT id FROM order_rows AS old INDEXED BY orders_by_end \
     WHERE closed < ?1 AND +id BETWEEN ?2 AND ?3 AND NOT EXISTS \
     (SELECT 1 FROM fill_rows INDEXED BY fills_by_order WHERE account = ?4 AND symbol = old.json ->> '$.order.symbol' \
     AND exchange_order_id = old.exchange_order_id AND time >= ?1) LIMIT ?5)";
/// A fill stays while its order does.
const FILLS: &str = "DELETE FROM fill_rows WHERE rowid IN (SELECT rowid FROM fill_rows AS old INDEXED BY fills_by_time \
     WHERE account = ?4 AND time < ?1 AND NOT EXISTS \
     (SELECT 1 FROM order_rows INDEXED BY orders_by_exchange_id \
     WHERE exchange_order_id = old.exchange_order_id AND id BETWEEN ?2 AND ?3 \
     AND json ->> '$.order.symbol' = old.symbol) LIMIT ?5)";
const PAYMENTS: &str = "DELETE FROM payment_rows WHERE rowid IN (SELECT rowid FROM payment_rows \
     INDEXED BY payments_by_time WHERE account = ?1 AND time < ?2 LIMIT ?3)";
/// From the first event on, so that no hole comes into being.
const EVENTS: &str = "DELETE FROM event_rows WHERE id BETWEEN ?2 AND ?3 AND id < coalesce((SELECT min(id) FROM \
     (SELECT id, received FROM event_rows WHERE id BETWEEN ?2 AND ?3 ORDER BY id LIMIT ?4) WHERE received >= ?1), ?5)";

/// Deletes some closed orders from before `cutoff`; 0 means that all are gone. The last number stays, for the next one
/// to follow it.
pub(crate) fn orders(connection: &Connection, rows: Rows, cutoff: Timestamp) -> rusqlite::Result<usize> {
    let last = rows.id(row_id::last(connection, MAX_ORDER, rows)?) - 1;
    let first = *rows.range().start();
    connection.prepare_cached(ORDERS)?.execute(params![cutoff.as_nanos(), first, last, rows.account(), PART])
}

/// Deletes some fills from before `cutoff` whose orders are gone; 0 means that all are.
pub(crate) fn fills(connection: &Connection, rows: Rows, cutoff: Timestamp) -> rusqlite::Result<usize> {
    let (first, last) = rows.range().into_inner();
    connection.prepare_cached(FILLS)?.execute(params![cutoff.as_nanos(), first, last, rows.account(), PART])
}

/// Deletes some funding payments that were booked before `cutoff`; 0 means that all are gone.
pub(crate) fn payments(connection: &Connection, rows: Rows, cutoff: Timestamp) -> rusqlite::Result<usize> {
    connection.prepare_cached(PAYMENTS)?.execute(params![rows.account(), cutoff.as_nanos(), PART])
}

/// Deletes some of the oldest events, those received before `cutoff`; 0 means that all are gone but the last one.
pub(crate) fn events(connection: &Connection, rows: Rows, cutoff: Timestamp) -> rusqlite::Result<usize> {
    let first = *rows.range().start();
    let last = rows.id(row_id::last(connection, MAX_EVENT, rows)?) - 1;
    let end = part_end(connection, first, last)?;
    connection.prepare_cached(EVENTS)?.execute(params![cutoff.as_nanos(), first, last, PART, end])
}

/// One past the last event of the oldest part.
fn part_end(connection: &Connection, first: i64, last: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT max(id) FROM (SELECT id FROM event_rows WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3)";
    let end: Option<i64> = connection.query_row(sql, [first, last, PART], |row| row.get(0))?;
    Ok(end.map_or(first, |id| id + 1))
}
