//! Candles of one width, kept without holes.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use crate::engine::Side;
use crate::numbers::notional;

/// Prices, volumes and trade ids of one span of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candle {
    /// Start in milliseconds since 1970.
    pub(crate) start: i64,
    pub(crate) open: Decimal,
    pub(crate) high: Decimal,
    pub(crate) low: Decimal,
    pub(crate) close: Decimal,
    pub(crate) base: Decimal,
    pub(crate) quote: Decimal,
    pub(crate) taker_buy_base: Decimal,
    pub(crate) taker_buy_quote: Decimal,
    pub(crate) first_id: u64,
    pub(crate) count: u64,
}

impl Candle {
    /// A candle without trades at `price`.
    pub(crate) fn flat(start: i64, price: Decimal, next_id: u64) -> Candle {
        Candle {
            start,
            open: price,
            high: price,
            low: price,
            close: price,
            base: Decimal::ZERO,
            quote: Decimal::ZERO,
            taker_buy_base: Decimal::ZERO,
            taker_buy_quote: Decimal::ZERO,
            first_id: next_id,
            count: 0,
        }
    }

    /// Id of the first trade, if there was one.
    pub(crate) fn first_trade(&self) -> Option<u64> {
        (self.count > 0).then_some(self.first_id)
    }

    /// Id of the last trade, if there was one.
    pub(crate) fn last_trade(&self) -> Option<u64> {
        self.first_trade().map(|first| first + self.count - 1)
    }

    /// Adds one trade.
    pub(crate) fn add(&mut self, id: u64, price: Decimal, quantity: Decimal, taker: Side) {
        if self.count == 0 {
            (self.open, self.high, self.low, self.first_id) = (price, price, price, id);
        }
        let quote = notional(price, quantity);
        self.high = self.high.max(price);
        self.low = self.low.min(price);
        self.close = price;
        self.base += quantity;
        self.quote += quote;
        if taker == Side::Buy {
            self.taker_buy_base += quantity;
            self.taker_buy_quote += quote;
        }
        self.count += 1;
    }

    /// Takes in the candle that follows this one.
    pub(crate) fn append(&mut self, next: &Candle) {
        if next.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = Candle { start: self.start, ..*next };
            return;
        }
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
        self.base += next.base;
        self.quote += next.quote;
        self.taker_buy_base += next.taker_buy_base;
        self.taker_buy_quote += next.taker_buy_quote;
        self.count += next.count;
    }
}

/// Candles of a block.
const BLOCK: i64 = 60;

/// The newest candles of one width, oldest first, one for every span of it.
#[derive(Debug)]
pub(crate) struct Candles {
    width: i64,
    keep: usize,
    candles: VecDeque<Candle>,
    /// [`BLOCK`] candles each as one, of those that have ended; a day is asked for often.
    blocks: VecDeque<Candle>,
}

impl Candles {
    /// Keeps `keep` candles of `width` milliseconds.
    pub(crate) fn new(width: i64, keep: usize) -> Candles {
        Candles { width, keep, candles: VecDeque::new(), blocks: VecDeque::new() }
    }

    /// Puts an older history in front. `candles` must be gapless and end before anything recorded.
    pub(crate) fn set_history(&mut self, candles: VecDeque<Candle>) {
        self.candles = candles;
        self.trim();
        self.close_blocks();
    }

    /// Opens the candle of `millis` (and flat ones for the time since the last) at `price`.
    pub(crate) fn roll(&mut self, millis: i64, price: Decimal, next_id: u64) {
        let start = millis.div_euclid(self.width) * self.width;
        let Some(last) = self.candles.back() else {
            self.candles.push_back(Candle::flat(start, price, next_id));
            return;
        };
        let keep = i64::try_from(self.keep).unwrap_or(i64::MAX);
        let oldest_kept = start.saturating_sub(keep.saturating_mul(self.width));
        let mut next = (last.start + self.width).max(oldest_kept);
        let flat_price = last.close;
        while next <= start {
            self.candles.push_back(Candle::flat(next, flat_price, next_id));
            next += self.width;
        }
        self.trim();
        self.close_blocks();
    }

    /// Adds one trade to the newest candle.
    pub(crate) fn add(&mut self, id: u64, price: Decimal, quantity: Decimal, taker: Side) {
        if let Some(last) = self.candles.back_mut() {
            last.add(id, price, quantity, taker);
        }
    }

