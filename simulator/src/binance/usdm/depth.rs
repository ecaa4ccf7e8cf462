//! The order book on the wire: snapshots, updates, top levels.

use serde::Serialize;

use super::Usdm;
use super::digits::Digits;
use crate::binance::call::{Asked, text};
use crate::binance::depths::{Due, Span};
use crate::binance::errors::ApiError;
use crate::binance::wish::Streams;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::market::Market;

/// How often books are told, in milliseconds; 0 is at every step.
pub(super) const SPEEDS: [u64; 4] = [0, 100, 250, 500];
/// Levels that a snapshot may have.
const DEPTHS: [usize; 7] = [5, 10, 20, 50, 100, 500, 1000];
const DEFAULT_DEPTH: usize = 500;

type Row = [String; 2];

#[derive(Serialize)]
struct Snapshot {
    #[serde(rename = "lastUpdateId")]
    last_update_id: u64,
    #[serde(rename = "E")]
    told: i64,
    #[serde(rename = "T")]
    changed: i64,
    bids: Vec<Row>,
    asks: Vec<Row>,
}

/// The best `levels` of both sides.
fn top(market: &Market, levels: usize) -> [Vec<Row>; 2] {
    let digits = Digits::of(&market.listing);
    let book = market.engine.book();
    [
        book.bids().take(levels).map(|level| digits.level(level)).collect(),
        book.asks().take(levels).map(|level| digits.level(level)).collect(),
    ]
}

/// `GET /fapi/v1/depth`. What waits is published first, so that the snapshot is a point of every chain of updates.
pub(super) fn snapshot(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let levels = match asked.params.number("limit")? {
        None => DEFAULT_DEPTH,
        Some(given) => DEPTHS
            .into_iter()
            .find(|depth| i64::try_from(*depth).is_ok_and(|depth| depth == given))
            .ok_or_else(|| ApiError::new(-4021, format!("{given} is not valid depth limit.")))?,
    };
    let market = asked.params.market(asked.exchange)?;
    let mut market = market.lock();
    let waiting = asked.api.common.depths.lock().take(market.id, Due::All);
    publish(&asked.api.common.hub, asked.exchange, &mut market, waiting);
    let now = asked.exchange.clock.server_now().millis();
    let [bids, asks] = top(&market, levels);
    text(&Snapshot { last_update_id: market.engine.update_id(), told: now, changed: now, bids, asks })
}

/// Publishes what waited for a market, on its update and top-level streams.
pub(super) fn publish(hub: &Streams, exchange: &Exchange, market: &mut Market, due: Vec<(u64, Span)>) {
    if let Some((_, span)) = due.iter().find(|(every, _)| *every == 100) {
        market.ledger.published(span.last);
    }
    if market.gone || hub.is_quiet() {
        return;
    }
    let lower = market.listing.symbol.to_lowercase();
    for (every, span) in due {
        let speed = if every == 250 { String::new() } else { format!("@{every}ms") };
        for levels in [5, 10, 20] {
            let topic = Topic::of(market, format!("{lower}@depth{levels}{speed}"));
            hub.publish(exchange, &topic, |_| {
                Update::of(market, &span, exchange.clock.server_now(), top(market, levels)).text()
            });
        }
        if every == 500 {
            update(hub, exchange, market, format!("{lower}@rpiDepth@500ms"), span.clone());
        }
        update(hub, exchange, market, format!("{lower}@depth{speed}"), span);
    }
}

#[derive(Serialize)]
struct Update<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    told: i64,
    #[serde(rename = "T")]
    changed: i64,
    s: &'a str,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    pu: u64,
    b: Vec<Row>,
    a: Vec<Row>,
    ps: &'a str,
    st: u8,
}

impl<'a> Update<'a> {
    /// The first id jumps, as ids do here: only `pu` links one update to the one before.
    fn of(market: &'a Market, span: &Span, now: Timestamp, [b, a]: [Vec<Row>; 2]) -> Update<'a> {
        let symbol = &market.listing.symbol;
        Update {
            e: "depthUpdate",
            told: now.millis(),
            changed: now.millis(),
            s: symbol,
            first: span.first.midpoint(span.last),
            u: span.last,
            pu: span.first - 1,
            b,
            a,
            ps: symbol,
            st: 1,
        }
    }

    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn update(hub: &Streams, exchange: &Exchange, market: &Market, name: String, mut span: Span) {
    let topic = Topic { book_update: true, ..Topic::of(market, name) };
    if !hub.has(&topic.name) {
        return;
    }
    let faults = hub.faults(exchange, &topic);
    span.strike(&faults, market.engine.book());
    let now = exchange.clock.server_now();
    let digits = Digits::of(&market.listing);
    hub.deliver(exchange, &topic, &faults, |_| {
        let bids = span.bids.iter().rev().map(|(price, quantity)| digits.level((*price, *quantity))).collect();
        let asks = span.asks.iter().map(|(price, quantity)| digits.level((*price, *quantity))).collect();
        Update::of(market, &span, now, [bids, asks]).text()
    });
}
