use std::fmt::{self, Debug};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, SemaphorePermit};
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::key_trial::{KeyTrial, LoginTurn};
use crate::{ClockSample, Credentials, ServerClock, Stamp};

/// How long the exchange takes a signed request for good, if nothing else is configured.
pub const RECV_WINDOW: Duration = Duration::from_secs(5);
/// How far ahead of the exchange's time the expiry in a login may lie at most.
pub const LOGIN_VALIDITY: Duration = Duration::from_secs(10);

/// How far above the exchange's time nonces go on after one was refused, in milliseconds: an earlier run may have known that
/// time less well.
const NONCE_SKIP: u64 = 1_500;

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
    /// The newest nonce.
    nonce: AtomicU64,
    /// The turn of a signed request, where they take turns.
    sending: Semaphore,
    key: KeyTrial,
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
        let (measurements, nonce) = (AtomicU64::new(0), AtomicU64::new(0));
        let (turn, sending) = (Semaphore::new(1), Semaphore::new(1));
        let time = TimeQuestion(Box::new(time));
        let key = KeyTrial::new();
        Self(Arc::new(Inner { credentials, recv_window, clock, time, turn, measurements, nonce, sending, key }))
    }

    /// The credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// What a signature of now is bound to; `at` stands in for the exchange's time.
    pub(crate) fn stamp(&self, at: Option<Timestamp>) -> Stamp<'_> {
        let now = at.unwrap_or_else(|| self.0.clock.now());
        Stamp {
            at: now,
            nonce: at.map_or_else(|| self.next_nonce(now), millis),
            recv_window: self.0.recv_window,
            api_key: self.0.credentials.api_key(),
        }
    }

    /// A nonce above all before it.
    fn next_nonce(&self, now: Timestamp) -> u64 {
        let next = |last: u64| millis(now).max(last.saturating_add(1));
        let last = self.0.nonce.fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(next(last)));
        // The update never declines.
        next(last.unwrap_or_else(|last| last))
    }

    /// Waits for the turn to sign and send, where requests must arrive in the order of their nonces.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.0.sending.acquire().await.map_err(|_| closed())
    }

    pub(crate) fn measured(&self) -> Measured {
        Measured(self.0.measurements.load(Ordering::Acquire))
    }

    /// Lets a key that was refused be shown once more.
    pub(crate) fn forget_refusal(&self) {
        self.0.key.forget_refusal();
    }

    /// Waits for a turn to log in, and measures the exchange's clock if nobody has yet.
    ///
    /// # Errors
    /// The refusal of the key; those of the question for the time.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub(crate) async fn login_turn(&self) -> Result<LoginTurn<'_>, Error> {
        if self.0.clock.offset_nanos().is_none() {
            self.resync(self.measured()).await?;
        }
        self.0.key.turn().await
    }

    /// Measures the exchange's clock again, because it has refused a time that was taken after `known` measurements. Where
    /// somebody else has done so meanwhile there is nothing to do.
    ///
    /// # Errors
    /// Those of the question for the time.
    pub(crate) async fn resync(&self, known: Measured) -> Result<(), Error> {
        let _turn = self.0.turn.acquire().await.map_err(|_| closed())?;
        if self.measured() != known {
            return Ok(());
        }
        let sample = (self.0.time.0)().await?;
        self.0.clock.distrust();
        self.0.clock.add(sample);
        self.0.nonce.fetch_max(millis(self.0.clock.now()).saturating_add(NONCE_SKIP), Ordering::AcqRel);
        self.0.measurements.fetch_add(1, Ordering::Release);
        Ok(())
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::NotReady, "the session is closed").with("sent", "no")
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::{Clock, Secret, SigningKey};

    #[tokio::test(start_paused = true)]
    async fn nonces_only_grow() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let clock = ServerClock::new(Clock::starting_at(start));
        let key = SigningKey::hmac_sha256(&Secret::new("s")).expect("a key");
        let credentials = Credentials::new(Secret::new("k"), key).expect("credentials");
        let behind = move || {
            let server = Timestamp::from_millis(1_699_999_000_000);
            let step = Duration::ZERO;
            futures_util::future::ready(Ok(ClockSample { sent: start, received: start, server, step })).boxed()
        };
        let session = Session::new(credentials, RECV_WINDOW, clock, behind);
        let nonces: Vec<u64> = (0..3).map(|_| session.clone().stamp(None).nonce).collect();
        assert_eq!(nonces, [1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002]);
        session.resync(session.measured()).await.expect("measured");
        assert_eq!(session.stamp(None).at.as_millis(), 1_699_999_000_000, "the clock went back");
        assert_eq!(session.stamp(None).nonce, 1_700_000_000_004);
        assert_eq!(session.stamp(Some(start)).nonce, 1_700_000_000_000, "shown, not sent");
        tokio::time::sleep(Duration::from_secs(2_000)).await;
        assert_eq!(session.stamp(None).nonce, 1_700_001_000_000);
    }
}
