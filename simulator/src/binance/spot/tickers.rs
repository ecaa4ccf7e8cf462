//! Statistics and last prices by REST.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::candles::zone;
use super::info::{DECIMALS, wanted_status};
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::binance::intervals;
use crate::binance::params::{Chosen, Params};
use crate::binance::statistics::{DAY, Statistics, best, last_quantity};
use crate::binance::unit::TimeUnit;
use crate::exchange::Exchange;
use crate::market::Market;
use crate::numbers::{fixed, rounded};

const MINUTE: i64 = 60_000;
/// Symbols that one rolling-window request may name.
const MOST_SYMBOLS: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Full,
    Mini,
}

fn detail(params: &Params) -> Result<Detail, ApiError> {
    match params.text("type")? {
        None | Some("FULL") => Ok(Detail::Full),
        Some("MINI") => Ok(Detail::Mini),
        Some(_) => Err(ApiError::invalid("type")),
    }
}

/// `GET /api/v3/ticker/24hr`
pub(super) fn day(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let detail = detail(params)?;
    let now = exchange.clock.server_now();
    each(params, params.markets(exchange)?, |market| {
        market.roll(now);
        let statistics = Statistics::rolling(market, now, DAY);
        let mut fields = Map::new();
        fields.insert("symbol".into(), json!(market.listing.symbol));
        statistics_fields(&mut fields, market, &statistics, detail, unit, detail == Detail::Full);
        fields
    })
}

/// `GET /api/v3/ticker`
pub(super) fn rolling(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let detail = detail(params)?;
    let span = match params.text("windowSize")? {
        None => DAY,
        Some(window) => window_size(window).ok_or_else(|| ApiError::invalid("windowSize"))?,
    };
    let now = exchange.clock.server_now();
    each(params, named(exchange, params)?, |market| {
        market.roll(now);
        let mut statistics = Statistics::rolling(market, now, span);
        statistics.opened = statistics.opened.div_euclid(MINUTE) * MINUTE;
        small_fields(market, &statistics, detail, unit)
    })
}

/// `GET /api/v3/ticker/tradingDay`
pub(super) fn trading_day(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let detail = detail(params)?;
    let offset = zone(params)?;
    let now = exchange.clock.server_now();
    let Some(day) = intervals::named("1d") else { return Err(ApiError::new(-1120, "Invalid interval.")) };
    let (opened, next) = (day.start(now.millis(), offset), day.next(now.millis(), offset));
    each(params, named(exchange, params)?, |market| {
        market.roll(now);
        let span = now.millis() - opened.max(market.minutes.oldest().unwrap_or(opened)) + MINUTE;
        let mut statistics = Statistics::rolling(market, now, span.min(now.millis() - opened + MINUTE));
        (statistics.opened, statistics.closed) = (opened, next - 1);
        small_fields(market, &statistics, detail, unit)
    })
}

fn small_fields(market: &Market, statistics: &Statistics, detail: Detail, unit: TimeUnit) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("symbol".into(), json!(market.listing.symbol));
    statistics_fields(&mut fields, market, statistics, detail, unit, false);
    fields
}

/// Markets named by the request; naming none is an error, naming too many too.
fn named(exchange: &Exchange, params: &Params) -> Result<Chosen, ApiError> {
    match params.markets(exchange)? {
        Chosen::All(_) => Err(ApiError::missing("symbol")),
        Chosen::Many(markets) if markets.len() > MOST_SYMBOLS => Err(ApiError::new(
            -1101,
            format!("Too many parameters; expected '{MOST_SYMBOLS}' and received '{}'.", markets.len()),
        )),
        chosen => Ok(chosen),
    }
}

