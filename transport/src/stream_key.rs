use std::fmt::Debug;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tradewire_core::Error;

/// How often the key of a stream is extended.
pub const STREAM_KEY_RENEW: Duration = Duration::from_secs(30 * 60);
/// How long after a failure that is tried again.
pub const STREAM_KEY_RETRY: Duration = Duration::from_secs(60);

/// A key that an exchange gives for a stream instead of a login on its socket, and that ends unless it is extended. Each call
/// is one request.
pub trait StreamKey: Send + Sync + Debug {
    /// Takes a key, which may be one that lives still, and answers the address that holds it. That address is a secret.
    fn take(&self) -> BoxFuture<'static, Result<String, Error>>;

    /// Extends the life of the key.
    fn extend(&self) -> BoxFuture<'static, Result<KeyLife, Error>>;
}

/// What became of a key that was to be extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLife {
    /// It lives on.
    Extended,
    /// It has ended: whatever is connected with it is told nothing any longer.
    Gone,
}

/// Keeps the key of a socket alive, from its first use until the connection is lost.
pub(crate) struct KeyKeeper {
    key: Option<Arc<dyn StreamKey>>,
    due: Option<Instant>,
    extending: Option<BoxFuture<'static, Result<KeyLife, Error>>>,
}

impl KeyKeeper {
    pub(crate) fn new(key: Option<Arc<dyn StreamKey>>) -> Self {
        Self { key, due: None, extending: None }
    }

    /// A connection was opened: the key was taken or extended by that.
    pub(crate) fn taken(&mut self, now: Instant) {
        self.extending = None;
        self.due = self.key.as_ref().map(|_| now + STREAM_KEY_RENEW);
    }

    /// No connection needs the key any longer.
    pub(crate) fn dropped(&mut self) {
        (self.due, self.extending) = (None, None);
    }

    /// When something is to be done.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.due.filter(|_| self.extending.is_none())
    }

    /// Begins to extend the key if it is time.
    pub(crate) fn extend_if_due(&mut self, now: Instant) {
        if let (Some(key), Some(due), None) = (&self.key, self.due, &self.extending)
            && now >= due
        {
            self.extending = Some(key.extend());
        }
    }

    /// Waits for what became of it, and sets the next time.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<KeyLife, Error>> {
        let Some(extending) = &mut self.extending else { return Poll::Pending };
        let Poll::Ready(extended) = extending.as_mut().poll(context) else { return Poll::Pending };
        self.extending = None;
        let next = if extended.is_ok() { STREAM_KEY_RENEW } else { STREAM_KEY_RETRY };
        self.due = Some(Instant::now() + next);
        Poll::Ready(extended)
    }
}
