use std::collections::BTreeMap;

use tradewire_tracking::Scale;

use crate::{Book, Snapshot};

/// The common layout: a `BTreeMap` a side.
#[derive(Debug, Default)]
pub struct TreeBook {
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

impl Book for TreeBook {
    fn loaded(_: Scale, snapshot: &Snapshot) -> Self {
        let mut book = Self::default();
        book.apply(&snapshot.bids, &snapshot.asks);
        book
    }

    #[inline]
    fn apply(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        for (levels, changes) in [(&mut self.bids, bids), (&mut self.asks, asks)] {
            for (price, quantity) in changes {
                if *quantity == 0 {
                    levels.remove(price);
                } else {
                    levels.insert(*price, *quantity);
                }
            }
        }
    }

    #[inline]
    fn touch(&self) -> (i64, i64) {
        let bid = self.bids.last_key_value().map_or(0, |(price, _)| *price);
        (bid, self.asks.first_key_value().map_or(0, |(price, _)| *price))
    }
}
