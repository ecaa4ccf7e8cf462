//! The market socket: where it is, what is asked of it, and how its frames are read.
//! <https://docs.kraken.com/exchange/api-reference/spot-websocket>

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::Instrument;
use tradewire_tracking::{DecodeError, Frame, MarketDecoder, MarketSink, RawTrade, Slot, TopicSet, TradeStream};
use tradewire_transport::{FrameKind, StreamDialect, StreamLimits, append_json_string};
use tradewire_wire::{Fault, Levels, Text, object, value_of};

use crate::book::DEPTH;
use crate::control::{self, Control, PING};
use crate::{book, limits, trades};

const BOOK: &str = "book";
const TRADES: &str = "trade";
/// Channels that tell nothing of an instrument: the connection lives, and how the exchange is.
const OTHER: [&str; 2] = ["heartbeat", "status"];

/// The topics of one instrument, that of its book first.
pub(crate) fn topics(instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
    let mut topics = vec![format!("{BOOK}:{}", instrument.symbol).into()];
    if of.trades == TradeStream::Single {
        topics.push(format!("{TRADES}:{}", instrument.symbol).into());
    }
    topics
}

/// How the socket is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct MarketStream {
    pub(crate) url: String,
}

impl StreamDialect for MarketStream {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        request(id, "subscribe", topics)
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        request(id, "unsubscribe", topics)
    }

    fn limits(&self) -> StreamLimits {
        limits::STREAM_LIMITS
    }

    fn ping(&self) -> Option<String> {
        Some(PING.to_owned())
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

/// A request about topics of one channel.
fn request(id: u64, method: &str, topics: &[Arc<str>]) -> String {
    let parts = |topic: &'static str| topics.iter().filter_map(move |own| own.strip_prefix(topic)?.strip_prefix(':'));
    let channel = if parts(BOOK).next().is_some() { BOOK } else { TRADES };
    control::request(id, method, channel, |text| {
        for (index, symbol) in parts(channel).enumerate() {
            text.push_str(if index == 0 { r#","symbol":["# } else { "," });
            append_json_string(symbol, text);
        }
        text.push(']');
        match channel {
            BOOK => text.push_str(&format!(r#","depth":{DEPTH}"#)),
            _ => text.push_str(r#","snapshot":false"#),
        }
    })
}

/// Reads frames; pure but for its buffers.
#[derive(Debug, Default)]
pub(crate) struct FrameDecoder {
    levels: Levels,
    trades: Vec<(Slot, RawTrade)>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    channel: Option<Text<'a>>,
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    data: Vec<&'a RawValue>,
}

impl MarketDecoder for FrameDecoder {
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        self.read(frame, sink).map_err(|fault| fault.of_message(slot_of(frame, sink), frame))
    }
}

impl FrameDecoder {
    fn read(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, Fault> {
        let raw = str::from_utf8(frame).map_err(|error| Fault::decode(error.to_string()))?.trim();
        let event: Event<'_> = object(raw)?;
        let Some(channel) = &event.channel else { return Ok(control_frame(raw)) };
        match &**channel {
            BOOK => {
                let snapshot = match event.kind.as_deref() {
                    Some("snapshot") => true,
                    Some("update") => false,
                    _ => return Err(Fault::decode("a book of another kind")),
                };
                // There is one element; a frame of several would reach the sink in part before a broken one.
                let [only] = &event.data[..] else { return Err(Fault::decode("not one book")) };
                book::read(snapshot, only.get(), &mut self.levels, sink).map(|()| Frame::Data { kind: BOOK })
            }
            TRADES => trades::read(&event.data, &mut self.trades, sink).map(|()| Frame::Data { kind: TRADES }),
            other => {
                Ok(OTHER.iter().find(|known| **known == other).map_or(Frame::Unknown, |kind| Frame::Data { kind }))
            }
        }
    }
}

/// A frame without a channel.
fn control_frame(raw: &str) -> Frame {
    match Control::of(raw) {
        Some(Control::Reply { id, refused }) => {
            Frame::Reply { id, refused: refused.map(|error| error.message().to_owned()) }
        }
        Some(Control::Pong) => Frame::Data { kind: "pong" },
        None => Frame::Unknown,
    }
}

/// The slot of the instrument that a frame seems to be for, however broken the frame is.
fn slot_of(frame: &[u8], sink: &mut dyn MarketSink) -> Option<Slot> {
    sink.find(value_of(frame, b"\"symbol\"")?).map(|(slot, _)| slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_their_symbols() {
        let stream = MarketStream { url: String::new() };
        assert_eq!(
            stream.subscribe(7, &["book:BTC/USDT".into()]),
            r#"{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USDT"],"depth":1000},"req_id":7}"#
        );
        assert_eq!(
            stream.unsubscribe(8, &["trade:BTC/USDT".into(), "trade:ETH/BTC".into()]),
            r#"{"method":"unsubscribe","params":{"channel":"trade","symbol":["BTC/USDT","ETH/BTC"],"snapshot":false},"req_id":8}"#
        );
    }
}
