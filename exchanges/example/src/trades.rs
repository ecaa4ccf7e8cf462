//! Trades, as the socket and `GET /1/trades` tell them alike.

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Pair, PublicTradeId, Side, Timestamp, Trade};
use tradewire_tracking::{MarketSink, RawTrade};
use tradewire_wire::{Fault, Number, Text, millis, object, price, quantity};

/// Reads a message with trades and tells the sink: all of them or none.
pub(crate) fn read(
    raw: &str,
    symbol: &str,
    trades: &mut Vec<RawTrade>,
    sink: &mut dyn MarketSink,
) -> Result<(), Fault> {
    let Some((slot, scale)) = sink.find(symbol.as_bytes()) else { return Ok(()) };
    trades.clear();
    for row in object::<Trades<'_>>(raw)?.trades {
        let row: Row<'_> = object(row.get())?;
        trades.push(RawTrade {
            id: PublicTradeId::Number(row.id),
            aggregates: None,
            price: row.price.positive(scale.price)?,
            quantity: row.quantity.positive(scale.quantity)?,
            taker: side(&row.taker)?,
            time: millis(row.time)?,
        });
    }
    trades.iter().for_each(|trade| sink.trade(slot, *trade));
    Ok(())
}

/// Reads the body of `GET /1/trades`.
pub(crate) fn read_past(raw: &str, pair: &Pair, received: Timestamp) -> Result<Vec<Trade>, Fault> {
    let rows = object::<Trades<'_>>(raw)?.trades;
    rows.into_iter().map(|row| object::<Row<'_>>(row.get())?.trade(pair, received)).collect()
}

/// The side that a word means.
pub(crate) fn side(word: &str) -> Result<Side, Fault> {
    match word {
        "buy" => Ok(Side::Buy),
        "sell" => Ok(Side::Sell),
        other => Err(Fault::decode(format!("'{other}' is no side"))),
    }
}

#[derive(Deserialize)]
struct Trades<'a> {
    #[serde(borrow)]
    trades: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Row<'a> {
    id: u64,
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(borrow)]
    quantity: Number<'a>,
    #[serde(borrow)]
    taker: Text<'a>,
    time: u64,
}

impl Row<'_> {
    fn trade(&self, pair: &Pair, received: Timestamp) -> Result<Trade, Fault> {
        Ok(Trade {
            pair: pair.clone(),
            id: PublicTradeId::Number(self.id),
            aggregates: None,
            price: price(&self.price)?,
            quantity: quantity(&self.quantity)?,
            taker: side(&self.taker)?,
            time: millis(self.time)?,
            received,
        })
    }
}
