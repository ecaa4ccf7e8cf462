use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Candle, Instrument, Quantity};

use super::fault::Fault;
use super::frame::{millis, object};
use super::number::Number;

/// Reads a `kline` message.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#klinecandlestick-streams-for-utc>
pub(crate) fn from_json(raw: &str, instrument: &Instrument) -> Result<Candle, Fault> {
    let event: Event<'_> = serde_json::from_str(raw)?;
    let wire: Wire<'_> = object(event.kline.get())?;
    let time = |at| millis(at).ok_or_else(|| Fault::decode("a time out of range"));
    Ok(Candle {
        pair: instrument.pair.clone(),
        interval: wire.interval,
        open_time: time(wire.open_time)?,
        close_time: time(wire.close_time)?,
        open: wire.open.text().parse()?,
        high: wire.high.text().parse()?,
        low: wire.low.text().parse()?,
        close: wire.close.text().parse()?,
        volume: wire.volume.text().parse()?,
        quote_volume: wire.quote_volume.text().parse::<Quantity>()?.value(),
        trades: wire.trades,
        closed: wire.closed,
    })
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "k", borrow)]
    kline: &'a RawValue,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "t")]
    open_time: u64,
    #[serde(rename = "T")]
    close_time: u64,
    #[serde(rename = "i")]
    interval: String,
    #[serde(rename = "o", borrow)]
    open: Number<'a>,
    #[serde(rename = "h", borrow)]
    high: Number<'a>,
    #[serde(rename = "l", borrow)]
    low: Number<'a>,
    #[serde(rename = "c", borrow)]
    close: Number<'a>,
    #[serde(rename = "v", borrow)]
    volume: Number<'a>,
    #[serde(rename = "q", borrow)]
    quote_volume: Number<'a>,
    #[serde(rename = "n")]
    trades: u64,
    #[serde(rename = "x")]
    closed: bool,
}
