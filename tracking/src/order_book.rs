use tradewire_core::{InstrumentRules, Level, Price, Quantity, Side};

use crate::{Change, Ladder};

/// Decimals of the integers in a book: a price of `n` means `n` divided by ten to the power of `price`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scale {
    /// Decimals of prices, at most 18.
    pub price: u32,
    /// Decimals of quantities, at most 18.
    pub quantity: u32,
}

impl Scale {
    /// The decimals that an instrument's prices and quantities can have.
    pub fn of(rules: &InstrumentRules) -> Self {
        Self { price: rules.price_step.decimals(), quantity: rules.quantity_step.decimals() }
    }
}

/// What an update changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Levels to be deleted that did not exist.
    pub absent_deletes: u32,
}

/// One side of the book and how much of it is known.
#[derive(Clone, Debug)]
pub(crate) struct BookSide {
    pub(crate) ladder: Ladder,
    /// The last price before unknown depth; `None` if the whole side is known.
    pub(crate) known_to: Option<i64>,
}

impl BookSide {
    const fn new(side: Side) -> Self {
        Self { ladder: Ladder::new(side), known_to: None }
    }

    fn load(&mut self, levels: &[(i64, i64)], whole: bool, side: Side) {
        self.ladder.load(levels);
        let prices = levels.iter().map(|level| level.0);
        self.known_to = match side {
            _ if whole => None,
            Side::Buy => prices.min(),
            Side::Sell => prices.max(),
        };
    }
}

/// An order book in integers of one scale, with exact answers in decimals.
///
/// It holds what it was told and knows nothing of sequences, time or validity. Prices and quantities must be positive;
/// whoever decodes them has checked that.
#[derive(Clone, Debug)]
pub struct OrderBook {
    scale: Scale,
    bids: BookSide,
    asks: BookSide,
}

impl OrderBook {
    /// An empty book, wholly known.
    pub const fn new(scale: Scale) -> Self {
        Self { scale, bids: BookSide::new(Side::Buy), asks: BookSide::new(Side::Sell) }
    }

    /// The scale of its integers.
    pub const fn scale(&self) -> Scale {
        self.scale
    }

    /// Replaces both sides; nothing of the old book remains. Levels are price and quantity, in any order.
    ///
    /// A side that is not `whole` has unknown depth beyond its last level: what lies there is learnt only as it changes.
    pub fn load_snapshot(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)], whole_bids: bool, whole_asks: bool) {
        self.bids.load(bids, whole_bids, Side::Buy);
        self.asks.load(asks, whole_asks, Side::Sell);
    }

    /// Of a stream that keeps so many levels a side: what an insertion has pushed out is not told of any longer, and beyond the
    /// last of a side that has as many nothing is known.
    pub(crate) fn bound(&mut self, levels: usize) {
        for side in [&mut self.bids, &mut self.asks] {
            while side.ladder.len() > levels
                && let Some((pushed_out, _)) = side.ladder.worst()
            {
                side.ladder.set(pushed_out, 0);
            }
            let full = side.ladder.len() >= levels;
            side.known_to = side.ladder.worst().filter(|_| full).map(|(price, _)| price);
        }
    }

    /// Applies one update: prices with their new, absolute quantities; zero deletes. Deleting an absent level changes
    /// nothing and is counted.
    pub fn apply(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Applied {
        let mut absent_deletes = 0;
        for (ladder, changes) in [(&mut self.bids.ladder, bids), (&mut self.asks.ladder, asks)] {
            for (price, quantity) in changes {
                absent_deletes += u32::from(ladder.set(*price, *quantity) == Change::Absent);
            }
        }
        Applied { absent_deletes }
    }

    /// Whether the best bid is not below the best ask.
    pub fn crossed(&self) -> bool {
        match (self.bids.ladder.best(), self.asks.ladder.best()) {
            (Some((bid, _)), Some((ask, _))) => bid >= ask,
            _ => false,
        }
    }

    /// Number of levels on a side, `Side::Buy` being the bids, those in unknown depth included.
    pub fn len(&self, side: Side) -> usize {
        self.side(side).ladder.len()
    }

    /// Whether neither side has a level.
    pub fn is_empty(&self) -> bool {
        self.len(Side::Buy) == 0 && self.len(Side::Sell) == 0
    }

    /// All levels of a side, best first, those in unknown depth included. Costs nothing to begin.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + Clone + '_ {
        let scale = self.scale;
        self.side(side).ladder.iter().map(move |(price, quantity)| level(scale, price, quantity))
    }

    /// The first `count` levels of a side.
    pub fn top(&self, side: Side, count: usize) -> Vec<Level> {
        let mut levels = Vec::with_capacity(count.min(self.len(side)));
        levels.extend(self.levels(side).take(count));
        levels
    }

    /// All levels of a side as integers of the book's scale, best first.
    pub fn scaled_levels(&self, side: Side) -> impl Iterator<Item = (i64, i64)> + Clone + '_ {
        self.side(side).ladder.iter()
    }

    /// The quantity at a price of the book's scale, as an integer of it; `None` without a level there.
    pub fn scaled_quantity_at(&self, side: Side, price: i64) -> Option<i64> {
        self.side(side).ladder.quantity_at(price)
    }

    /// The last price before unknown depth, as an integer of the book's scale; `None` if the whole side is known.
    pub fn known_to(&self, side: Side) -> Option<i64> {
        self.side(side).known_to
    }

    /// The known levels of a side as integers of the book's scale, best first.
    pub fn known_levels(&self, side: Side) -> impl Iterator<Item = (i64, i64)> + Clone + '_ {
        let bound = self.known_to(side);
        self.scaled_levels(side).take_while(move |(price, _)| within(bound, side, *price))
    }

    /// Whether both books have the same levels on the depth that both know. Their scales may differ.
    pub fn equal_where_known(&self, other: &Self) -> bool {
        [Side::Buy, Side::Sell].into_iter().all(|side| {
            let (ours, theirs) = (self.known_to_price(side), other.known_to_price(side));
            let narrow = |bound: Option<Price>, level: &Level| match (bound, side) {
                (None, _) => true,
                (Some(bound), Side::Buy) => level.price >= bound,
                (Some(bound), Side::Sell) => level.price <= bound,
            };
            let common = |level: &Level| narrow(ours, level) && narrow(theirs, level);
            self.levels(side).take_while(common).eq(other.levels(side).take_while(common))
        })
    }

    /// Bytes allocated, without the book itself.
    pub fn heap_bytes(&self) -> usize {
        self.bids.ladder.heap_bytes() + self.asks.ladder.heap_bytes()
    }

    pub(crate) const fn side(&self, side: Side) -> &BookSide {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn known_to_price(&self, side: Side) -> Option<Price> {
        self.known_to(side).map(|bound| Price::from_scaled(bound, self.scale.price))
    }
}

