//! Control frames, which are alike on both sockets: requests and their answers.

use std::sync::Arc;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{FrameKind, append_json_string};
use tradewire_wire::{Text, object};

use crate::error_codes::Stated;

/// A request to subscribe.
pub(crate) fn subscribe(id: u64, topics: &[Arc<str>]) -> String {
    request(id, "subscribe", topics)
}

/// A request to end topics.
pub(crate) fn unsubscribe(id: u64, topics: &[Arc<str>]) -> String {
    request(id, "unsubscribe", topics)
}

fn request(id: u64, what: &str, topics: &[Arc<str>]) -> String {
    let mut text = format!(r#"{{"id":{id},"do":"{what}","topics":["#);
    for (index, topic) in topics.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        append_json_string(topic, &mut text);
    }
    text.push_str("]}");
    text
}

/// The answer to a request or a login.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The request's id.
    pub(crate) id: u64,
    /// Why it was refused; `None` if it was not.
    pub(crate) refused: Option<Error>,
}

impl Reply {
    /// Reads a frame; `None` if it is no answer.
    pub(crate) fn of(raw: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Wire<'a> {
            id: u64,
            ok: bool,
            #[serde(borrow)]
            error: Option<Stated<'a>>,
        }
        let Wire { id, ok, error } = object(raw).ok()?;
        let wordless = || Error::new(ErrorKind::Exchange, "refused without a reason");
        Some(Self { id, refused: (!ok).then(|| error.map_or_else(wordless, Stated::error)) })
    }
}

/// What a frame is, for frames of a connection that is not in charge yet.
pub(crate) fn classify(frame: &[u8]) -> FrameKind {
    match str::from_utf8(frame).ok().map(str::trim) {
        Some(raw) if is_closing(raw) => FrameKind::ShutdownNotice,
        raw => match raw.and_then(Reply::of) {
            Some(Reply { id, refused }) => FrameKind::Reply { id, refused },
            None => FrameKind::Data,
        },
    }
}

/// The event that announces that the exchange will close the socket.
pub(crate) const CLOSING: &str = "closing";

/// Whether a frame is that event.
pub(crate) fn is_closing(raw: &str) -> bool {
    #[derive(Deserialize)]
    struct Wire<'a> {
        #[serde(borrow)]
        event: Text<'a>,
    }
    object::<Wire<'_>>(raw).is_ok_and(|of| &*of.event == CLOSING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_their_topics() {
        let topics: Vec<Arc<str>> = vec!["book:BTC/USDT".into(), "trades:币安人生/USDT".into()];
        assert_eq!(
            subscribe(7, &topics),
            r#"{"id":7,"do":"subscribe","topics":["book:BTC/USDT","trades:币安人生/USDT"]}"#
        );
        assert_eq!(unsubscribe(8, &topics[..1]), r#"{"id":8,"do":"unsubscribe","topics":["book:BTC/USDT"]}"#);
    }

    #[test]
    fn answers_are_told_from_data() {
        assert!(matches!(classify(br#"{"id":7,"ok":true}"#), FrameKind::Reply { id: 7, refused: None }));
        let refused = classify(br#"{"id":0,"ok":false,"error":{"code":2003,"text":"late"}}"#);
        let FrameKind::Reply { id: 0, refused: Some(error) } = refused else { panic!("{refused:?}") };
        assert_eq!((error.kind(), error.code()), (ErrorKind::Clock, Some(2003)));
        for closing in [r#"{"event":"closing"}"#, r#" { "time": 7, "event": "closing" } "#] {
            assert!(matches!(classify(closing.as_bytes()), FrameKind::ShutdownNotice), "{closing}");
        }
        for data in ["", "[]", r#"{"topic":"book:BTC/USDT"}"#, r#"{"event":"order"}"#] {
            assert!(matches!(classify(data.as_bytes()), FrameKind::Data), "{data}");
        }
    }
}
