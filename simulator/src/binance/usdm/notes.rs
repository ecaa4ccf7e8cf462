//! What clients say of an order beyond what the accounts keep, remembered beside it.

use std::collections::HashMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::engine::OrderId;
use crate::market::MarketId;

/// Words and marks of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// Time in force, where it is one that the accounts do not know.
    pub(super) time_in_force: Option<&'static str>,
    /// When the order ends.
    pub(super) good_till: Option<Timestamp>,
    /// How its price was taken from the book.
    pub(super) price_match: Option<String>,
    /// The client's mark of the last modification.
    pub(super) modify_id: Option<i64>,
    /// Changes by request, oldest first.
    pub(super) changes: Vec<Change>,
}

/// One change of an order by request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Number, unique on the exchange.
    pub(super) number: u64,
    pub(super) time: Timestamp,
    /// Before and after.
    pub(super) price: (Decimal, Decimal),
    /// Before and after.
    pub(super) quantity: (Decimal, Decimal),
    pub(super) modify_id: Option<i64>,
}

/// The notes of all orders that have any.
#[derive(Debug, Default)]
pub(super) struct Notes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    by_order: HashMap<(MarketId, OrderId), Note>,
    /// Of orders that have no number yet, by client id.
    coming: HashMap<(AccountId, MarketId, String), Note>,
    ending: Vec<(Timestamp, AccountId, MarketId, OrderId)>,
    made: u64,
}

impl Notes {
    /// Announces an order that is about to be placed.
    pub(super) fn announce(&self, account: AccountId, market: MarketId, client_id: &str, note: Note) {
        if note != Note::default() {
            self.state.lock().coming.insert((account, market, client_id.to_owned()), note);
        }
    }

    /// Takes an announcement back: the order was refused.
    pub(super) fn take_back(&self, account: AccountId, market: MarketId, client_id: &str) {
        self.state.lock().coming.remove(&(account, market, client_id.to_owned()));
    }

    /// An announced order has its number.
    pub(super) fn numbered(&self, account: AccountId, market: MarketId, client_id: &str, order: OrderId) {
        let mut state = self.state.lock();
        let Some(note) = state.coming.remove(&(account, market, client_id.to_owned())) else { return };
        if let Some(end) = note.good_till {
            state.ending.push((end, account, market, order));
        }
        state.by_order.insert((market, order), note);
    }

    /// What is noted of an order.
    pub(super) fn of(&self, market: MarketId, order: OrderId) -> Note {
        self.state.lock().by_order.get(&(market, order)).cloned().unwrap_or_default()
    }

    /// Notes the client's mark of a modification that is about to be made; returns the mark before.
    pub(super) fn mark(&self, market: MarketId, order: OrderId, modify_id: Option<i64>) -> Option<i64> {
        let mut state = self.state.lock();
        std::mem::replace(&mut state.by_order.entry((market, order)).or_default().modify_id, modify_id)
    }

    /// Notes a change that was made.
    pub(super) fn changed(&self, market: MarketId, order: OrderId, change: Change) {
        let mut state = self.state.lock();
        state.made += 1;
        let number = state.made;
        state.by_order.entry((market, order)).or_default().changes.push(Change { number, ..change });
    }

    /// Orders whose end has come; each is told once.
    pub(super) fn ending(&self, now: Timestamp) -> Vec<(AccountId, MarketId, OrderId)> {
        let due = |(end, ..): &mut (Timestamp, AccountId, MarketId, OrderId)| *end <= now;
        let mut state = self.state.lock();
        let ended = state.ending.extract_if(.., due);
        ended.map(|(_, account, market, order)| (account, market, order)).collect()
    }

    /// Whether an order has an end.
    pub(super) fn any_ending(&self) -> bool {
        !self.state.lock().ending.is_empty()
    }

    /// A client id for an order that came without one.
    pub(super) fn client_id(&self, account: AccountId) -> String {
        let mut state = self.state.lock();
        state.made += 1;
        let hash = Sha256::digest(format!("client id {} of {}", state.made, account.0));
        hash.iter().take(11).map(|byte| format!("{byte:02x}")).collect()
    }
}
