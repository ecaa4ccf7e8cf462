//! Trades and aggregate trades by REST.

use serde::Serialize;

use super::info::DECIMALS;
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::binance::unit::TimeUnit;
use crate::engine::Side;
use crate::exchange::Exchange;
use crate::numbers::{fixed, notional};
use crate::tape::{Aggregate, TradeRecord};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TradeRow {
    id: u64,
    price: String,
    qty: String,
    quote_qty: String,
    time: i64,
    is_buyer_maker: bool,
    is_best_match: bool,
}

impl TradeRow {
    fn of(record: &TradeRecord, unit: TimeUnit) -> TradeRow {
        let trade = &record.trade;
        TradeRow {
            id: trade.id,
            price: fixed(trade.price, DECIMALS),
            qty: fixed(trade.quantity, DECIMALS),
            quote_qty: fixed(notional(trade.price, trade.quantity), DECIMALS),
            time: unit.stamp(record.time),
            is_buyer_maker: trade.taker_side == Side::Sell,
            is_best_match: true,
        }
    }
}

/// `GET /api/v3/trades`
pub(super) fn recent(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let limit = params.limit(500, 1000)?;
    let market = params.market(exchange)?;
    let market = market.lock();
    let trades = market.tape.trades();
    let newest = trades.range(trades.len().saturating_sub(limit)..);
    text(&newest.map(|record| TradeRow::of(record, unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/historicalTrades`
pub(super) fn historical(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let limit = params.limit(500, 1000)?;
    let from = params.number("fromId")?;
    let market = params.market(exchange)?;
    let market = market.lock();
    let trades = market.tape.trades();
    let first = match from {
        Some(from) => trades.partition_point(|record| record.trade.id < from.unsigned_abs()),
        None => trades.len().saturating_sub(limit),
    };
    text(&trades.range(first..).take(limit).map(|record| TradeRow::of(record, unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/historicalBlockTrades`: there are none.
pub(super) fn blocks(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    params.limit(500, 1000)?;
    params.number("fromId")?;
    params.market(exchange)?;
    Ok("[]".to_owned())
}

#[derive(Serialize)]
struct AggregateRow {
    a: u64,
    p: String,
    q: String,
    f: u64,
    l: u64,
    #[serde(rename = "T")]
    time: i64,
    m: bool,
    #[serde(rename = "M")]
    best_match: bool,
}

impl AggregateRow {
    fn of(aggregate: &Aggregate, unit: TimeUnit) -> AggregateRow {
        AggregateRow {
            a: aggregate.id,
            p: fixed(aggregate.price, DECIMALS),
            q: fixed(aggregate.quantity, DECIMALS),
            f: aggregate.first,
            l: aggregate.last,
            time: unit.stamp(aggregate.time),
            m: aggregate.taker_side == Side::Sell,
            best_match: true,
        }
    }
}

/// `GET /api/v3/aggTrades`
pub(super) fn aggregate(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let limit = params.limit(500, 1000)?;
    let from = params.number("fromId")?;
    let (start, end) = params.times()?;
    if from.is_some() && (start.is_some() || end.is_some()) {
        return Err(ApiError::bad_combination());
    }
    let market = params.market(exchange)?;
    let market = market.lock();
    let aggregates = market.tape.aggregates();
    let until =
        end.map_or(aggregates.len(), |end| aggregates.partition_point(|made| made.time.millis() <= end.millis()));
    let first = match (from, start) {
        (Some(from), _) => aggregates.partition_point(|made| made.id < from.unsigned_abs()),
        (None, Some(start)) => aggregates.partition_point(|made| made.time.millis() < start.millis()),
        (None, None) => until.saturating_sub(limit),
    };
    let rows = aggregates.range(first.min(until)..until).take(limit);
    text(&rows.map(|made| AggregateRow::of(made, unit)).collect::<Vec<_>>())
}

/// JSON text of a list or an object.
pub(super) fn text<T: Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::new(-1000, error.to_string()))
}
