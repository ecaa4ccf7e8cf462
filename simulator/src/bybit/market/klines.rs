//! Candles.

use serde_json::{Value, json};

use super::wanted;
use crate::bybit::call::{Asked, Reply};
use crate::bybit::category::{Category, plain};
use crate::bybit::errors::ApiError;
use crate::candles::Candle;
use crate::intervals::{DAY, HOUR, Interval, MINUTE, Span};
use crate::market::Market;

const INTERVALS: [(&str, Span); 13] = [
    ("1", Span::Millis(MINUTE)),
    ("3", Span::Millis(3 * MINUTE)),
    ("5", Span::Millis(5 * MINUTE)),
    ("15", Span::Millis(15 * MINUTE)),
    ("30", Span::Millis(30 * MINUTE)),
    ("60", Span::Millis(HOUR)),
    ("120", Span::Millis(2 * HOUR)),
    ("240", Span::Millis(4 * HOUR)),
    ("360", Span::Millis(6 * HOUR)),
    ("720", Span::Millis(12 * HOUR)),
    ("D", Span::Millis(DAY)),
    ("W", Span::Week),
    ("M", Span::Month),
];

/// The interval of that name.
pub(in crate::bybit) fn interval(name: &str) -> Option<Interval> {
    Interval::among(&INTERVALS, name)
}

/// The candle that starts at `start`, as far as it is known.
pub(in crate::bybit) fn candle(market: &Market, interval: Interval, start: i64) -> Option<Candle> {
    market.minutes.merged(start, interval.next(start, 0))
}

/// `GET /v5/market/kline`
pub(in crate::bybit) fn klines(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    rows(asked, |category, market, candle| {
        let price = |value| category.price(&market.listing, value);
        let quantity = category.quantity(&market.listing, candle.base);
        json!([
            candle.start.to_string(),
            price(candle.open),
            price(candle.high),
            price(candle.low),
            price(candle.close),
            quantity,
            plain(candle.quote),
        ])
    })
}

/// `GET /v5/market/mark-price-kline`
pub(in crate::bybit) fn mark(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    of_contracts(asked)?;
    rows(asked, prices)
}

/// `GET /v5/market/index-price-kline`
pub(in crate::bybit) fn index(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    of_contracts(asked)?;
    rows(asked, prices)
}

/// `GET /v5/market/premium-index-price-kline`
pub(in crate::bybit) fn premium(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    of_contracts(asked)?;
    rows(asked, |_, _, candle| json!([candle.start.to_string(), "0", "0", "0", "0"]))
}

fn of_contracts(asked: &Asked<'_>) -> Result<(), ApiError> {
    if asked.params.category()?.is_spot() { Err(ApiError::new(10001, "Illegal category")) } else { Ok(()) }
}

fn prices(category: Category, market: &Market, candle: &Candle) -> Value {
    let price = |value| category.price(&market.listing, value);
    json!([candle.start.to_string(), price(candle.open), price(candle.high), price(candle.low), price(candle.close),])
}

/// Candles, newest first: the newest within `start` and `end`; with `start` alone those that follow it.
fn rows(asked: &Asked<'_>, row: impl Fn(Category, &Market, &Candle) -> Value) -> Result<Reply, ApiError> {
    let params = asked.params;
    let interval = interval(params.needed("interval")?).ok_or_else(|| ApiError::invalid("interval"))?;
    let limit = params.limit(200, 1000)?;
    let (start, end) = (params.time("start")?, params.time("end")?);
    let market = wanted(asked)?;
    let mut market = market.lock();
    let now = asked.now();
    market.roll(now);
    let last = match (start, end) {
        (Some(start), None) => (1..limit).fold(interval.start(start, 0), |at, _| interval.next(at, 0)),
        (_, end) => end.unwrap_or(i64::MAX),
    };
    let oldest = market.minutes.oldest().unwrap_or(i64::MAX).max(start.unwrap_or(0));
    let mut at = interval.start(last.min(now.millis()), 0);
    let mut candles = Vec::new();
    while candles.len() < limit && interval.next(at, 0) > oldest && start.is_none_or(|from| at >= from) {
        candles.extend(candle(&market, interval, at));
        at = interval.start(at - 1, 0);
    }
    let category = asked.bybit.category;
    let list: Vec<Value> = candles.iter().map(|candle| row(category, &market, candle)).collect();
    Ok(json!({ "symbol": market.listing.symbol, "category": category.as_str(), "list": list }).into())
}
