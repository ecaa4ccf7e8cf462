//! Candles by REST, and the candle of a moment for the streams.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::info::DECIMALS;
use super::params::Params;
use super::trades::text;
use super::unit::TimeUnit;
use crate::binance::intervals;
use crate::candles::Candle;
use crate::exchange::Exchange;
use crate::intervals::{Interval, zone_offset};
use crate::market::Market;
use crate::numbers::fixed;

/// `GET /api/v3/klines` and `/api/v3/uiKlines`
pub(super) fn klines(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let market = params.market(exchange)?;
    let name = params.text("interval")?.ok_or_else(|| ApiError::missing("interval"))?;
    let interval = intervals::named(name).ok_or_else(|| ApiError::new(-1120, "Invalid interval."))?;
    let limit = params.limit(500, 1000)?;
    let (start, end) = params.times()?;
    let offset = zone(params)?;
    let mut market = market.lock();
    let now = exchange.clock.server_now();
    market.roll(now);
    let end = end.map_or(now.millis(), |end| end.millis()).min(now.millis());
    let mut candles = Vec::new();
    match start {
        Some(start) => forwards(&market, interval, offset, (start.millis(), end), limit, &mut candles),
        None => backwards(&market, interval, offset, end, limit, &mut candles),
    }
    text(&candles.iter().map(|candle| kline_row(candle, interval, offset, unit)).collect::<Vec<_>>())
}

/// The parameter `timeZone`.
pub(super) fn zone(params: &Params) -> Result<i64, ApiError> {
    match params.text("timeZone")? {
        None => Ok(0),
        Some(zone) => zone_offset(zone).ok_or_else(|| ApiError::invalid("timeZone")),
    }
}

fn forwards(
    market: &Market,
    interval: Interval,
    offset: i64,
    (from, end): (i64, i64),
    limit: usize,
    candles: &mut Vec<Candle>,
) {
    let Some(oldest) = oldest(market, interval) else { return };
    let mut start = interval.start(from.max(oldest), offset);
    if start < from {
        start = interval.next(start, offset);
    }
    while start <= end && candles.len() < limit {
        candles.extend(candle(market, interval, offset, start));
        start = interval.next(start, offset);
    }
}

fn backwards(market: &Market, interval: Interval, offset: i64, end: i64, limit: usize, candles: &mut Vec<Candle>) {
    let Some(oldest) = oldest(market, interval) else { return };
    let mut start = interval.start(end, offset);
    while candles.len() < limit {
        candles.extend(candle(market, interval, offset, start));
        if start <= oldest {
            break;
        }
        start = interval.start(start - 1, offset);
    }
    candles.reverse();
}

fn oldest(market: &Market, interval: Interval) -> Option<i64> {
    if interval.is_seconds() { market.seconds.oldest() } else { market.minutes.oldest() }
}

/// The candle that starts at `start`, as far as it is known.
pub(super) fn candle(market: &Market, interval: Interval, offset: i64, start: i64) -> Option<Candle> {
    let until = interval.next(start, offset);
    if interval.is_seconds() { market.seconds.merged(start, until) } else { market.minutes.merged(start, until) }
}

fn kline_row(candle: &Candle, interval: Interval, offset: i64, unit: TimeUnit) -> Value {
    let n = |value| fixed(value, DECIMALS);
    json!([
        unit.first(candle.start),
        n(candle.open),
        n(candle.high),
        n(candle.low),
        n(candle.close),
        n(candle.base),
        unit.last_before(interval.next(candle.start, offset)),
        n(candle.quote),
        candle.count,
        n(candle.taker_buy_base),
        n(candle.taker_buy_quote),
        "0",
    ])
}
