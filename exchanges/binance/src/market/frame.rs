use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{DecodeError, Frame, MarketDecoder, MarketSink};
use tradewire_wire::{Fault, Levels, object};

use super::fields::Fields;
use super::reply::Reply;
use super::trade::TradeForm;
use super::{book_ticker, depth, kline, mark_price, symbol, trade};

/// Where the messages of Binance's markets differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameForm {
    /// Spot.
    Spot,
    /// Futures: book changes name the id before them, and messages name the market that they are from.
    Futures,
}

/// Decodes frames of market streams, with `stream` and `data` around the message or without.
#[derive(Debug)]
pub(crate) struct FrameDecoder {
    form: FrameForm,
    levels: Levels,
}

/// The messages that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    AggregateTrade,
    BookTicker,
    Depth,
    Kline,
    MarkPrice,
    Trade,
}

impl Kind {
    /// Steps over a kind that is named in front. A message that begins otherwise can only be a book ticker.
    #[inline(always)]
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if !fields.named_first() {
            return Some(Self::BookTicker);
        }
        let cursor = fields.value();
        let (kind, rest): (Self, &[u8]) = match cursor.byte()? {
            b'a' => (Self::AggregateTrade, b"ggTrade\","),
            b'b' => (Self::BookTicker, b"ookTicker\","),
            b'd' => (Self::Depth, b"epthUpdate\","),
            b't' => (Self::Trade, b"rade\","),
            _ => return None,
        };
        cursor.expect(rest)?;
        Some(kind)
    }

    fn name(self) -> &'static str {
        match self {
            Self::AggregateTrade => "aggTrade",
            Self::BookTicker => book_ticker::KIND,
            Self::Depth => "depthUpdate",
            Self::Kline => "kline",
            Self::MarkPrice => "markPriceUpdate",
            Self::Trade => "trade",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "aggTrade" => Some(Self::AggregateTrade),
            "bookTicker" => Some(Self::BookTicker),
            "depthUpdate" => Some(Self::Depth),
            "kline" => Some(Self::Kline),
            "markPriceUpdate" => Some(Self::MarkPrice),
            "trade" => Some(Self::Trade),
            _ => None,
        }
    }
}

impl MarketDecoder for FrameDecoder {
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        match self.read(frame, sink) {
            Some(kind) => Ok(Frame::Data { kind: kind.name() }),
            None => self.decode_json(frame, sink),
        }
    }
}

impl FrameDecoder {
    /// A decoder with empty buffers.
    pub(crate) fn new(form: FrameForm) -> Self {
        Self { form, levels: Levels::default() }
    }

