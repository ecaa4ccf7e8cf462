//! Control messages of market streams.

use std::sync::Arc;

use serde::Serialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::FrameKind;

use crate::market::{Content, Reply};

/// A control message on a market stream.
#[derive(Serialize)]
struct Control<'a> {
    method: &'static str,
    params: Vec<&'a str>,
    id: u64,
}

/// The frame that asks for streams.
pub(crate) fn subscribe(id: u64, streams: &[Arc<str>]) -> String {
    control("SUBSCRIBE", id, streams)
}

/// The frame that ends streams.
pub(crate) fn unsubscribe(id: u64, streams: &[Arc<str>]) -> String {
    control("UNSUBSCRIBE", id, streams)
}

fn control(method: &'static str, id: u64, streams: &[Arc<str>]) -> String {
    let control = Control { method, params: streams.iter().map(|stream| &**stream).collect(), id };
    // Texts and a number always have a form in JSON.
    serde_json::to_string(&control).unwrap_or_default()
}

/// What a frame is to the socket that it comes from.
pub(crate) fn classify(frame: &[u8]) -> FrameKind {
    match Content::of(frame) {
        Ok(Content::Reply(Reply { id: Some(id), refused })) => {
            FrameKind::Reply { id, refused: refused.map(|text| Error::new(ErrorKind::Exchange, text)) }
        }
        Ok(Content::ShutdownNotice) => FrameKind::ShutdownNotice,
        _ => FrameKind::Data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_messages_name_streams_and_an_id() {
        let streams = ["btcusdt@depth@100ms".into(), "币安人生usdt@trade".into()];
        assert_eq!(
            subscribe(7, &streams),
            r#"{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","币安人生usdt@trade"],"id":7}"#
        );
        assert_eq!(unsubscribe(8, &[]), r#"{"method":"UNSUBSCRIBE","params":[],"id":8}"#);
    }

    #[test]
    fn answers_and_notices_are_told_from_data() {
        assert!(matches!(classify(br#"{"result":null,"id":3}"#), FrameKind::Reply { id: 3, refused: None }));
        assert!(matches!(
            classify(br#"{"error":{"code":2,"msg":"no"},"id":4}"#),
            FrameKind::Reply { id: 4, refused: Some(_) }
        ));
        assert!(matches!(classify(br#"{"e":"serverShutdown","E":1}"#), FrameKind::ShutdownNotice));
        assert!(matches!(
            classify(br#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}"#),
            FrameKind::ShutdownNotice
        ));
        for data in [&br#"{"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}"#[..], b"[]", b"garbage"] {
            assert!(matches!(classify(data), FrameKind::Data));
        }
    }
}
