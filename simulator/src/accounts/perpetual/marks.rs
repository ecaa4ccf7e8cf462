//! Mark prices, index prices and funding rates of all contracts.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::contract::Contract;
use crate::market::{Market, MarketId};
use crate::numbers::{floor_to, notional, ratio};

const HOUR: i64 = 3_600_000_000;
/// How far the premium may be from the contract's own funding rate without moving the rate.
const CALM: Decimal = Decimal::from_parts(5, 0, 0, false, 4);
/// Fundings that are remembered per contract.
const FUNDINGS_KEPT: usize = 2_000;

/// What a contract is marked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MarkPrice {
    /// Mark price, by which profit and margin are computed.
    pub mark: Decimal,
    /// Index price.
    pub index: Decimal,
    /// Rate of the next funding.
    pub rate: Decimal,
    /// Time of the next funding.
    pub next_funding: Timestamp,
    /// Hours between fundings.
    pub funding_hours: u32,
}

/// A funding that has taken place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FundingRecord {
    /// The rate.
    pub rate: Decimal,
    /// The mark price.
    pub mark: Decimal,
    /// The funding time.
    pub time: Timestamp,
}

/// What margin is computed from in one contract.
#[derive(Clone, Debug)]
pub(crate) struct Quote {
    pub(crate) market: MarketId,
    pub(crate) symbol: Arc<str>,
    pub(crate) settle: Arc<str>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) tick: Decimal,
    pub(crate) price: MarkPrice,
    pub(crate) last: Decimal,
    /// Set by hand: they do not follow trades.
    fixed_mark: bool,
    fixed_index: bool,
    fixed_rate: bool,
}

impl Quote {
    pub(crate) fn mark(&self) -> Decimal {
        self.price.mark
    }

    /// The mark price follows the last price as far as its distance from the index permits; the rate is the contract's
    /// own as long as the premium of the mark price over the index is small, and follows it beyond.
    fn remark(&mut self) {
        if !self.fixed_mark {
            let band = notional(self.price.index, self.contract.mark_band);
            let near = self.last.clamp(self.price.index - band, self.price.index + band);
            let mean = (near + self.price.index) / Decimal::TWO;
            self.price.mark = floor_to(mean, self.tick / Decimal::TEN).max(self.tick);
        }
        if !self.fixed_rate {
            let premium = ratio(self.price.mark - self.price.index, self.price.index).unwrap_or_default();
            let pull = (self.contract.funding_rate - premium).clamp(-CALM, CALM);
            let cap = self.contract.funding_cap;
            self.price.rate = (premium + pull).clamp(-cap, cap).round_dp(8).normalize();
        }
    }
}

/// All contracts. Its lock is taken last and held for a moment.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    all: Mutex<BTreeMap<MarketId, Quote>>,
    history: Mutex<BTreeMap<MarketId, Vec<FundingRecord>>>,
}

impl Marks {
    /// Takes in a contract: marked at its last price.
    pub(crate) fn list(&self, market: &Market, contract: Contract, now: Timestamp) {
        let last = market.tape.last_price();
        let hours = contract.funding_hours.max(1);
        let price = MarkPrice {
            mark: last,
            index: last,
            rate: contract.funding_rate,
            next_funding: funding_after(now, hours),
            funding_hours: hours,
        };
        let quote = Quote {
            market: market.id,
            symbol: Arc::clone(&market.names.symbol),
            settle: Arc::clone(&market.names.quote),
            contract: Arc::new(contract),
            tick: market.listing.tick,
            price,
            last,
            fixed_mark: false,
            fixed_index: false,
            fixed_rate: false,
        };
        self.all.lock().insert(market.id, quote);
    }

    /// One contract.
    pub(crate) fn of(&self, market: MarketId) -> Option<Quote> {
        self.all.lock().get(&market).cloned()
    }

    /// All contracts, in the order of listing.
    pub(crate) fn quotes(&self) -> BTreeMap<MarketId, Quote> {
        self.all.lock().clone()
    }

    /// A trade: the mark price follows at once, and so does the index unless it is smoothed.
    pub(crate) fn traded(&self, market: MarketId, last: Decimal, smoothed: bool) {
        self.change(market, |quote| {
            quote.last = last;
            if !smoothed && !quote.fixed_index {
                quote.price.index = last;
            }
        });
    }

    /// A second has passed: the index goes a fifth of the way to the last price.
    pub(crate) fn second(&self) {
        for quote in self.all.lock().values_mut() {
            if !quote.fixed_index {
                let way = (quote.last - quote.price.index) / Decimal::from(5);
                quote.price.index = floor_to(quote.price.index + way, quote.tick / Decimal::TEN);
            }
            quote.remark();
        }
    }

    /// Sets the mark price until it is set free by `None`.
    pub(crate) fn set_mark(&self, market: MarketId, price: Option<Decimal>) {
        self.change(market, |quote| {
            quote.fixed_mark = price.is_some();
            quote.price.mark = price.unwrap_or(quote.price.mark);
        });
    }

    /// Sets the index price until it is set free by `None`.
    pub(crate) fn set_index(&self, market: MarketId, price: Option<Decimal>) {
        self.change(market, |quote| {
            quote.fixed_index = price.is_some();
            quote.price.index = price.unwrap_or(quote.last);
        });
    }

    /// Sets the funding rate until it is set free by `None`.
    pub(crate) fn set_rate(&self, market: MarketId, rate: Option<Decimal>) {
        self.change(market, |quote| {
            quote.fixed_rate = rate.is_some();
            quote.price.rate = rate.unwrap_or(quote.price.rate);
        });
    }

    fn change(&self, market: MarketId, change: impl FnOnce(&mut Quote)) {
        if let Some(quote) = self.all.lock().get_mut(&market) {
            change(quote);
            quote.remark();
        }
    }

    /// The earliest funding time of all contracts.
    pub(crate) fn next_funding(&self) -> Option<Timestamp> {
        self.all.lock().values().map(|quote| quote.price.next_funding).min()
    }

    /// A funding takes place: remembers it, and sets the time of the next one if it was the one that was due.
    pub(crate) fn funded(&self, market: MarketId, record: FundingRecord, due: bool) {
        if let Some(quote) = self.all.lock().get_mut(&market).filter(|_| due) {
            quote.price.next_funding = funding_after(record.time, quote.price.funding_hours);
        }
        let mut history = self.history.lock();
        let kept = history.entry(market).or_default();
        kept.push(record);
        if kept.len() > FUNDINGS_KEPT {
            kept.remove(0);
        }
    }

    /// Fundings that have taken place, oldest first.
    pub(crate) fn history(&self, market: MarketId) -> Vec<FundingRecord> {
        self.history.lock().get(&market).cloned().unwrap_or_default()
    }
}

/// The first multiple of `hours` after `time`.
pub(crate) fn funding_after(time: Timestamp, hours: u32) -> Timestamp {
    let interval = HOUR * i64::from(hours);
    Timestamp((time.0.div_euclid(interval) + 1) * interval)
}
