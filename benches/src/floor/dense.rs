use std::collections::BTreeMap;

use tradewire_tracking::Scale;

use crate::{Book, Snapshot};

const PRICES: usize = 1 << 16;

/// A place for each price of a fixed range, half of it on either side of the snapshot's best, and a tree for the others.
#[derive(Debug)]
pub struct DenseBook {
    bids: DenseSide,
    asks: DenseSide,
}

/// Keys are prices, complemented for bids: the lowest is the best.
#[derive(Debug)]
struct DenseSide {
    flip: i64,
    origin: i64,
    quantities: Box<[i64; PRICES]>,
    bits: Box<[u64; PRICES / 64]>,
    groups: [u64; PRICES / 64 / 64],
    far: BTreeMap<i64, i64>,
}

impl DenseSide {
    fn loaded(flip: i64, levels: &[(i64, i64)]) -> Self {
        let best = levels.first().map_or(0, |level| level.0 ^ flip);
        let mut side = Self {
            flip,
            origin: best - PRICES as i64 / 2,
            quantities: Box::new([0; PRICES]),
            bits: Box::new([0; PRICES / 64]),
            groups: [0; PRICES / 64 / 64],
            far: BTreeMap::new(),
        };
        side.apply(levels);
        side
    }

    #[inline]
    fn apply(&mut self, changes: &[(i64, i64)]) {
        for (price, quantity) in changes {
            let key = price ^ self.flip;
            let offset = key.wrapping_sub(self.origin) as usize;
            if offset < PRICES {
                self.quantities[offset] = *quantity;
                let (word, bit) = (offset / 64, offset % 64);
                let bits = self.bits[word] & !(1 << bit) | u64::from(*quantity != 0) << bit;
                self.bits[word] = bits;
                let (group, bit) = (word / 64, word % 64);
                self.groups[group] = self.groups[group] & !(1 << bit) | u64::from(bits != 0) << bit;
            } else if *quantity == 0 {
                self.far.remove(&key);
            } else {
                self.far.insert(key, *quantity);
            }
        }
    }

    #[inline]
    fn best(&self) -> i64 {
        let far = || self.far.first_key_value().map(|(key, _)| *key);
        self.first().or_else(far).map_or(0, |key| key ^ self.flip)
    }

    #[inline]
    fn first(&self) -> Option<i64> {
        let group = self.groups.iter().position(|bits| *bits != 0)?;
        let word = group * 64 + self.groups[group].trailing_zeros() as usize;
        Some(self.origin + (word * 64) as i64 + i64::from(self.bits[word].trailing_zeros()))
    }
}

impl Book for DenseBook {
    fn loaded(_: Scale, snapshot: &Snapshot) -> Self {
        Self { bids: DenseSide::loaded(-1, &snapshot.bids), asks: DenseSide::loaded(0, &snapshot.asks) }
    }

    #[inline]
    fn apply(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        self.bids.apply(bids);
        self.asks.apply(asks);
    }

    #[inline]
    fn touch(&self) -> (i64, i64) {
        (self.bids.best(), self.asks.best())
    }
}
