use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// The share of a socket's or an address's limit that is used, in percent: the rest is for what cannot be delayed.
pub const CONTROL_PACE: usize = 80;

/// Keeps a number of things in any window of time under a limit.
#[derive(Clone, Debug)]
pub struct Pace {
    limit: usize,
    window: Duration,
    /// How many of them are left to what cannot be delayed.
    spare: usize,
    recent: VecDeque<Instant>,
}

impl Pace {
    /// At most [`CONTROL_PACE`] percent of `limit` things, but at least one, in any `window`.
    pub fn new(limit: usize, window: Duration) -> Self {
        let limit = (limit.saturating_mul(CONTROL_PACE) / 100).max(1);
        Self { limit, window, spare: 0, recent: VecDeque::with_capacity(limit.min(1_024)) }
    }

    /// Keeps an eighth free, of a limit that has so much, for what cannot be delayed.
    #[must_use]
    pub fn sparing(self) -> Self {
        Self { spare: self.limit / 8, ..self }
    }

    /// When the next thing may happen; not later than `now` if at once.
    pub fn ready_at(&self, now: Instant) -> Instant {
        let Some(blocking) = self.recent.len().checked_sub(self.limit - self.spare) else { return now };
        self.recent.get(blocking).map_or(now, |oldest| *oldest + self.window)
    }

    /// Counts one thing. What cannot be delayed is counted even when it is early.
    pub fn count(&mut self, now: Instant) {
        while self.recent.front().is_some_and(|oldest| *oldest + self.window <= now) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
    }
}

/// The pace of new connections from this address. Clones share it.
#[derive(Clone, Debug)]
pub struct ConnectPace(Arc<Mutex<Pace>>);

impl ConnectPace {
    /// At most [`CONTROL_PACE`] percent of `limit` connections in any `window`.
    pub fn new(limit: usize, window: Duration) -> Self {
        Self(Arc::new(Mutex::new(Pace::new(limit, window))))
    }

    /// Waits until a connection may be opened, and counts it.
    ///
    /// # Cancel safety
    /// Cancel safe: a dropped wait counts nothing.
    pub async fn wait(&self) {
        while let Err(at) = self.take(Instant::now()) {
            tokio::time::sleep_until(at).await;
        }
    }

    fn take(&self, now: Instant) -> Result<(), Instant> {
        let mut pace = self.0.lock();
        let at = pace.ready_at(now);
        if at > now {
            return Err(at);
        }
        pace.count(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_is_room_for_what_cannot_be_delayed() {
        let start = Instant::now();
        for (limit, allowed) in [(5, 4), (10, 7), (20, 14)] {
            let mut pace = Pace::new(limit, Duration::from_secs(1)).sparing();
            let mut left = 0;
            while pace.ready_at(start) <= start {
                pace.count(start);
                left += 1;
            }
            assert_eq!(left, allowed, "of {limit}");
        }
    }

    proptest! {
        #[test]
        fn never_more_than_the_share_in_any_window(limit in 1_usize..20, pauses in prop::collection::vec(0_u64..400, 1..200)) {
            let window = Duration::from_secs(1);
            let mut pace = Pace::new(limit, window);
            let mut now = Instant::now();
            let mut sent: Vec<Instant> = Vec::new();
            for pause in pauses {
                now = pace.ready_at(now + Duration::from_millis(pause));
                pace.count(now);
                sent.push(now);
            }
            let allowed = (limit * CONTROL_PACE / 100).max(1);
            for (index, at) in sent.iter().enumerate() {
                let inside = sent[index..].iter().take_while(|other| **other < *at + window).count();
                prop_assert!(inside <= allowed, "{inside} of {allowed}");
            }
        }
    }
}
