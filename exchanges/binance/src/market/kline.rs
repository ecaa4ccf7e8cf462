use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Candle, Pair, Quantity};
use tradewire_tracking::{MarketSink, Slot};
use tradewire_wire::{Fault, Number, millis, object};

/// Reads a `kline` message and tells the sink.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#klinecandlestick-streams-for-utc>
pub(crate) fn read_json(raw: &str, slot: Slot, sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let event: Event<'_> = serde_json::from_str(raw)?;
    let wire: Wire<'_> = object(event.kline.get())?;
    let candle = wire.candle(sink.instrument(slot).pair.clone())?;
    sink.candle(slot, candle);
    Ok(())
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

impl Wire<'_> {
    fn candle(self, pair: Pair) -> Result<Candle, Fault> {
        Ok(Candle {
            pair,
            interval: self.interval,
            open_time: millis(self.open_time)?,
            close_time: millis(self.close_time)?,
            open: self.open.text().parse()?,
            high: self.high.text().parse()?,
            low: self.low.text().parse()?,
            close: self.close.text().parse()?,
            volume: self.volume.text().parse()?,
            quote_volume: self.quote_volume.text().parse::<Quantity>()?.value(),
            trades: Some(self.trades),
            closed: self.closed,
        })
    }
}
