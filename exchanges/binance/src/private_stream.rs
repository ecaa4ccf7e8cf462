use std::sync::Arc;

use tradewire_core::Error;
use tradewire_tracking::PrivateFrame;
use tradewire_transport::{FrameKind, Login, StreamDialect, StreamKey, StreamLimits};

/// A private stream: a login or a key brings all of the account's events.
#[derive(Clone, Debug)]
pub(crate) struct PrivateStream {
    pub(crate) url: String,
    pub(crate) login: Option<Login>,
    pub(crate) key: Option<Arc<dyn StreamKey>>,
    pub(crate) decode: fn(&[u8]) -> Result<PrivateFrame, Error>,
}

impl StreamDialect for PrivateStream {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn key(&self) -> Option<Arc<dyn StreamKey>> {
        self.key.clone()
    }

    fn login(&self) -> Option<Login> {
        self.login.clone()
    }

    /// Never asked for: there are no topics.
    fn subscribe(&self, _: u64, _: &[Arc<str>]) -> String {
        String::new()
    }

    /// As [`Self::subscribe`].
    fn unsubscribe(&self, _: u64, _: &[Arc<str>]) -> String {
        String::new()
    }

    fn limits(&self) -> StreamLimits {
        // The exchange states none here; those of its market streams are careful.
        StreamLimits { topics_per_request: 1, request_bytes_max: 4_096, frames_per_second: 5 }
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        match (self.decode)(frame) {
            Ok(PrivateFrame::Reply { id, refused }) => FrameKind::Reply { id, refused },
            Ok(PrivateFrame::Pong) => FrameKind::Pong,
            Ok(PrivateFrame::ShutdownNotice) => FrameKind::ShutdownNotice,
            _ => FrameKind::Data,
        }
    }
}
