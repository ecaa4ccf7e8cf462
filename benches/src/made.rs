use std::collections::BTreeMap;
use std::fmt::Write as _;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_tracking::Scale;

use crate::{Layout, Message, Set, Snapshot};

const LAYOUT: Layout = Layout { scale: Scale { price: 1, quantity: 0 }, shown_price: 1, shown_quantity: 0 };

/// Levels a side that a made stream holds on to.
const LEVELS: usize = 1000;

/// A made, deterministic stream of `messages` over `symbols` books of 1000 levels a side, some symbols much busier than
/// others. Its frames have the form of Binance COIN-M depth; counts and distances resemble a lively market's.
pub fn made_set(symbols: usize, messages: usize) -> Set {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut makers: Vec<_> = (0..symbols).map(|index| Maker::new(index, LEVELS)).collect();
    let snapshots = makers.iter().map(Maker::snapshot).collect();
    let messages = (0..messages).map(|_| {
        // Exponential: a sixth of the symbols has most of the messages.
        let busy = -(1.0 - random.random::<f64>()).ln() * symbols as f64 / 6.0;
        let symbol = (busy as usize).min(symbols - 1);
        makers[symbol].message(symbol)
    });
    Set { name: format!("made, {symbols} symbols"), layout: LAYOUT, messages: messages.collect(), snapshots }
}

/// A made snapshot with `levels` a side.
pub fn made_snapshot(levels: usize) -> Snapshot {
    Maker::new(0, levels).snapshot()
}

/// Makes the messages of one symbol.
struct Maker {
    random: ChaCha8Rng,
    name: String,
    id: u64,
    /// Price of the best bid; the best ask is one tick above.
    touch: i64,
    bids: MadeSide,
    asks: MadeSide,
}

/// Keys grow away from the touch: prices for asks, negated prices for bids.
struct MadeSide {
    sign: i64,
    levels: BTreeMap<i64, i64>,
}

impl Maker {
    fn new(index: usize, levels: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(index as u64);
        let touch = random.random_range(200_000..900_000);
        let bids = MadeSide::new(-1, touch, levels, &mut random);
        let asks = MadeSide::new(1, touch + 1, levels, &mut random);
        Self { random, name: format!("MADE{index:04}"), id: 1_000_000_000, touch, bids, asks }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot { bids: self.bids.best_first(), asks: self.asks.best_first() }
    }

    fn message(&mut self, symbol: usize) -> Message {
        if self.random.random_ratio(1, 8) {
            self.touch += self.random.random_range(-4..=4);
        }
        let mut bids = self.bids.changes(self.touch, &mut self.random);
        bids.reverse();
        let asks = self.asks.changes(self.touch + 1, &mut self.random);
        let frame = self.frame(&bids, &asks).into_bytes().into();
        Message { symbol, frame, bids, asks }
    }

    fn frame(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) -> String {
        let (previous, name) = (self.id, &self.name);
        self.id += self.random.random_range(50..500);
        let mut text = format!(
            r#"{{"stream":"{}_perp@depth@0ms","data":{{"e":"depthUpdate","E":1723161257440,"T":1723161257432,"#,
            name.to_lowercase()
        );
        let _ = write!(
            text,
            r#""s":"{name}_PERP","ps":"{name}","U":{},"u":{},"pu":{previous},"b":{},"a":{}}}}}"#,
            previous + 7,
            self.id,
            written(bids),
            written(asks)
        );
        text
    }
}

impl MadeSide {
    fn new(sign: i64, best: i64, levels: usize, random: &mut ChaCha8Rng) -> Self {
        let mut side = Self { sign, levels: BTreeMap::new() };
        let mut key = sign * best;
        while side.levels.len() < levels {
            side.levels.insert(key, random.random_range(1..5_000));
            key += random.random_range(1..8);
        }
        side
    }

    fn best_first(&self) -> Vec<(i64, i64)> {
        self.levels.iter().map(|(key, quantity)| (key * self.sign, *quantity)).collect()
    }

    /// Changes of one message, the nearest to the touch first, already applied.
    fn changes(&mut self, touch: i64, random: &mut ChaCha8Rng) -> Vec<(i64, i64)> {
        let touch = touch * self.sign;
        let mut changes: BTreeMap<_, _> = self.levels.range(..touch).map(|(key, _)| (*key, 0)).collect();
        if !self.levels.contains_key(&touch) {
            changes.insert(touch, random.random_range(1..5_000));
        }
        for _ in 0..random.random_range(1..11) {
            // Log-uniform: half of the changes within 90 ticks of the touch.
            let key = touch + 1 + 8_000_f64.powf(random.random()) as i64;
            let existing = self.levels.range(key..).next().map_or(key, |(key, _)| *key);
            let quantity = random.random_range(1..5_000);
            match random.random_range(0..100) {
                0..30 => changes.insert(existing, quantity),
                30..58 if self.levels.len() <= LEVELS => changes.insert(key, quantity),
                30..87 => changes.insert(existing, 0),
                _ => changes.insert(key + random.random_range(8_000..60_000), 0),
            };
        }
        for (key, quantity) in &changes {
            if *quantity == 0 {
                self.levels.remove(key);
            } else {
                self.levels.insert(*key, *quantity);
            }
        }
        changes.into_iter().map(|(key, quantity)| (key * self.sign, quantity)).collect()
    }
}

/// Levels as text, in the order given.
fn written(levels: &[(i64, i64)]) -> String {
    let levels: Vec<_> =
        levels.iter().map(|(price, quantity)| format!(r#"["{}.{}","{quantity}"]"#, price / 10, price % 10)).collect();
    format!("[{}]", levels.join(","))
}
