use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use tradewire_core::{ClientOrderId, ExchangeOrderId, ExecutionReport, FillReport, Source};

use super::apply::introduces;
use super::ask::Ask;
use super::step::Via;
use super::symbols::SymbolId;

/// What names an order that is not in memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Exchange(ExchangeOrderId),
    Client(ClientOrderId),
}

/// What is told of an order that is not in memory, until somebody knows whose it is.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) symbol: SymbolId,
    pub(super) name: Name,
    pub(super) client_order_id: Option<ClientOrderId>,
    pub(super) reports: Vec<(ExecutionReport, Via)>,
    pub(super) fills: Vec<(FillReport, Source)>,
    /// Whether the journal was looked into, and knows nothing of it.
    pub(super) unrecorded: bool,
    pub(super) ask: Ask,
}

impl Parked {
    pub(super) fn exchange_order_id(&self) -> Option<&ExchangeOrderId> {
        match &self.name {
            Name::Exchange(id) => Some(id),
            Name::Client(_) => None,
        }
    }

    /// The report that says enough to track the order, if there is one.
    pub(super) fn introduction(&self) -> Option<&ExecutionReport> {
        self.reports.iter().map(|(report, _)| report).find(|report| introduces(report))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.reports.is_empty() && self.fills.is_empty()
    }
}

/// All orders that are told of and not in memory.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// By age.
    all: BTreeMap<u64, Parked>,
    names: FxHashMap<(SymbolId, Name), u64>,
    last: u64,
}

impl Strangers {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Parked> {
        self.all.get_mut(&number)
    }

    pub(super) fn get(&self, number: u64) -> Option<&Parked> {
        self.all.get(&number)
    }

    /// The stranger of this name, made if it is new.
    pub(super) fn number(&mut self, symbol: SymbolId, name: Name, client_id: Option<&ClientOrderId>) -> u64 {
        let key = (symbol, name);
        if let Some(&number) = self.names.get(&key) {
            if let Some(parked) = self.all.get_mut(&number)
                && parked.client_order_id.is_none()
            {
                parked.client_order_id = client_id.cloned();
            }
            return number;
        }
        self.last += 1;
        self.names.insert(key.clone(), self.last);
        let parked = Parked {
            symbol,
            name: key.1,
            client_order_id: client_id.cloned(),
            reports: Vec::new(),
            fills: Vec::new(),
            unrecorded: false,
            ask: Ask::Idle,
        };
        self.all.insert(self.last, parked);
        self.last
    }

    pub(super) fn named(&self, symbol: SymbolId, name: &Name) -> Option<u64> {
        self.names.get(&(symbol, name.clone())).copied()
    }

    /// Gives up the one who has waited longest, if there are more than `max`.
    pub(super) fn give_up_beyond(&mut self, max: usize) -> Option<Parked> {
        let oldest = *self.all.first_key_value().filter(|_| self.all.len() > max)?.0;
        self.take(oldest)
    }

    /// Forgets strangers of whom nothing is kept.
    pub(super) fn drop_empty(&mut self) {
        let Self { all, names, .. } = self;
        all.retain(|_, parked| {
            let kept = !parked.is_empty();
            if !kept {
                names.remove(&(parked.symbol, parked.name.clone()));
            }
            kept
        });
    }

    pub(super) fn take(&mut self, number: u64) -> Option<Parked> {
        let parked = self.all.remove(&number)?;
        self.names.remove(&(parked.symbol, parked.name.clone()));
        Some(parked)
    }
}
