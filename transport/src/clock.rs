use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use tokio::time::Instant;
use tradewire_core::Timestamp;

use crate::{ClockOffset, ClockSample};

/// Wall-clock time that never goes back: the system's clock is read once, and from then on time follows the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock that begins with the system's wall-clock time of now.
    pub fn start() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::starting_at(Timestamp::default().after(since_1970))
    }

    /// A clock that shows `origin` now. For tests and replays.
    pub fn starting_at(origin: Timestamp) -> Self {
        Self { origin, started: Instant::now() }
    }

    /// The wall-clock time.
    pub fn now(&self) -> Timestamp {
        self.at(Instant::now())
    }

    /// The wall-clock time at a monotonic instant.
    pub fn at(&self, instant: Instant) -> Timestamp {
        self.origin.after(instant.saturating_duration_since(self.started))
    }
}

/// The exchange's clock, as far as it is known here. Clones share what is known.
#[derive(Clone, Debug)]
pub struct ServerClock {
    clock: Clock,
    offset: Arc<Mutex<ClockOffset>>,
}

impl ServerClock {
    /// The exchange's clock, taken as equal to ours until the first sample.
    pub fn new(clock: Clock) -> Self {
        Self { clock, offset: Arc::default() }
    }

    /// Our own clock.
    pub fn local(&self) -> Clock {
        self.clock
    }

    /// The exchange's time now.
    pub fn now(&self) -> Timestamp {
        let local = self.clock.now();
        Timestamp::from_nanos(local.as_nanos().saturating_add(self.offset_nanos().unwrap_or(0)))
    }

    /// The exchange's time minus ours, in nanoseconds; `None` before the first sample.
    pub fn offset_nanos(&self) -> Option<i64> {
        self.offset.lock().nanos()
    }

    /// Takes one measurement in.
    pub fn add(&self, sample: ClockSample) {
        self.offset.lock().add(sample);
    }

    /// Something came at `received`, on our clock, that the exchange has dated `told`: its clock was there by then. That counts
    /// where the exchange tells its time in steps, and within such a step.
    pub fn dated(&self, told: Timestamp, received: Timestamp) {
        self.offset.lock().dated(told, received);
    }

    /// Forgets all measurements: the exchange has said that its time is another. The last offset stays in force until
    /// the next sample.
    pub fn distrust(&self) {
        self.offset.lock().distrust();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_follows_the_monotonic_clock() {
        let clock = Clock::starting_at(Timestamp::from_millis(1_700_000_000_000));
        let begun = Instant::now();
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        assert_eq!(clock.now().as_millis(), 1_700_003_600_000);
        assert_eq!(clock.at(begun).as_millis(), 1_700_000_000_000);
        assert!(Clock::start().now() > Timestamp::from_millis(1_600_000_000_000));
    }

    #[tokio::test(start_paused = true)]
    async fn the_exchanges_time_is_ours_plus_the_offset() {
        let server = ServerClock::new(Clock::starting_at(Timestamp::from_millis(1_000_000)));
        assert_eq!((server.now().as_millis(), server.offset_nanos()), (1_000_000, None));
        let shared = server.clone();
        let at = Timestamp::from_millis;
        let (sent, received, told) = (at(999_900), at(1_000_000), at(969_950));
        shared.add(ClockSample { sent, received, server: told, step: Duration::ZERO });
        assert_eq!(server.now().as_millis(), 970_000, "30 s behind");
        server.distrust();
        assert_eq!(shared.offset_nanos(), Some(-30_000_000_000));
    }
}