    /// Decodes the frequent messages in their usual layout; `None` for anything else, the sink not having been told.
    #[inline]
    pub(crate) fn read(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Option<Kind> {
        let mut fields = Fields::open(frame)?;
        let kind = Kind::read(&mut fields)?;
        match kind {
            Kind::AggregateTrade => trade::read(fields, TradeForm::Aggregated, sink)?,
            Kind::BookTicker => book_ticker::read(fields, sink)?,
            Kind::Depth => depth::read(fields, self.form, &mut self.levels, sink)?,
            Kind::Kline | Kind::MarkPrice => return None,
            Kind::Trade => trade::read(fields, TradeForm::Single, sink)?,
        }
        Some(kind)
    }

    /// As [`Self::read`], for any valid JSON.
    pub(crate) fn decode_json(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        self.frame_from_json(frame, sink).map_err(|fault| fault.of_message(symbol::slot_of(frame, sink), frame))
    }

    fn frame_from_json(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, Fault> {
        match Content::of(frame)? {
            Content::Event { kind, raw } => self.event_from_json(kind, raw, sink),
            Content::Reply(reply) => Ok(Frame::Reply { id: reply.id, refused: reply.refused }),
            Content::ShutdownNotice => Ok(Frame::ShutdownNotice),
            Content::Unknown => Ok(Frame::Unknown),
        }
    }

    fn event_from_json(&mut self, kind: Kind, raw: &str, sink: &mut dyn MarketSink) -> Result<Frame, Fault> {
        let data = Frame::Data { kind: kind.name() };
        if self.form == FrameForm::Futures && is_coin_margined(raw) {
            return Ok(data);
        }
        let symbol = object::<Symbol<'_>>(raw)?.symbol;
        let Some(place) = sink.find(symbol.as_bytes()) else { return Ok(data) };
        let used = match kind {
            Kind::AggregateTrade => trade::read_json(raw, TradeForm::Aggregated, place, sink)?,
            Kind::BookTicker => book_ticker::read_json(raw, place, sink).map(|()| true)?,
            Kind::Depth => depth::read_json(raw, self.form, place, &mut self.levels, sink).map(|()| true)?,
            Kind::Kline => kline::read_json(raw, place.0, sink).map(|()| true)?,
            Kind::MarkPrice => mark_price::read_json(raw, place.0, sink).map(|()| true)?,
            Kind::Trade => trade::read_json(raw, TradeForm::Single, place, sink)?,
        };
        Ok(if used { data } else { Frame::Unknown })
    }
}

/// What a frame holds.
pub(crate) enum Content<'a> {
    /// A message of the market.
    Event { kind: Kind, raw: &'a str },
    /// The answer to a control message.
    Reply(Reply),
    /// The exchange will close the connection.
    ShutdownNotice,
    /// Something else.
    Unknown,
}

impl<'a> Content<'a> {
    /// Looks into a frame of any valid JSON: an event, alone or with its stream's name around it, or an answer.
    pub(crate) fn of(frame: &'a [u8]) -> Result<Self, Fault> {
        let raw: &RawValue = serde_json::from_slice(frame)?;
        let raw = raw.get();
        if !raw.starts_with('{') {
            return Ok(Self::Unknown);
        }
        if let Some(kind) = event_kind(raw, None)? {
            return Ok(Self::event(&kind, raw));
        }
        let wrapped: Wrapped<'_> = serde_json::from_str(raw)?;
        if let (Some(stream), Some(data)) = (wrapped.stream, wrapped.data) {
            let kind = event_kind(data.get(), Some(&stream))?;
            return Ok(kind.map_or(Self::Unknown, |kind| Self::event(&kind, data.get())));
        }
        Ok(Reply::from_json(raw)?.map_or(Self::Unknown, Self::Reply))
    }

    fn event(kind: &str, raw: &'a str) -> Self {
        match Kind::from_name(kind) {
            Some(kind) => Self::Event { kind, raw },
            None if kind == "serverShutdown" => Self::ShutdownNotice,
            None => Self::Unknown,
        }
    }
}

/// The kind of an event, named or told by its form; `None` if it is no event.
fn event_kind<'a>(raw: &'a str, stream: Option<&str>) -> Result<Option<Cow<'a, str>>, Fault> {
    if !raw.starts_with('{') {
        return Ok(None);
    }
    let named = object::<Named<'_>>(raw)?.kind;
    let in_ticker_stream = stream.is_some_and(|stream| stream.ends_with("@bookTicker"));
    if named.is_none() && (in_ticker_stream || book_ticker::has_form(raw)) {
        return Ok(Some(Cow::Borrowed(book_ticker::KIND)));
    }
    Ok(named)
}

/// Whether a futures message is about a coin-margined symbol, which the streams of the others carry too.
fn is_coin_margined(raw: &str) -> bool {
    serde_json::from_str::<Market>(raw).is_ok_and(|market| market.symbol_type == Some(2))
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(rename = "e", borrow)]
    kind: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Symbol<'a> {
    #[serde(rename = "s", borrow)]
    symbol: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Market {
    #[serde(rename = "st")]
    symbol_type: Option<u8>,
}
