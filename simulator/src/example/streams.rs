//! Books and trades on the market socket.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use flate2::Crc;
use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::market::{trade, written};
use super::rows::plain;
use super::{Example, contracts};
use crate::engine::{OrderBook, Side};
use crate::exchange::Exchange;
use crate::faults::FaultKind;
use crate::hub::{Hub, Topic, Wish};
use crate::market::{Market, MarketId, Moved};

/// What the topic of a contract's funding begins with.
pub(super) const FUNDING: &str = "funding";
/// Steps of time between two of its frames: a second.
const FUNDING_STEPS: u64 = 50;
/// Levels of each side that the sum is taken over.
const SUMMED: usize = 10;

/// The subscriptions of the market sockets.
pub(super) type Streams = Hub<AllAlike>;

/// The number of the last message of each book.
pub(super) type Published = Mutex<HashMap<MarketId, u64>>;

/// How a market socket wants its frames: all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AllAlike;

impl Wish for AllAlike {
    type Form = ();

    fn form(&self) {}

    fn hears(&self, _: &str) -> bool {
        true
    }

    fn dressed(&self, _: &str, payload: &str) -> String {
        payload.to_owned()
    }

    fn new_event(name: &str) -> String {
        json!({ "topic": format!("NEVER_SEEN-{name}"), "data": {} }).to_string()
    }

    fn with_new_enum(payload: &str) -> String {
        let unknown = r#""taker":"NEVER_SEEN""#;
        payload.replacen(r#""taker":"buy""#, unknown, 1).replacen(r#""taker":"sell""#, unknown, 1)
    }
}

/// The changes of one message: the last quantity of each level.
#[derive(Debug, Default)]
struct Changes {
    bids: BTreeMap<Decimal, Decimal>,
    asks: BTreeMap<Decimal, Decimal>,
}

impl Changes {
    fn of(moved: &Moved) -> Changes {
        let mut changes = Changes::default();
        for change in &moved.changes {
            let side = if change.side == Side::Buy { &mut changes.bids } else { &mut changes.asks };
            side.insert(change.price, change.after);
        }
        changes
    }

    /// Falsifies them as faults order; the sum stays what it was.
    fn strike(&mut self, faults: &[FaultKind], book: &OrderBook) {
        for fault in faults {
            match fault {
                FaultKind::CrossBook => self.bids.extend(book.best_ask()),
                FaultKind::WrongLevel => {
                    self.bids.extend(book.best_bid().map(|(price, quantity)| (price, quantity * Decimal::TWO)));
                }
                _ => {}
            }
        }
    }
}

impl Example {
    /// Tells a change of a book.
    pub(super) fn tell_book(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        let (Some(first), Some(last)) = (moved.changes.first(), moved.changes.last()) else { return };
        let seq = last.update_id;
        let before = self.published.lock().insert(market.id, seq);
        if market.gone {
            return;
        }
        let prev = before.unwrap_or_else(|| first.update_id.saturating_sub(1));
        let name = format!("book:{}", market.listing.symbol);
        let topic = Topic { book_update: true, ..Topic::of(market, name) };
        if !self.streams.has(&topic.name) {
            return;
        }
        let faults = self.streams.faults(exchange, &topic);
        let book = market.engine.book();
        let mut changes = Changes::of(moved);
        changes.strike(&faults, book);
        let (time, sum) = (exchange.clock.server_now().millis(), sum(book));
        let text = json!({
            "topic": topic.name, "seq": seq, "prev": prev, "time": time,
            "bids": written(changes.bids.into_iter().rev()), "asks": written(changes.asks.into_iter()), "sum": sum,
        });
        self.streams.deliver(exchange, &topic, &faults, |()| text.to_string());
    }

    /// Tells the funding of every contract that somebody listens to, once a second.
    pub(super) fn tell_fundings(&self, exchange: &Exchange, step: u64) {
        if !step.is_multiple_of(FUNDING_STEPS) {
            return;
        }
        for name in self.streams.names().into_iter().filter(|name| is_timed(name)) {
            let Some((_, symbol)) = name.split_once(':') else { continue };
            let Some(market) = exchange.market(symbol) else { continue };
            let market = market.lock();
            let Some(mut row) = contracts::funding(exchange, &market) else { continue };
            let topic = Topic::of(&market, name);
            row.insert("topic".to_owned(), json!(topic.name));
            self.streams.publish(exchange, &topic, |()| Value::Object(row.clone()).to_string());
        }
    }

    /// Tells trades.
    pub(super) fn tell_trades(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        if moved.trades.is_empty() || market.gone {
            return;
        }
        let topic = Topic::of(market, format!("trades:{}", market.listing.symbol));
        self.streams.publish(exchange, &topic, |()| {
            let rows: Vec<Value> = moved.trades.iter().map(trade).collect();
            json!({ "topic": topic.name, "trades": rows }).to_string()
        });
    }
}

/// Whether a topic is told by time alone.
pub(super) fn is_timed(topic: &str) -> bool {
    topic.starts_with(FUNDING)
}

/// CRC-32 of the best asks, then the best bids.
fn sum(book: &OrderBook) -> u32 {
    let mut text = String::new();
    for (price, quantity) in book.asks().take(SUMMED).chain(book.bids().take(SUMMED)) {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{}:{};", plain(price), plain(quantity));
    }
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    crc.sum()
}
