use std::fmt::{self, Debug};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::{ClockSample, Credentials, ServerClock, Stamp};

/// How long the exchange takes a signed request for good, if nothing else is configured.
pub const RECV_WINDOW: Duration = Duration::from_secs(5);
/// How far ahead of the exchange's time the expiry in a login may lie at most.
pub const LOGIN_VALIDITY: Duration = Duration::from_secs(10);

/// What signs for one account: credentials, the exchange's clock, and how that clock is measured again when the exchange
/// refuses a time. All wires of the account share it; clones are the same one.
#[derive(Clone, Debug)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    credentials: Credentials,
    recv_window: Duration,
    clock: ServerClock,
    time: TimeQuestion,
    /// One measurement at a time.
    turn: Semaphore,
    measurements: AtomicU64,
}

/// Asks for the exchange's time.
struct TimeQuestion(Box<dyn Fn() -> BoxFuture<'static, Result<ClockSample, Error>> + Send + Sync>);

impl Debug for TimeQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeQuestion(..)")
    }
}

/// The number of measurements that had been made when something was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measured(u64);

impl Session {
    /// A session of these credentials. `time` asks the exchange for its time with a request that is not signed.
    pub fn new(
        credentials: Credentials,
        recv_window: Duration,
        clock: ServerClock,
        time: impl Fn() -> BoxFuture<'static, Result<ClockSample, Error>> + Send + Sync + 'static,
    ) -> Self {
        let (turn, measurements) = (Semaphore::new(1), AtomicU64::new(0));
        let time = TimeQuestion(Box::new(time));
        Self(Arc::new(Inner { credentials, recv_window, clock, time, turn, measurements }))
    }

    /// The credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// What a signature of now is bound to; `at` stands in for the exchange's time.
    pub(crate) fn stamp(&self, at: Option<Timestamp>) -> Stamp<'_> {
        Stamp {
            at: at.unwrap_or_else(|| self.0.clock.now()),
            recv_window: self.0.recv_window,
            api_key: self.0.credentials.api_key(),
        }
    }

    pub(crate) fn measured(&self) -> Measured {
        Measured(self.0.measurements.load(Ordering::Acquire))
    }

    /// Measures the exchange's clock again, because it has refused a time that was taken after `known` measurements. Where
    /// somebody else has done so meanwhile there is nothing to do.
    ///
    /// # Errors
    /// Those of the question for the time.
    pub(crate) async fn resync(&self, known: Measured) -> Result<(), Error> {
        let gone = |_| Error::new(ErrorKind::NotReady, "the session is closed");
        let _turn = self.0.turn.acquire().await.map_err(gone)?;
        if self.measured() != known {
            return Ok(());
        }
        let sample = (self.0.time.0)().await?;
        self.0.clock.distrust();
        self.0.clock.add(sample);
        self.0.measurements.fetch_add(1, Ordering::Release);
        Ok(())
    }
}
