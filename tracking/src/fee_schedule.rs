use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tradewire_core::{FeeRates, Pair, Timestamp};

/// FEES_INTERVAL: how often the account's own commission is read again.
const FEES_INTERVAL: Duration = Duration::from_secs(12 * 60 * 60);
/// RETRY_FIRST and RETRY_MAX: how soon a failed read is tried again.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// The account's commission by pair: the default until its own is known. Pure.
#[derive(Clone, Debug)]
pub struct FeeSchedule {
    default: FeeRates,
    pairs: BTreeMap<Pair, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    rates: Option<FeeRates>,
    due: Timestamp,
    failures: u32,
}

impl FeeSchedule {
    /// A schedule that knows `default` for every pair.
    pub fn new(default: FeeRates) -> Self {
        Self { default, pairs: BTreeMap::new() }
    }

    /// Wants the account's own commission on a pair from now on. Nothing changes for a pair that is followed already.
    pub fn follow(&mut self, pair: &Pair, now: Timestamp) {
        self.pairs.entry(pair.clone()).or_insert(Known { rates: None, due: now, failures: 0 });
    }

    /// Wants the commission on these pairs, and on no others.
    pub fn follow_only(&mut self, pairs: &BTreeSet<Pair>, now: Timestamp) {
        self.pairs.retain(|pair, _| pairs.contains(pair));
        pairs.iter().for_each(|pair| self.follow(pair, now));
    }

    /// The commission that holds where nothing was read.
    pub fn default_rates(&self) -> FeeRates {
        self.default
    }

    /// The commission on a pair as last read, else the default.
    pub fn rates(&self, pair: &Pair) -> FeeRates {
        self.pairs.get(pair).and_then(|known| known.rates).unwrap_or(self.default)
    }

    /// The pairs whose commission is to be read now.
    pub fn due(&self, now: Timestamp) -> Vec<Pair> {
        self.pairs.iter().filter(|(_, known)| known.due <= now).map(|(pair, _)| pair.clone()).collect()
    }

    /// When the next read is due, by our clock.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.pairs.values().map(|known| known.due).min()
    }

    /// A read of a pair's commission has succeeded.
    pub fn learnt(&mut self, pair: &Pair, rates: FeeRates, now: Timestamp) {
        if let Some(known) = self.pairs.get_mut(pair) {
            *known = Known { rates: Some(rates), due: now.after(FEES_INTERVAL), failures: 0 };
        }
    }

    /// A read of a pair's commission has failed: what was known stays.
    pub fn failed(&mut self, pair: &Pair, now: Timestamp) {
        if let Some(known) = self.pairs.get_mut(pair) {
            let wait = RETRY_FIRST.saturating_mul(1 << known.failures.min(16)).min(RETRY_MAX);
            known.failures = known.failures.saturating_add(1);
            known.due = now.after(wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn rates(maker: i64, taker: i64) -> FeeRates {
        FeeRates { maker: Decimal::new(maker, 4), taker: Decimal::new(taker, 4) }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn conf_06_the_default_holds_until_the_accounts_own_is_read_and_a_failed_read_keeps_the_last() {
        let mut fees = FeeSchedule::new(rates(10, 10));
        let pair: Pair = "BTC-USDT".parse().expect("a pair");
        fees.learnt(&pair, rates(1, 1), at(0));
        assert_eq!((fees.rates(&pair), fees.next_due()), (rates(10, 10), None), "not followed");
        fees.follow(&pair, at(1_000));
        assert_eq!(fees.due(at(1_000)), std::slice::from_ref(&pair));
        for (failure, wait) in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].into_iter().enumerate() {
            fees.failed(&pair, at(1_000));
            assert_eq!(fees.next_due(), Some(at(1_000 + wait)), "failure {failure}");
        }
        fees.learnt(&pair, rates(-1, 5), at(2_000));
        let twelve_hours = 12 * 3_600 * 1_000;
        assert!(fees.due(at(2_000 + twelve_hours - 1)).is_empty());
        assert_eq!(fees.due(at(2_000 + twelve_hours)), std::slice::from_ref(&pair));
        fees.failed(&pair, at(2_000 + twelve_hours));
        assert_eq!(fees.rates(&pair), rates(-1, 5), "a failed read keeps the last");
        let other: Pair = "ETH-USDT".parse().expect("a pair");
        fees.follow_only(&BTreeSet::from([pair.clone(), other.clone()]), at(3_000));
        assert_eq!((fees.rates(&pair), fees.due(at(3_000))), (rates(-1, 5), vec![other]), "the one that is new");
        fees.follow_only(&BTreeSet::new(), at(3_000));
        assert_eq!((fees.rates(&pair), fees.next_due()), (rates(10, 10), None));
    }
}
