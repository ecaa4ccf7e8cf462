use std::time::Duration;

use tradewire_core::{BookState, GapReason, NotValid, Timestamp};

use crate::sequence::Follows;
use crate::update_buffer::UpdateBuffer;
use crate::{BookMessage, Checksum, MarketSource, OrderBook, RawSnapshot, Scale, SequenceRule};

/// Snapshots in a row that may be too old before the updates kept are thrown away.
const TOO_OLD_MAX: u32 = 5;

/// A book kept true by its exchange's sequence rule, and the knowledge of whether it is. Pure: messages and `now` in,
/// [`Step`]s out.
#[derive(Debug)]
pub struct LocalBook {
    rule: SequenceRule,
    /// Levels a side that the stream keeps, where it keeps no more.
    window: Option<u32>,
    /// Whether messages are kept for a snapshot that is asked for.
    keeps: bool,
    book: OrderBook,
    validity: Validity,
    /// Whether a message has been applied since the last snapshot.
    bridged: bool,
    update_id: u64,
    /// What the exchange's own book adds up to at this version, where it has said so.
    checksum: Option<u32>,
    /// The version that a snapshot must reach: what was applied before the book was lost is known to have happened.
    not_before: u64,
    /// Snapshots in a row that did not reach far enough.
    too_old: u32,
    time: Timestamp,
    confirmed: Timestamp,
    buffer: UpdateBuffer,
    counters: BookCounters,
}

#[derive(Clone, Copy, Debug)]
struct Validity {
    state: BookState,
    reason: Option<GapReason>,
    since: Timestamp,
}

/// What one input did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The message was applied to a valid book.
    Applied,
    /// The message was older than the book.
    Ignored,
    /// The message waits for a snapshot.
    Buffered,
    /// The book became valid, after this long.
    Synced(Duration),
    /// A valid book got a new snapshot and stays valid.
    Restarted,
    /// The book can no longer be trusted, or a recovery was set back. It needs a snapshot.
    Lost(GapReason),
    /// The snapshot does not reach the buffered messages. The book needs another one.
    SnapshotTooOld,
}

/// What happened to a book so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookCounters {
    /// Messages applied.
    pub applied: u64,
    /// Messages older than the book.
    pub ignored: u64,
    /// Times that the book was lost.
    pub gaps: u64,
    /// Times that it became valid again after having been lost.
    pub recoveries: u64,
    /// Times that it was compared with a fresh snapshot.
    pub checks: u64,
    /// Times that it differed from one.
    pub mismatches: u64,
    /// Deletions of levels that were not there.
    pub absent_deletes: u64,
}

impl LocalBook {
    /// A book that waits for its first snapshot.
    pub fn new(rule: SequenceRule, scale: Scale, now: Timestamp) -> Self {
        Self {
            rule,
            keeps: rule.snapshot_by_rest(),
            window: None,
            book: OrderBook::new(scale),
            validity: Validity { state: BookState::Syncing, reason: None, since: now },
            bridged: false,
            update_id: 0,
            checksum: None,
            not_before: 0,
            too_old: 0,
            time: Timestamp::default(),
            confirmed: now,
            buffer: UpdateBuffer::default(),
            counters: BookCounters::default(),
        }
    }

    /// A book of an exchange's stream that waits for its first snapshot.
    pub fn of(source: &dyn MarketSource, scale: Scale, now: Timestamp) -> Self {
        Self { window: source.book_window(), ..Self::new(source.sequence_rule(), scale, now) }
    }

    /// A book of the same stream to be built beside this one, from a snapshot that is asked for.
    pub(crate) fn beside(&self, scale: Scale, now: Timestamp) -> Self {
        Self { keeps: true, window: self.window, ..Self::new(self.rule, scale, now) }
    }

    /// Takes a message of the stream.
    pub fn on_message(&mut self, message: &BookMessage<'_>, now: Timestamp) -> Step {
        if self.rule.restarts(message) {
            return self.restart(message, now);
        }
        if !self.is_live() {
            return self.buffer(message, now);
        }
        match self.rule.follows(self.update_id, self.bridged, message) {
            Follows::Old => {
                self.counters.ignored += 1;
                Step::Ignored
            }
            Follows::Next => self.apply_live(message, now),
            Follows::Gap => {
                let lost = self.lose(GapReason::Sequence, now);
                if self.keeps {
                    self.buffer.push(message);
                }
                lost
            }
        }
    }

