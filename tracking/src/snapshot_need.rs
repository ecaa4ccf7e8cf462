use std::time::Duration;

use tradewire_core::Timestamp;

/// How long a pair without updates waits, after its subscription was acknowledged, before its snapshot is asked for.
const BOOK_SNAPSHOT_WAIT: Duration = Duration::from_secs(3);
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// Whether and when a book's snapshot is to be asked for, and which answer is still good.
///
/// An answer to a question that was asked before the book was lost once more says nothing about the updates lost since: it
/// carries the ticket of its question, and only the newest ticket counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SnapshotNeed {
    state: Need,
    failures: u32,
    ticket: Ticket,
    /// Whether the pair's topics are acknowledged on a connection that stands.
    subscribed: bool,
}

/// Names one question for a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Need {
    /// Not needed.
    #[default]
    None,
    /// At the first update; without one, some time after the subscription was acknowledged.
    AtFirstUpdate(Timestamp),
    /// At this time, updates or not.
    At(Timestamp),
    /// It is on its way.
    Asked,
}

impl SnapshotNeed {
    /// The book needs a snapshot; it is worth asking once an update shows that the stream runs. What is on its way comes
    /// too late.
    pub(crate) fn arise(&mut self, now: Timestamp) {
        self.ticket.0 += 1;
        match self.state {
            Need::Asked => self.on_failed(now),
            Need::At(_) => {}
            Need::None | Need::AtFirstUpdate(_) => self.state = Need::AtFirstUpdate(now.after(BOOK_SNAPSHOT_WAIT)),
        }
    }

    /// The pair's topics are acknowledged.
    pub(crate) fn on_subscribed(&mut self, now: Timestamp) {
        self.subscribed = true;
        if let Need::AtFirstUpdate(_) = self.state {
            self.state = Need::AtFirstUpdate(now.after(BOOK_SNAPSHOT_WAIT));
        }
    }

    /// The connection is gone: nothing is asked for until it is back.
    pub(crate) fn on_disconnected(&mut self) {
        self.subscribed = false;
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

    /// The book was subscribed again for its snapshot: that is waited for once the subscription is acknowledged.
    pub(crate) fn on_resubscribed(&mut self, now: Timestamp) {
        self.state = Need::AtFirstUpdate(now.after(BOOK_SNAPSHOT_WAIT));
    }

    /// The book has its snapshot.
    pub(crate) fn on_met(&mut self) {
        self.state = Need::None;
        self.failures = 0;
    }

    /// Whether the answer to the question with this ticket is awaited.
    pub(crate) fn awaits(&self, ticket: Ticket) -> bool {
        self.state == Need::Asked && self.ticket == ticket
    }

    /// The ticket to ask with, if it is to be asked for now; it then counts as asked for.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Ticket> {
        let due = match self.state {
            Need::AtFirstUpdate(at) | Need::At(at) => self.subscribed && at <= now,
            Need::None | Need::Asked => false,
        };
        due.then(|| {
            self.state = Need::Asked;
            self.ticket
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn needed() -> SnapshotNeed {
        let mut need = SnapshotNeed::default();
        need.arise(START);
        need.on_subscribed(START);
        need
    }

    #[test]
    fn asked_at_the_first_update_or_after_the_wait() {
        let mut need = needed();
        assert!(need.take_due(START).is_none());
        need.on_buffered(START);
        assert!(need.take_due(START).is_some());
        assert!(need.take_due(START).is_none(), "only once");
        assert!(needed().take_due(START.after(BOOK_SNAPSHOT_WAIT)).is_some());
    }

    #[test]
    fn nothing_is_asked_for_without_a_subscription() {
        let mut need = needed();
        need.on_buffered(START);
        need.on_disconnected();
        assert!(need.take_due(START.after(RETRY_MAX)).is_none());
    }

    #[test]
    fn an_answer_from_before_another_loss_does_not_count() {
        let mut need = needed();
        need.on_buffered(START);
        let ticket = need.take_due(START).expect("due");
        assert!(need.awaits(ticket));
        need.arise(START);
        assert!(!need.awaits(ticket));
        let later = START.after(RETRY_FIRST);
        assert!(need.take_due(later).is_some_and(|second| second != ticket && need.awaits(second)));
    }

    #[test]
    fn a_book_that_was_subscribed_again_is_waited_for() {
        let mut need = needed();
        need.arise(START);
        need.on_resubscribed(START);
        let acknowledged = START.after(BOOK_SNAPSHOT_WAIT / 2);
        need.on_subscribed(acknowledged);
        assert!(need.take_due(START.after(BOOK_SNAPSHOT_WAIT)).is_none());
        assert!(need.take_due(acknowledged.after(BOOK_SNAPSHOT_WAIT)).is_some());
    }

    #[test]
    fn failures_back_off_up_to_a_limit() {
        let mut need = needed();
        need.on_failed(START);
        assert!(need.take_due(START).is_none() && need.take_due(START.after(RETRY_FIRST)).is_some());
        for _ in 0..20 {
            need.on_failed(START);
        }
        assert!(need.take_due(START.after(RETRY_MAX)).is_some());
    }
}
