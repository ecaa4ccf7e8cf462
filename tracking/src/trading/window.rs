use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tradewire_core::Timestamp;

/// How far a window reaches back before the last proof that the private stream was whole, and on after now.
pub(super) const RECONCILE_OVERLAP: Duration = Duration::from_secs(60);
/// Under this name the journal keeps until when everything is known.
const WHOLE_UNTIL: &str = "account-whole-until";

/// The times of which the account is not known whole: since the private stream was last proved to be, and longer for
/// instruments whose history could not be read. Times are the exchange's.
#[derive(Debug)]
pub(super) struct Windows {
    /// Everything up to here is known, but for `unread`.
    whole_until: Timestamp,
    /// Instruments of which more is missing, and from when.
    unread: BTreeMap<Arc<str>, Timestamp>,
    /// Whether something is to be fetched.
    asked: bool,
}

impl Windows {
    /// From what the journal holds; of an account without a journal nothing before `now` is asked for.
    pub(super) fn restore(facts: &[(String, String)], now: Timestamp) -> Self {
        let known = facts.iter().find(|(name, _)| name == WHOLE_UNTIL);
        let whole_until = known.and_then(|(_, value)| value.parse().ok()).map_or(now, Timestamp::from_nanos);
        Self { whole_until, unread: BTreeMap::new(), asked: true }
    }

    /// Everything since the last proof is to be fetched.
    pub(super) fn ask(&mut self) {
        self.asked = true;
    }

    /// Whether something is to be fetched.
    pub(super) fn asked(&self) -> bool {
        self.asked
    }

    /// It is being fetched. What is asked for from here on is to be fetched after that.
    pub(super) fn begin(&mut self) {
        self.asked = false;
    }

    /// The private stream was whole until `at`.
    pub(super) fn proved(&mut self, at: Timestamp) {
        self.whole_until = self.whole_until.max(at);
    }

    /// From when an instrument's history is to be read.
    pub(super) fn from(&self, symbol: &str) -> Timestamp {
        let missing = self.unread.get(symbol).copied().unwrap_or(self.whole_until);
        missing.min(self.whole_until).before(RECONCILE_OVERLAP)
    }

    /// From when the oldest history is to be read.
    pub(super) fn oldest(&self) -> Timestamp {
        let missing = self.unread.values().copied().min().unwrap_or(self.whole_until);
        missing.min(self.whole_until).before(RECONCILE_OVERLAP)
    }

    /// The instruments of which something is missing still.
    pub(super) fn unread(&self) -> impl Iterator<Item = &Arc<str>> {
        self.unread.keys()
    }

    /// Everything until `until` was read, but for these instruments.
    pub(super) fn read(&mut self, until: Timestamp, failed: &[Arc<str>]) {
        let missing = failed.iter().map(|symbol| {
            let from = self.unread.get(symbol).copied().unwrap_or(self.whole_until);
            (Arc::clone(symbol), from.min(self.whole_until))
        });
        self.unread = missing.collect();
        self.proved(until);
        self.asked |= !self.unread.is_empty();
    }

    /// What the journal is to keep.
    pub(super) fn fact(&self) -> (String, String) {
        let known = self.unread.values().copied().min().unwrap_or(self.whole_until);
        (WHOLE_UNTIL.to_owned(), known.min(self.whole_until).as_nanos().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_window_moves_only_after_everything_of_it_was_read() {
        let mut windows = Windows::restore(&[], s(1_000));
        assert!(windows.asked());
        windows.begin();
        assert_eq!(windows.from("A"), s(940));
        windows.read(s(1_010), &["B".into()]);
        assert!(windows.asked(), "B is missing");
        assert_eq!((windows.from("A"), windows.from("B"), windows.oldest()), (s(950), s(940), s(940)));
        windows.proved(s(2_000));
        windows.begin();
        assert_eq!((windows.from("A"), windows.from("B")), (s(1_940), s(940)));
        windows.ask();
        windows.read(s(2_100), &[]);
        assert!(windows.asked(), "asked for while it was being read");
        windows.begin();
        windows.read(s(2_100), &[]);
        assert!(!windows.asked());
        assert_eq!((windows.from("B"), windows.oldest()), (s(2_040), s(2_040)));
    }

    #[test]
    fn the_journal_keeps_what_is_known_whole() {
        let mut windows = Windows::restore(&[], s(1_000));
        windows.read(s(2_000), &["B".into()]);
        let restored = Windows::restore(&[windows.fact()], s(9_000));
        assert_eq!(restored.from("A"), s(940));
        windows.read(s(2_000), &[]);
        assert_eq!(Windows::restore(&[windows.fact()], s(9_000)).from("A"), s(1_940));
    }
}
