use std::time::Duration;

use tradewire_core::Timestamp;

/// How long a pair without updates waits, after its subscription was acknowledged, before its snapshot is asked for.
const BOOK_SNAPSHOT_WAIT: Duration = Duration::from_secs(3);
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// Whether and when a book's snapshot is to be asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SnapshotNeed {
    state: Need,
    failures: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Need {
    /// Not, or not before the subscription is acknowledged.
    #[default]
    None,
    /// At the first update, at the latest at this time.
    AtFirstUpdate(Timestamp),
    /// At this time, updates or not.
    At(Timestamp),
    /// It is on its way.
    Asked,
}

impl SnapshotNeed {
    /// The book needs a snapshot; it is worth asking once an update shows that the stream runs.
    pub(crate) fn arise(&mut self, now: Timestamp) {
        if self.state != Need::Asked {
            self.state = Need::AtFirstUpdate(now.after(BOOK_SNAPSHOT_WAIT));
        }
    }

    /// An update was kept for the snapshot.
    pub(crate) fn on_buffered(&mut self, now: Timestamp) {
        if let Need::AtFirstUpdate(_) = self.state {
            self.state = Need::At(now);
        }
    }

    /// It could not be read, or does not reach the updates: it is asked for again, later each time.
    pub(crate) fn on_failed(&mut self, now: Timestamp) {
        let wait = RETRY_FIRST.saturating_mul(1 << self.failures.min(10)).min(RETRY_MAX);
        self.failures += 1;
        self.state = Need::At(now.after(wait));
    }

    /// The book has its snapshot.
    pub(crate) fn on_met(&mut self) {
        *self = Self::default();
    }

    /// The connection is gone: nothing is asked for until it is back.
    pub(crate) fn on_disconnected(&mut self) {
        if self.state != Need::Asked {
            self.state = Need::None;
        }
    }

    /// Whether it is to be asked for now; if so, it counts as asked for.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> bool {
        let due = match self.state {
            Need::AtFirstUpdate(at) | Need::At(at) => at <= now,
            Need::None | Need::Asked => false,
        };
        if due {
            self.state = Need::Asked;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn asked_at_the_first_update_or_after_the_wait() {
        let mut need = SnapshotNeed::default();
        assert!(!need.take_due(START));
        need.arise(START);
        assert!(!need.take_due(START));
        need.on_buffered(START);
        assert!(need.take_due(START));
        assert!(!need.take_due(START), "only once");

        let mut quiet = SnapshotNeed::default();
        quiet.arise(START);
        assert!(quiet.take_due(START.after(BOOK_SNAPSHOT_WAIT)));
    }

    #[test]
    fn failures_back_off_up_to_a_limit() {
        let mut need = SnapshotNeed::default();
        need.on_failed(START);
        assert!(!need.take_due(START) && need.take_due(START.after(RETRY_FIRST)));
        for _ in 0..20 {
            need.on_failed(START);
        }
        assert!(need.take_due(START.after(RETRY_MAX)));
    }
}
