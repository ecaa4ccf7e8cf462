//! The market socket: where it is, what is asked of it, and how its frames are read.

use std::sync::Arc;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind, Instrument};
use tradewire_tracking::{DecodeError, Frame, MarketDecoder, MarketSink, RawTrade, Slot, TopicSet, TradeStream};
use tradewire_transport::{FrameKind, StreamDialect, StreamLimits};
use tradewire_wire::{Fault, Levels, Text, object, value_of};

use crate::control::{self, CLOSING, Reply};
use crate::{book, limits, trades};

const BOOK: &str = "book";
const TRADES: &str = "trades";

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
        control::subscribe(id, topics)
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::unsubscribe(id, topics)
    }

    fn limits(&self) -> StreamLimits {
        limits::STREAM_LIMITS
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

/// Reads frames; pure but for its buffers.
#[derive(Debug, Default)]
pub(crate) struct FrameDecoder {
    levels: Levels,
    trades: Vec<RawTrade>,
}

impl MarketDecoder for FrameDecoder {
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        self.read(frame, sink).map_err(|fault| DecodeError {
            slot: slot_of(frame, sink),
            reason: fault.reason,
            error: Error::new(ErrorKind::Decode, fault.message).with_frame(frame),
        })
    }
}

impl FrameDecoder {
    fn read(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, Fault> {
        #[derive(Deserialize)]
        struct Topic<'a> {
            #[serde(borrow)]
            topic: Option<Text<'a>>,
        }
        let raw = str::from_utf8(frame).map_err(|error| Fault::decode(error.to_string()))?.trim();
        let Some(topic) = object::<Topic<'_>>(raw)?.topic else { return Ok(control_frame(raw)) };
        match topic.split_once(':') {
            Some((BOOK, symbol)) => {
                book::read(raw, symbol, &mut self.levels, sink).map(|()| Frame::Data { kind: BOOK })
            }
            Some((TRADES, symbol)) => {
                trades::read(raw, symbol, &mut self.trades, sink).map(|()| Frame::Data { kind: TRADES })
            }
            _ => Ok(Frame::Unknown),
        }
    }
}

/// A frame without a topic.
fn control_frame(raw: &str) -> Frame {
    match Reply::of(raw) {
        _ if raw == CLOSING => Frame::ShutdownNotice,
        Some(Reply { id, refused }) => {
            Frame::Reply { id: Some(id), refused: refused.map(|error| error.message().to_owned()) }
        }
        None => Frame::Unknown,
    }
}

/// The slot of the instrument that a frame seems to be for, however broken the frame is.
fn slot_of(frame: &[u8], sink: &mut dyn MarketSink) -> Option<Slot> {
    let topic = str::from_utf8(value_of(frame, b"\"topic\"")?).ok()?;
    let (_, symbol) = topic.split_once(':')?;
    sink.find(symbol.as_bytes()).map(|(slot, _)| slot)
}
