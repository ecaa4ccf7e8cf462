use serde::Deserialize;
use tradewire_core::{Decimal, Price};
use tradewire_tracking::{FundingChange, MarketSink, Slot};
use tradewire_wire::{Fault, Number, millis, signed};

/// Reads a `markPriceUpdate` message and tells the sink. Where there is no funding, rate and time are empty.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Mark-Price-Stream>
pub(crate) fn read_json(raw: &str, slot: Slot, sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let wire: Wire<'_> = serde_json::from_str(raw)?;
    let change = FundingChange {
        mark_price: Some(wire.mark.text().parse::<Price>()?),
        index_price: positive(&wire.index)?,
        rate: rate(&wire.rate)?,
        next_time: funding_time(wire.next_time).map(millis).transpose()?,
        interval: None,
        time: millis(wire.time)?,
    };
    sink.funding(slot, change);
    Ok(())
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "E")]
    time: u64,
    #[serde(rename = "p", borrow)]
    mark: Number<'a>,
    #[serde(rename = "i", borrow)]
    index: Number<'a>,
    #[serde(rename = "r", borrow)]
    rate: Number<'a>,
    #[serde(rename = "T")]
    next_time: u64,
}

/// A price; zero stands for none.
pub(crate) fn positive(number: &Number<'_>) -> Result<Option<Price>, Fault> {
    let price: Price = number.text().parse()?;
    Ok((price > Price::ZERO).then_some(price))
}

/// A rate; an empty text stands for none.
pub(crate) fn rate(number: &Number<'_>) -> Result<Option<Decimal>, Fault> {
    if number.text().is_empty() { Ok(None) } else { signed(number).map(Some) }
}

/// A time of funding; zero stands for none.
pub(crate) fn funding_time(time: u64) -> Option<u64> {
    (time > 0).then_some(time)
}
