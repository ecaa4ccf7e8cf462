//! The order book on the wire: snapshots, updates, top levels.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::errors::ApiError;
use super::info::{DECIMALS, wanted_status};
use super::params::Params;
use super::unit::TimeUnit;
use super::wish::Streams;
use crate::engine::{OrderBook, Side};
use crate::exchange::Exchange;
use crate::faults::FaultKind;
use crate::hub::Topic;
use crate::market::{Market, MarketId, Moved};
use crate::numbers::fixed;

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

/// Level changes that wait to be published, by market.
#[derive(Debug, Default)]
pub(super) struct Depths {
    fast: BTreeMap<MarketId, Span>,
    slow: BTreeMap<MarketId, Span>,
}

/// Changes of consecutive update ids, the last quantity of each level.
#[derive(Clone, Debug)]
pub(super) struct Span {
    first: u64,
    last: u64,
    bids: BTreeMap<Decimal, Decimal>,
    asks: BTreeMap<Decimal, Decimal>,
}

impl Depths {
    /// Notes what a market did.
    pub(super) fn note(&mut self, market: &Market, moved: &Moved) {
        for change in &moved.changes {
            for spans in [&mut self.fast, &mut self.slow] {
                let span = spans.entry(market.id).or_insert_with(|| Span {
                    first: change.update_id,
                    last: change.update_id,
                    bids: BTreeMap::new(),
                    asks: BTreeMap::new(),
                });
                span.last = change.update_id;
                let side = if change.side == Side::Buy { &mut span.bids } else { &mut span.asks };
                side.insert(change.price, change.after);
            }
        }
    }

    /// Whether anything waits.
    pub(super) fn pending(&self) -> bool {
        !self.slow.is_empty()
    }

    /// Markets for which something waits.
    pub(super) fn markets(&self, slow: bool) -> Vec<MarketId> {
        if slow { self.slow.keys().copied().collect() } else { self.fast.keys().copied().collect() }
    }

    /// Takes out what waits for a market.
    pub(super) fn take(&mut self, id: MarketId, slow: bool) -> (Option<Span>, Option<Span>) {
        (self.fast.remove(&id), if slow { self.slow.remove(&id) } else { None })
    }
}

/// Publishes what waited for a market, on its update and top-level streams.
pub(super) fn publish(hub: &Streams, exchange: &Exchange, market: &mut Market, due: (Option<Span>, Option<Span>)) {
    let (fast, slow) = due;
    if let Some(span) = &fast {
        market.ledger.published(span.last);
    }
    if market.gone || hub.is_quiet() {
        return;
    }
    let lower = market.listing.symbol.to_lowercase();
    for (span, speed) in [(fast, "@100ms"), (slow, "")] {
        let Some(span) = span else { continue };
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
    for fault in &faults {
        match fault {
            FaultKind::CrossBook => cross(&mut span, market.engine.book()),
            FaultKind::WrongLevel => falsify(&mut span, market.engine.book()),
            _ => {}
        }
    }
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

/// Adds a bid at the best ask.
fn cross(span: &mut Span, book: &OrderBook) {
    if let Some((ask, quantity)) = book.best_ask() {
        span.bids.insert(ask, quantity);
    }
}

/// Doubles the quantity of one level.
fn falsify(span: &mut Span, book: &OrderBook) {
    let changed = span.bids.iter_mut().chain(span.asks.iter_mut()).map(|(_, quantity)| quantity);
    if let Some(quantity) = changed.filter(|quantity| !quantity.is_zero()).last() {
        *quantity *= Decimal::TWO;
    } else if let Some((price, quantity)) = book.best_bid() {
        span.bids.insert(price, quantity * Decimal::TWO);
    }
}
