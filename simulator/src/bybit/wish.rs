//! How a market socket wants its frames: all alike.

use crate::hub::{Hub, Wish};

/// The subscriptions of the market sockets.
pub(super) type Streams = Hub<AllAlike>;

/// The only form there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AllAlike;

impl Wish for AllAlike {
    type Form = ();

    fn form(&self) {}

    fn hears(&self, _: &str) -> bool {
        true
    }

    fn dressed(&self, _: &str, payload: &str) -> String {
        payload.to_owned()
    }

    fn new_event(name: &str) -> String {
        let symbol = name.rsplit('.').next().unwrap_or_default();
        serde_json::json!({ "topic": format!("neverSeen.{symbol}"), "type": "snapshot", "ts": 1, "data": {} })
            .to_string()
    }

    fn with_new_enum(payload: &str) -> String {
        let unknown = "\"type\":\"neverSeen\"";
        payload.replacen("\"type\":\"delta\"", unknown, 1).replacen("\"type\":\"snapshot\"", unknown, 1)
    }
}
