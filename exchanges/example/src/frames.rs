//! Which frame of the market socket is which.

use serde::Deserialize;
use tradewire_tracking::{DecodeError, Frame, MarketDecoder, MarketSink, RawTrade, Slot};
use tradewire_wire::{Fault, Levels, Text, object, value_of};

use crate::control::{Reply, is_closing};
use crate::funding::FUNDING;
use crate::{book, funding, trades};

/// What the topic of a book begins with.
pub(crate) const BOOK: &str = "book";
/// What the topic of trades begins with.
pub(crate) const TRADES: &str = "trades";

/// Reads frames; pure but for its buffers.
#[derive(Debug, Default)]
pub(crate) struct FrameDecoder {
    levels: Levels,
    trades: Vec<RawTrade>,
}

impl MarketDecoder for FrameDecoder {
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        self.read(frame, sink).map_err(|fault| fault.of_message(slot_of(frame, sink), frame))
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
            Some((FUNDING, symbol)) => funding::read(raw, symbol, sink).map(|()| Frame::Data { kind: FUNDING }),
            _ => Ok(Frame::Unknown),
        }
    }
}

/// A frame without a topic.
fn control_frame(raw: &str) -> Frame {
    match Reply::of(raw) {
        _ if is_closing(raw) => Frame::ShutdownNotice,
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
