use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{MarketSink, RawBestPrices, Scale, Slot};

use super::cursor::{Cursor, Key, once};
use super::fault::Fault;
use super::number::Number;

/// The kind of the message, where it is named: spot leaves it out.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#individual-symbol-book-ticker-streams>
pub(crate) const KIND: &str = "bookTicker";

/// Reads the fields, with or without the kind.
pub(crate) fn read(cursor: &mut Cursor<'_>, sink: &mut dyn MarketSink) -> Option<(Slot, RawBestPrices)> {
    let (mut bid, mut bid_quantity, mut ask, mut ask_quantity) = (None, None, None, None);
    let (mut update_id, mut kind) = (None, None);
    let mut place: Option<(Slot, Scale)> = None;
    loop {
        match cursor.key()? {
            Key::SYMBOL => once(&mut place, cursor.symbol(sink)?)?,
            Key::LAST_ID => once(&mut update_id, cursor.integer()?)?,
            Key::BIDS => once(&mut bid, cursor.quoted_decimal(place?.1.price)?)?,
            Key::BID_QUANTITY => once(&mut bid_quantity, cursor.quoted_decimal(place?.1.quantity)?)?,
            Key::ASKS => once(&mut ask, cursor.quoted_decimal(place?.1.price)?)?,
            Key::ASK_QUANTITY => once(&mut ask_quantity, cursor.quoted_decimal(place?.1.quantity)?)?,
            Key::EVENT => once(&mut kind, cursor.expect(b"\"bookTicker\"")?)?,
            key => cursor.skip_field(key)?,
        }
        if !cursor.another()? {
            break;
        }
    }
    let best = RawBestPrices {
        update_id: Some(update_id?),
        bid: side(bid?, bid_quantity?).ok()?,
        ask: side(ask?, ask_quantity?).ok()?,
    };
    Some((place?.0, best))
}

/// As [`read`], for any valid JSON.
pub(crate) fn from_json(raw: &str, scale: Scale) -> Result<RawBestPrices, Fault> {
    let wire: Wire<'_> = serde_json::from_str(raw)?;
    Ok(RawBestPrices {
        update_id: Some(wire.update_id),
        bid: side(wire.bid.scaled(scale.price)?, wire.bid_quantity.scaled(scale.quantity)?)?,
        ask: side(wire.ask.scaled(scale.price)?, wire.ask_quantity.scaled(scale.quantity)?)?,
    })
}

/// Whether an object without a kind has the fields of this message.
pub(crate) fn has_form(raw: &str) -> bool {
    serde_json::from_str::<Form<'_>>(raw).is_ok()
}

/// A side without orders has the price 0.
fn side(price: i64, quantity: i64) -> Result<(i64, i64), Fault> {
    if price == 0 && quantity != 0 {
        return Err(Fault::decode("a quantity at the price 0"));
    }
    Ok((price, quantity))
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "u")]
    update_id: u64,
    #[serde(rename = "b", borrow)]
    bid: Number<'a>,
    #[serde(rename = "B", borrow)]
    bid_quantity: Number<'a>,
    #[serde(rename = "a", borrow)]
    ask: Number<'a>,
    #[serde(rename = "A", borrow)]
    ask_quantity: Number<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their presence counts")]
struct Form<'a> {
    #[serde(rename = "u", borrow)]
    update_id: &'a RawValue,
    #[serde(rename = "s", borrow)]
    symbol: &'a RawValue,
    #[serde(rename = "B", borrow)]
    bid_quantity: &'a RawValue,
    #[serde(rename = "A", borrow)]
    ask_quantity: &'a RawValue,
}
