//! Control frames, which are alike on both sockets: requests, their answers, pings.
//! <https://docs.kraken.com/api/docs/guides/spot-ws-intro>

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{FrameKind, append_json_string};
use tradewire_wire::{Text, object};

use crate::error_codes;

/// The exchange closes a socket on which nothing is asked for a minute.
pub(crate) const PING: &str = r#"{"method":"ping"}"#;

/// A request about one channel; `write` adds what it needs besides, each with a comma before it.
pub(crate) fn request(id: u64, method: &str, channel: &str, write: impl FnOnce(&mut String)) -> String {
    let mut text = format!(r#"{{"method":"{method}","params":{{"channel":"#);
    append_json_string(channel, &mut text);
    write(&mut text);
    text.push_str(&format!(r#"}},"req_id":{id}}}"#));
    text
}

/// What a control frame says.
#[derive(Debug)]
pub(crate) enum Control {
    /// The answer to a request to subscribe.
    Reply {
        /// The request's id.
        id: Option<u64>,
        /// Why it was refused; `None` if it was not.
        refused: Option<Error>,
    },
    /// The answer to a ping.
    Pong,
}

impl Control {
    /// Reads a frame; `None` if it is none of them.
    pub(crate) fn of(raw: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Wire<'a> {
            #[serde(borrow)]
            method: Text<'a>,
            req_id: Option<u64>,
            success: Option<bool>,
            #[serde(borrow)]
            error: Option<Text<'a>>,
        }
        let Wire { method, req_id, success, error } = object(raw).ok()?;
        if &*method == "pong" {
            return Some(Self::Pong);
        }
        let wordless = || Error::new(ErrorKind::Exchange, "refused without a reason");
        let refused = (success == Some(false)).then(|| error.map_or_else(wordless, |text| reason(&text)));
        Some(Self::Reply { id: req_id, refused })
    }
}

/// Sockets state codes, and for topics that cannot be had a sentence.
fn reason(text: &str) -> Error {
    if text.starts_with("Currency pair not supported") {
        return Error::new(ErrorKind::UnknownInstrument, text.to_owned());
    }
    error_codes::stated(text)
}

/// What a frame is, for frames of a connection that is not in charge yet.
pub(crate) fn classify(frame: &[u8]) -> FrameKind {
    match str::from_utf8(frame).ok().and_then(Control::of) {
        Some(Control::Reply { id: Some(id), refused }) => FrameKind::Reply { id, refused },
        Some(Control::Pong) => FrameKind::Pong,
        Some(Control::Reply { id: None, .. }) | None => FrameKind::Data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_data() {
        let accepted = r#"{"method":"subscribe","result":{"channel":"book"},"success":true,"req_id":7}"#;
        assert!(matches!(classify(accepted.as_bytes()), FrameKind::Reply { id: 7, refused: None }));
        let refused =
            r#"{"error":"Currency pair not supported MOON/USD","method":"subscribe","req_id":8,"success":false}"#;
        let refused = classify(refused.as_bytes());
        let FrameKind::Reply { id: 8, refused: Some(error) } = refused else { panic!("{refused:?}") };
        assert_eq!(error.kind(), ErrorKind::UnknownInstrument);
        assert!(matches!(classify(br#"{"method":"pong","req_id":101}"#), FrameKind::Pong));
        for data in ["", "[]", r#"{"channel":"heartbeat"}"#, r#"{"channel":"book","type":"update","data":[]}"#] {
            assert!(matches!(classify(data.as_bytes()), FrameKind::Data), "{data}");
        }
    }

    #[test]
    fn requests_name_their_channel() {
        let frame = request(7, "subscribe", "trade", |text| text.push_str(r#","snapshot":false"#));
        assert_eq!(frame, r#"{"method":"subscribe","params":{"channel":"trade","snapshot":false},"req_id":7}"#);
    }
}
