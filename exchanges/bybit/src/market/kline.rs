use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Candle, Pair, Quantity};
use tradewire_tracking::MarketSink;
use tradewire_wire::{Fault, Number, millis, object};

use super::frame::Envelope;

/// Reads candles, whose topic names interval and symbol, and tells the sink.
///
/// <https://bybit-exchange.github.io/docs/v5/websocket/public/kline>
pub(crate) fn read_json(topic: &str, envelope: &Envelope<'_>, sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let (_, symbol) = topic.split_once('.').ok_or_else(|| Fault::decode("a topic without a symbol"))?;
    let Some((slot, _)) = sink.find(symbol.as_bytes()) else { return Ok(()) };
    let rows: Vec<&RawValue> = serde_json::from_str(envelope.data()?)?;
    let pair = sink.instrument(slot).pair.clone();
    let candles: Result<Vec<_>, Fault> =
        rows.iter().map(|row| object::<Wire<'_>>(row.get())?.candle(pair.clone())).collect();
    for candle in candles? {
        sink.candle(slot, candle);
    }
    Ok(())
}

#[derive(Deserialize)]
struct Wire<'a> {
    start: u64,
    end: u64,
    interval: String,
    #[serde(borrow)]
    open: Number<'a>,
    #[serde(borrow)]
    high: Number<'a>,
    #[serde(borrow)]
    low: Number<'a>,
    #[serde(borrow)]
    close: Number<'a>,
    #[serde(borrow)]
    volume: Number<'a>,
    #[serde(borrow)]
    turnover: Number<'a>,
    confirm: bool,
}

impl Wire<'_> {
    fn candle(self, pair: Pair) -> Result<Candle, Fault> {
        Ok(Candle {
            pair,
            interval: self.interval,
            open_time: millis(self.start)?,
            close_time: millis(self.end)?,
            open: self.open.text().parse()?,
            high: self.high.text().parse()?,
            low: self.low.text().parse()?,
            close: self.close.text().parse()?,
            volume: self.volume.text().parse()?,
            quote_volume: self.turnover.text().parse::<Quantity>()?.value(),
            trades: None,
            closed: self.confirm,
        })
    }
}
