use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tradewire_core::Timestamp;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// A question or command about the order of this number.
    Query(u64),
    Trades(u64),
    Proof(u64),
    Cancel(u64),
    /// The private stream should have shown a change of the order of this number.
    Stream(u64),
    /// A question about the stranger of this number.
    Stranger(u64),
}

/// Moments at which something may have to be asked, earliest first.
///
/// Nothing is removed when it is no longer wanted: whoever takes an entry out compares it with what is wanted now.
#[derive(Debug, Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, Purpose)>>,
}

impl Timers {
    pub(super) fn set(&mut self, at: Timestamp, purpose: Purpose) {
        self.heap.push(Reverse((at, purpose)));
    }

    /// The next entry that is due.
    pub(super) fn pop(&mut self, now: Timestamp) -> Option<(Timestamp, Purpose)> {
        let &Reverse((at, _)) = self.heap.peek()?;
        if at > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    pub(super) fn first(&self) -> Option<(Timestamp, Purpose)> {
        self.heap.peek().map(|&Reverse(entry)| entry)
    }

    pub(super) fn drop_first(&mut self) {
        self.heap.pop();
    }
}
