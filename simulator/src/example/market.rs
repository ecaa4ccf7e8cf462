//! What is asked about the market.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::contracts;
use super::errors::ApiError;
use super::params::Params;
use super::rows::plain;
use crate::engine::{OrderBook, Side};
use crate::exchange::Exchange;
use crate::intervals::DAY;
use crate::listing::{Listing, TradingStatus};
use crate::market::Market;
use crate::tape::TradeRecord;

/// The path of book snapshots.
pub(super) const BOOK: &str = "/1/book";
/// The most levels of a snapshot.
const MOST_LEVELS: usize = 1_000;
/// The most trades of an answer.
const MOST_TRADES: usize = 500;

/// The answer to a public request; `None` for a path that is not public.
pub(super) fn answer(
    exchange: &Exchange,
    method: &str,
    path: &str,
    params: &Params,
) -> Option<Result<Value, ApiError>> {
    match (method, path) {
        ("GET", "/1/time") => Some(Ok(json!({ "time": exchange.clock.server_now().millis() }))),
        ("GET", "/1/instruments") => Some(Ok(instruments(exchange))),
        ("GET", BOOK) => Some(book(exchange, params)),
        ("GET", "/1/tickers") => Some(tickers(exchange, params)),
        ("GET", "/1/day") => Some(day(exchange, params)),
        ("GET", "/1/trades") => Some(trades(exchange, params)),
        _ => None,
    }
}

fn instruments(exchange: &Exchange) -> Value {
    let rows: Vec<Value> = exchange.markets().iter().map(|market| instrument(&market.lock().listing)).collect();
    json!({ "instruments": rows })
}

fn instrument(listing: &Listing) -> Value {
    let mut row = asset_row(listing);
    if let Some(terms) = contracts::terms(listing) {
        row["contract"] = terms;
    }
    row
}

fn asset_row(listing: &Listing) -> Value {
    let status = if listing.status == TradingStatus::Trading { "trading" } else { "halted" };
    json!({
        "symbol": listing.symbol, "base": listing.base, "quote": listing.quote, "status": status,
        "rules": {
            "price_step": plain(listing.tick), "price_min": plain(listing.min_price),
            "price_max": plain(listing.max_price), "quantity_step": plain(listing.step),
            "quantity_min": plain(listing.step), "quantity_max": plain(listing.max_quantity),
            "market_quantity_max": plain(listing.max_market_quantity), "value_min": plain(listing.min_notional),
            "value_max": plain(listing.max_notional),
        },
    })
}

/// A number of rows between 1 and `most`.
fn limit(params: &Params, name: &str, most: usize) -> Result<usize, ApiError> {
    let wanted = params.parsed(name)?.unwrap_or(most);
    if (1..=most).contains(&wanted) { Ok(wanted) } else { Err(ApiError::argument(name)) }
}

fn book(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let market = params.market(exchange)?;
    let levels = limit(params, "levels", MOST_LEVELS)?;
    let market = market.lock();
    let book = market.engine.book();
    Ok(json!({
        "symbol": market.listing.symbol, "seq": market.engine.update_id(),
        "time": exchange.clock.server_now().millis(),
        "bids": written(book.bids().take(levels)), "asks": written(book.asks().take(levels)),
    }))
}

/// Levels as they are written everywhere.
pub(super) fn written(levels: impl Iterator<Item = (Decimal, Decimal)>) -> Vec<[String; 2]> {
    levels.map(|(price, quantity)| [plain(price), plain(quantity)]).collect()
}

fn tickers(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let markets = params.markets(exchange)?;
    let rows: Vec<Value> = markets.iter().map(|market| ticker(&market.lock())).collect();
    Ok(json!({ "tickers": rows }))
}

fn ticker(market: &Market) -> Value {
    let book: &OrderBook = market.engine.book();
    let price = |best: Option<(Decimal, Decimal)>| best.map(|(price, _)| plain(price));
    let quantity = |best: Option<(Decimal, Decimal)>| best.map(|(_, quantity)| plain(quantity));
    let last = market.tape.last_price();
    json!({
        "symbol": market.listing.symbol, "last": (!last.is_zero()).then(|| plain(last)),
        "bid": price(book.best_bid()), "bid_quantity": quantity(book.best_bid()),
        "ask": price(book.best_ask()), "ask_quantity": quantity(book.best_ask()),
    })
}

fn day(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let market = params.market(exchange)?;
    let (mut market, now) = (market.lock(), exchange.clock.server_now());
    market.roll(now);
    let day = market.statistics(now, DAY);
    Ok(json!({
        "open": plain(day.open), "high": plain(day.high), "low": plain(day.low), "last": plain(market.tape.last_price()),
        "quantity": plain(day.base), "value": plain(day.quote), "time": now.millis(),
    }))
}

fn trades(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let market = params.market(exchange)?;
    let limit = limit(params, "limit", MOST_TRADES)?;
    let market = market.lock();
    let trades = market.tape.trades();
    let rows: Vec<Value> = trades.iter().skip(trades.len().saturating_sub(limit)).map(trade).collect();
    Ok(json!({ "trades": rows }))
}

/// A trade, as the socket tells it too.
pub(super) fn trade(record: &TradeRecord) -> Value {
    let trade = &record.trade;
    json!({
        "id": trade.id, "price": plain(trade.price), "quantity": plain(trade.quantity),
        "taker": side(trade.taker_side), "time": record.time.millis(),
    })
}

/// The word for a side.
pub(super) fn side(side: Side) -> &'static str {
    if side == Side::Buy { "buy" } else { "sell" }
}
