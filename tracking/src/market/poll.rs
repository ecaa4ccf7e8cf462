use std::time::Duration;

use tokio::time::Instant;

/// Longest pause after failures.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// Something asked for at intervals: never twice at once, sooner again after a failure.
#[derive(Debug)]
pub(crate) struct Poll {
    every: Duration,
    due: Instant,
    running: bool,
    failures: u32,
}

impl Poll {
    /// Due at once, then at intervals of `every`.
    pub(crate) fn every(every: Duration) -> Self {
        Self { every, due: Instant::now(), running: false, failures: 0 }
    }

    /// Whether it is to be asked for now; if so, it counts as running.
    pub(crate) fn take_due(&mut self, now: Instant) -> bool {
        let due = !self.running && self.due <= now;
        self.running |= due;
        due
    }

    /// It is due now, but not sooner than `gap` after it was last due.
    pub(crate) fn hasten(&mut self, now: Instant, gap: Duration) {
        let last = self.due.checked_sub(self.every).unwrap_or(now);
        self.due = self.due.min(now.max(last + gap));
    }

    /// How often it has failed in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// It has ended; returns how often it has failed in a row.
    pub(crate) fn ended(&mut self, ok: bool, now: Instant) -> u32 {
        self.running = false;
        self.failures = if ok { 0 } else { self.failures + 1 };
        let retry = Duration::from_millis(500).saturating_mul(1 << self.failures.min(8)).min(RETRY_MAX).min(self.every);
        self.due = now + if ok { self.every } else { retry };
        self.failures
    }
}