    /// Candles that start within `from..until`.
    pub(crate) fn range(&self, from: i64, until: i64) -> impl Iterator<Item = &Candle> {
        let first = self.candles.partition_point(|candle| candle.start < from);
        self.candles.range(first..).take_while(move |candle| candle.start < until)
    }

    /// All that starts within `from..until` as one candle.
    pub(crate) fn merged(&self, from: i64, until: i64) -> Option<Candle> {
        let span = self.block_span();
        let first = self.blocks.partition_point(|block| block.start < from);
        let whole = || self.blocks.range(first..).take_while(|block| block.start + span <= until);
        let (begin, end) = match (whole().next(), whole().last()) {
            (Some(first), Some(last)) => (first.start, last.start + span),
            _ => (until, until),
        };
        let mut candles = self.range(from, begin).chain(whole()).chain(self.range(end, until));
        let mut merged = *candles.next()?;
        candles.for_each(|next| merged.append(next));
        merged.start = from;
        Some(merged)
    }

    /// Start of the oldest candle.
    pub(crate) fn oldest(&self) -> Option<i64> {
        self.candles.front().map(|candle| candle.start)
    }

    fn trim(&mut self) {
        while self.candles.len() > self.keep {
            self.candles.pop_front();
        }
        let oldest = self.oldest().unwrap_or_default();
        while self.blocks.front().is_some_and(|block| block.start < oldest) {
            self.blocks.pop_front();
        }
    }

    /// Puts together the blocks that are whole: all of their candles have ended.
    fn close_blocks(&mut self) {
        let span = self.block_span();
        let (Some(oldest), Some(newest)) = (self.oldest(), self.candles.back().map(|last| last.start)) else { return };
        let whole_from = (oldest + span - 1).div_euclid(span) * span;
        let mut next = self.blocks.back().map_or(whole_from, |last| last.start + span).max(whole_from);
        while next + span <= newest {
            let mut candles = self.range(next, next + span);
            let Some(mut block) = candles.next().copied() else { return };
            candles.for_each(|candle| block.append(candle));
            self.blocks.push_back(block);
            next += span;
        }
    }

    fn block_span(&self) -> i64 {
        self.width * BLOCK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_spans_are_flat_and_the_merged_candle_ignores_them() {
        let mut candles = Candles::new(1000, 10);
        candles.roll(500, d("10"), 1);
        candles.add(1, d("11"), d("2"), Side::Buy);
        candles.roll(3500, d("11"), 2);
        candles.add(2, d("9"), d("1"), Side::Sell);
        assert_eq!(candles.range(0, 4000).count(), 4);
        let merged = candles.merged(0, 4000).unwrap();
        assert_eq!((merged.open, merged.high, merged.low, merged.close), (d("11"), d("11"), d("9"), d("9")));
        assert_eq!((merged.base, merged.quote, merged.taker_buy_base), (d("3"), d("31"), d("2")));
        assert_eq!((merged.first_trade(), merged.last_trade()), (Some(1), Some(2)));
    }

    #[test]
    fn many_candles_merge_as_they_would_one_by_one() {
        let mut candles = Candles::new(1000, 300);
        for second in 0..500_i64 {
            candles.roll(second * 1000, d("10"), 1);
            if second % 7 == 3 {
                candles.add(1, d("10") + Decimal::from(second % 11), Decimal::from(second), Side::Buy);
            }
        }
        for (from, until) in
            [(0, 500_000), (200_000, 499_001), (241_000, 242_000), (239_500, 480_000), (300_000, 420_000)]
        {
            let mut one_by_one = candles.range(from, until).copied();
            let mut expected = one_by_one.next().unwrap();
            one_by_one.for_each(|next| expected.append(&next));
            expected.start = from;
            assert_eq!(candles.merged(from, until), Some(expected), "{from}..{until}");
        }
        assert_eq!(candles.merged(600_000, 700_000), None);
    }

    #[test]
    fn only_the_newest_are_kept_even_over_a_long_gap() {
        let mut candles = Candles::new(1000, 3);
        candles.roll(0, d("1"), 1);
        candles.roll(1_000_000_000, d("1"), 1);
        assert_eq!(candles.range(0, i64::MAX).count(), 3);
    }
}
