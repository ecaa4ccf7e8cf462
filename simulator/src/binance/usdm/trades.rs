//! Trades and aggregate trades by REST.

use std::time::Duration;

use serde::Serialize;

use super::digits::Digits;
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::binance::unit::TimeUnit;
use crate::engine::Side;
use crate::exchange::Exchange;
use crate::numbers::notional;
use crate::tape::{Aggregate, TradeRecord};

/// The longest span between the times of a request for aggregate trades.
const LONGEST_SPAN: Duration = Duration::from_secs(3600);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TradeRow {
    id: u64,
    price: String,
    qty: String,
    quote_qty: String,
    time: i64,
    is_buyer_maker: bool,
    #[serde(rename = "isRPITrade")]
    is_rpi_trade: bool,
}

impl TradeRow {
    fn of(record: &TradeRecord, digits: Digits) -> TradeRow {
        let trade = &record.trade;
        TradeRow {
            id: trade.id,
            price: digits.price(trade.price),
            qty: digits.quantity(trade.quantity),
            quote_qty: super::digits::plain(notional(trade.price, trade.quantity)),
            time: record.time.millis(),
            is_buyer_maker: trade.taker_side == Side::Sell,
            is_rpi_trade: false,
        }
    }
}

/// `GET /fapi/v1/trades`
pub(super) fn recent(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let limit = params.limit(500, 1000)?;
    let market = params.market(exchange)?;
    let market = market.lock();
    let digits = Digits::of(&market.listing);
    let trades = market.tape.trades();
    let newest = trades.range(trades.len().saturating_sub(limit)..);
    text(&newest.map(|record| TradeRow::of(record, digits)).collect::<Vec<_>>())
}

/// `GET /fapi/v1/historicalTrades`
pub(super) fn historical(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let limit = params.limit(100, 500)?;
    let from = params.number("fromId")?;
    let market = params.market(exchange)?;
    let market = market.lock();
    let digits = Digits::of(&market.listing);
    let trades = market.tape.trades();
    let first = match from {
        Some(from) => trades.partition_point(|record| record.trade.id < from.unsigned_abs()),
        None => trades.len().saturating_sub(limit),
    };
    text(&trades.range(first..).take(limit).map(|record| TradeRow::of(record, digits)).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct AggregateRow {
    a: u64,
    p: String,
    q: String,
    nq: String,
    f: u64,
    l: u64,
    #[serde(rename = "T")]
    time: i64,
    m: bool,
}

impl AggregateRow {
    fn of(aggregate: &Aggregate, digits: Digits) -> AggregateRow {
        AggregateRow {
            a: aggregate.id,
            p: digits.price(aggregate.price),
            q: digits.quantity(aggregate.quantity),
            nq: digits.quantity(aggregate.quantity),
            f: aggregate.first,
            l: aggregate.last,
            time: aggregate.time.millis(),
            m: aggregate.taker_side == Side::Sell,
        }
    }
}

/// `GET /fapi/v1/aggTrades`
pub(super) fn aggregate(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let limit = params.limit(500, 1000)?;
    let from = params.number("fromId")?;
    let (start, end) = params.times()?;
    if let (Some(start), Some(end)) = (start, end)
        && end.since(start) > LONGEST_SPAN
    {
        return Err(ApiError::new(-1127, "More than 1 hours between startTime and endTime."));
    }
    let market = params.market(exchange)?;
    let market = market.lock();
    let digits = Digits::of(&market.listing);
    let aggregates = market.tape.aggregates();
    let until =
        end.map_or(aggregates.len(), |end| aggregates.partition_point(|made| made.time.millis() <= end.millis()));
    let first = match (from, start) {
        (Some(from), _) => aggregates.partition_point(|made| made.id < from.unsigned_abs()),
        (None, Some(start)) => aggregates.partition_point(|made| made.time.millis() < start.millis()),
        (None, None) => until.saturating_sub(limit),
    };
    let rows = aggregates.range(first.min(until)..until).take(limit);
    text(&rows.map(|made| AggregateRow::of(made, digits)).collect::<Vec<_>>())
}
