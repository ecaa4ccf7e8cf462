use std::hint::black_box;
use std::sync::Arc;

use tradewire_core::{Candle, Instrument, Timestamp};
use tradewire_tracking::{
    BookMessage, FundingChange, LocalBook, MarketSink, RawBestPrices, RawSnapshot, RawTrade, Scale, SequenceRule, Slot,
};

use crate::Snapshot;

/// A sink that knows one symbol, hands on its book messages and drops everything else.
#[derive(Debug)]
pub struct OneSymbol<F> {
    symbol: Box<[u8]>,
    scale: Scale,
    each: F,
}

impl<F: FnMut(&BookMessage<'_>)> OneSymbol<F> {
    /// Knows `symbol` and gives its book messages to `each`.
    pub fn new(symbol: &str, scale: Scale, each: F) -> Self {
        Self { symbol: symbol.as_bytes().into(), scale, each }
    }
}

/// A book with a connector's checks, loaded with a snapshot of the version `update_id`.
pub fn checked_book(rule: SequenceRule, scale: Scale, snapshot: &Snapshot, update_id: u64) -> LocalBook {
    let start = Timestamp::from_millis(0);
    let mut book = LocalBook::new(rule, scale, start);
    let snapshot = RawSnapshot { update_id, bids: snapshot.bids.clone(), asks: snapshot.asks.clone() };
    // Not fewer levels than asked for: there is depth beyond the snapshot.
    book.on_snapshot(&snapshot, 0, start);
    book
}

impl<F: FnMut(&BookMessage<'_>)> MarketSink for OneSymbol<F> {
    #[inline]
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        (*symbol == *self.symbol).then_some((Slot(0), self.scale))
    }

    #[inline]
    fn book(&mut self, _: Slot, message: BookMessage<'_>) {
        (self.each)(&message);
    }

    fn trade(&mut self, _: Slot, trade: RawTrade) {
        black_box(trade);
    }

    fn best_prices(&mut self, _: Slot, best: RawBestPrices) {
        black_box(best);
    }

    fn candle(&mut self, _: Slot, candle: Candle) {
        black_box(candle);
    }

    fn funding(&mut self, _: Slot, change: FundingChange) {
        black_box(change);
    }

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        unreachable!("only candles ask for it")
    }
}
