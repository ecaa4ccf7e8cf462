//! Public trades: those of the socket, and those of `GET /0/public/Trades`.
//! <https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/trade>

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tradewire_core::{Pair, PublicTradeId, Side, Timestamp, Trade};
use tradewire_tracking::{MarketSink, RawTrade, Slot};
use tradewire_wire::{Fault, Number, Text, object, price, quantity, rfc3339, unix_seconds};

/// Reads the elements of a trade frame and tells the sink: all of them or none.
pub(crate) fn read(
    rows: &[&RawValue],
    trades: &mut Vec<(Slot, RawTrade)>,
    sink: &mut dyn MarketSink,
) -> Result<(), Fault> {
    trades.clear();
    for row in rows {
        let row: Row<'_> = object(row.get())?;
        let Some((slot, scale)) = sink.find(row.symbol.as_bytes()) else { continue };
        let trade = RawTrade {
            id: PublicTradeId::Number(row.trade_id),
            aggregates: None,
            price: row.price.positive(scale.price)?,
            quantity: row.qty.positive(scale.quantity)?,
            taker: side(&row.side)?,
            time: rfc3339(&row.timestamp)?,
        };
        trades.push((slot, trade));
    }
    trades.iter().for_each(|(slot, trade)| sink.trade(*slot, *trade));
    Ok(())
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(borrow)]
    qty: Number<'a>,
    trade_id: u64,
    #[serde(borrow)]
    timestamp: Text<'a>,
}

/// The side that a word means.
pub(crate) fn side(word: &str) -> Result<Side, Fault> {
    match word {
        "buy" => Ok(Side::Buy),
        "sell" => Ok(Side::Sell),
        other => Err(Fault::decode(format!("'{other}' is no side"))),
    }
}

/// A row of `GET /0/public/Trades`: price, quantity, time, `b` or `s`, `m` or `l`, what else there is, id.
type Past<'a> = (Number<'a>, Number<'a>, Number<'a>, Text<'a>, IgnoredAny, IgnoredAny, u64);

/// Reads the rows of `GET /0/public/Trades`, oldest first.
pub(crate) fn read_past(rows: &str, pair: &Pair, received: Timestamp) -> Result<Vec<Trade>, Fault> {
    let rows: Vec<&RawValue> = serde_json::from_str(rows)?;
    let trade = |row: &&RawValue| {
        let (at, size, time, taker, _, _, id): Past<'_> = serde_json::from_str(row.get())?;
        Ok(Trade {
            pair: pair.clone(),
            id: PublicTradeId::Number(id),
            aggregates: None,
            price: price(&at)?,
            quantity: quantity(&size)?,
            taker: match &*taker {
                "b" => Side::Buy,
                "s" => Side::Sell,
                other => return Err(Fault::decode(format!("'{other}' is no side"))),
            },
            time: unix_seconds(&time)?,
            received,
        })
    };
    rows.iter().map(trade).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_trades_are_rows_without_names() {
        let rows = r#"[["30243.40000","0.34507674",1688669597.8277369,"b","m","",61044952]]"#;
        let pair: Pair = "BTC-USD".parse().expect("a pair");
        let trades = read_past(rows, &pair, Timestamp::default()).expect("trades");
        let [trade] = &trades[..] else { panic!("{trades:?}") };
        assert_eq!((trade.taker, trade.time.as_millis()), (Side::Buy, 1_688_669_597_827));
        assert_eq!((trade.price.to_string().as_str(), trade.id), ("30243.4", PublicTradeId::Number(61_044_952)));
        for broken in [r#"[["1","1",1,"x","m","",1]]"#, r#"[["1","1",1,"b"]]"#, "{}"] {
            assert!(read_past(broken, &pair, Timestamp::default()).is_err(), "{broken}");
        }
    }
}
