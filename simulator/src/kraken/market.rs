//! What is asked about the market by REST.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::candles::{self, candle};
use super::errors::ApiError;
use super::exact::{price_places, quantity_places};
use super::instruments;
use super::names::{self, Pair};
use super::params::Params;
use super::times::rfc1123;
use super::times::rfc3339;
use crate::clock::Timestamp;
use crate::engine::Side;
use crate::exchange::Exchange;
use crate::intervals::DAY;
use crate::market::Market;
use crate::numbers::{fixed, ratio, rounded};
use crate::tape::TradeRecord;

/// Decimals of prices at least.
const PRICE_PLACES: u32 = 5;
const NANOS: i64 = 1_000;

/// The answer to `/0/public/…`.
///
/// # Errors
/// `EGeneral:Unknown method` and what the method says.
pub(super) fn answer(exchange: &Exchange, method: &str, params: &Params) -> Result<Value, ApiError> {
    match method {
        "Time" => {
            let now = exchange.clock.server_now();
            Ok(json!({ "unixtime": now.millis().div_euclid(1000), "rfc1123": rfc1123(now) }))
        }
        "SystemStatus" => {
            let now = rfc3339(exchange.clock.server_now());
            Ok(json!({ "status": "online", "timestamp": format!("{}Z", now.split('.').next().unwrap_or_default()) }))
        }
        "Assets" => instruments::assets(exchange, params),
        "AssetPairs" => instruments::pairs(exchange, params),
        "Depth" => depth(exchange, params),
        "Trades" => trades(exchange, params),
        "Ticker" => tickers(exchange, params),
        "OHLC" => candles::ohlc(exchange, params),
        _ => Err(ApiError::unknown_method()),
    }
}

/// A price as REST writes it.
pub(super) fn price_text(market: &Market, price: Decimal) -> String {
    fixed(price, price_places(&market.listing).max(PRICE_PLACES))
}

/// A quantity as REST writes it.
pub(super) fn quantity_text(market: &Market, quantity: Decimal) -> String {
    fixed(quantity, quantity_places(&market.listing))
}

/// An average price, which may have any number of decimals.
pub(super) fn average_text(market: &Market, quote: Decimal, base: Decimal) -> String {
    rounded(ratio(quote, base).unwrap_or_default(), price_places(&market.listing).max(PRICE_PLACES))
}

/// A number between 1 and `most`.
fn count(params: &Params, usual: usize, most: usize) -> Result<usize, ApiError> {
    let wanted = params.parsed("count")?.unwrap_or(usual);
    if (1..=most).contains(&wanted) { Ok(wanted) } else { Err(ApiError::argument("count")) }
}

fn depth(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let market = names::market(exchange, &params.needed("pair")?)?;
    let levels = count(params, 100, 500)?;
    let (market, now) = (market.lock(), exchange.clock.server_now().millis() / 1000);
    let row = |(price, quantity)| json!([price_text(&market, price), quantity_text(&market, quantity), now]);
    let book = market.engine.book();
    let asks: Vec<Value> = book.asks().take(levels).map(row).collect();
    let bids: Vec<Value> = book.bids().take(levels).map(row).collect();
    Ok(json!({ Pair::of(&market.listing).key: { "asks": asks, "bids": bids } }))
}

/// The number of nanoseconds that names a trade's place on the tape.
fn place(record: &TradeRecord) -> i64 {
    record.time.0 * NANOS
}

fn trades(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let market = names::market(exchange, &params.needed("pair")?)?;
    let most = count(params, 1000, 1000)?;
    let since = since(params)?;
    let market = market.lock();
    let tape = market.tape.trades();
    let after = |record: &&TradeRecord| since.is_some_and(|since| place(record) > since);
    let told: Vec<&TradeRecord> = match since {
        Some(_) => tape.iter().filter(after).take(most).collect(),
        None => tape.iter().skip(tape.len().saturating_sub(most)).collect(),
    };
    let row = |record: &&TradeRecord| {
        let trade = &record.trade;
        let side = if trade.taker_side == Side::Buy { "b" } else { "s" };
        let time = record.time.0 as f64 / 1e6;
        let (price, quantity) = (price_text(&market, trade.price), quantity_text(&market, trade.quantity));
        json!([price, quantity, time, side, "l", "", trade.id])
    };
    let rows: Vec<Value> = told.iter().map(row).collect();
    let last = told.last().map(|record| place(record)).or(since);
    let last = last.unwrap_or_else(|| exchange.clock.server_now().0 * NANOS);
    Ok(json!({ Pair::of(&market.listing).key: rows, "last": last.to_string() }))
}

/// The time after which something is wanted, in nanoseconds; of seconds it may be, too.
fn since(params: &Params) -> Result<Option<i64>, ApiError> {
    let given: Option<i64> = params.parsed("since")?;
    let nanos = |given: i64| if given < 1_000_000_000_000 { given.saturating_mul(1_000_000_000) } else { given };
    Ok(given.map(nanos))
}

fn tickers(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let mut wanted = Vec::new();
    for name in params.list("pair") {
        wanted.push(names::market(exchange, &name)?);
    }
    if wanted.is_empty() {
        wanted = exchange.markets();
    }
    let now = exchange.clock.server_now();
    let row = |market: &mut Market| {
        market.roll(now);
        (Pair::of(&market.listing).key, ticker(market, now))
    };
    let rows: Map<String, Value> = wanted.iter().map(|market| row(&mut market.lock())).collect();
    Ok(Value::Object(rows))
}

/// Of today and of the last 24 hours.
fn ticker(market: &Market, now: Timestamp) -> Value {
    let (book, since_midnight) = (market.engine.book(), now.millis().rem_euclid(DAY).max(1));
    let (today, day) = (market.statistics(now, since_midnight), market.statistics(now, DAY));
    let price = |price| price_text(market, price);
    let best = |best: Option<(Decimal, Decimal)>| {
        let (at, quantity) = best.unwrap_or_default();
        json!([price(at), quantity.trunc().to_string(), fixed(quantity, 3)])
    };
    let last = market.tape.trades().back().map_or(Decimal::ZERO, |record| record.trade.quantity);
    json!({
        "a": best(book.best_ask()), "b": best(book.best_bid()),
        "c": [price(market.tape.last_price()), quantity_text(market, last)],
        "v": [quantity_text(market, today.base), quantity_text(market, day.base)],
        "p": [average_text(market, today.quote, today.base), average_text(market, day.quote, day.base)],
        "t": [today.count, day.count], "l": [price(today.low), price(day.low)],
        "h": [price(today.high), price(day.high)], "o": price(candle(market, DAY, now.millis()).open),
    })
}
