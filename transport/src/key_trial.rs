use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};
use tradewire_core::{Error, ErrorKind};

use crate::login::is_refusal;

/// What the exchange has said of a key in logins. Until it has accepted the key once there is one login at a time, and a key
/// that it has refused is not shown again.
#[derive(Debug)]
pub(crate) struct KeyTrial {
    alone: Semaphore,
    state: Mutex<KeyState>,
}

#[derive(Debug)]
enum KeyState {
    Untried,
    Accepted,
    Refused(Error),
}

/// The right to show the key in a login.
#[derive(Debug)]
pub(crate) struct LoginTurn<'a> {
    trial: &'a KeyTrial,
    /// Held by the first ones, who do not know what becomes of the key.
    _alone: Option<SemaphorePermit<'a>>,
}

impl KeyTrial {
    /// Of a key that was not shown yet.
    pub(crate) fn new() -> Self {
        Self { alone: Semaphore::new(1), state: Mutex::new(KeyState::Untried) }
    }

    /// Somebody wants a refused key to be shown once more.
    pub(crate) fn forget_refusal(&self) {
        let mut state = self.state.lock();
        if matches!(*state, KeyState::Refused(_)) {
            *state = KeyState::Untried;
        }
    }

    /// Waits for a turn to log in.
    ///
    /// # Errors
    /// The refusal of the key.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub(crate) async fn turn(&self) -> Result<LoginTurn<'_>, Error> {
        if matches!(*self.state.lock(), KeyState::Accepted) {
            return Ok(LoginTurn { trial: self, _alone: None });
        }
        let closed = |_| Error::new(ErrorKind::NotReady, "the session is closed");
        let alone = self.alone.acquire().await.map_err(closed)?;
        match &*self.state.lock() {
            KeyState::Refused(error) => Err(error.clone()),
            KeyState::Untried | KeyState::Accepted => Ok(LoginTurn { trial: self, _alone: Some(alone) }),
        }
    }
}

impl LoginTurn<'_> {
    /// Tells what has become of the login: why it failed, if it did.
    pub(crate) fn ended(self, failed: Option<&Error>) {
        let mut state = self.trial.state.lock();
        match (failed, &*state) {
            (None, _) => *state = KeyState::Accepted,
            (Some(error), KeyState::Untried) if is_refusal(error) => *state = KeyState::Refused(error.clone()),
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn a_refused_key_is_not_shown_again() {
        let trial = KeyTrial::new();
        let first = trial.turn().await.expect("a turn");
        assert!(trial.turn().now_or_never().is_none(), "alone");
        first.ended(Some(&Error::new(ErrorKind::Timeout, "no answer")));
        let unsigned = Error::new(ErrorKind::Auth, "the signer fails").with("sent", "no");
        trial.turn().await.expect("a turn").ended(Some(&unsigned));
        let second = trial.turn().await.expect("what was never shown was not refused");
        second.ended(Some(&Error::new(ErrorKind::Auth, "no such key").with_code(10_003)));
        let refused = trial.turn().await.expect_err("refused");
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Auth, Some(10_003)));
    }

    #[tokio::test]
    async fn a_key_that_worked_is_shown_by_many_at_once() {
        let trial = KeyTrial::new();
        trial.turn().await.expect("a turn").ended(None);
        let (one, other) = (trial.turn().await.expect("a turn"), trial.turn().await.expect("a turn"));
        one.ended(Some(&Error::new(ErrorKind::Auth, "revoked")));
        other.ended(None);
        assert!(trial.turn().await.is_ok());
    }
}
