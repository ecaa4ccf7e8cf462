use rusqlite::{Connection, ToSql, params};
use tradewire_core::{AccountEvent, Balance, Error, Fill, FundingPayment, Position, PositionSide};
use tradewire_tracking::{OrderRecord, Record, Setting};

use crate::failure::Place;
use crate::json::Json;
use crate::row_id::{self, Rows};

const INSERT_EVENT: &str = "INSERT INTO event_rows (id, time, received, json) VALUES (?1, ?2, ?3, ?4)";
const PUT_ORDER: &str = "INSERT INTO order_rows (id, client_order_id, exchange_order_id, closed, json) \
     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET client_order_id = excluded.client_order_id, \
     exchange_order_id = excluded.exchange_order_id, closed = excluded.closed, json = excluded.json";
/// For the common case that nothing changes by which an order is looked up: then the indexes stay as they are.
const UPDATE_ORDER: &str = "UPDATE order_rows SET json = ?5 WHERE id = ?1 AND client_order_id = ?2 \
     AND exchange_order_id IS ?3 AND closed IS ?4";
const PUT_FILL: &str = "INSERT INTO fill_rows (account, symbol, exchange_order_id, trade_id, time, json) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account, symbol, exchange_order_id, trade_id) \
     DO UPDATE SET time = excluded.time, json = excluded.json";
const PUT_BALANCE: &str = "INSERT INTO balance_rows (account, asset, json) VALUES (?1, ?2, ?3) \
     ON CONFLICT (account, asset) DO UPDATE SET json = excluded.json";
const PUT_POSITION: &str = "INSERT INTO position_rows (account, symbol, side, time, json) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (account, symbol, side) DO UPDATE SET time = excluded.time, json = excluded.json";
const PUT_SETTING: &str = "INSERT INTO setting_rows (account, name, json) VALUES (?1, ?2, ?3) \
     ON CONFLICT (account, name) DO UPDATE SET json = excluded.json";
/// A leverage for both sides takes the place of one a side, and the other way round.
const DROP_LEVERAGE: &str = "DELETE FROM setting_rows WHERE account = ?1 AND name = ?2";
const PUT_PAYMENT: &str = "INSERT INTO payment_rows (account, symbol, payment_id, time, json) \
     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account, symbol, payment_id) \
     DO UPDATE SET time = excluded.time, json = excluded.json";
const PUT_FACT: &str = "INSERT INTO fact_rows (account, name, value) VALUES (?1, ?2, ?3) \
     ON CONFLICT (account, name) DO UPDATE SET value = excluded.value";

/// The one connection that changes an account's rows.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    rows: Rows,
    last_event: u64,
    last_order: u64,
}

impl Writer {
    /// For an account, which is entered if the journal does not know it.
    pub(crate) fn new(connection: Connection, account: &str) -> rusqlite::Result<Self> {
        connection.execute("INSERT INTO accounts (name) VALUES (?1) ON CONFLICT DO NOTHING", [account])?;
        let id = connection.query_row("SELECT id FROM accounts WHERE name = ?1", [account], |row| row.get(0))?;
        let rows = Rows::of(id);
        let last_event = row_id::last(&connection, "SELECT max(id) FROM event_rows WHERE id BETWEEN ?1 AND ?2", rows)?;
        let last_order = row_id::last(&connection, "SELECT max(id) FROM order_rows WHERE id BETWEEN ?1 AND ?2", rows)?;
        Ok(Self { connection, rows, last_event, last_order })
    }

