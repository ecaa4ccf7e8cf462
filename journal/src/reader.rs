use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Params, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tradewire_core::{AccountEvent, Error, Fill, FundingPayment, Pair, Position, Timestamp};
use tradewire_tracking::{OrderRecord, SavedOrder, Setting};

use crate::failure::Place;
use crate::json::Json;
use crate::row_id::{self, Rows};
use crate::{connection, saved};

const ACCOUNT_OF_ORDER: &str = "(SELECT name FROM accounts WHERE accounts.id = order_rows.id >> 40)";

/// A query of rows that name their account in a column.
fn of_account(table: &str) -> String {
    format!("(SELECT name FROM accounts WHERE accounts.id = {table}.account)")
}

/// Reads a journal, of all accounts in it, while connectors go on writing it. Takes no lock and changes nothing.
///
/// Not for use by several threads at once: open one for each.
#[derive(Debug)]
pub struct JournalReader {
    place: Place,
    connection: Connection,
}

/// A row together with the account that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed<T> {
    /// The account's name, as it was opened.
    pub account: Arc<str>,
    /// The row.
    #[serde(flatten)]
    pub entry: T,
}

/// Which orders are wanted. All, unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Those of one account.
    pub account: Option<String>,
    /// Those on one pair.
    pub pair: Option<Pair>,
    /// Those that may still trade, or miss fills.
    pub live_only: bool,
}

/// Which positions are wanted. All, unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PositionFilter {
    /// Those of one account.
    pub account: Option<String>,
    /// Those on one pair.
    pub pair: Option<Pair>,
    /// Those that are not closed.
    pub open_only: bool,
}

/// Which fills, or funding payments, are wanted. All, unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FillFilter {
    /// Those of one account.
    pub account: Option<String>,
    /// Those on one pair.
    pub pair: Option<Pair>,
    /// Those that happened then or later, by the exchange's clock.
    pub since: Option<Timestamp>,
}

