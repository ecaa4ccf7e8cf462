/// Which trades of a pair have been seen. Ids must not fall; where they count up by one, holes are told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TradeSequence {
    last: Option<u64>,
}

/// What a trade id means after those seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It has been seen.
    Before,
    /// It is new, and this many between the last one and it were never seen.
    New { missing: u64 },
}

impl TradeSequence {
    /// Notes the trades `first..=last` (one trade has `first == last`).
    pub(crate) fn note(&mut self, first: u64, last: u64) -> Seen {
        let missing = match self.last {
            Some(seen) if last <= seen => return Seen::Before,
            Some(seen) => first.saturating_sub(seen.saturating_add(1)),
            None => 0,
        };
        self.last = Some(last);
        Seen::New { missing }
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
}
