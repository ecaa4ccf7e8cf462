//! Candles, by REST and on the sockets.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::exact::{exact, price, price_places, quantity};
use super::market::{average_text, price_text, quantity_text};
use super::names::{self, Pair};
use super::params::Params;
use super::times::rfc3339;
use crate::candles::Candle;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::intervals::MINUTE;
use crate::market::Market;
use crate::numbers::ratio;

/// Widths in minutes.
const INTERVALS: [i64; 9] = [1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600];
/// Candles of an answer.
const MOST: i64 = 720;
/// Candles that a socket is told at first.
const FIRST: i64 = 100;

/// Whether there are candles of so many minutes.
pub(super) fn is_interval(minutes: i64) -> bool {
    INTERVALS.contains(&minutes)
}

/// The candle of `width` milliseconds that holds `millis`, as far as it is known.
pub(super) fn candle(market: &Market, width: i64, millis: i64) -> Candle {
    let start = millis.div_euclid(width) * width;
    let flat = || Candle::flat(start, market.tape.last_price(), 0);
    market.minutes.merged(start, start + width).map_or_else(flat, |candle| Candle { start, ..candle })
}

/// The last candles up to now, oldest first.
fn last(market: &Market, minutes: i64, now: Timestamp, most: i64) -> Vec<Candle> {
    let width = minutes * MINUTE;
    let newest = now.millis().div_euclid(width) * width;
    let oldest = market.minutes.oldest().unwrap_or(newest).max(newest - (most - 1) * width);
    let starts = (0..most).map(|back| newest - (most - 1 - back) * width).filter(|start| start + width > oldest);
    starts.map(|start| candle(market, width, start)).collect()
}

/// `/0/public/OHLC`
pub(super) fn ohlc(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let market = names::market(exchange, &params.needed("pair")?)?;
    let minutes = params.parsed("interval")?.unwrap_or(1);
    if !is_interval(minutes) {
        return Err(ApiError::argument("interval"));
    }
    let since = params.parsed::<i64>("since")?.unwrap_or(0);
    let (mut market, now) = (market.lock(), exchange.clock.server_now());
    market.roll(now);
    let candles = last(&market, minutes, now, MOST);
    // The newest candle is not over yet.
    let done = candles.iter().rev().nth(1).map_or(0, |candle| candle.start / 1000);
    let row = |candle: &Candle| {
        let price = |value| price_text(&market, value);
        json!([
            candle.start / 1000,
            price(candle.open),
            price(candle.high),
            price(candle.low),
            price(candle.close),
            average_text(&market, candle.quote, candle.base),
            quantity_text(&market, candle.base),
            candle.count,
        ])
    };
    let rows: Vec<Value> = candles.iter().filter(|candle| candle.start / 1000 >= since).map(row).collect();
    Ok(json!({ Pair::of(&market.listing).key: rows, "last": done }))
}

/// What the channel `ohlc` tells at first.
pub(super) fn snapshot(market: &Market, minutes: i64, now: Timestamp) -> Value {
    let rows: Vec<Value> =
        last(market, minutes, now, FIRST).iter().map(|candle| told(market, candle, minutes)).collect();
    json!({ "channel": "ohlc", "type": "snapshot", "timestamp": rfc3339(now), "data": rows })
}

/// What the channel `ohlc` tells of the present candle.
pub(super) fn update(market: &Market, minutes: i64, now: Timestamp) -> Value {
    let row = told(market, &candle(market, minutes * MINUTE, now.millis()), minutes);
    json!({ "channel": "ohlc", "type": "update", "timestamp": rfc3339(now), "data": [row] })
}

fn told(market: &Market, candle: &Candle, minutes: i64) -> Value {
    let listing = &market.listing;
    let average = ratio(candle.quote, candle.base).unwrap_or(candle.close).round_dp(price_places(listing));
    json!({
        "symbol": listing.symbol, "open": price(listing, candle.open), "high": price(listing, candle.high),
        "low": price(listing, candle.low), "close": price(listing, candle.close), "trades": candle.count,
        "volume": quantity(listing, candle.base), "vwap": exact(average, price_places(listing)),
        "interval_begin": rfc3339(Timestamp::from_millis(candle.start)), "interval": minutes,
        "timestamp": rfc3339(Timestamp::from_millis(candle.start + minutes * MINUTE)),
    })
}
