use std::collections::VecDeque;

use rustc_hash::FxHashSet;
use tradewire_core::PublicTradeId;

use crate::RawTrade;

/// Trades remembered of a pair whose ids do not count up: more than come twice when one connection takes over from another.
const REMEMBERED: usize = 1_024;

/// Which trades of a pair have been seen.
#[derive(Clone, Debug)]
pub(crate) enum TradeSequence {
    /// Ids count up by one: holes are told.
    Counted(Counted),
    /// Ids mean nothing but themselves.
    Remembered(Remembered),
}

/// What a trade id means after those seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It has been seen.
    Before,
    /// It is new, and this many between the last one and it were never seen.
    New { missing: u64 },
    /// How many were never seen cannot be told: the connection was lost, and the ids do not tell.
    Restarted,
}

impl TradeSequence {
    /// Of a pair whose ids count up by one, or do not.
    pub(crate) fn new(counts_up: bool) -> Self {
        if counts_up { Self::Counted(Counted::default()) } else { Self::Remembered(Remembered::default()) }
    }

    /// Notes a trade, or the trades that one sums up.
    pub(crate) fn note(&mut self, trade: &RawTrade) -> Seen {
        match self {
            Self::Counted(counted) => {
                let ids = trade.aggregates.or(trade.id.number().map(|id| (id, id)));
                ids.map_or(Seen::New { missing: 0 }, |(first, last)| counted.note(first, last))
            }
            Self::Remembered(remembered) => remembered.note(trade.id),
        }
    }

    /// The connection is lost.
    pub(crate) fn on_disconnected(&mut self) {
        match self {
            Self::Counted(counted) => counted.reconnected = true,
            Self::Remembered(remembered) => remembered.reconnected = !remembered.order.is_empty(),
        }
    }
}

/// Ids that must not fall; between them nothing may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    last: Option<u64>,
    /// Whether no trade has come since the connection was lost: the exchange may have begun to count anew.
    reconnected: bool,
}

impl Counted {
    /// Notes the trades `first..=last` (one trade has `first == last`).
    fn note(&mut self, first: u64, last: u64) -> Seen {
        let reconnected = std::mem::take(&mut self.reconnected);
        let seen = match self.last {
            Some(seen) if last == seen => return Seen::Before,
            Some(seen) if last < seen && reconnected => Seen::Restarted,
            Some(seen) if last < seen => return Seen::Before,
            Some(seen) => Seen::New { missing: first.saturating_sub(seen.saturating_add(1)) },
            None => Seen::New { missing: 0 },
        };
        self.last = Some(last);
        seen
    }
}

/// The newest ids. Its room is taken once.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    order: VecDeque<PublicTradeId>,
    known: FxHashSet<PublicTradeId>,
    /// Whether no trade has come since the connection was lost: some may have been missed.
    reconnected: bool,
}

impl Default for Remembered {
    fn default() -> Self {
        let known = FxHashSet::with_capacity_and_hasher(2 * REMEMBERED, Default::default());
        Self { order: VecDeque::with_capacity(REMEMBERED), known, reconnected: false }
    }
}

impl Remembered {
    fn note(&mut self, id: PublicTradeId) -> Seen {
        if !self.known.insert(id) {
            return Seen::Before;
        }
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(id);
        if std::mem::take(&mut self.reconnected) { Seen::Restarted } else { Seen::New { missing: 0 } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::{Side, Timestamp};

    #[test]
    fn duplicates_and_holes() {
        let mut trades = Counted::default();
        assert_eq!(trades.note(10, 10), Seen::New { missing: 0 });
        assert_eq!(trades.note(10, 10), Seen::Before);
        assert_eq!(trades.note(11, 14), Seen::New { missing: 0 });
        assert_eq!(trades.note(12, 12), Seen::Before);
        assert_eq!(trades.note(18, 18), Seen::New { missing: 3 });
    }

    fn trade(id: PublicTradeId) -> RawTrade {
        RawTrade { id, aggregates: None, price: 1, quantity: 1, taker: Side::Buy, time: Timestamp::default() }
    }

    #[test]
    fn an_exchange_that_counts_anew_is_followed_after_a_reconnect_only() {
        let mut trades = TradeSequence::new(true);
        let note = |trades: &mut TradeSequence, id: u64| trades.note(&trade(id.into()));
        note(&mut trades, 1_000);
        assert_eq!(note(&mut trades, 5), Seen::Before);
        trades.on_disconnected();
        assert_eq!(note(&mut trades, 6), Seen::Restarted);
        assert_eq!(note(&mut trades, 7), Seen::New { missing: 0 });
    }

    #[test]
    fn ids_without_order_are_remembered_for_a_while() {
        let mut trades = TradeSequence::new(false);
        let note = |trades: &mut TradeSequence, id: u128| trades.note(&trade(PublicTradeId::Uuid(id)));
        assert_eq!(note(&mut trades, 9), Seen::New { missing: 0 });
        assert_eq!([note(&mut trades, 3), note(&mut trades, 9)], [Seen::New { missing: 0 }, Seen::Before]);
        trades.on_disconnected();
        assert_eq!([note(&mut trades, 9), note(&mut trades, 1)], [Seen::Before, Seen::Restarted]);
        for id in 100..100 + REMEMBERED as u128 {
            assert_eq!(note(&mut trades, id), Seen::New { missing: 0 });
        }
        assert_eq!(note(&mut trades, 9), Seen::New { missing: 0 }, "forgotten");
        let TradeSequence::Remembered(kept) = trades else { panic!("remembered") };
        assert_eq!((kept.order.len(), kept.known.len()), (REMEMBERED, REMEMBERED));
    }
}
