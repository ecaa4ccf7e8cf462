//! Candles of a market as requests and streams want them.

use serde_json::{Value, json};

use super::unit::TimeUnit;
use crate::candles::Candle;
use crate::intervals::Interval;
use crate::market::Market;
use crate::numbers::fixed;

/// At most `limit` candles that begin between the two times (in milliseconds): the oldest ones if there is a first
/// time, else the newest.
pub(super) fn series(
    market: &Market,
    interval: Interval,
    offset: i64,
    (start, end): (Option<i64>, i64),
    limit: usize,
) -> Vec<Candle> {
    let mut candles = Vec::new();
    match start {
        Some(start) => forwards(market, interval, offset, (start, end), limit, &mut candles),
        None => backwards(market, interval, offset, end, limit, &mut candles),
    }
    candles
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

/// A candle as a row of REST answers, numbers with `decimals` decimals.
pub(super) fn kline_row(candle: &Candle, interval: Interval, offset: i64, unit: TimeUnit, decimals: u32) -> Value {
    let n = |value| fixed(value, decimals);
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
