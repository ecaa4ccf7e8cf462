use std::future::pending;

use tokio::sync::watch;
use tradewire_core::Error;

use crate::call_task::CallState;

/// Tells whether calls can leave over a [`CallSocket`](crate::CallSocket), and when that changes. It does not keep the
/// socket open.
#[derive(Clone, Debug)]
pub struct CallWatch(watch::Receiver<CallState>);

impl CallWatch {
    pub(crate) fn new(state: watch::Receiver<CallState>) -> Self {
        Self(state)
    }

    /// Why calls cannot leave now; `None` if they can.
    pub fn problem(&self) -> Option<Error> {
        match &*self.0.borrow() {
            CallState::Up(_) => None,
            CallState::Down(reason) => Some(Error::clone(reason)),
        }
    }

    /// Waits for the next change, and returns as [`Self::problem`]. Waits forever once the socket has told that it is closed.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn changed(&mut self) -> Option<Error> {
        match self.0.changed().await {
            Ok(()) => self.problem(),
            Err(_) => pending().await,
        }
    }
}
