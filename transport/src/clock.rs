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

    /// Forgets all measurements: the exchange has said that its time is another. The last offset stays in force until
    /// the next sample.
    pub fn distrust(&self) {
        self.offset.lock().distrust();
    }
}
