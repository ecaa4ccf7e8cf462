use std::sync::Arc;

use tradewire_tracking::PrivateFrame;
use tradewire_transport::{FrameKind, Login, Session, StreamDialect, StreamKey, StreamLimits};

use super::user_stream::decode_private;
use crate::auth::SignedLogin;

/// Spot's private stream: a socket for calls, on which the login subscribes the account's events.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests>
#[derive(Clone, Debug)]
pub(crate) struct PrivateStream {
    pub(crate) url: String,
    pub(crate) session: Session,
}

impl PrivateStream {
    /// Subscribes the account of the key; all types of keys can.
    pub(crate) fn subscription(&self) -> Login {
        let method = "userDataStream.subscribe.signature";
        Login::new(self.session.clone(), Arc::new(SignedLogin { method }))
    }
}

impl StreamDialect for PrivateStream {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn key(&self) -> Option<Arc<dyn StreamKey>> {
        None
    }

    fn login(&self) -> Option<Login> {
        Some(self.subscription())
    }

    /// Never asked for: the login subscribes everything, so that there are no topics.
    fn subscribe(&self, _: u64, _: &[Arc<str>]) -> String {
        String::new()
    }

    /// As [`Self::subscribe`].
    fn unsubscribe(&self, _: u64, _: &[Arc<str>]) -> String {
        String::new()
    }

    fn limits(&self) -> StreamLimits {
        // The exchange states none for calls but their weight; those of its market streams are careful.
        StreamLimits { topics_per_request: 1, request_bytes_max: 4_096, frames_per_second: 5 }
    }

    fn ping(&self) -> Option<String> {
        None
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        match decode_private(frame) {
            Ok(PrivateFrame::Reply { id, refused }) => FrameKind::Reply { id, refused },
            Ok(PrivateFrame::Pong) => FrameKind::Pong,
            Ok(PrivateFrame::ShutdownNotice) => FrameKind::ShutdownNotice,
            _ => FrameKind::Data,
        }
    }
}
