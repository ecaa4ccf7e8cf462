//! Candles by REST, and the candle of a moment for the streams.

use super::info::DECIMALS;
use crate::binance::call::text;
use crate::binance::candles::{kline_row, series};
use crate::binance::errors::ApiError;
use crate::binance::intervals;
use crate::binance::params::Params;
use crate::binance::unit::TimeUnit;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::intervals::zone_offset;

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
    let candles = series(&market, interval, offset, (start.map(Timestamp::millis), end), limit);
    text(&candles.iter().map(|candle| kline_row(candle, interval, offset, unit, DECIMALS)).collect::<Vec<_>>())
}

/// The parameter `timeZone`.
pub(super) fn zone(params: &Params) -> Result<i64, ApiError> {
    match params.text("timeZone")? {
        None => Ok(0),
        Some(zone) => zone_offset(zone).ok_or_else(|| ApiError::invalid("timeZone")),
    }
}
