use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

impl Ladder {
    /// Checks what must hold between any two calls.
    fn check(&self) {
        self.window.check();
        self.far.check();
        assert!(self.far.iter().all(|level| !self.window.covers(level.0) && !self.window.is_after(level.0)));
    }
}

/// The plainest ladder that could be right.
struct Model {
    side: Side,
    levels: BTreeMap<i64, i64>,
}

impl Model {
    fn set(&mut self, price: i64, quantity: i64) -> Change {
        if quantity == 0 {
            return if self.levels.remove(&price).is_some() { Change::Deleted } else { Change::Absent };
        }
        if self.levels.insert(price, quantity).is_some() { Change::Updated } else { Change::Inserted }
    }

    fn best_first(&self) -> Vec<(i64, i64)> {
        let levels = self.levels.iter().map(|(price, quantity)| (*price, *quantity));
        match self.side {
            Side::Buy => levels.rev().collect(),
            Side::Sell => levels.collect(),
        }
    }
}

struct Pair {
    ladder: Ladder,
    model: Model,
}

impl Pair {
    fn loaded(side: Side, levels: &[(i64, i64)]) -> Self {
        let mut pair = Self { ladder: Ladder::new(side), model: Model { side, levels: BTreeMap::new() } };
        pair.ladder.load(levels);
        for (price, quantity) in levels {
            pair.model.set(*price, *quantity);
        }
        pair.compare();
        pair
    }

    fn set(&mut self, price: i64, quantity: i64) {
        let changed = self.ladder.set(price, quantity);
        assert_eq!(changed, self.model.set(price, quantity), "change at {price}");
        let best = match self.model.side {
            Side::Buy => self.model.levels.last_key_value(),
            Side::Sell => self.model.levels.first_key_value(),
        };
        assert_eq!(self.ladder.best(), best.map(|(price, quantity)| (*price, *quantity)));
        let worst = match self.model.side {
            Side::Buy => self.model.levels.first_key_value(),
            Side::Sell => self.model.levels.last_key_value(),
        };
        assert_eq!(self.ladder.worst(), worst.map(|(price, quantity)| (*price, *quantity)));
        assert_eq!(self.ladder.quantity_at(price), self.model.levels.get(&price).copied());
    }

    fn compare(&self) {
        self.ladder.check();
        assert_eq!(self.ladder.len(), self.model.levels.len());
        assert!(self.ladder.iter().eq(self.model.best_first()), "levels differ");
    }
}

/// Distances between prices: dense, gappy, and so wide that few or none fit the window.
fn pace() -> impl Strategy<Value = i64> {
    prop_oneof![Just(1), Just(7), Just(100), Just(5000), Just(1 << 40)]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

/// Mostly near the touch, at times far from it, deletes as often as not.
fn steps() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let distance = prop_oneof![6 => -20..200_i64, 3 => -200..2000_i64, 1 => -20_000..20_000_i64];
    let quantity = prop_oneof![2 => Just(0_i64), 3 => 1..1000_i64];
    prop::collection::vec((distance, quantity), 1..1500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn equals_a_tree_on_walks(
        side in side(),
        pace in pace(),
        start in prop_oneof![Just(0_i64), Just(6_000_000), Just(-3_000_000)],
        seed in prop::collection::vec((0..900_i64, 0..50_i64), 0..900),
        drift in -3..=3_i64,
        steps in steps(),
    ) {
        let towards_worse = if side == Side::Buy { -pace } else { pace };
        let levels: Vec<_> = seed.iter().map(|(d, quantity)| (start + d * towards_worse, *quantity)).collect();
        let mut pair = Pair::loaded(side, &levels);
        for (step, (distance, quantity)) in steps.iter().enumerate() {
            let touch = start + step as i64 * drift * pace * 20;
            pair.set(touch + distance * towards_worse, *quantity);
            if step % 64 == 0 {
                pair.compare();
            }
        }
        pair.compare();
    }

    #[test]
    fn equals_a_tree_when_the_touch_eats_through_the_book(side in side(), gap in 1..400_i64, refill in any::<bool>()) {
        let direction = if side == Side::Buy { -1 } else { 1 };
        let levels: Vec<_> = (0..1200).map(|i| (i * gap * direction, i + 1)).collect();
        let mut pair = Pair::loaded(side, &levels);
        for i in 0..1200 {
            pair.set(i * gap * direction, 0);
            if refill {
                pair.set((i + 1200) * gap * direction, i + 1);
            }
            if i % 50 == 0 {
                pair.compare();
            }
        }
        for i in (-1200..1200).rev() {
            pair.set(i * gap * direction, 5);
        }
        pair.compare();
    }

    #[test]
    fn equals_a_tree_at_the_ends_of_the_number_line(
        side in side(),
        seed in prop::collection::vec((any::<bool>(), 0..70_000_i64), 0..600),
        steps in prop::collection::vec((0..4_u8, 0..70_000_i64, 0..3_i64), 1..400),
    ) {
        let place = |end: u8, d: i64| match end {
            0 => i64::MIN + d,
            1 => i64::MAX - d,
            2 => d,
            _ => i64::MIN / 2 + d,
        };
        let levels: Vec<_> = seed.iter().map(|(end, d)| (place(u8::from(*end), *d), d + 1)).collect();
        let mut pair = Pair::loaded(side, &levels);
        for (end, d, quantity) in steps {
            pair.set(place(end, d), quantity);
            pair.ladder.check();
        }
        pair.compare();
    }
}

#[test]
fn a_level_far_on_the_better_side_moves_the_window_there_and_back() {
    let levels: Vec<_> = (0..1000).map(|i| (6_000_000 - i * 3, 1)).collect();
    let mut pair = Pair::loaded(Side::Buy, &levels);
    assert!(pair.ladder.window.words() > 0);
    pair.set(9_000_000, 4);
    pair.compare();
    assert_eq!(pair.ladder.far.len(), 1000);
    pair.set(9_000_000, 0);
    pair.compare();
    pair.set(6_000_000, 2);
    pair.compare();
    assert_eq!(pair.ladder.far.len(), 0);
}

#[test]
fn a_side_that_was_emptied_starts_anew_anywhere() {
    let levels: Vec<_> = (0..300).map(|i| (i, 1)).collect();
    let mut pair = Pair::loaded(Side::Sell, &levels);
    for price in 0..300 {
        pair.set(price, 0);
    }
    for price in [1 << 50, -(1 << 50), 0, i64::MAX, i64::MIN] {
        pair.set(price, 7);
        pair.compare();
    }
    pair.ladder.clear();
    assert!(pair.ladder.is_empty() && pair.ladder.best().is_none() && pair.ladder.iter().next().is_none());
}

#[test]
fn loading_sorts_and_takes_the_last_of_a_price() {
    let mut ladder = Ladder::new(Side::Sell);
    ladder.load(&[(5, 1), (3, 1), (5, 2), (4, 1), (4, 0), (9, 0)]);
    assert_eq!(ladder.iter().collect::<Vec<_>>(), [(3, 1), (5, 2)]);
    ladder.load(&[(7, 1)]);
    assert_eq!((ladder.len(), ladder.best()), (1, Some((7, 1))));
}

#[test]
fn a_growing_side_gets_a_window() {
    let mut pair = Pair::loaded(Side::Sell, &[]);
    for i in 0..5000 {
        pair.set(i * 37 % 5000, 1);
        if i % 256 == 0 {
            pair.compare();
        }
    }
    pair.compare();
    assert_eq!(pair.ladder.far.len(), 0);
    assert!(pair.ladder.heap_bytes() < 5000 * 24, "{} bytes", pair.ladder.heap_bytes());
}
