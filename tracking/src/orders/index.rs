use rustc_hash::FxHashMap;
use tradewire_core::{ClientOrderId, ExchangeOrderId};

use super::symbols::SymbolId;

/// Finds orders by the names that the exchange and we give them.
#[derive(Debug, Default)]
pub(super) struct Index {
    exchange: FxHashMap<(SymbolId, ExchangeOrderId), u64>,
    /// Ours are unique among all symbols and for all time.
    own: FxHashMap<ClientOrderId, u64>,
    /// Those of others are unique among the open orders of a symbol at best; and ids that the exchange gave ours.
    others: FxHashMap<(SymbolId, ClientOrderId), u64>,
}

impl Index {
    pub(super) fn by_exchange_id(&self, symbol: SymbolId, id: &ExchangeOrderId) -> Option<u64> {
        self.exchange.get(&(symbol, id.clone())).copied()
    }

    pub(super) fn own(&self, id: &ClientOrderId) -> Option<u64> {
        self.own.get(id).copied()
    }

    pub(super) fn other(&self, symbol: SymbolId, id: &ClientOrderId) -> Option<u64> {
        self.others.get(&(symbol, id.clone())).copied()
    }

    pub(super) fn add_exchange_id(&mut self, symbol: SymbolId, id: &ExchangeOrderId, number: u64) {
        self.exchange.entry((symbol, id.clone())).or_insert(number);
    }

    pub(super) fn add_own(&mut self, id: &ClientOrderId, number: u64) {
        self.own.insert(id.clone(), number);
    }

    pub(super) fn add_other(&mut self, symbol: SymbolId, id: &ClientOrderId, number: u64) {
        self.others.insert((symbol, id.clone()), number);
    }

    pub(super) fn remove_exchange_id(&mut self, symbol: SymbolId, id: &ExchangeOrderId, number: u64) {
        let key = (symbol, id.clone());
        if self.exchange.get(&key) == Some(&number) {
            self.exchange.remove(&key);
        }
    }

    pub(super) fn remove_client_id(&mut self, symbol: SymbolId, id: &ClientOrderId, number: u64) {
        if self.own.get(id) == Some(&number) {
            self.own.remove(id);
        }
        let key = (symbol, id.clone());
        if self.others.get(&key) == Some(&number) {
            self.others.remove(&key);
        }
    }
}
