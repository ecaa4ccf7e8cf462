use std::collections::BTreeSet;

use tradewire_core::Timestamp;

/// SNAPSHOT_TRIES: reads in a row that may be void before one is used all the same.
const SNAPSHOT_TRIES: u32 = 3;
/// The most instants of changes that are remembered.
const INSTANTS_MAX: usize = 1_024;

/// When a read of balances was under way, by the exchange's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadWindow {
    /// When it was sent.
    pub sent: Timestamp,
    /// When its answer came.
    pub received: Timestamp,
}

/// What became of a read of balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ReadTaken {
    /// It is in force.
    Taken,
    /// It is in force, but the account was busy while it was under way: it holds roughly.
    Provisional,
    /// The account was busy while it was under way. Nothing was changed; read again at once.
    Void,
    /// Orders are on their way, and may be in it: it comes into force once it is known what became of them.
    Waits,
}

/// Whether the account stood still while a read without a time of its own was under way.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    /// Milliseconds in which an order changed or filled.
    stirred: BTreeSet<i64>,
    /// The read in force, while nothing is known to have happened in it.
    taken: Option<ReadWindow>,
    void_in_a_row: u32,
}

impl Quiet {
    /// Notes that an order changed or filled. True if that was while the read in force was under way, which is thus void after
    /// all and worth another try.
    pub(super) fn stir(&mut self, time: Timestamp) -> Stirred {
        self.stirred.insert(time.as_millis());
        if self.stirred.len() > INSTANTS_MAX {
            self.stirred.pop_first();
        }
        let Some(_) = self.taken.take_if(|window| window.covers(time.as_millis())) else { return Stirred::Nothing };
        if self.is_void() { Stirred::ReadAgain } else { Stirred::Provisional }
    }

    /// Judges a read that has just come. `as_of`: whether it has a time of its own, so that it need not be quiet.
    pub(super) fn judge(&mut self, window: ReadWindow, as_of: bool) -> ReadTaken {
        let busy = self.stirred.range(window.sent.as_millis()..=window.received.as_millis()).next().is_some();
        if self.taken.take().is_some() {
            self.void_in_a_row = 0;
        }
        if busy && !as_of && self.is_void() {
            return ReadTaken::Void;
        }
        self.stirred = self.stirred.split_off(&window.sent.as_millis());
        self.taken = (!busy && !as_of).then_some(window);
        if busy && !as_of { ReadTaken::Provisional } else { ReadTaken::Taken }
    }
}

impl Quiet {
    /// Counts a read that was not quiet. False if it has to be used all the same.
    fn is_void(&mut self) -> bool {
        self.void_in_a_row = (self.void_in_a_row + 1) % SNAPSHOT_TRIES;
        self.void_in_a_row > 0
    }
}

/// What a change that was learnt of does to the read in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stirred {
    Nothing,
    /// It is provisional, and worth another try.
    ReadAgain,
    /// It is provisional.
    Provisional,
}

impl ReadWindow {
    fn covers(&self, millis: i64) -> bool {
        (self.sent.as_millis()..=self.received.as_millis()).contains(&millis)
    }
}
