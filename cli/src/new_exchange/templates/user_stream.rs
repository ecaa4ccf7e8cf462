//! The account socket: a login, then what happens to the account.

use std::sync::Arc;

use tradewire_core::Error;
use tradewire_tracking::PrivateFrame;
use tradewire_transport::{FrameKind, Login, Session, StreamDialect, StreamLimits};

use crate::auth::SocketLogin;
use crate::{control, limits};

/// How the socket is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct AccountStream {
    pub(crate) url: String,
    pub(crate) session: Session,
}

impl AccountStream {
    /// Logs a connection in.
    pub(crate) fn signed_login(&self) -> Login {
        Login::new(self.session.clone(), Arc::new(SocketLogin))
    }
}

impl StreamDialect for AccountStream {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn login(&self) -> Option<Login> {
        Some(self.signed_login())
    }

    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::subscribe(id, topics)
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::unsubscribe(id, topics)
    }

    fn limits(&self) -> StreamLimits {
        limits::STREAM_LIMITS
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

/// Reads a frame of the account socket: an order becomes an `ExecutionReport`, a fill a `FillReport`, the answer to a login a `Reply`.
/// Pure.
///
/// # Errors
/// `Decode` with the frame, for one that is not as documented.
pub(crate) fn decode_private(_frame: &[u8]) -> Result<PrivateFrame, Error> {
    unwritten!("read a frame of the account socket")
}
