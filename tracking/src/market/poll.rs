use std::time::Duration;

use tokio::time::Instant;

/// First pause after a failure.
const RETRY_FIRST: Duration = Duration::from_millis(500);
/// Longest pause after failures.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// Something asked for at intervals, and never twice at once.
#[derive(Debug)]
pub(crate) struct Poll {
    every: Duration,
    after_failure: AfterFailure,
    due: Instant,
    running: bool,
    failures: u32,
}

/// When to ask again after a failure.
#[derive(Clone, Copy, Debug)]
enum AfterFailure {
    /// At the next interval.
    AsEver,
    /// Sooner, with growing pauses: the interval is long.
    Sooner,
    /// Later, with growing pauses: the interval is short.
    Later,
}

impl Poll {
    /// Due at once, then at equal intervals whatever happens.
    pub(crate) fn steady(every: Duration) -> Self {
        Self::new(every, AfterFailure::AsEver)
    }

    /// Due at once, then at long intervals, sooner again after a failure.
    pub(crate) fn retried(every: Duration) -> Self {
        Self::new(every, AfterFailure::Sooner)
    }

    /// Due at once, then at short intervals, longer ones after failures.
    pub(crate) fn backing_off(every: Duration) -> Self {
        Self::new(every, AfterFailure::Later)
    }

    fn new(every: Duration, after_failure: AfterFailure) -> Self {
        Self { every, after_failure, due: Instant::now(), running: false, failures: 0 }
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
        self.due = now + if ok { self.every } else { self.pause() };
        self.failures
    }

    fn pause(&self) -> Duration {
        let backoff = RETRY_FIRST.saturating_mul(1 << self.failures.saturating_sub(1).min(8)).min(RETRY_MAX);
        match self.after_failure {
            AfterFailure::AsEver => self.every,
            AfterFailure::Sooner => backoff.min(self.every),
            AfterFailure::Later => backoff.max(self.every),
        }
    }
}
