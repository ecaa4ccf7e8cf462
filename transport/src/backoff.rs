use std::ops::RangeInclusive;
use std::time::Duration;

/// The first pause before a read is repeated, and before the first new connection.
pub const RETRY_FIRST: Duration = Duration::from_millis(500);
/// The longest pause between two attempts to connect.
pub const RECONNECT_MAX: Duration = Duration::from_secs(30);
/// How long a connection must be steady for the count of attempts to start anew.
pub const RECONNECT_RESET: Duration = Duration::from_secs(60);

/// Pauses that double from attempt to attempt, up to a largest one, each multiplied by a random factor.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    factor: RangeInclusive<f64>,
    attempts: u32,
}

impl Backoff {
    /// The pauses between repeated reads: 0.5 s doubling to 30 s, each ±20 %.
    pub fn repeat() -> Self {
        Self { first: RETRY_FIRST, max: RECONNECT_MAX, factor: 0.8..=1.2, attempts: 0 }
    }

    /// The pauses before new connections: 0.5 s doubling to 30 s, each times 0.5 to 1.
    pub fn reconnect() -> Self {
        Self { first: RETRY_FIRST, max: RECONNECT_MAX, factor: 0.5..=1.0, attempts: 0 }
    }

    /// The pause before the next attempt.
    pub fn next_pause(&mut self) -> Duration {
        self.pause_with(rand::random_range(self.factor.clone()))
    }

    /// The attempts counted since the last [`Backoff::reset`].
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Starts the count anew.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    fn pause_with(&mut self, factor: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.attempts.min(30));
        self.attempts = self.attempts.saturating_add(1);
        doubled.min(self.max).mul_f64(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_largest() {
        let mut backoff = Backoff::reconnect();
        let pauses: Vec<_> = (0..12).map(|_| backoff.pause_with(1.0).as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000]);
        backoff.reset();
        assert_eq!(backoff.pause_with(0.5).as_millis(), 250);
        for _ in 0..100 {
            backoff.next_pause();
        }
        assert!(backoff.next_pause() <= RECONNECT_MAX);
    }

    #[test]
    fn chance_stays_within_its_bounds() {
        for _ in 0..1_000 {
            let repeat = Backoff::repeat().next_pause().as_millis();
            assert!((400..=600).contains(&repeat), "{repeat}");
            let reconnect = Backoff::reconnect().next_pause().as_millis();
            assert!((250..=500).contains(&reconnect), "{reconnect}");
        }
    }
}
