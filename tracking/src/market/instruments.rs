use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tradewire_core::{Instrument, Pair};

/// The instruments of an exchange, found by pair, and by the exchange's own name.
#[derive(Debug, Default)]
pub(crate) struct Instruments {
    by_pair: Arc<BTreeMap<Pair, Arc<Instrument>>>,
    by_symbol: FxHashMap<Arc<str>, Arc<Instrument>>,
}

impl Instruments {
    pub(crate) fn new(by_pair: BTreeMap<Pair, Arc<Instrument>>) -> Self {
        let named = |instrument: &Arc<Instrument>| (Arc::clone(&instrument.symbol), Arc::clone(instrument));
        let by_symbol = by_pair.values().map(named).collect();
        Self { by_pair: Arc::new(by_pair), by_symbol }
    }

    pub(crate) fn get(&self, pair: &Pair) -> Option<&Arc<Instrument>> {
        self.by_pair.get(pair)
    }

    pub(crate) fn of_symbol(&self, symbol: &str) -> Option<&Arc<Instrument>> {
        self.by_symbol.get(symbol)
    }

    pub(crate) fn by_pair(&self) -> &Arc<BTreeMap<Pair, Arc<Instrument>>> {
        &self.by_pair
    }
}
