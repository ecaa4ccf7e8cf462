use std::sync::Arc;

use rustc_hash::FxHashMap;
use tradewire_core::{
    Asset, Decimal, Fee, FeeRates, Instrument, Liquidity, MarketKind, Pair, Quantity, Side, Timestamp, exact,
};

/// The place of a symbol in [`Symbols`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SymbolId(usize);

/// What is known of an instrument by the exchange's name for it.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    pub(super) name: Arc<str>,
    pub(super) pair: Option<Pair>,
    kind: MarketKind,
    fees: FeeRates,
    /// When the exchange cancels all of its orders unless it is told otherwise before, by its clock.
    switch_lapses: Option<Timestamp>,
}

/// Every instrument that an order or a fill has named.
#[derive(Debug)]
pub(super) struct Symbols {
    ids: FxHashMap<Arc<str>, SymbolId>,
    all: Vec<Symbol>,
    default_fees: FeeRates,
}

impl Symbols {
    pub(super) fn new(default_fees: FeeRates) -> Self {
        Self { ids: FxHashMap::default(), all: Vec::new(), default_fees }
    }

    /// The place of a symbol, made if it is new.
    pub(super) fn id(&mut self, name: &str) -> SymbolId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = SymbolId(self.all.len());
        let name: Arc<str> = name.into();
        self.ids.insert(name.clone(), id);
        self.all.push(Symbol {
            name,
            pair: None,
            kind: MarketKind::Spot,
            fees: self.default_fees,
            switch_lapses: None,
        });
        id
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = SymbolId> {
        (0..self.all.len()).map(SymbolId)
    }

    pub(super) fn known(&self, name: &str) -> Option<SymbolId> {
        self.ids.get(name).copied()
    }

    pub(super) fn learn(&mut self, instrument: &Instrument) {
        let SymbolId(at) = self.id(&instrument.symbol);
        self.all[at].pair = Some(instrument.pair.clone());
        self.all[at].kind = instrument.kind;
    }

    pub(super) fn learn_pair(&mut self, id: SymbolId, pair: Option<&Pair>) {
        if let Some(pair) = pair {
            self.all[id.0].pair.get_or_insert_with(|| pair.clone());
        }
    }

    pub(super) fn set_fees(&mut self, name: &str, fees: FeeRates) {
        let SymbolId(at) = self.id(name);
        self.all[at].fees = fees;
    }

    pub(super) fn set_switch(&mut self, name: &str, lapses: Option<Timestamp>) {
        let SymbolId(at) = self.id(name);
        self.all[at].switch_lapses = lapses;
    }

    pub(super) fn get(&self, id: SymbolId) -> &Symbol {
        &self.all[id.0]
    }
}

impl Symbol {
    /// Whether the switch that cancels all orders had lapsed at `time`.
    pub(super) fn switch_had_lapsed(&self, time: Timestamp) -> bool {
        self.switch_lapses.is_some_and(|lapses| lapses <= time)
    }

    /// What a fill costs by the schedule; `None` for an instrument whose assets are not known. A fill that does not say
    /// whether its order rested or took is taken for the dearer.
    pub(super) fn estimated_fee(
        &self,
        side: Side,
        liquidity: Option<Liquidity>,
        quantity: Quantity,
        quote_quantity: Decimal,
    ) -> Option<Fee> {
        let pair = self.pair.as_ref()?;
        let rate = match liquidity {
            Some(Liquidity::Maker) => self.fees.maker,
            Some(Liquidity::Taker) | None => self.fees.taker,
        };
        let in_base = match self.kind {
            MarketKind::InversePerpetual => true,
            MarketKind::LinearPerpetual => false,
            _ => side == Side::Buy,
        };
        let (asset, charged_on) =
            if in_base { (pair.base(), quantity.value()) } else { (pair.quote(), quote_quantity) };
        let amount = exact::nearest_product(charged_on, rate)?;
        Some(Fee { amount, asset: Asset::from(asset) })
    }
}
