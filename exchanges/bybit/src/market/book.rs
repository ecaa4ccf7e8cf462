use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{BookMessage, MarketSink, RawBestPrices, Scale, Slot};
use tradewire_wire::{Cursor, Fault, Levels, millis, object, read_side, side_from_json};

use super::frame::Envelope;
use super::head::{Head, once};

/// The levels of a topic that brings best prices, where another one brings the book.
const BEST: u32 = 1;

/// Reads a message whose topic's name has been read up to the levels, and tells the sink.
///
/// <https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook>
#[inline]
pub(crate) fn read(mut cursor: Cursor<'_>, book: u32, levels: &mut Levels, sink: &mut dyn MarketSink) -> Option<()> {
    let depth = u32::try_from(cursor.integer()?).ok()?;
    cursor.expect(b".")?;
    let symbol = cursor.string()?;
    let place = sink.find(symbol)?;
    let mut head = Head::default();
    head.read_before_data(&mut cursor)?;
    let update_id = read_data(&mut cursor, symbol, place.1, levels)?;
    head.read_after_data(&mut cursor)?;
    let time = head.made.or(head.sent)?;
    let message = Message { depth, snapshot: head.snapshot?, update_id, time };
    message.tell(book, place.0, levels, sink).ok()
}

#[inline(always)]
fn read_data(cursor: &mut Cursor<'_>, symbol: &[u8], scale: Scale, levels: &mut Levels) -> Option<u64> {
    let (mut named, mut bids, mut asks, mut update_id) = (None, None, None, None);
    cursor.expect(b"{\"")?;
    loop {
        if cursor.eat(b"s\":\"") {
            once(&mut named, (cursor.string()? == symbol).then_some(())?)?;
        } else if cursor.eat(b"b\":") {
            once(&mut bids, read_side(cursor, scale, &mut levels.bids)?)?;
        } else if cursor.eat(b"a\":") {
            once(&mut asks, read_side(cursor, scale, &mut levels.asks)?)?;
        } else if cursor.eat(b"u\":") {
            once(&mut update_id, cursor.integer()?)?;
        } else {
            cursor.expect(b"seq\":")?;
            cursor.integer()?;
        }
        match cursor.byte()? {
            b',' => cursor.expect(b"\"")?,
            b'}' => break,
            _ => return None,
        }
    }
    named.and(bids).and(asks).and(update_id)
}

/// As [`read`], for any valid JSON.
pub(crate) fn read_json(
    topic: &str,
    envelope: &Envelope<'_>,
    book: u32,
    levels: &mut Levels,
    sink: &mut dyn MarketSink,
) -> Result<(), Fault> {
    let named = topic.split_once('.').and_then(|(depth, symbol)| Some((depth.parse().ok()?, symbol)));
    let (depth, symbol) = named.ok_or_else(|| Fault::decode("a topic without levels or symbol"))?;
    let Some((slot, scale)) = sink.find(symbol.as_bytes()) else { return Ok(()) };
    let snapshot = match envelope.kind.as_deref() {
        Some("snapshot") => true,
        Some("delta") => false,
        _ => return Err(Fault::decode("neither a snapshot nor a delta")),
    };
    let wire: Wire<'_> = object(envelope.data()?)?;
    if wire.symbol != symbol {
        return Err(Fault::decode("the book of another symbol"));
    }
    side_from_json(wire.bids, scale, &mut levels.bids)?;
    side_from_json(wire.asks, scale, &mut levels.asks)?;
    let time = envelope.made.or(envelope.sent).ok_or_else(|| Fault::decode("missing field `ts`"))?;
    Message { depth, snapshot, update_id: wire.update_id, time }.tell(book, slot, levels, sink)
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "s", borrow)]
    symbol: Cow<'a, str>,
    #[serde(rename = "b", borrow)]
    bids: &'a RawValue,
    #[serde(rename = "a", borrow)]
    asks: &'a RawValue,
    #[serde(rename = "u")]
    update_id: u64,
}

/// A message but for its levels.
struct Message {
    depth: u32,
    snapshot: bool,
    update_id: u64,
    time: u64,
}

impl Message {
    /// Tells the sink: a change of the book of `book` levels, or best prices where that has more than one.
    #[inline]
    fn tell(self, book: u32, slot: Slot, levels: &Levels, sink: &mut dyn MarketSink) -> Result<(), Fault> {
        let Levels { bids, asks } = levels;
        let time = millis(self.time)?;
        if self.depth == book {
            let Self { snapshot, update_id, .. } = self;
            let (first_id, last_id, previous_id) = (update_id, update_id, None);
            let checksum = None;
            sink.book(slot, BookMessage { snapshot, first_id, last_id, previous_id, time, bids, asks, checksum });
        } else if self.depth == BEST {
            let best = |side: &[(i64, i64)]| side.first().copied().unwrap_or_default();
            // Its count is not that of the book.
            sink.best_prices(slot, RawBestPrices { update_id: None, bid: best(bids), ask: best(asks) });
        }
        Ok(())
    }
}