    /// Takes a snapshot that was asked for with up to `asked` levels a side.
    ///
    /// A snapshot with fewer levels on a side is that whole side.
    pub fn on_snapshot(&mut self, snapshot: &RawSnapshot, asked: u32, now: Timestamp) -> Step {
        let misses = self.buffer.first().is_some_and(|first| self.misses(snapshot.update_id, &first));
        if misses || snapshot.update_id < self.not_before {
            return self.snapshot_too_old();
        }
        self.too_old = 0;
        self.load(snapshot, asked);
        let buffer = std::mem::take(&mut self.buffer);
        let mut checksum = None;
        for message in buffer.iter() {
            if self.rule.follows(self.update_id, self.bridged, &message) == Follows::Next {
                self.apply(&message);
                checksum = message.checksum;
            }
        }
        self.buffer = buffer;
        self.buffer.clear();
        if let Some(reason) = self.contradiction(checksum) {
            return self.lose(reason, now);
        }
        self.become_live(now)
    }

    /// Declares the book lost. Messages from now on are kept for the next snapshot.
    pub fn lose(&mut self, reason: GapReason, now: Timestamp) -> Step {
        let state = match (self.validity.state, reason) {
            (BookState::Syncing, _) => BookState::Syncing,
            (_, GapReason::Stale) => BookState::Stale,
            _ => BookState::Invalid,
        };
        if self.is_live() {
            self.not_before = self.update_id;
            self.counters.gaps += 1;
        }
        if reason == GapReason::Reconnect {
            // Another connection may lead to another server, and ids may begin anew.
            self.not_before = 0;
        }
        let since = if self.is_live() { now } else { self.validity.since };
        self.validity = Validity { state, reason: Some(reason), since };
        self.bridged = false;
        self.buffer.clear();
        Step::Lost(reason)
    }

    /// Notes that something else than a message has confirmed the book.
    pub fn confirm(&mut self, at: Timestamp) {
        self.confirmed = self.confirmed.max(at);
    }

    /// Gives the book new decimals. What it held is void.
    pub fn rescale(&mut self, scale: Scale, now: Timestamp) -> Step {
        self.book = OrderBook::new(scale);
        self.lose(GapReason::Scale, now)
    }

    /// Puts a book that was built beside this one, from a fresh snapshot, in its place if both have the same version.
    ///
    /// `None` if the versions differ, else whether the common levels were equal.
    pub fn take_over(&mut self, fresh: &mut Self) -> Option<bool> {
        if !self.is_live() || !fresh.is_live() || self.update_id != fresh.update_id {
            return None;
        }
        let equal = self.book.equal_where_known(&fresh.book);
        self.counters.checks += 1;
        self.counters.mismatches += u64::from(!equal);
        std::mem::swap(&mut self.book, &mut fresh.book);
        Some(equal)
    }

    /// The book, if it is valid.
    ///
    /// # Errors
    /// The state, its reason and since when.
    pub fn valid(&self) -> Result<&OrderBook, NotValid> {
        match self.validity {
            Validity { state: BookState::Live, .. } => Ok(&self.book),
            Validity { state, reason, since } => Err(NotValid { state, reason, since }),
        }
    }

    /// The levels that were last known, valid or not: for showing and for digests, never for trading.
    pub fn last_known(&self) -> &OrderBook {
        &self.book
    }

    /// Whether the book can be trusted.
    pub fn state(&self) -> BookState {
        self.validity.state
    }

    /// Since when it has been in this state.
    pub fn since(&self) -> Timestamp {
        self.validity.since
    }

    /// The exchange's id of this version.
    pub fn update_id(&self) -> u64 {
        self.update_id
    }

    /// The exchange's checksum of this version, which the book has; `None` where its newest message told none.
    pub fn checksum(&self) -> Option<u32> {
        self.checksum
    }

    /// The exchange's time of the newest message applied; zero right after a snapshot.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// When a message, a snapshot or a comparison last confirmed it, by the clock of this machine.
    pub fn confirmed(&self) -> Timestamp {
        self.confirmed
    }

    /// What happened to it so far.
    pub fn counters(&self) -> BookCounters {
        self.counters
    }

