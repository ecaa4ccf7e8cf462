use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{MarketSink, RawBestPrices, Scale, Slot};
use tradewire_wire::{Fault, Number};

use super::fields::{Fields, Key, Seen};

/// The kind of the message, where it is named: spot leaves it out.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#individual-symbol-book-ticker-streams>
pub(crate) const KIND: &str = "bookTicker";

const NEEDED: Seen = Seen::of(&[Key::SYMBOL, Key::LAST_ID, Key::BIDS, Key::BID_QUANTITY, Key::ASKS, Key::ASK_QUANTITY]);

/// Reads the fields, with or without the kind, and tells the sink.
#[inline(always)]
pub(crate) fn read(mut fields: Fields<'_>, sink: &mut dyn MarketSink) -> Option<()> {
    let mut place: Option<(Slot, Scale)> = None;
    let (mut update_id, mut bid, mut ask) = (0, (0, 0), (0, 0));
    let mut key = Some(fields.first()?);
    while let Some(current) = key {
        match current {
            Key::SYMBOL => place = Some(fields.symbol(sink)?),
            Key::LAST_ID => update_id = fields.value().integer()?,
            Key::BIDS => bid.0 = fields.value().quoted_decimal(place?.1.price)?,
            Key::BID_QUANTITY => bid.1 = fields.value().quoted_decimal(place?.1.quantity)?,
            Key::ASKS => ask.0 = fields.value().quoted_decimal(place?.1.price)?,
            Key::ASK_QUANTITY => ask.1 = fields.value().quoted_decimal(place?.1.quantity)?,
            Key::EVENT => fields.value().expect(b"\"bookTicker\"")?,
            other => fields.skip(other)?,
        }
        key = fields.next()?;
    }
    fields.close(NEEDED)?;
    sink.best_prices(place?.0, best_prices(update_id, bid, ask).ok()?);
    Some(())
}

/// As [`read`], for any valid JSON.
pub(crate) fn read_json(raw: &str, (slot, scale): (Slot, Scale), sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let wire: Wire<'_> = serde_json::from_str(raw)?;
    let bid = (wire.bid.scaled(scale.price)?, wire.bid_quantity.scaled(scale.quantity)?);
    let ask = (wire.ask.scaled(scale.price)?, wire.ask_quantity.scaled(scale.quantity)?);
    sink.best_prices(slot, best_prices(wire.update_id, bid, ask)?);
    Ok(())
}

/// A side without orders has the price and the quantity 0.
#[inline]
fn best_prices(update_id: u64, bid: (i64, i64), ask: (i64, i64)) -> Result<RawBestPrices, Fault> {
    let priced = |side: (i64, i64)| side.0 > 0 || side.1 == 0;
    if !priced(bid) || !priced(ask) {
        return Err(Fault::decode("a quantity at the price 0"));
    }
    Ok(RawBestPrices { update_id: Some(update_id), bid, ask })
}

/// Whether an object without a kind has the fields of this message.
pub(crate) fn has_form(raw: &str) -> bool {
    serde_json::from_str::<Form<'_>>(raw).is_ok()
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
