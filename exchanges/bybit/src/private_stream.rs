use std::sync::Arc;

use tradewire_transport::{FrameKind, Login, Session, StreamDialect, StreamLimits};

use crate::auth::SocketLogin;
use crate::control;

/// The private stream: a login, then topics.
///
/// <https://bybit-exchange.github.io/docs/v5/ws/connect>
#[derive(Clone, Debug)]
pub(crate) struct PrivateStream {
    pub(crate) url: String,
    pub(crate) session: Session,
}

impl PrivateStream {
    /// Logs a connection in.
    pub(crate) fn signed_login(&self) -> Login {
        Login::new(self.session.clone(), Arc::new(SocketLogin))
    }
}

impl StreamDialect for PrivateStream {
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
        control::LIMITS
    }

    fn ping(&self) -> Option<String> {
        Some(control::PING.to_owned())
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}
