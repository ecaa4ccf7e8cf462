//! The order book on the wire: snapshots, updates, top levels.

use rust_decimal::Decimal;
use serde::Serialize;

use super::info::{DECIMALS, wanted_status};
use crate::binance::depths::Span;
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::binance::unit::TimeUnit;
use crate::binance::wish::Streams;
use crate::engine::OrderBook;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::market::Market;
use crate::numbers::fixed;

/// Milliseconds between updates on the streams that say so; the others are slow.
const FAST: u64 = 100;
const SLOW: u64 = 1000;
/// How often books are told, in milliseconds.
pub(super) const SPEEDS: [u64; 2] = [FAST, SLOW];

type Row = [String; 2];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot {
    last_update_id: u64,
    bids: Vec<Row>,
    asks: Vec<Row>,
}

impl Snapshot {
    fn of(update_id: u64, book: &OrderBook, levels: usize) -> Snapshot {
        Snapshot {
            last_update_id: update_id,
            bids: book.bids().take(levels).map(row).collect(),
            asks: book.asks().take(levels).map(row).collect(),
        }
    }
}

fn row((price, quantity): (Decimal, Decimal)) -> Row {
    [fixed(price, DECIMALS), fixed(quantity, DECIMALS)]
}

/// `GET /api/v3/depth`
pub(super) fn snapshot(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let limit = params.limit(100, 5000)?;
    let market = params.market(exchange)?;
    let status = wanted_status(params)?;
    let market = market.lock();
    if status.is_some_and(|status| status != market.listing.status.as_str()) {
        return Err(ApiError::other_status());
    }
    let snapshot = Snapshot::of(market.engine.update_id(), market.engine.book(), limit);
    serde_json::to_string(&snapshot).map_err(|error| ApiError::new(-1000, error.to_string()))
}

/// Publishes what waited for a market, on its update and top-level streams.
pub(super) fn publish(hub: &Streams, exchange: &Exchange, market: &mut Market, due: Vec<(u64, Span)>) {
    if let Some((_, span)) = due.iter().find(|(every, _)| *every == FAST) {
        market.ledger.published(span.last);
    }
    if market.gone || hub.is_quiet() {
        return;
    }
    let lower = market.listing.symbol.to_lowercase();
    for (every, span) in due {
        let speed = if every == FAST { "@100ms" } else { "" };
        update(hub, exchange, market, format!("{lower}@depth{speed}"), span);
        for levels in [5, 10, 20] {
            let topic = Topic::of(market, format!("{lower}@depth{levels}{speed}"));
            hub.publish(exchange, &topic, |_| {
                let top = Snapshot::of(market.engine.update_id(), market.engine.book(), levels);
                serde_json::to_string(&top).unwrap_or_default()
            });
        }
    }
}

#[derive(Serialize)]
struct Update<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    time: i64,
    s: &'a str,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    b: Vec<Row>,
    a: Vec<Row>,
}

fn update(hub: &Streams, exchange: &Exchange, market: &Market, name: String, mut span: Span) {
    let topic = Topic { book_update: true, ..Topic::of(market, name) };
    if !hub.has(&topic.name) {
        return;
    }
    let faults = hub.faults(exchange, &topic);
    span.strike(&faults, market.engine.book());
    let now = exchange.clock.server_now();
    hub.deliver(exchange, &topic, &faults, |unit| {
        let update = Update {
            e: "depthUpdate",
            time: unit.stamp(now),
            s: &market.listing.symbol,
            first: span.first,
            u: span.last,
            b: span.bids.iter().rev().map(|(price, quantity)| row((*price, *quantity))).collect(),
            a: span.asks.iter().map(|(price, quantity)| row((*price, *quantity))).collect(),
        };
        serde_json::to_string(&update).unwrap_or_default()
    });
}
