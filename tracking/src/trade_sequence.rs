/// Which trades of a pair have been seen. Ids must not fall; where they count up by one, holes are told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TradeSequence {
    last: Option<u64>,
    /// Whether no trade has come since the connection was lost: the exchange may have begun to count anew.
    reconnected: bool,
}

/// What a trade id means after those seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It has been seen.
    Before,
    /// It is new, and this many between the last one and it were never seen.
    New { missing: u64 },
    /// The exchange counts anew: how many were never seen cannot be told.
    Restarted,
}

impl TradeSequence {
    /// Notes the trades `first..=last` (one trade has `first == last`).
    pub(crate) fn note(&mut self, first: u64, last: u64) -> Seen {
        let reconnected = std::mem::take(&mut self.reconnected);
        let seen = match self.last {
            Some(seen) if last == seen => return Seen::Before,
            Some(seen) if last < seen && reconnected => Seen::Restarted,
            Some(seen) if last < seen => return Seen::Before,
            Some(seen) => Seen::New { missing: first.saturating_sub(seen.saturating_add(1)) },
            None => Seen::New { missing: 0 },
        };
        self.last = Some(last);
        seen
    }

    /// The connection is lost.
    pub(crate) fn on_disconnected(&mut self) {
        self.reconnected = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_and_holes() {
        let mut trades = TradeSequence::default();
        assert_eq!(trades.note(10, 10), Seen::New { missing: 0 });
        assert_eq!(trades.note(10, 10), Seen::Before);
        assert_eq!(trades.note(11, 14), Seen::New { missing: 0 });
        assert_eq!(trades.note(12, 12), Seen::Before);
        assert_eq!(trades.note(18, 18), Seen::New { missing: 3 });
    }

    #[test]
    fn an_exchange_that_counts_anew_is_followed_after_a_reconnect_only() {
        let mut trades = TradeSequence::default();
        trades.note(1_000, 1_000);
        assert_eq!(trades.note(5, 5), Seen::Before);
        trades.on_disconnected();
        assert_eq!(trades.note(6, 6), Seen::Restarted);
        assert_eq!(trades.note(7, 7), Seen::New { missing: 0 });
    }
}
