//! How a market socket wants its frames.

use super::unit::TimeUnit;
use crate::hub::{Hub, Wish};

/// Unit of time, and whether a frame tells the name of its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FrameWish {
    pub(super) unit: TimeUnit,
    pub(super) combined: bool,
}

/// The subscriptions of the market sockets.
pub(super) type Streams = Hub<FrameWish>;

impl Wish for FrameWish {
    type Form = TimeUnit;

    fn form(&self) -> TimeUnit {
        self.unit
    }

    fn dressed(&self, name: &str, payload: &str) -> String {
        if !self.combined {
            return payload.to_owned();
        }
        let name = serde_json::Value::from(name);
        format!("{{\"stream\":{name},\"data\":{payload}}}")
    }

    fn new_event(_: &str) -> String {
        "{\"e\":\"neverSeen\",\"E\":1}".to_owned()
    }

    fn with_new_enum(payload: &str) -> String {
        let mut value: serde_json::Value = serde_json::from_str(payload).unwrap_or_default();
        if let Some(event) = value.get_mut("e") {
            *event = "NEVER_SEEN".into();
        }
        value.to_string()
    }
}
