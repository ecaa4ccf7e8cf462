//! The exchange's own book, now and as it was: the truth that other books are compared with.

use std::collections::{BTreeMap, VecDeque};

use rust_decimal::Decimal;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::engine::{LevelChange, OrderBook, Side};

/// How many publications back a book can be looked up.
const PUBLICATIONS_KEPT: usize = 2400;

/// One side and the other of a book at one update id. Prices in quote units, quantities in base units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LedgerBook {
    /// The exchange's name of the instrument.
    pub symbol: String,
    /// Last update id that the book includes.
    pub update_id: u64,
    /// Bids from high to low.
    pub bids: Vec<(Decimal, Decimal)>,
    /// Asks from low to high.
    pub asks: Vec<(Decimal, Decimal)>,
}

impl LedgerBook {
    /// SHA-256 in hex over one line a level, `B <price> <quantity>` for bids from high to low, then `A …` for
    /// asks from low to high, each ended by a line feed, numbers without trailing zeros.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (mark, side) in [("B", &self.bids), ("A", &self.asks)] {
            for (price, quantity) in side {
                hash.update(format!("{mark} {} {}\n", price.normalize(), quantity.normalize()));
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is needed to go back from the present book to an earlier one.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    changes: VecDeque<LevelChange>,
    publications: VecDeque<u64>,
}

impl Ledger {
    /// Forgets how the book was built: it begins as it is at `update_id`.
    pub(crate) fn begin(&mut self, update_id: u64) {
        self.changes.clear();
        self.publications.push_back(update_id);
    }

    /// Remembers a change.
    pub(crate) fn record(&mut self, change: LevelChange) {
        self.changes.push_back(change);
    }

    /// Marks that all changes up to `update_id` have been published, and forgets what is too old.
    pub(crate) fn published(&mut self, update_id: u64) {
        self.publications.push_back(update_id);
        if self.publications.len() <= PUBLICATIONS_KEPT {
            return;
        }
        if let Some(oldest) = self.publications.pop_front() {
            let keep_from = self.changes.partition_point(|change| change.update_id <= oldest);
            self.changes.drain(..keep_from);
        }
    }

    /// The present book.
    pub(crate) fn now(symbol: &str, update_id: u64, book: &OrderBook) -> LedgerBook {
        LedgerBook { symbol: symbol.to_owned(), update_id, bids: book.bids().collect(), asks: book.asks().collect() }
    }

    /// The book as it was at `update_id`, or `None` if that is unknown or too long ago.
    pub(crate) fn at(&self, symbol: &str, now: u64, book: &OrderBook, update_id: u64) -> Option<LedgerBook> {
        let oldest = self.changes.front().map_or(now, |change| change.update_id - 1);
        if update_id > now || update_id < oldest {
            return None;
        }
        let mut bids: BTreeMap<Decimal, Decimal> = book.bids().collect();
        let mut asks: BTreeMap<Decimal, Decimal> = book.asks().collect();
        for change in self.changes.iter().rev().take_while(|change| change.update_id > update_id) {
            let side = if change.side == Side::Buy { &mut bids } else { &mut asks };
            if change.before.is_zero() {
                side.remove(&change.price);
            } else {
                side.insert(change.price, change.before);
            }
        }
        Some(LedgerBook {
            symbol: symbol.to_owned(),
            update_id,
            bids: bids.into_iter().rev().map(plain).collect(),
            asks: asks.into_iter().map(plain).collect(),
        })
    }
}

/// Without trailing zeros.
fn plain((price, quantity): (Decimal, Decimal)) -> (Decimal, Decimal) {
    (price.normalize(), quantity.normalize())
}