/// Whether a price is not beyond the last known one.
fn within(bound: Option<i64>, side: Side, price: i64) -> bool {
    bound.is_none_or(|bound| match side {
        Side::Buy => price >= bound,
        Side::Sell => price <= bound,
    })
}

/// A level of the API from the integers of a book.
pub(crate) fn level(scale: Scale, price: i64, quantity: i64) -> Level {
    Level { price: Price::from_scaled(price, scale.price), quantity: Quantity::from_scaled(quantity, scale.quantity) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale { price: 2, quantity: 3 };

    fn book() -> OrderBook {
        let mut book = OrderBook::new(SCALE);
        book.load_snapshot(&[(9_950, 1_500), (9_900, 3_000)], &[(10_000, 10), (10_050, 2_000)], false, true);
        book
    }

    fn lines(book: &OrderBook) -> String {
        let side =
            |side, mark| book.levels(side).map(move |level| format!("{mark} {} {}\n", level.price, level.quantity));
        side(Side::Buy, 'B').chain(side(Side::Sell, 'A')).collect()
    }

    #[test]
    fn an_update_sets_and_deletes_and_counts_what_was_not_there() {
        let mut book = book();
        let applied = book.apply(&[(9_950, 0), (9_940, 0), (9_900, 1)], &[(10_000, 0), (20_000, 0), (30_000, 7)]);
        assert_eq!(applied.absent_deletes, 2);
        assert_eq!(lines(&book), "B 99 0.001\nA 100.5 2\nA 300 0.007\n");
    }

    #[test]
    fn crossed_is_bid_not_below_ask_and_repairs_nothing() {
        let mut book = book();
        assert!(!book.crossed());
        book.apply(&[(10_000, 1)], &[]);
        assert!(book.crossed() && book.len(Side::Buy) == 3 && book.len(Side::Sell) == 2);
        book.apply(&[], &[(10_000, 0)]);
        assert!(!book.crossed());
        book.load_snapshot(&[(1, 1)], &[], true, true);
        assert!(!book.crossed(), "one side alone cannot cross");
    }

    #[test]
    fn a_side_with_as_many_levels_as_the_stream_keeps_is_known_to_its_last() {
        let mut book = OrderBook::new(Scale { price: 0, quantity: 0 });
        book.load_snapshot(&[(10, 1), (9, 1)], &[(11, 1)], true, true);
        book.bound(2);
        assert_eq!((book.known_to(Side::Buy), book.known_to(Side::Sell)), (Some(9), None));
        book.apply(&[(9, 0)], &[(12, 1)]);
        book.bound(2);
        assert_eq!((book.known_to(Side::Buy), book.known_to(Side::Sell)), (None, Some(12)));
    }

    #[test]
    fn books_are_compared_on_what_both_know() {
        let mut fresh = OrderBook::new(SCALE);
        fresh.load_snapshot(&[(9_950, 1_500), (9_900, 3_000), (9_000, 5)], &[(10_000, 10)], false, false);
        let mut live = book();
        live.apply(&[(9_500, 9)], &[(10_060, 1)]);
        assert!(live.equal_where_known(&fresh) && fresh.equal_where_known(&live));
        live.apply(&[(9_900, 1)], &[]);
        assert!(!live.equal_where_known(&fresh));
        live.apply(&[(9_900, 3_000)], &[(9_999, 1)]);
        assert!(!live.equal_where_known(&fresh), "a level that the other knows not to exist");
    }
}
