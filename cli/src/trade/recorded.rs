//! What the journal says, without asking anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tradewire::tracking::Target;
use tradewire::{Instrument, Order, Pair};
use tradewire_journal::{FillFilter, JournalReader, OrderFilter};

use super::account;
use super::fill_view::FillView;
use super::order_view::OrderView;
use crate::args::AccountArgs;
use crate::failure::Failure;
use crate::folders;

const FILE: &str = "journal.db";

/// Where orders are recorded: the file that the command names, else one in the user's folder.
///
/// # Errors
/// `Config` where the user has no home.
pub(super) fn path(args: &AccountArgs) -> Result<PathBuf, Failure> {
    match &args.journal {
        Some(path) => Ok(path.clone()),
        None => Ok(folders::data()?.join(FILE)),
    }
}

/// What is recorded of an exchange.
#[derive(Debug)]
pub(super) struct Recorded {
    reader: JournalReader,
    exchange: String,
    accounts: Vec<String>,
}

/// An order with its fills.
#[derive(Debug)]
pub(super) struct RecordedOrder {
    pub(super) order: OrderView,
    pub(super) fills: Vec<FillView>,
    pub(super) pair: Option<Pair>,
    conditional: bool,
}

impl RecordedOrder {
    /// What names it to the exchange.
    pub(super) fn target(&self, instrument: &Arc<Instrument>) -> Target {
        Target {
            instrument: Arc::clone(instrument),
            client_order_id: self.order.client_order_id.as_deref().map(Into::into),
            exchange_order_id: self.order.exchange_order_id.as_deref().map(Into::into),
            conditional: self.conditional,
        }
    }
}

impl Recorded {
    /// The journal, where there is no other source.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(super) fn required(exchange: &str, args: &AccountArgs) -> Result<Self, Failure> {
        let path = path(args)?;
        if !path.exists() {
            return Err(account::missing(&format!("and no journal at {}", path.display())));
        }
        Self::open(exchange, args, &path)
    }

    /// The journal, if there is one.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn optional(exchange: &str, args: &AccountArgs) -> Result<Option<Self>, Failure> {
        let path = path(args)?;
        if path.exists() { Self::open(exchange, args, &path).map(Some) } else { Ok(None) }
    }

    fn open(exchange: &str, args: &AccountArgs, path: &Path) -> Result<Self, Failure> {
        let (reader, place) = (JournalReader::open(path)?, args.addresses.place());
        let wanted = |account: &String| is_of(account, exchange, place);
        let accounts = reader.accounts()?.into_iter().filter(wanted).collect();
        Ok(Self { reader, exchange: exchange.to_owned(), accounts })
    }

    /// Orders, by account and then as they were recorded.
    pub(super) fn orders(&self, live_only: bool) -> Result<Vec<OrderView>, Failure> {
        let mut orders = Vec::new();
        for account in &self.accounts {
            let filter = OrderFilter { account: Some(account.clone()), live_only, ..OrderFilter::default() };
            let found = self.reader.orders(&filter)?;
            orders.extend(found.iter().map(|row| OrderView::of_order(&self.exchange, Some(account), &row.entry.order)));
        }
        Ok(orders)
    }

    /// The order with this id, ours or the exchange's.
    pub(super) fn order(&self, id: &str) -> Result<Option<RecordedOrder>, Failure> {
        let found = self.reader.order(id)?;
        let row = found.iter().find(|row| self.accounts.iter().any(|account| **account == *row.account));
        Ok(row.map(|row| {
            let (account, order) = (Some(&*row.account), &row.entry.record.order);
            let fills = row.entry.fills.iter().map(|fill| FillView::of_fill(&self.exchange, account, fill));
            RecordedOrder {
                order: OrderView::of_order(&self.exchange, account, order),
                fills: fills.collect(),
                pair: order.pair.clone(),
                conditional: order.trigger.is_some(),
            }
        }))
    }

    /// Fills, by account and then by time.
    pub(super) fn fills(&self, pair: Option<&Pair>) -> Result<Vec<FillView>, Failure> {
        let mut fills = Vec::new();
        for account in &self.accounts {
            let filter = FillFilter { account: Some(account.clone()), pair: pair.cloned(), ..FillFilter::default() };
            let found = self.reader.fills(&filter)?;
            fills.extend(found.iter().map(|row| FillView::of_fill(&self.exchange, Some(account), &row.entry)));
        }
        Ok(fills)
    }

    /// The pairs on which an account has placed orders.
    pub(super) fn pairs(&self, account: &str) -> Result<BTreeSet<Pair>, Failure> {
        Ok(self.orders_of(account)?.into_iter().filter_map(|order| order.pair).collect())
    }

    /// Our ids of an account's orders, by symbol and the exchange's id.
    pub(super) fn client_order_ids(&self, account: &str) -> Result<BTreeMap<(String, String), String>, Failure> {
        let named = |order: Order| {
            let key = (order.symbol.to_string(), order.exchange_order_id?.to_string());
            Some((key, order.client_order_id.to_string()))
        };
        Ok(self.orders_of(account)?.into_iter().filter_map(named).collect())
    }

    fn orders_of(&self, account: &str) -> Result<Vec<Order>, Failure> {
        if !self.accounts.iter().any(|known| known == account) {
            return Ok(Vec::new());
        }
        let filter = OrderFilter { account: Some(account.to_owned()), ..OrderFilter::default() };
        Ok(self.reader.orders(&filter)?.into_iter().map(|row| row.entry.order).collect())
    }
}

/// Whether an account is at the exchange and, if one is named, at this place: its name begins with both.
fn is_of(account: &str, exchange: &str, place: Option<&str>) -> bool {
    let mut words = account.split(' ');
    words.next() == Some(exchange) && place.is_none_or(|place| words.next() == Some(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_told_apart_by_exchange_and_place() {
        let account = "binance-spot 127.0.0.1:8080 1a2b";
        assert!(is_of(account, "binance-spot", None) && is_of(account, "binance-spot", Some("127.0.0.1:8080")));
        assert!(!is_of(account, "binance", None) && !is_of(account, "binance-spot", Some("com")));
    }
}
