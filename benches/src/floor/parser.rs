#![allow(unsafe_code)]
// The floor is what checks cost: it reads without any. It is used on frames that were decoded and compared before.

use crate::{Layout, Message};

/// Reads depth frames of one exact form in one pass, with no checks at all.
#[derive(Debug)]
pub struct FloorParser {
    layout: Layout,
    /// Bytes before the first update id.
    head: usize,
    /// Whether there is a previous update id.
    futures: bool,
    /// Changed bids of the last frame.
    pub bids: Vec<(i64, i64)>,
    /// Changed asks of the last frame.
    pub asks: Vec<(i64, i64)>,
}

impl FloorParser {
    /// A parser for frames with the form of `sample`; `None` if that is not one it knows.
    pub fn new(layout: Layout, sample: &Message) -> Option<Self> {
        let find = |text: &[u8]| sample.frame.windows(text.len()).position(|bytes| bytes == text);
        let head = find(b"\"U\":")? + 4;
        let futures = find(b"\"pu\":").is_some();
        Some(Self { layout, head, futures, bids: Vec::with_capacity(4096), asks: Vec::with_capacity(4096) })
    }

    /// Reads a frame; returns its last update id.
    ///
    /// # Safety
    /// `frame` must be laid out exactly like the sample: same keys, same length up to the first id, same decimals.
    pub unsafe fn parse(&mut self, frame: &[u8]) -> u64 {
        // SAFETY: the caller promises the form, and every step below stays within it.
        unsafe {
            let mut at = frame.as_ptr().add(self.head);
            integer(&mut at);
            at = at.add(5);
            let last = integer(&mut at);
            if self.futures {
                at = at.add(6);
                integer(&mut at);
            }
            at = at.add(6);
            levels(&mut at, self.layout, &mut self.bids);
            at = at.add(6);
            levels(&mut at, self.layout, &mut self.asks);
            last as u64
        }
    }
}

/// Reads `["1.0","2"],…` up to and with the closing bracket of the list, whose opening one was passed.
///
/// # Safety
/// As [`FloorParser::parse`].
#[inline]
unsafe fn levels(at: &mut *const u8, layout: Layout, into: &mut Vec<(i64, i64)>) {
    into.clear();
    // SAFETY: as the caller promises.
    unsafe {
        if **at == b']' {
            *at = at.add(1);
            return;
        }
        loop {
            *at = at.add(2);
            let price = number(at, layout.scale.price, layout.shown_price);
            *at = at.add(3);
            let quantity = number(at, layout.scale.quantity, layout.shown_quantity);
            *at = at.add(3);
            into.push((price, quantity));
            if *at.sub(1) == b']' {
                return;
            }
        }
    }
}

/// Reads a decimal number up to its closing quote.
///
/// # Safety
/// As [`FloorParser::parse`].
#[inline]
pub(super) unsafe fn number(at: &mut *const u8, scale: u32, shown: u32) -> i64 {
    // SAFETY: as the caller promises.
    unsafe {
        let mut value = integer(at);
        if shown > 0 {
            for _ in 0..scale {
                *at = at.add(1);
                value = value * 10 + i64::from(**at - b'0');
            }
            *at = at.add((shown - scale) as usize + 1);
        }
        value
    }
}

/// Reads digits up to what follows them.
///
/// # Safety
/// As [`FloorParser::parse`].
#[inline]
pub(super) unsafe fn integer(at: &mut *const u8) -> i64 {
    let mut value = 0;
    // SAFETY: as the caller promises.
    unsafe {
        loop {
            let digit = (**at).wrapping_sub(b'0');
            if digit > 9 {
                return value;
            }
            value = value * 10 + i64::from(digit);
            *at = at.add(1);
        }
    }
}
