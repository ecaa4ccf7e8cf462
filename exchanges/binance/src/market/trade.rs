use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::Side;
use tradewire_tracking::{MarketSink, RawTrade, Scale, Slot};
use tradewire_wire::{Fault, Number, millis};

use super::fields::{Fields, Key, Seen};

const NEEDED: Seen =
    Seen::of(&[Key::SYMBOL, Key::TRADE_ID, Key::PRICE, Key::QUANTITY, Key::TRADE_TIME, Key::BUYER_IS_MAKER]);
const NEEDED_AGGREGATED: Seen = Seen::of(&[
    Key::SYMBOL,
    Key::AGGREGATE_ID,
    Key::FIRST_TRADE,
    Key::LAST_TRADE,
    Key::PRICE,
    Key::QUANTITY,
    Key::TRADE_TIME,
    Key::BUYER_IS_MAKER,
]);

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

/// Reads the fields after the kind, and tells the sink.
#[inline(always)]
pub(crate) fn read(mut fields: Fields<'_>, form: TradeForm, sink: &mut dyn MarketSink) -> Option<()> {
    let mut place: Option<(Slot, Scale)> = None;
    let mut ids = (0, 0, 0);
    let (mut price, mut quantity, mut time, mut buyer_is_maker) = (0, 0, 0, false);
    let aggregated = form == TradeForm::Aggregated;
    let mut key = Some(fields.first()?);
    while let Some(current) = key {
        match current {
            Key::SYMBOL => place = Some(fields.symbol(sink)?),
            Key::TRADE_ID if !aggregated => ids.0 = fields.value().integer()?,
            Key::AGGREGATE_ID if aggregated => ids.0 = fields.value().integer()?,
            Key::FIRST_TRADE if aggregated => ids.1 = fields.value().integer()?,
            Key::LAST_TRADE if aggregated => ids.2 = fields.value().integer()?,
            Key::PRICE => price = fields.value().quoted_decimal(place?.1.price)?,
            Key::QUANTITY => quantity = fields.value().quoted_decimal(place?.1.quantity)?,
            Key::TRADE_TIME => time = fields.value().time()?,
            Key::BUYER_IS_MAKER => buyer_is_maker = fields.value().boolean()?,
            Key::TRADE_KIND => fields.value().expect(b"\"MARKET\"")?,
            other => fields.skip(other)?,
        }
        key = fields.next()?;
    }
    fields.close(if aggregated { NEEDED_AGGREGATED } else { NEEDED })?;
    if price <= 0 || quantity <= 0 {
        return None;
    }
    let aggregates = aggregated.then_some((ids.1, ids.2));
    let time = millis(time).ok()?;
    sink.trade(
        place?.0,
        RawTrade { id: ids.0.into(), aggregates, price, quantity, taker: taker(buyer_is_maker), time },
    );
    Some(())
}

/// As [`read`], for any valid JSON. `false` for a placeholder: a trade id that stands for no trade.
pub(crate) fn read_json(
    raw: &str,
    form: TradeForm,
    (slot, scale): (Slot, Scale),
    sink: &mut dyn MarketSink,
) -> Result<bool, Fault> {
    let wire: Wire<'_> = serde_json::from_str(raw)?;
    if wire.kind.as_deref() == Some("NA") {
        return Ok(false);
    }
    let (id, aggregates) = match form {
        TradeForm::Single => (serde_json::from_str::<SingleIds>(raw)?.id, None),
        TradeForm::Aggregated => {
            let ids: AggregateIds = serde_json::from_str(raw)?;
            (ids.id, Some((ids.first, ids.last)))
        }
    };
    let price = wire.price.positive(scale.price)?;
    let quantity = wire.quantity.positive(scale.quantity)?;
    let (taker, time) = (taker(wire.buyer_is_maker), millis(wire.time)?);
    sink.trade(slot, RawTrade { id: id.into(), aggregates, price, quantity, taker, time });
    Ok(true)
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
