use crate::BookMessage;

/// How the book messages of an exchange follow each other, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SequenceRule {
    /// A message names its first and last change, U and u; the next one starts at u + 1. Snapshots come by REST.
    /// (Binance spot.)
    FirstLast,
    /// A message also names the last change of the one before, pu, which must be the last one applied; ids may jump.
    /// Snapshots come by REST. (Binance futures.)
    Previous,
    /// Messages are counted by one; the first is a snapshot, and a count of 1 or a later snapshot restarts the book.
    /// Snapshots by REST have the same count, so that a book can be checked with one. (Bybit's deepest books.)
    Counted,
    /// As [`Self::Counted`], but snapshots by REST have another count. (Bybit's other books.)
    CountedApart,
    /// Messages have no number, and each has a checksum of the book after it; the first is a snapshot, and a later snapshot
    /// restarts the book. Whether one is missing shows in the checksum alone. Versions are counted here.
    Checked,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    /// It is older than the book.
    Old,
    /// It continues the book.
    Next,
    /// Something between the book and it is missing.
    Gap,
}

impl SequenceRule {
    /// The rule's name, as capability tables show it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstLast => "first-last",
            Self::Previous => "previous",
            Self::Counted | Self::CountedApart => "counted",
            Self::Checked => "checksum",
        }
    }

    /// Whether snapshots are asked for by REST, or come on the stream.
    pub const fn snapshot_by_rest(self) -> bool {
        !self.on_stream()
    }

    /// Whether a book that comes on the stream can be checked with a snapshot by REST.
    pub(crate) const fn checked_by_rest(self) -> bool {
        !matches!(self, Self::CountedApart | Self::Checked)
    }

    /// Whether snapshots come on the stream.
    const fn on_stream(self) -> bool {
        matches!(self, Self::Counted | Self::CountedApart | Self::Checked)
    }

    /// The version of a book after a message that is applied to version `last`.
    pub(crate) fn version(self, last: u64, message: &BookMessage<'_>) -> u64 {
        match self {
            Self::Checked => last.saturating_add(1),
            _ => message.last_id,
        }
    }

    /// Whether a message puts a new book in the place of the old.
    pub(crate) fn restarts(self, message: &BookMessage<'_>) -> bool {
        match self {
            Self::Counted | Self::CountedApart => message.snapshot || message.last_id == 1,
            Self::Checked => message.snapshot,
            Self::FirstLast | Self::Previous => false,
        }
    }

    /// How a message relates to a book that has the version `last`, `bridged` being false right after a snapshot.
    pub(crate) fn follows(self, last: u64, bridged: bool, message: &BookMessage<'_>) -> Follows {
        match self {
            Self::FirstLast => first_last(last, message),
            Self::Previous if bridged => previous(last, message),
            Self::Previous => bridge_previous(last, message),
            Self::Counted | Self::CountedApart => counted(last, message),
            Self::Checked => Follows::Next,
        }
    }
}

fn first_last(last: u64, message: &BookMessage<'_>) -> Follows {
    if message.last_id <= last {
        Follows::Old
    } else if message.first_id <= last.saturating_add(1) {
        Follows::Next
    } else {
        Follows::Gap
    }
}

fn previous(last: u64, message: &BookMessage<'_>) -> Follows {
    if message.previous_id == Some(last) {
        Follows::Next
    } else if message.last_id <= last {
        Follows::Old
    } else {
        Follows::Gap
    }
}

/// The first message after a snapshot: it must span the snapshot's version, or follow it exactly.
fn bridge_previous(last: u64, message: &BookMessage<'_>) -> Follows {
    if message.last_id < last {
        Follows::Old
    } else if message.previous_id.unwrap_or(message.first_id) <= last {
        Follows::Next
    } else {
        Follows::Gap
    }
}

fn counted(last: u64, message: &BookMessage<'_>) -> Follows {
    if message.last_id <= last {
        Follows::Old
    } else if message.last_id == last.saturating_add(1) {
        Follows::Next
    } else {
        Follows::Gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::Timestamp;

    fn message(first_id: u64, last_id: u64, previous_id: Option<u64>) -> BookMessage<'static> {
        BookMessage {
            snapshot: false,
            first_id,
            last_id,
            previous_id,
            time: Timestamp::default(),
            bids: &[],
            asks: &[],
            checksum: None,
        }
    }

    #[test]
    fn spot_overlap_is_applied_and_a_hole_is_a_gap() {
        let follows = |first, last| SequenceRule::FirstLast.follows(100, true, &message(first, last, None));
        assert_eq!(follows(90, 100), Follows::Old);
        assert_eq!(follows(95, 101), Follows::Next);
        assert_eq!(follows(101, 105), Follows::Next);
        assert_eq!(follows(102, 105), Follows::Gap);
    }

    #[test]
    fn futures_follow_the_previous_id_whatever_the_first_is() {
        let follows =
            |bridged, pu, last| SequenceRule::Previous.follows(100, bridged, &message(pu + 7, last, Some(pu)));
        assert_eq!(follows(true, 100, 150), Follows::Next);
        assert_eq!(follows(true, 90, 100), Follows::Old);
        assert_eq!(follows(true, 101, 150), Follows::Gap);
        assert_eq!(follows(true, 99, 150), Follows::Gap);
        assert_eq!(follows(false, 80, 99), Follows::Old);
        assert_eq!(follows(false, 80, 100), Follows::Next, "spans the snapshot");
        assert_eq!(follows(false, 100, 150), Follows::Next, "follows the snapshot");
        assert_eq!(follows(false, 101, 150), Follows::Gap);
    }

    #[test]
    fn counted_messages_follow_by_one_and_restart_at_one() {
        let follows = |id| SequenceRule::Counted.follows(100, true, &message(id, id, None));
        assert_eq!(follows(100), Follows::Old);
        assert_eq!(follows(101), Follows::Next);
        assert_eq!(follows(102), Follows::Gap);
        assert!(SequenceRule::Counted.restarts(&message(1, 1, None)));
        assert!(!SequenceRule::FirstLast.restarts(&message(1, 1, None)));
    }

    #[test]
    fn without_numbers_every_message_follows_and_versions_are_counted() {
        let update = message(0, 0, None);
        assert_eq!(SequenceRule::Checked.follows(7, true, &update), Follows::Next);
        assert_eq!(SequenceRule::Checked.version(7, &update), 8);
        assert_eq!(SequenceRule::Counted.version(7, &message(9, 9, None)), 9);
        assert!(SequenceRule::Checked.restarts(&BookMessage { snapshot: true, ..update }));
        assert!(!SequenceRule::Checked.restarts(&message(1, 1, None)));
    }
}
