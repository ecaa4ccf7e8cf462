use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use tradewire::tracking::{LocalBook, RawBestPrices, RawTrade};
use tradewire::transport::ServerClock;
use tradewire::{Instrument, MarketObserver, Pair, Timestamp};

/// Newest latencies that a median is taken of.
const LATENCIES: usize = 256;
/// How far back a rate looks.
const RATE_SPAN: Duration = Duration::from_secs(2);

/// Counts what sockets apply, by pair, on their own tasks.
#[derive(Debug)]
pub(crate) struct Meters {
    clock: ServerClock,
    by_pair: BTreeMap<Pair, Arc<Meter>>,
}

/// What was applied for one pair.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    updates: AtomicU64,
    trades: AtomicU64,
    latencies: Mutex<VecDeque<i64>>,
}

impl Meters {
    /// A meter for each of `pairs`; `clock` is the exchange's.
    pub(crate) fn new(clock: ServerClock, pairs: &[Pair]) -> Self {
        Self { clock, by_pair: pairs.iter().map(|pair| (pair.clone(), Arc::default())).collect() }
    }

    pub(crate) fn of(&self, pair: &Pair) -> Arc<Meter> {
        self.by_pair.get(pair).cloned().unwrap_or_default()
    }
}

impl MarketObserver for Meters {
    fn book(&self, instrument: &Instrument, book: &LocalBook, _: Timestamp) {
        let Some(meter) = self.by_pair.get(&instrument.pair) else { return };
        meter.updates.fetch_add(1, Ordering::Relaxed);
        let latency = self.clock.now().as_nanos().saturating_sub(book.time().as_nanos());
        let mut latencies = meter.latencies.lock();
        if latencies.len() == LATENCIES {
            latencies.pop_front();
        }
        latencies.push_back(latency);
    }

    fn trade(&self, instrument: &Instrument, _: &RawTrade, _: Timestamp) {
        if let Some(meter) = self.by_pair.get(&instrument.pair) {
            meter.trades.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn best_prices(&self, _: &Instrument, _: &RawBestPrices, _: Timestamp) {}
}

impl Meter {
    /// Updates that a valid book has taken.
    pub(crate) fn updates(&self) -> u64 {
        self.updates.load(Ordering::Relaxed)
    }

    /// Trades told.
    pub(crate) fn trades(&self) -> u64 {
        self.trades.load(Ordering::Relaxed)
    }

    /// Median time in milliseconds from the exchange's time of an update, by its own clock, until the update was applied
    /// here. Exchanges give their time in whole milliseconds, so it can be off by one, and below zero.
    pub(crate) fn latency_ms(&self) -> Option<f64> {
        let mut nanos: Vec<i64> = self.latencies.lock().iter().copied().collect();
        let middle = nanos.len() / 2;
        (!nanos.is_empty()).then(|| *nanos.select_nth_unstable(middle).1 as f64 / 1e6)
    }
}

/// How fast a count grows.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    samples: VecDeque<(Instant, u64)>,
}

impl Rate {
    /// Takes the count of now.
    pub(crate) fn sample(&mut self, now: Instant, count: u64) {
        self.samples.push_back((now, count));
        while self.samples.len() > 2 && now.duration_since(self.samples[1].0) >= RATE_SPAN {
            self.samples.pop_front();
        }
    }

    /// Growth a second over the last two seconds.
    pub(crate) fn per_second(&self) -> f64 {
        let (Some((from, first)), Some((to, last))) = (self.samples.front(), self.samples.back()) else { return 0.0 };
        let span = to.duration_since(*from).as_secs_f64();
        if span > 0.0 { (last - first) as f64 / span } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_forgets_what_is_older_than_two_seconds() {
        let (start, mut rate) = (Instant::now(), Rate::default());
        assert_eq!(rate.per_second(), 0.0);
        for (seconds, count) in [(0, 0), (1, 100), (2, 110), (3, 120), (4, 130)] {
            rate.sample(start + Duration::from_secs(seconds), count);
        }
        assert_eq!(rate.per_second(), 10.0);
    }
}