    /// Whether messages are waiting for a snapshot.
    pub fn has_buffered(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// After several snapshots that are too old it is what they are measured by that is doubted: an update with a false id
    /// must not keep the book from ever coming back.
    fn snapshot_too_old(&mut self) -> Step {
        self.too_old += 1;
        if self.too_old >= TOO_OLD_MAX {
            self.too_old = 0;
            self.not_before = 0;
            self.buffer.clear();
        }
        Step::SnapshotTooOld
    }

    fn is_live(&self) -> bool {
        self.validity.state == BookState::Live
    }

    fn misses(&self, snapshot_id: u64, first: &BookMessage<'_>) -> bool {
        self.rule.follows(snapshot_id, false, first) == Follows::Gap
    }

    fn apply_live(&mut self, message: &BookMessage<'_>, now: Timestamp) -> Step {
        self.apply(message);
        self.confirmed = now;
        if let Some(reason) = self.contradiction(message.checksum) {
            return self.lose(reason, now);
        }
        Step::Applied
    }

    /// Why the book cannot be the exchange's after a message with this checksum.
    fn contradiction(&self, checksum: Option<Checksum>) -> Option<GapReason> {
        if self.book.crossed() {
            return Some(GapReason::Crossed);
        }
        let differs = checksum.is_some_and(|checksum| !checksum.holds(&self.book));
        differs.then_some(GapReason::Checksum)
    }

    fn apply(&mut self, message: &BookMessage<'_>) {
        let applied = self.book.apply(message.bids, message.asks);
        self.keep_window();
        self.update_id = self.rule.version(self.update_id, message);
        self.checksum = message.checksum.map(|checksum| checksum.expected);
        self.time = message.time;
        self.bridged = true;
        self.counters.applied += 1;
        self.counters.absent_deletes += u64::from(applied.absent_deletes);
    }

    fn buffer(&mut self, message: &BookMessage<'_>, now: Timestamp) -> Step {
        if !self.keeps {
            self.counters.ignored += 1;
            return Step::Ignored;
        }
        match self.buffer.last_id().map(|last| self.rule.follows(last, true, message)) {
            Some(Follows::Old) => {
                self.counters.ignored += 1;
                return Step::Ignored;
            }
            Some(Follows::Gap) => {
                let lost = self.lose(GapReason::Sequence, now);
                self.buffer.push(message);
                return lost;
            }
            Some(Follows::Next) | None => {}
        }
        if self.buffer.is_full() {
            self.buffer.clear();
        }
        self.buffer.push(message);
        Step::Buffered
    }

    fn restart(&mut self, message: &BookMessage<'_>, now: Timestamp) -> Step {
        if self.is_live() && message.last_id == self.update_id && message.last_id > 1 {
            // It is repeated to show that nothing has changed.
            self.confirmed = now;
            return Step::Ignored;
        }
        self.book.load_snapshot(message.bids, message.asks, true, true);
        self.keep_window();
        self.bridged = true;
        self.update_id = self.rule.version(self.update_id, message);
        self.checksum = message.checksum.map(|checksum| checksum.expected);
        self.time = message.time;
        if let Some(reason) = self.contradiction(message.checksum) {
            return self.lose(reason, now);
        }
        self.confirmed = now;
        if self.is_live() { Step::Restarted } else { self.become_live(now) }
    }

    fn keep_window(&mut self) {
        if let Some(levels) = self.window {
            self.book.bound(levels as usize);
        }
    }

    fn load(&mut self, snapshot: &RawSnapshot, asked: u32) {
        let whole = |side: &[(i64, i64)]| side.len() < asked as usize;
        self.book.load_snapshot(&snapshot.bids, &snapshot.asks, whole(&snapshot.bids), whole(&snapshot.asks));
        self.bridged = false;
        self.checksum = None;
        self.update_id = snapshot.update_id;
        self.time = Timestamp::default();
    }

    fn become_live(&mut self, now: Timestamp) -> Step {
        let before = self.validity;
        self.validity = Validity { state: BookState::Live, reason: None, since: now };
        self.confirmed = now;
        if before.state != BookState::Syncing {
            self.counters.recoveries += 1;
        }
        Step::Synced(now.since(before.since))
    }
}

#[cfg(test)]
mod tests {
    use tradewire_core::Side;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn levels(book: &OrderBook) -> u32 {
        (book.len(Side::Buy) * 10 + book.len(Side::Sell)) as u32
    }

    fn message(snapshot: bool, asks: &[(i64, i64)], expected: u32) -> BookMessage<'_> {
        let checksum = Some(Checksum { expected, of: levels });
        BookMessage {
            snapshot,
            first_id: 0,
            last_id: 0,
            previous_id: None,
            time: NOW,
            bids: &[(90, 1)],
            asks,
            checksum,
        }
    }

    #[test]
    fn a_book_without_numbers_lives_by_its_checksums() {
        let mut book = LocalBook::new(SequenceRule::Checked, Scale { price: 0, quantity: 0 }, NOW);
        assert_eq!(book.on_message(&message(false, &[(100, 1)], 11), NOW), Step::Ignored, "no snapshot yet");
        assert_eq!(book.on_message(&message(true, &[(100, 1)], 11), NOW), Step::Synced(Duration::ZERO));
        assert_eq!(book.on_message(&message(false, &[(101, 1)], 12), NOW), Step::Applied);
        assert_eq!((book.update_id(), book.state()), (2, BookState::Live));
        let lost = book.on_message(&message(false, &[(102, 1)], 14), NOW);
        assert_eq!((lost, book.state()), (Step::Lost(GapReason::Checksum), BookState::Invalid), "one was missed");
        assert_eq!(book.on_message(&message(true, &[(100, 1)], 99), NOW), Step::Lost(GapReason::Checksum));
        assert!(matches!(book.on_message(&message(true, &[(100, 1)], 11), NOW), Step::Synced(_)));
        assert_eq!(book.on_message(&message(true, &[(100, 2)], 11), NOW), Step::Restarted);
        assert!(book.update_id() > 3, "versions only grow");
    }
}
