//! Changes of books on their way to the streams.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::engine::{OrderBook, Side};
use crate::faults::FaultKind;
use crate::flow::STEPS_PER_SECOND;
use crate::market::{Market, MarketId, Moved};

const MILLIS_PER_STEP: u64 = 1000 / STEPS_PER_SECOND;

/// Level changes that wait to be published, by speed and market.
#[derive(Debug)]
pub(super) struct Depths {
    speeds: Vec<Speed>,
}

#[derive(Debug)]
struct Speed {
    /// Milliseconds between publications.
    every: u64,
    waiting: BTreeMap<MarketId, Span>,
}

/// Changes of consecutive update ids, the last quantity of each level.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) bids: BTreeMap<Decimal, Decimal>,
    pub(super) asks: BTreeMap<Decimal, Decimal>,
}

impl Depths {
    /// Published every so many milliseconds.
    pub(super) fn new(every: &[u64]) -> Depths {
        let speeds = every.iter().map(|every| Speed { every: *every, waiting: BTreeMap::new() });
        Depths { speeds: speeds.collect() }
    }

    /// Notes what a market did.
    pub(super) fn note(&mut self, market: &Market, moved: &Moved) {
        for change in &moved.changes {
            for speed in &mut self.speeds {
                let span = speed.waiting.entry(market.id).or_insert_with(|| Span {
                    first: change.update_id,
                    last: change.update_id,
                    bids: BTreeMap::new(),
                    asks: BTreeMap::new(),
                });
                span.last = change.update_id;
                let side = if change.side == Side::Buy { &mut span.bids } else { &mut span.asks };
                side.insert(change.price, change.after);
            }
        }
    }

    /// Whether anything waits.
    pub(super) fn pending(&self) -> bool {
        self.speeds.iter().any(|speed| !speed.waiting.is_empty())
    }

    /// Markets for which something waits that is due.
    pub(super) fn markets(&self, due: Due) -> Vec<MarketId> {
        let waiting = self.speeds.iter().filter(|speed| due.is(speed.every)).flat_map(|speed| speed.waiting.keys());
        let mut markets: Vec<MarketId> = waiting.copied().collect();
        markets.sort_unstable();
        markets.dedup();
        markets
    }

    /// Takes out what waits for a market and is due, with the milliseconds of its speed, as speeds were named.
    pub(super) fn take(&mut self, id: MarketId, due: Due) -> Vec<(u64, Span)> {
        let speeds = self.speeds.iter_mut().filter(|speed| due.is(speed.every));
        speeds.filter_map(|speed| speed.waiting.remove(&id).map(|span| (speed.every, span))).collect()
    }
}

/// What is to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Everything that waits.
    All,
    /// Whatever has a step of the exchange as its turn.
    Step(u64),
}

impl Due {
    fn is(self, every: u64) -> bool {
        match self {
            Due::All => true,
            Due::Step(step) => is_turn(step, every),
        }
    }
}

/// Whether something that happens every so many milliseconds happens in this step.
pub(super) fn is_turn(step: u64, every: u64) -> bool {
    let turns = |steps: u64| (steps * MILLIS_PER_STEP).checked_div(every).unwrap_or(steps);
    turns(step) > turns(step.saturating_sub(1))
}

impl Span {
    /// Falsifies it as faults order.
    pub(super) fn strike(&mut self, faults: &[FaultKind], book: &OrderBook) {
        for fault in faults {
            match fault {
                FaultKind::CrossBook => cross(self, book),
                FaultKind::WrongLevel => falsify(self, book),
                _ => {}
            }
        }
    }
}

/// Adds a bid at the best ask.
fn cross(span: &mut Span, book: &OrderBook) {
    if let Some((ask, quantity)) = book.best_ask() {
        span.bids.insert(ask, quantity);
    }
}

/// Doubles the quantity of one level.
fn falsify(span: &mut Span, book: &OrderBook) {
    let changed = span.bids.iter_mut().chain(span.asks.iter_mut()).map(|(_, quantity)| quantity);
    if let Some(quantity) = changed.filter(|quantity| !quantity.is_zero()).last() {
        *quantity *= Decimal::TWO;
    } else if let Some((price, quantity)) = book.best_bid() {
        span.bids.insert(price, quantity * Decimal::TWO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_as_often_as_their_time_says() {
        let in_a_second = |every: u64| (1..=STEPS_PER_SECOND).filter(|step| is_turn(*step, every)).count();
        assert_eq!([100, 250, 500, 1000].map(in_a_second), [10, 4, 2, 1]);
    }
}
