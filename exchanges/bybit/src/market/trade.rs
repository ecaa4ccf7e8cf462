use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{PublicTradeId, Side};
use tradewire_tracking::{MarketSink, RawTrade, Scale, Slot};
use tradewire_wire::{Cursor, Fault, Number, millis, object};

use super::frame::Envelope;
use super::head::{Head, once};

/// More trades than this in a message are none.
const TRADES_MAX: usize = 4_096;

/// Reads a message whose topic's name has been read up to the symbol, and tells the sink.
///
/// <https://bybit-exchange.github.io/docs/v5/websocket/public/trade>
#[inline]
pub(crate) fn read(mut cursor: Cursor<'_>, trades: &mut Vec<RawTrade>, sink: &mut dyn MarketSink) -> Option<()> {
    let symbol = cursor.string()?;
    let (slot, scale) = sink.find(symbol)?;
    let mut head = Head::default();
    head.read_before_data(&mut cursor)?;
    trades.clear();
    cursor.expect(b"[")?;
    while !cursor.eat(b"]") {
        if !trades.is_empty() {
            cursor.expect(b",")?;
        }
        let trade = read_one(&mut cursor, symbol, scale)?;
        if trades.len() == TRADES_MAX {
            return None;
        }
        trades.push(trade);
    }
    head.read_after_data(&mut cursor)?;
    tell(slot, trades, sink);
    Some(())
}

#[inline(always)]
fn read_one(cursor: &mut Cursor<'_>, symbol: &[u8], scale: Scale) -> Option<RawTrade> {
    let (mut named, mut time, mut taker, mut quantity, mut price, mut id) = (None, None, None, None, None, None);
    cursor.expect(b"{\"")?;
    loop {
        if cursor.eat(b"T\":") {
            once(&mut time, cursor.time()?)?;
        } else if cursor.eat(b"s\":\"") {
            once(&mut named, (cursor.string()? == symbol).then_some(())?)?;
        } else if cursor.eat(b"S\":\"") {
            once(&mut taker, side(std::str::from_utf8(cursor.string()?).ok()?)?)?;
        } else if cursor.eat(b"v\":") {
            once(&mut quantity, cursor.quoted_decimal(scale.quantity)?)?;
        } else if cursor.eat(b"p\":") {
            once(&mut price, cursor.quoted_decimal(scale.price)?)?;
        } else if cursor.eat(b"i\":\"") {
            once(&mut id, PublicTradeId::read(cursor.string()?)?)?;
        } else {
            skip_field(cursor)?;
        }
        match cursor.byte()? {
            b',' => cursor.expect(b"\"")?,
            b'}' => break,
            _ => return None,
        }
    }
    named?;
    let (price, quantity) = (price.filter(|price| *price > 0)?, quantity.filter(|quantity| *quantity > 0)?);
    Some(RawTrade { id: id?, aggregates: None, price, quantity, taker: taker?, time: millis(time?).ok()? })
}

/// Steps over a field that is not needed, whose opening quote has been read.
#[inline(always)]
fn skip_field(cursor: &mut Cursor<'_>) -> Option<()> {
    let name = cursor.string()?;
    // One of those read elsewhere can only come here in another layout.
    if matches!(name, b"T" | b"s" | b"S" | b"v" | b"p" | b"i") {
        return None;
    }
    cursor.expect(b":")?;
    cursor.skip_scalar()
}

/// As [`read`], for any valid JSON.
pub(crate) fn read_json(
    symbol: &str,
    envelope: &Envelope<'_>,
    trades: &mut Vec<RawTrade>,
    sink: &mut dyn MarketSink,
) -> Result<(), Fault> {
    let Some((slot, scale)) = sink.find(symbol.as_bytes()) else { return Ok(()) };
    let rows: Vec<&RawValue> = serde_json::from_str(envelope.data()?)?;
    if rows.len() > TRADES_MAX {
        return Err(Fault::decode(format!("{} trades in a message", rows.len())));
    }
    trades.clear();
    for row in rows {
        let wire: Wire<'_> = object(row.get())?;
        if wire.symbol != symbol {
            return Err(Fault::decode("a trade of another symbol"));
        }
        trades.push(wire.trade(scale)?);
    }
    tell(slot, trades, sink);
    Ok(())
}

fn tell(slot: Slot, trades: &[RawTrade], sink: &mut dyn MarketSink) {
    for trade in trades {
        sink.trade(slot, *trade);
    }
}

/// The side that a word means.
pub(crate) fn side(word: &str) -> Option<Side> {
    match word {
        "Buy" => Some(Side::Buy),
        "Sell" => Some(Side::Sell),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "T")]
    time: u64,
    #[serde(rename = "s", borrow)]
    symbol: Cow<'a, str>,
    #[serde(rename = "S", borrow)]
    taker: Cow<'a, str>,
    #[serde(rename = "v", borrow)]
    quantity: Number<'a>,
    #[serde(rename = "p", borrow)]
    price: Number<'a>,
    #[serde(rename = "i", borrow)]
    id: Cow<'a, str>,
}

impl Wire<'_> {
    fn trade(&self, scale: Scale) -> Result<RawTrade, Fault> {
        Ok(RawTrade {
            id: PublicTradeId::read(self.id.as_bytes()).ok_or_else(|| Fault::decode("a trade id of another form"))?,
            aggregates: None,
            price: self.price.positive(scale.price)?,
            quantity: self.quantity.positive(scale.quantity)?,
            taker: side(&self.taker).ok_or_else(|| Fault::decode("a trade without a side"))?,
            time: millis(self.time)?,
        })
    }
}