fn statistics_fields(
    fields: &mut Map<String, Value>,
    market: &Market,
    statistics: &Statistics,
    detail: Detail,
    unit: TimeUnit,
    with_book: bool,
) {
    let n = |value| json!(fixed(value, DECIMALS));
    let candle = &statistics.candle;
    if detail == Detail::Full {
        fields.insert("priceChange".into(), n(statistics.change()));
        fields.insert("priceChangePercent".into(), json!(rounded(statistics.change_percent(), 3)));
        fields.insert("weightedAvgPrice".into(), json!(rounded(statistics.weighted(), DECIMALS)));
    }
    if with_book {
        let [bid, ask] = best(market);
        fields.insert("prevClosePrice".into(), n(candle.open));
        fields.insert("lastPrice".into(), n(candle.close));
        fields.insert("lastQty".into(), n(last_quantity(market)));
        fields.insert("bidPrice".into(), n(bid.0));
        fields.insert("bidQty".into(), n(bid.1));
        fields.insert("askPrice".into(), n(ask.0));
        fields.insert("askQty".into(), n(ask.1));
    }
    fields.insert("openPrice".into(), n(candle.open));
    fields.insert("highPrice".into(), n(candle.high));
    fields.insert("lowPrice".into(), n(candle.low));
    if !with_book {
        fields.insert("lastPrice".into(), n(candle.close));
    }
    fields.insert("volume".into(), n(candle.base));
    fields.insert("quoteVolume".into(), n(candle.quote));
    fields.insert("openTime".into(), json!(unit.first(statistics.opened)));
    fields.insert("closeTime".into(), json!(unit.first(statistics.closed)));
    let (first, last) = statistics.ids();
    fields.insert("firstId".into(), json!(first));
    fields.insert("lastId".into(), json!(last));
    fields.insert("count".into(), json!(candle.count));
}

/// A window `1m` to `59m`, `1h` to `23h` or `1d` to `7d`, in milliseconds.
pub(super) fn window_size(text: &str) -> Option<i64> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok()).flatten()?;
    let (most, width) = match unit {
        "m" => (59, MINUTE),
        "h" => (23, 60 * MINUTE),
        "d" => (7, DAY),
        _ => return None,
    };
    (1..=most).contains(&count).then_some(count * width)
}

/// `GET /api/v3/ticker/price`
pub(super) fn price(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    each(params, params.markets(exchange)?, |market| {
        let mut fields = Map::new();
        fields.insert("symbol".into(), json!(market.listing.symbol));
        fields.insert("price".into(), json!(fixed(market.tape.last_price(), DECIMALS)));
        fields
    })
}

/// `GET /api/v3/ticker/bookTicker`
pub(super) fn book(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    each(params, params.markets(exchange)?, |market| {
        let [bid, ask] = best(market);
        let mut fields = Map::new();
        fields.insert("symbol".into(), json!(market.listing.symbol));
        for (name, value) in [("bidPrice", bid.0), ("bidQty", bid.1), ("askPrice", ask.0), ("askQty", ask.1)] {
            fields.insert(name.into(), json!(fixed(value, DECIMALS)));
        }
        fields
    })
}

/// An object for one market, a list for several; `symbolStatus` refuses or leaves out.
fn each(
    params: &Params,
    chosen: Chosen,
    fields: impl Fn(&mut Market) -> Map<String, Value>,
) -> Result<String, ApiError> {
    let status = wanted_status(params)?;
    let suits = |market: &Market| status.is_none_or(|status| status == market.listing.status.as_str());
    let list = |markets: Vec<Arc<Mutex<Market>>>, strict: bool| {
        let mut rows = Vec::new();
        for market in markets {
            let mut market = market.lock();
            if suits(&market) {
                rows.push(fields(&mut market));
            } else if strict {
                return Err(ApiError::other_status());
            }
        }
        Ok(rows)
    };
    match chosen {
        Chosen::One(market) => text(&list(vec![market], true)?.first()),
        Chosen::Many(markets) => text(&list(markets, true)?),
        Chosen::All(markets) => text(&list(markets, false)?),
    }
}

/// `GET /api/v3/avgPrice`
pub(super) fn average_price(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let market = params.market(exchange)?;
    let now = exchange.clock.server_now();
    let market = market.lock();
    let price = rounded(market.average_price(now, 5 * MINUTE), DECIMALS);
    let time = market.tape.trades().back().map_or(now, |record| record.time);
    Ok(format!("{{\"mins\":5,\"price\":\"{price}\",\"closeTime\":{}}}", unit.stamp(time)))
}

/// `GET /api/v3/referencePrice`: no symbol has one.
pub(super) fn reference_price(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    params.market(exchange)?;
    Err(ApiError::new(-2043, "This symbol doesn't have a reference price."))
}

/// `GET /api/v3/referencePrice/calculation`: no symbol has one.
pub(super) fn reference_calculation(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    reference_price(exchange, params, unit)
}
