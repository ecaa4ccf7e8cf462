//! Control frames of the sockets for streams: requests, replies, pings.

use std::sync::Arc;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{FrameKind, LOGIN_ID, StreamLimits, append_json_string};
use tradewire_wire::{Text, object};

/// The exchange's own kind of ping, wanted every 20 seconds.
pub(crate) const PING: &str = r#"{"op":"ping"}"#;

/// What one socket for streams allows. Spot takes ten topics in a request; the number of frames is a careful choice.
pub(crate) const LIMITS: StreamLimits =
    StreamLimits { topics_per_request: 10, request_bytes_max: 4_096, frames_per_second: 10 };

/// A request to subscribe.
///
/// <https://bybit-exchange.github.io/docs/v5/ws/connect#how-to-subscribe-to-topics>
pub(crate) fn subscribe(id: u64, topics: &[Arc<str>]) -> String {
    request(id, "subscribe", topics)
}

/// A request to end topics.
pub(crate) fn unsubscribe(id: u64, topics: &[Arc<str>]) -> String {
    request(id, "unsubscribe", topics)
}

fn request(id: u64, op: &str, topics: &[Arc<str>]) -> String {
    let mut text = format!(r#"{{"req_id":"{id}","op":"{op}","args":["#);
    for (index, topic) in topics.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        append_json_string(topic, &mut text);
    }
    text.push_str("]}");
    text
}

/// A frame that is no data.
#[derive(Debug)]
pub(crate) enum Control {
    /// The answer to a request.
    Reply {
        /// The request's id, if it is one of ours.
        id: Option<u64>,
        /// Why it was refused.
        refused: Option<Error>,
    },
    /// The answer to a ping.
    Pong,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    op: Option<Text<'a>>,
    success: Option<bool>,
    #[serde(borrow, default)]
    ret_msg: Option<Text<'a>>,
    #[serde(borrow, default)]
    req_id: Option<Text<'a>>,
}

impl Control {
    /// Reads a frame; `None` if it is something else.
    pub(crate) fn of(raw: &str) -> Option<Self> {
        let wire: Wire<'_> = object(raw).ok()?;
        match wire.op.as_deref()? {
            "ping" | "pong" => Some(Self::Pong),
            "auth" => Some(Self::Reply { id: Some(LOGIN_ID), refused: wire.refusal(login_refused) }),
            "subscribe" | "unsubscribe" => {
                let id = wire.req_id.as_deref().and_then(|id| id.parse().ok());
                Some(Self::Reply { id, refused: wire.refusal(|text| Error::new(ErrorKind::Exchange, text)) })
            }
            _ => None,
        }
    }
}

impl Wire<'_> {
    fn refusal(&self, error: impl FnOnce(String) -> Error) -> Option<Error> {
        match self.success {
            Some(true) => None,
            Some(false) | None => Some(error(self.ret_msg.as_deref().unwrap_or_default().to_owned())),
        }
    }
}

/// A refused login has no code. One that is said to have expired is tried again with a new measurement of the clock.
fn login_refused(text: String) -> Error {
    let expired = text.to_ascii_lowercase().contains("expire");
    Error::new(if expired { ErrorKind::Clock } else { ErrorKind::Auth }, text)
}

/// What a frame is, for frames of a connection that is not in charge yet.
pub(crate) fn classify(frame: &[u8]) -> FrameKind {
    if frame.starts_with(br#"{"topic":"#) {
        return FrameKind::Data;
    }
    match std::str::from_utf8(frame).ok().and_then(Control::of) {
        Some(Control::Reply { id: Some(id), refused }) => FrameKind::Reply { id, refused },
        Some(Control::Pong) => FrameKind::Pong,
        Some(Control::Reply { id: None, .. }) | None => FrameKind::Data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_their_topics() {
        let topics: Vec<Arc<str>> = vec!["orderbook.1000.币安人生USDT".into(), "publicTrade.BTCUSDT".into()];
        assert_eq!(
            subscribe(7, &topics),
            r#"{"req_id":"7","op":"subscribe","args":["orderbook.1000.币安人生USDT","publicTrade.BTCUSDT"]}"#
        );
        assert_eq!(unsubscribe(8, &topics[1..]), r#"{"req_id":"8","op":"unsubscribe","args":["publicTrade.BTCUSDT"]}"#);
    }

    #[test]
    fn every_form_of_an_answer_is_known() {
        let of = |frame: &str| classify(frame.as_bytes());
        let good = of(r#"{"success":true,"ret_msg":"subscribe","conn_id":"c","req_id":"5","op":"subscribe"}"#);
        assert!(matches!(good, FrameKind::Reply { id: 5, refused: None }), "{good:?}");
        let refused =
            of(r#"{"success":false,"ret_msg":"error:handler not found","conn_id":"c","req_id":"6","op":"subscribe"}"#);
        assert!(
            matches!(&refused, FrameKind::Reply { id: 6, refused: Some(error) } if error.kind() == ErrorKind::Exchange)
        );
        let login = of(r#"{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}"#);
        assert!(matches!(login, FrameKind::Reply { id: LOGIN_ID, refused: None }), "{login:?}");
        for (text, kind) in [("Params Error", ErrorKind::Auth), ("Request has Expired", ErrorKind::Clock)] {
            let login = of(&format!(r#"{{"success":false,"ret_msg":"{text}","op":"auth","conn_id":"c"}}"#));
            assert!(
                matches!(&login, FrameKind::Reply { refused: Some(error), .. } if error.kind() == kind),
                "{login:?}"
            );
        }
        for pong in [
            r#"{"success":true,"ret_msg":"pong","conn_id":"c","req_id":"","op":"ping"}"#,
            r#"{"req_id":"","op":"pong","args":["1700000000000"],"conn_id":"c"}"#,
        ] {
            assert!(matches!(of(pong), FrameKind::Pong));
        }
        for data in ["", "[]", r#"{"topic":"orderbook.50.BTCUSDT"}"#, r#"{"op":"moon"}"#, r#"{"success":true}"#] {
            assert!(matches!(of(data), FrameKind::Data), "{data}");
        }
    }
}