    pub(crate) fn rows(&self) -> Rows {
        self.rows
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Writes all of the records in one transaction, and says how many rows that were.
    ///
    /// # Errors
    /// `Journal`; nothing is written then.
    pub(crate) fn write(&mut self, records: &[Record], place: &Place) -> Result<usize, Error> {
        let last_event = self.follow(records, place)?;
        let failed = |cause| place.sqlite("write a record", cause);
        self.in_transaction(|writer| records.iter().try_for_each(|record| writer.put(record))).map_err(failed)?;
        self.last_event = last_event;
        let orders = records.iter().flat_map(|record| &record.orders);
        self.last_order = orders.map(|order| order.number).fold(self.last_order, u64::max);
        Ok(records.iter().map(rows_of).sum())
    }

    /// The number of the last event of the records, each of which has to follow the one before it.
    fn follow(&self, records: &[Record], place: &Place) -> Result<u64, Error> {
        records.iter().flat_map(|record| &record.events).try_fold(self.last_event, |last, event| {
            if event.number == last + 1 {
                return Ok(event.number);
            }
            Err(place.error(format!("event {} does not follow event {last}; nothing was written", event.number)))
        })
    }

    /// Does all of `work`, or nothing of it.
    pub(crate) fn in_transaction<T>(&self, work: impl FnOnce(&Self) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let done = work(self).and_then(|done| self.connection.prepare_cached("COMMIT")?.execute([]).map(|_| done));
        if done.is_err() && !self.connection.is_autocommit() {
            // Where this fails too, SQLite has rolled back already.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        done
    }

    fn put(&self, record: &Record) -> rusqlite::Result<()> {
        record.events.iter().try_for_each(|event| self.insert_event(event))?;
        record.orders.iter().try_for_each(|order| self.put_order(order))?;
        record.fills.iter().try_for_each(|fill| self.put_fill(fill))?;
        record.balances.iter().try_for_each(|balance| self.put_balance(balance))?;
        record.positions.iter().try_for_each(|position| self.put_position(position))?;
        record.settings.iter().try_for_each(|setting| self.put_setting(setting))?;
        record.payments.iter().try_for_each(|payment| self.put_payment(payment))?;
        record.facts.iter().try_for_each(|(name, value)| self.put_fact(name, value))
    }

    fn insert_event(&self, event: &AccountEvent) -> rusqlite::Result<()> {
        self.connection.prepare_cached(INSERT_EVENT)?.execute(params![
            self.rows.id(event.number),
            event.time.map(|time| time.as_nanos()),
            event.received.as_nanos(),
            Json(&event.change),
        ])?;
        Ok(())
    }

    fn put_order(&self, record: &OrderRecord) -> rusqlite::Result<()> {
        let order = &record.order;
        let ended = !order.state.is_live() && order.missing_fills.is_none();
        let client_order_id = order.client_order_id.as_str();
        let exchange_order_id = order.exchange_order_id.as_ref().map(|id| id.as_str());
        let closed = ended.then(|| order.received.as_nanos());
        let (id, json) = (self.rows.id(record.number), Json(record));
        let json = json.to_sql()?;
        let put = |sql| {
            let values = params![id, client_order_id, exchange_order_id, closed, json];
            self.connection.prepare_cached(sql)?.execute(values)
        };
        if record.number > self.last_order || put(UPDATE_ORDER)? == 0 {
            put(PUT_ORDER)?;
        }
        Ok(())
    }

    fn put_fill(&self, fill: &Fill) -> rusqlite::Result<()> {
        self.connection.prepare_cached(PUT_FILL)?.execute(params![
            self.rows.account(),
            &*fill.symbol,
            fill.exchange_order_id.as_str(),
            fill.trade_id.as_str(),
            fill.time.as_nanos(),
            Json(fill),
        ])?;
        Ok(())
    }

    fn put_balance(&self, balance: &Balance) -> rusqlite::Result<()> {
        let values = params![self.rows.account(), balance.asset.as_str(), Json(balance)];
        self.connection.prepare_cached(PUT_BALANCE)?.execute(values)?;
        Ok(())
    }

    fn put_position(&self, position: &Position) -> rusqlite::Result<()> {
        self.connection.prepare_cached(PUT_POSITION)?.execute(params![
            self.rows.account(),
            &*position.symbol,
            position.side.map_or("", PositionSide::as_str),
            position.time.as_nanos(),
            Json(position),
        ])?;
        Ok(())
    }

    fn put_setting(&self, setting: &Setting) -> rusqlite::Result<()> {
        for replaced in setting.replaces() {
            self.connection.prepare_cached(DROP_LEVERAGE)?.execute(params![self.rows.account(), replaced])?;
        }
        let values = params![self.rows.account(), setting.key(), Json(setting)];
        self.connection.prepare_cached(PUT_SETTING)?.execute(values)?;
        Ok(())
    }

    fn put_payment(&self, payment: &FundingPayment) -> rusqlite::Result<()> {
        self.connection.prepare_cached(PUT_PAYMENT)?.execute(params![
            self.rows.account(),
            &*payment.symbol,
            payment.id,
            payment.time.as_nanos(),
            Json(payment),
        ])?;
        Ok(())
    }

    fn put_fact(&self, name: &str, value: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(PUT_FACT)?.execute(params![self.rows.account(), name, value])?;
        Ok(())
    }
}

fn rows_of(record: &Record) -> usize {
    let traded = record.events.len() + record.orders.len() + record.fills.len() + record.balances.len();
    let contracts = record.positions.len() + record.settings.len() + record.payments.len();
    traded + contracts + record.facts.len()
}
