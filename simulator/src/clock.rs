//! The exchange's time.
//!
//! All timers of the simulator wait on a [`Clock`]. It follows tokio's clock (so a paused runtime makes it
//! virtual), or it stands still and moves only by [`Clock::advance`]. The time that the exchange *reports*
//! can be skewed without moving any timer.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::time::Instant;

/// An instant in microseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis.saturating_mul(1000))
    }

    /// Whole milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved by `by`.
    pub fn plus(self, by: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(micros(by)))
    }

    /// Time from `earlier` to here; zero if that lies later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Where a clock's time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// It runs with tokio's clock.
    #[default]
    Running,
    /// It stands still until it is advanced.
    Manual,
}

/// A handle to the exchange's time; clones share it.
#[derive(Clone, Debug)]
pub struct Clock {
    source: ClockSource,
    started: Instant,
    origin: Timestamp,
    moved: Arc<watch::Sender<Moved>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    advanced: i64,
    skew: i64,
}

impl Clock {
    /// A clock that shows `origin` now, or the machine's wall clock if there is none.
    pub(crate) fn new(source: ClockSource, origin: Option<Timestamp>) -> Clock {
        let origin = origin.unwrap_or_else(wall_clock);
        Clock { source, started: Instant::now(), origin, moved: Arc::new(watch::Sender::new(Moved::default())) }
    }

    /// True time of the exchange, by which its timers run.
    pub fn now(&self) -> Timestamp {
        let ran = match self.source {
            ClockSource::Running => micros(self.started.elapsed()),
            ClockSource::Manual => 0,
        };
        Timestamp(self.origin.0 + self.moved.borrow().advanced + ran)
    }

    /// The time that the exchange reports: [`Clock::now`] plus the skew.
    pub fn server_now(&self) -> Timestamp {
        Timestamp(self.now().0 + self.moved.borrow().skew)
    }

    /// Moves the clock forward at once. Market flow catches up on at most two seconds of a jump.
    pub fn advance(&self, by: Duration) {
        self.moved.send_modify(|moved| moved.advanced = moved.advanced.saturating_add(micros(by)));
    }

    /// Makes the reported time differ by `micros` from the true one; zero ends it.
    pub fn set_skew(&self, micros: i64) {
        self.moved.send_modify(|moved| moved.skew = micros);
    }

    /// Reported minus true time, in microseconds.
    pub fn skew(&self) -> i64 {
        self.moved.borrow().skew
    }

    /// Waits until the clock shows `at`. Cancel safe.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut moved = self.moved.subscribe();
        loop {
            moved.borrow_and_update();
            let now = self.now();
            if now >= at {
                return;
            }
            match self.source {
                ClockSource::Manual => wait_for_move(&mut moved).await,
                ClockSource::Running => tokio::select! {
                    () = tokio::time::sleep(at.since(now)) => {}
                    () = wait_for_move(&mut moved) => {}
                },
            }
        }
    }

    /// Waits until the clock is advanced or skewed. Cancel safe.
    pub(crate) async fn jumped(&self) {
        wait_for_move(&mut self.moved.subscribe()).await;
    }

    /// Waits for `duration` of the exchange's time. Cancel safe.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now().plus(duration)).await;
    }
}

async fn wait_for_move(moved: &mut watch::Receiver<Moved>) {
    if moved.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The wall clock, read once when a clock is made.
fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(micros(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_running_clock_follows_tokio_and_can_jump() {
        let clock = Clock::new(ClockSource::Running, Some(Timestamp(0)));
        tokio::time::advance(Duration::from_millis(5)).await;
        clock.advance(Duration::from_millis(7));
        assert_eq!(clock.now(), Timestamp(12_000));
        clock.sleep(Duration::from_millis(3)).await;
        assert_eq!(clock.now().millis(), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn a_manual_clock_stands_still_until_advanced() {
        let clock = Clock::new(ClockSource::Manual, Some(Timestamp(0)));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), Timestamp(0));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(1)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn skew_changes_the_reported_time_only() {
        let clock = Clock::new(ClockSource::Running, Some(Timestamp(0)));
        clock.set_skew(-30_000_000);
        assert_eq!((clock.now(), clock.server_now()), (Timestamp(0), Timestamp(-30_000_000)));
    }
}
