#![allow(unsafe_code)]
// As the floor for depth: it reads without any check, frames that were decoded and compared before.

use super::parser::{integer, number};
use crate::{Layout, MadePrices};

/// Reads trades of one exact form in one pass, with no checks at all.
#[derive(Debug)]
pub struct FloorTrades {
    layout: Layout,
    /// Bytes before the id.
    head: usize,
}

/// Reads best prices of one exact form in one pass, with no checks at all.
#[derive(Debug)]
pub struct FloorBestPrices {
    layout: Layout,
    /// Bytes before the update id.
    head: usize,
    /// Bytes between it and the bid.
    symbol: usize,
}

impl FloorTrades {
    /// A parser for frames with the form of these; `None` if that is not one it knows.
    pub fn new(of: &MadePrices) -> Option<Self> {
        Some(Self { layout: of.layout, head: after(of.frames.first()?, b"\"t\":")? })
    }

    /// Id, price, quantity, time, and whether the buyer was the maker.
    ///
    /// # Safety
    /// `frame` must be laid out exactly like the first: same keys, same length up to the id, same decimals.
    pub unsafe fn parse(&self, frame: &[u8]) -> (u64, i64, i64, i64, bool) {
        // SAFETY: the caller promises the form, and every step below stays within it.
        unsafe {
            let mut at = frame.as_ptr().add(self.head);
            let id = integer(&mut at);
            at = at.add(6);
            let price = number(&mut at, self.layout.scale.price, self.layout.shown_price);
            at = at.add(7);
            let quantity = number(&mut at, self.layout.scale.quantity, self.layout.shown_quantity);
            at = at.add(6);
            let time = integer(&mut at);
            (id as u64, price, quantity, time, *at.add(5) == b't')
        }
    }
}

impl FloorBestPrices {
    /// A parser for frames with the form of these; `None` if that is not one it knows.
    pub fn new(of: &MadePrices) -> Option<Self> {
        let head = after(of.frames.first()?, b"\"u\":")?;
        Some(Self { layout: of.layout, head, symbol: r#","s":"","b":""#.len() + of.symbol.len() })
    }

    /// Update id, bid and ask, with their quantities.
    ///
    /// # Safety
    /// `frame` must be laid out exactly like the first: same keys, same length up to the id, same decimals.
    pub unsafe fn parse(&self, frame: &[u8]) -> (u64, (i64, i64), (i64, i64)) {
        // SAFETY: the caller promises the form, and every step below stays within it.
        unsafe {
            let mut at = frame.as_ptr().add(self.head);
            let id = integer(&mut at);
            at = at.add(self.symbol);
            let bid = self.side(&mut at);
            at = at.add(7);
            (id as u64, bid, self.side(&mut at))
        }
    }

    /// Reads a price and a quantity up to the latter's closing quote.
    ///
    /// # Safety
    /// As [`Self::parse`].
    #[inline]
    unsafe fn side(&self, at: &mut *const u8) -> (i64, i64) {
        // SAFETY: as the caller promises.
        unsafe {
            let price = number(at, self.layout.scale.price, self.layout.shown_price);
            *at = at.add(7);
            (price, number(at, self.layout.scale.quantity, self.layout.shown_quantity))
        }
    }
}

fn after(frame: &[u8], text: &[u8]) -> Option<usize> {
    frame.windows(text.len()).position(|bytes| bytes == text).map(|at| at + text.len())
}
