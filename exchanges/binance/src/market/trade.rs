use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::Side;
use tradewire_tracking::{MarketSink, RawTrade, Scale, Slot};

use super::cursor::{Cursor, Key, once};
use super::fault::Fault;
use super::frame::millis;
use super::number::Number;

/// The two forms in which trades come.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#trade-streams>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TradeForm {
    /// `trade`: id `t`.
    Single,
    /// `aggTrade`: id `a`, and the ids `f` to `l` that it sums up.
    Aggregated,
}

/// Reads the fields, without the kind if that came first.
pub(crate) fn read(cursor: &mut Cursor<'_>, form: TradeForm, sink: &mut dyn MarketSink) -> Option<(Slot, RawTrade)> {
    let (mut id, mut first, mut last, mut time) = (None, None, None, None);
    let (mut price, mut quantity, mut buyer_is_maker, mut kind) = (None, None, None, None);
    let mut place: Option<(Slot, Scale)> = None;
    let aggregated = form == TradeForm::Aggregated;
    loop {
        match cursor.key()? {
            Key::SYMBOL => once(&mut place, cursor.symbol(sink)?)?,
            Key::TRADE_ID if !aggregated => once(&mut id, cursor.integer()?)?,
            Key::AGGREGATE_ID if aggregated => once(&mut id, cursor.integer()?)?,
            Key::FIRST_TRADE if aggregated => once(&mut first, cursor.integer()?)?,
            Key::LAST_TRADE if aggregated => once(&mut last, cursor.integer()?)?,
            Key::PRICE => once(&mut price, cursor.quoted_decimal(place?.1.price)?)?,
            Key::QUANTITY => once(&mut quantity, cursor.quoted_decimal(place?.1.quantity)?)?,
            Key::TRADE_TIME => once(&mut time, cursor.integer()?)?,
            Key::BUYER_IS_MAKER => once(&mut buyer_is_maker, cursor.boolean()?)?,
            Key::TRADE_KIND => once(&mut kind, cursor.expect(b"\"MARKET\"")?)?,
            key => cursor.skip_field(key)?,
        }
        if !cursor.another()? {
            break;
        }
    }
    let trade = RawTrade {
        id: id?,
        aggregates: if aggregated { Some((first?, last?)) } else { None },
        price: price.filter(|price| *price > 0)?,
        quantity: quantity.filter(|quantity| *quantity > 0)?,
        taker: taker(buyer_is_maker?),
        time: millis(time?)?,
    };
    Some((place?.0, trade))
}

/// As [`read`], for any valid JSON. `None` for a placeholder: a trade id that stands for no trade.
pub(crate) fn from_json(raw: &str, form: TradeForm, scale: Scale) -> Result<Option<RawTrade>, Fault> {
    let wire: Wire<'_> = serde_json::from_str(raw)?;
    if wire.kind.as_deref() == Some("NA") {
        return Ok(None);
    }
    let (id, aggregates) = match form {
        TradeForm::Single => (serde_json::from_str::<SingleIds>(raw)?.id, None),
        TradeForm::Aggregated => {
            let ids: AggregateIds = serde_json::from_str(raw)?;
            (ids.id, Some((ids.first, ids.last)))
        }
    };
    Ok(Some(RawTrade {
        id,
        aggregates,
        price: wire.price.positive(scale.price)?,
        quantity: wire.quantity.positive(scale.quantity)?,
        taker: taker(wire.buyer_is_maker),
        time: millis(wire.time).ok_or_else(|| Fault::decode("a time out of range"))?,
    }))
}

/// The side that took: the seller if the buyer's order had been resting.
pub(crate) fn taker(buyer_is_maker: bool) -> Side {
    if buyer_is_maker { Side::Sell } else { Side::Buy }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "p", borrow)]
    price: Number<'a>,
    #[serde(rename = "q", borrow)]
    quantity: Number<'a>,
    #[serde(rename = "m")]
    buyer_is_maker: bool,
    #[serde(rename = "T")]
    time: u64,
    #[serde(rename = "X", borrow)]
    kind: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct SingleIds {
    #[serde(rename = "t")]
    id: u64,
}

#[derive(Deserialize)]
struct AggregateIds {
    #[serde(rename = "a")]
    id: u64,
    #[serde(rename = "f")]
    first: u64,
    #[serde(rename = "l")]
    last: u64,
}