impl JournalReader {
    /// Opens the journal at `path`.
    ///
    /// # Errors
    /// `Journal`, with what is wrong and what to do, for a file that does not exist, is no journal, or is of another
    /// version. A journal that no connector has open needs a folder in which this user may write.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let place = Place::new(path.as_ref());
        let connection = connection::read_only(&place)?;
        Ok(Self { place, connection })
    }

    /// The names of the accounts, sorted.
    ///
    /// # Errors
    /// `Journal`.
    pub fn accounts(&self) -> Result<Vec<String>, Error> {
        let read = || {
            let mut statement = self.connection.prepare("SELECT name FROM accounts ORDER BY name")?;
            let names = statement.query_map([], |row| row.get(0))?;
            names.collect::<Result<_, _>>()
        };
        read().map_err(|cause| self.failed(cause))
    }

    /// The orders that pass `filter`, by account and then in the order in which they were recorded.
    ///
    /// # Errors
    /// `Journal`; also for an account that the journal does not know.
    pub fn orders(&self, filter: &OrderFilter) -> Result<Vec<Listed<OrderRecord>>, Error> {
        let mut orders = Vec::new();
        self.each_order(filter, |order| {
            orders.push(order);
            Ok(())
        })?;
        Ok(orders)
    }

    /// The orders that have this client order id or exchange order id, with their fills. Several accounts, and several
    /// instruments, can have one each.
    ///
    /// # Errors
    /// `Journal`.
    pub fn order(&self, id: &str) -> Result<Vec<Listed<SavedOrder>>, Error> {
        let sql = format!(
            "SELECT {ACCOUNT_OF_ORDER}, json, id FROM order_rows WHERE client_order_id = ?1 OR exchange_order_id = ?1 ORDER BY id"
        );
        let mut found = Vec::new();
        self.each(&sql, [id], |order: Listed<OrderRecord>, row| {
            let rows = Rows::of(row_id::account(row.get(2).map_err(|cause| self.failed(cause))?));
            let entry = saved::with_fills(&self.connection, rows, order.entry).map_err(|cause| self.failed(cause))?;
            found.push(Listed { account: order.account, entry });
            Ok(())
        })?;
        Ok(found)
    }

    /// The fills that pass `filter`, by their time.
    ///
    /// # Errors
    /// `Journal`; also for an account that the journal does not know.
    pub fn fills(&self, filter: &FillFilter) -> Result<Vec<Listed<Fill>>, Error> {
        let mut fills = Vec::new();
        self.each_fill(filter, |fill| {
            fills.push(fill);
            Ok(())
        })?;
        Ok(fills)
    }

    /// The positions that pass `filter`, as they were when they changed last, by account, symbol and side.
    ///
    /// # Errors
    /// `Journal`; also for an account that the journal does not know.
    pub fn positions(&self, filter: &PositionFilter) -> Result<Vec<Listed<Position>>, Error> {
        let mut positions = Vec::new();
        self.each_position(filter, |position| {
            positions.push(position);
            Ok(())
        })?;
        Ok(positions)
    }

    /// The funding payments that pass `filter`, by their time.
    ///
    /// # Errors
    /// `Journal`; also for an account that the journal does not know.
    pub fn funding(&self, filter: &FillFilter) -> Result<Vec<Listed<FundingPayment>>, Error> {
        let mut payments = Vec::new();
        self.each_payment(filter, |payment| {
            payments.push(payment);
            Ok(())
        })?;
        Ok(payments)
    }

    /// The settings of an account, as read last.
    ///
    /// # Errors
    /// `Journal`; also for an account that the journal does not know.
    pub fn settings(&self, account: &str) -> Result<Vec<Setting>, Error> {
        let account = self.account(account)?;
        saved::settings(&self.connection, Rows::of(account)).map_err(|cause| self.failed(cause))
    }

    /// Up to `limit` events of an account after number `after`, in order.
    ///
    /// # Errors
    /// `Journal`; also for an account that the journal does not know.
    pub fn events(&self, account: &str, after: u64, limit: usize) -> Result<Vec<Arc<AccountEvent>>, Error> {
        let rows = Rows::of(self.account(account)?);
        saved::events(&self.connection, rows, after, limit).map_err(|cause| self.failed(cause))
    }

    /// Hands over one order after the other, so that there can be any number of them.
    pub(crate) fn each_order(
        &self,
        filter: &OrderFilter,
        take: impl FnMut(Listed<OrderRecord>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (first, last) = match &filter.account {
            None => (i64::MIN, i64::MAX),
            Some(name) => Rows::of(self.account(name)?).range().into_inner(),
        };
        let live = if filter.live_only { "AND closed IS NULL" } else { "" };
        let sql = format!(
            "SELECT {ACCOUNT_OF_ORDER}, json FROM order_rows WHERE id BETWEEN ?1 AND ?2 \
             AND (?3 IS NULL OR json ->> '$.order.pair' = ?3) {live} ORDER BY id"
        );
        self.each_entry(&sql, params![first, last, filter.pair.as_ref().map(Pair::as_str)], take)
    }

    /// Hands over one fill after the other.
    pub(crate) fn each_fill(
        &self,
        filter: &FillFilter,
        take: impl FnMut(Listed<Fill>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.each_dated("fill_rows", filter, take)
    }

    /// Hands over one funding payment after the other.
    pub(crate) fn each_payment(
        &self,
        filter: &FillFilter,
        take: impl FnMut(Listed<FundingPayment>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.each_dated("payment_rows", filter, take)
    }

    /// Hands over one position after the other.
    pub(crate) fn each_position(
        &self,
        filter: &PositionFilter,
        take: impl FnMut(Listed<Position>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let account = filter.account.as_deref().map(|name| self.account(name)).transpose()?;
        let (name, wanted) = (of_account("position_rows"), wanted(account));
        let open = if filter.open_only { "AND json ->> '$.size' + 0 <> 0" } else { "" };
        let sql = format!(
            "SELECT {name}, json FROM position_rows WHERE {wanted} \
             AND (?2 IS NULL OR json ->> '$.pair' = ?2) {open} ORDER BY account, symbol, side"
        );
        self.each_entry(&sql, params![account, filter.pair.as_ref().map(Pair::as_str)], take)
    }

    /// Hands over what happened at a time, from a table of fills or payments.
    fn each_dated<T: DeserializeOwned>(
        &self,
        table: &str,
        filter: &FillFilter,
        take: impl FnMut(Listed<T>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let account = filter.account.as_deref().map(|name| self.account(name)).transpose()?;
        let (name, wanted) = (of_account(table), wanted(account));
        let since = filter.since.map_or(i64::MIN, Timestamp::as_nanos);
        let sql = format!(
            "SELECT {name}, json FROM {table} WHERE {wanted} AND time >= ?2 \
             AND (?3 IS NULL OR json ->> '$.pair' = ?3) ORDER BY time, rowid"
        );
        self.each_entry(&sql, params![account, since, filter.pair.as_ref().map(Pair::as_str)], take)
    }

    fn each_entry<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: impl Params,
        mut take: impl FnMut(Listed<T>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.each(sql, values, |entry, _| take(entry))
    }

    /// Hands over every row of a query whose first columns are the account's name and the JSON.
    fn each<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: impl Params,
        mut take: impl FnMut(Listed<T>, &Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let failed = |cause| self.failed(cause);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query(values).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(listed(row).map_err(failed)?, row)?;
        }
        Ok(())
    }

    fn account(&self, name: &str) -> Result<i64, Error> {
        let found = self.connection.query_row("SELECT id FROM accounts WHERE name = ?1", [name], |row| row.get(0));
        found.map_err(|cause| match cause {
            rusqlite::Error::QueryReturnedNoRows => {
                let known = self.accounts().unwrap_or_default().join(", ");
                self.place.error(format!("it has no account '{name}'")).with("known", known)
            }
            cause => self.failed(cause),
        })
    }

    fn failed(&self, cause: rusqlite::Error) -> Error {
        self.place.sqlite("read the file", cause)
    }
}

/// The condition on the account of a row.
fn wanted(account: Option<i64>) -> &'static str {
    if account.is_some() { "account = ?1" } else { "?1 IS NULL" }
}

fn listed<T: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<Listed<T>> {
    let Json(entry) = row.get(1)?;
    Ok(Listed { account: row.get(0)?, entry })
}
