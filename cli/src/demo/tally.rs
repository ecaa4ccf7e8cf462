use std::collections::BTreeMap;
use std::time::Duration;

use tradewire::{GapReason, Trade};

/// Everything that was told about one pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Losses told, by reason.
    pub(super) gaps: BTreeMap<GapReason, u64>,
    /// How long the book was not valid, for each time that it became valid again.
    pub(super) recoveries: Vec<Duration>,
    /// Whether the book has been lost since it was last valid.
    pub(super) lost: bool,
    /// Whether the exchange was made to leave out updates of the book.
    pub(super) omitted: bool,
    /// Comparisons with the exchange's own book.
    pub(super) checks: u64,
    /// Comparisons that showed a difference.
    pub(super) differences: u64,
    /// Trades told, those in an aggregate counted one by one.
    pub(super) trades: u64,
    /// Trades and other events that were told as lost.
    pub(super) told_as_lost: u64,
    /// Whether trade ids count up by one.
    counted: bool,
    /// First and last trade id, where they are counted.
    ids: Option<(u64, u64)>,
    pub(super) last_trade: Option<Trade>,
}

impl Tally {
    /// Nothing yet, of an exchange whose trade ids count up by one, or do not.
    pub(super) fn of_exchange(trade_ids_count_up: bool) -> Self {
        Self { counted: trade_ids_count_up, ..Self::default() }
    }

    pub(super) fn gap(&mut self, reason: GapReason, lost: Option<u64>) {
        *self.gaps.entry(reason).or_default() += 1;
        self.told_as_lost += lost.unwrap_or(0);
        self.lost |= !matches!(reason, GapReason::Trades | GapReason::Overflow);
    }

    /// The book is valid; whether it had been lost.
    pub(super) fn valid(&mut self, after: Duration) -> bool {
        let recovered = std::mem::take(&mut self.lost);
        if recovered {
            self.recoveries.push(after);
        }
        recovered
    }

    pub(super) fn trade(&mut self, trade: Trade) {
        let ids = trade.aggregates.or(trade.id.number().map(|id| (id, id))).filter(|_| self.counted);
        if let Some((first, last)) = ids {
            self.ids = Some((self.ids.map_or(first, |ids| ids.0), last));
            self.trades += last.saturating_sub(first);
        }
        self.trades += 1;
        self.last_trade = Some(trade);
    }

    /// Trades between the first and the last that were neither told nor told as lost; 0 where ids do not count up by one.
    pub(super) fn unaccounted(&self) -> u64 {
        let all = self.ids.map_or(0, |(first, last)| last.saturating_sub(first) + 1);
        all.saturating_sub(self.trades + self.told_as_lost)
    }

    /// Losses of any reason.
    pub(super) fn all_gaps(&self) -> u64 {
        self.gaps.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire::{Price, Quantity, Side, Timestamp};

    fn trade(id: u64) -> Trade {
        Trade {
            pair: "BTC-USDT".parse().expect("a pair"),
            id: id.into(),
            aggregates: None,
            price: Price::ZERO,
            quantity: Quantity::ZERO,
            taker: Side::Buy,
            time: Timestamp::default(),
            received: Timestamp::default(),
        }
    }

    #[test]
    fn trades_are_seen_or_told_as_lost_or_unaccounted() {
        let mut tally = Tally::of_exchange(true);
        let mut uncounted = Tally::of_exchange(false);
        for id in [10, 11, 15, 16] {
            tally.trade(trade(id));
            uncounted.trade(trade(id));
        }
        assert_eq!((uncounted.unaccounted(), uncounted.trades), (0, 4));
        assert_eq!(tally.unaccounted(), 3);
        tally.gap(GapReason::Trades, Some(3));
        assert_eq!((tally.unaccounted(), tally.lost), (0, false));
    }

    #[test]
    fn a_first_sync_is_no_recovery() {
        let mut tally = Tally::default();
        assert!(!tally.valid(Duration::from_secs(1)));
        tally.gap(GapReason::Sequence, None);
        tally.gap(GapReason::Reconnect, None);
        assert!(tally.valid(Duration::from_secs(2)));
        assert_eq!((tally.recoveries, tally.gaps.len()), (vec![Duration::from_secs(2)], 2));
    }
}
