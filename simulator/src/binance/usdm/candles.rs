//! Candles by REST.

use super::digits::Digits;
use super::streams::interval;
use crate::binance::call::text;
use crate::binance::candles::{kline_row, series};
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::binance::unit::TimeUnit;
use crate::clock::Timestamp;
use crate::exchange::Exchange;

/// `GET /fapi/v1/klines`
pub(super) fn klines(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    named(exchange, params, unit, "symbol")
}

/// `GET /fapi/v1/continuousKlines`, for perpetual contracts.
pub(super) fn continuous(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    match params.text("contractType")?.ok_or_else(|| ApiError::missing("contractType"))? {
        "PERPETUAL" => named(exchange, params, unit, "pair"),
        "CURRENT_QUARTER" | "NEXT_QUARTER" | "TRADIFI_PERPETUAL" => Ok("[]".to_owned()),
        _ => Err(ApiError::new(-4101, "Invalid contractType.")),
    }
}

/// `GET /fapi/v1/indexPriceKlines`
pub(super) fn index(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    named(exchange, params, unit, "pair")
}

fn named(exchange: &Exchange, params: &Params, unit: TimeUnit, parameter: &str) -> Result<String, ApiError> {
    let market = params.market_named(exchange, parameter)?;
    let name = params.text("interval")?.ok_or_else(|| ApiError::missing("interval"))?;
    let interval = interval(name).ok_or_else(|| ApiError::new(-1120, "Invalid interval."))?;
    let limit = params.limit(500, 1500)?;
    let (start, end) = params.times()?;
    let mut market = market.lock();
    let now = exchange.clock.server_now();
    market.roll(now);
    let end = end.map_or(now.millis(), Timestamp::millis).min(now.millis());
    let candles = series(&market, interval, 0, (start.map(Timestamp::millis), end), limit);
    let digits = Digits::of(&market.listing);
    text(&candles.iter().map(|candle| kline_row(candle, interval, 0, unit, digits.price)).collect::<Vec<_>>())
}
