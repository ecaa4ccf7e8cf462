//! How a market socket wants its frames.

use super::unit::TimeUnit;
use crate::hub::{Hub, Wish};

/// Unit of time, and whether a frame tells the name of its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FrameWish {
    pub(super) unit: TimeUnit,
    pub(super) combined: bool,
    pub(super) carries: Carries,
}

/// Which streams a socket carries; others can be subscribed and stay silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Carries {
    /// All of them.
    #[default]
    Everything,
    /// Books and best prices.
    Public,
    /// What is neither private nor about books.
    Market,
    /// Those named by listen keys.
    Private,
}

/// Whether a stream is about books or best prices, or tells every trade.
fn is_public(name: &str) -> bool {
    let kind = name.split_once('@').map_or(name, |(_, kind)| kind);
    ["bookTicker", "!bookTicker", "trade"].contains(&kind) || kind.starts_with("depth") || kind.starts_with("rpiDepth")
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

    fn hears(&self, name: &str) -> bool {
        match self.carries {
            Carries::Everything => true,
            Carries::Public => is_public(name),
            Carries::Market => (name.contains('@') || name.starts_with('!')) && !is_public(name),
            Carries::Private => !name.contains('@') && !name.starts_with('!'),
        }
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
