use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{DecodeError, Frame, MarketDecoder, MarketSink, RawTrade, Slot};
use tradewire_wire::{Cursor, Fault, Levels, Text, object, value_of};

use super::{book, kline, ticker, trade};
use crate::config::BookLevels;
use crate::control::Control;

/// Decodes frames of market streams.
#[derive(Debug)]
pub(crate) struct FrameDecoder {
    /// Levels of the topic that brings the book.
    book: u32,
    levels: Levels,
    trades: Vec<RawTrade>,
}

const ORDERBOOK: &str = "orderbook";
const TRADE: &str = "publicTrade";
const TICKER: &str = "tickers";
const KLINE: &str = "kline";

/// A message of any topic.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow)]
    topic: Option<Text<'a>>,
    /// `snapshot` or `delta`.
    #[serde(rename = "type", borrow)]
    pub(crate) kind: Option<Text<'a>>,
    /// When it was sent, in milliseconds.
    #[serde(rename = "ts")]
    pub(crate) sent: Option<u64>,
    /// When the engine produced it, in milliseconds.
    #[serde(rename = "cts")]
    pub(crate) made: Option<u64>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Its data.
    pub(crate) fn data(&self) -> Result<&'a str, Fault> {
        self.data.map(RawValue::get).ok_or_else(|| Fault::decode("missing field `data`"))
    }
}

impl MarketDecoder for FrameDecoder {
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        match self.read(frame, sink) {
            Some(kind) => Ok(Frame::Data { kind }),
            None => self.decode_json(frame, sink),
        }
    }
}

impl FrameDecoder {
    /// A decoder with empty buffers, for books of so many levels.
    pub(crate) fn new(levels: BookLevels) -> Self {
        Self { book: levels.number(), levels: Levels::default(), trades: Vec::new() }
    }

    /// Decodes the frequent messages in their usual layout; `None` for anything else, the sink not having been told.
    #[inline]
    pub(crate) fn read(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Option<&'static str> {
        let mut cursor = Cursor::new(frame);
        cursor.expect(b"{\"topic\":\"")?;
        if cursor.eat(b"orderbook.") {
            book::read(cursor, self.book, &mut self.levels, sink)?;
            Some(ORDERBOOK)
        } else {
            cursor.expect(b"publicTrade.")?;
            trade::read(cursor, &mut self.trades, sink)?;
            Some(TRADE)
        }
    }

    /// As [`Self::read`], for any valid JSON.
    pub(crate) fn decode_json(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        self.frame_from_json(frame, sink).map_err(|fault| fault.of_message(slot_of(frame, sink), frame))
    }

    fn frame_from_json(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, Fault> {
        let raw = str::from_utf8(frame.trim_ascii()).map_err(|error| Fault::decode(error.to_string()))?;
        if !raw.starts_with('{') {
            return Ok(serde_json::from_str::<&RawValue>(raw).map(|_| Frame::Unknown)?);
        }
        let envelope: Envelope<'_> = object(raw)?;
        let Some(topic) = envelope.topic.as_deref() else { return Ok(answer(raw)) };
        let (name, rest) = topic.split_once('.').unwrap_or((topic, ""));
        let kind = match name {
            ORDERBOOK => book::read_json(rest, &envelope, self.book, &mut self.levels, sink).map(|()| ORDERBOOK)?,
            TRADE => trade::read_json(rest, &envelope, &mut self.trades, sink).map(|()| TRADE)?,
            TICKER => ticker::read_json(rest, &envelope, sink).map(|()| TICKER)?,
            KLINE => kline::read_json(rest, &envelope, sink).map(|()| KLINE)?,
            _ => return Ok(Frame::Unknown),
        };
        Ok(Frame::Data { kind })
    }
}

/// A frame without a topic.
fn answer(raw: &str) -> Frame {
    match Control::of(raw) {
        Some(Control::Reply { id, refused }) => {
            Frame::Reply { id, refused: refused.map(|error| error.message().to_owned()) }
        }
        Some(Control::Pong) => Frame::Reply { id: None, refused: None },
        None => Frame::Unknown,
    }
}

/// The slot of the instrument that a frame seems to be for, however broken the frame is.
fn slot_of(frame: &[u8], sink: &mut dyn MarketSink) -> Option<Slot> {
    let topic = value_of(frame, b"\"topic\"")?;
    let symbol = topic.rsplit(|byte| *byte == b'.').next()?;
    sink.find(symbol).map(|(slot, _)| slot)
}
