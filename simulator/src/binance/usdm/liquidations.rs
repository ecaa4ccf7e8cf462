//! The stream of liquidations: of each contract the largest of each second.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::digits::{Digits, plain};
use super::order_json::side;
use crate::accounts::{Order, Origin};
use crate::binance::wish::Streams;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::numbers::ratio;

/// Streams of all contracts.
const ALL: &str = "!forceOrder@arr";

/// Liquidations of the present second, by symbol.
#[derive(Debug, Default)]
pub(super) struct Liquidations {
    largest: Mutex<BTreeMap<String, Order>>,
}

impl Liquidations {
    /// Notes an order that has ended, if it was a liquidation.
    pub(super) fn note(&self, order: &Order) {
        if order.origin != Origin::Liquidation || order.is_live() || order.executed.is_zero() {
            return;
        }
        let mut largest = self.largest.lock();
        let known = largest.get(order.symbol.as_ref()).map_or(Decimal::ZERO, |known| known.executed_quote);
        if order.executed_quote > known {
            largest.insert(order.symbol.to_string(), order.clone());
        }
    }

    /// Whether any waits to be told.
    pub(super) fn any(&self) -> bool {
        !self.largest.lock().is_empty()
    }

    /// Tells those of the second that is over.
    pub(super) fn publish(&self, hub: &Streams, exchange: &Exchange) {
        let told = std::mem::take(&mut *self.largest.lock());
        let now = exchange.clock.server_now().millis();
        for (symbol, order) in told {
            let Some(market) = exchange.market(&symbol) else { continue };
            let topic = Topic::of(&market.lock(), format!("{}@forceOrder", symbol.to_lowercase()));
            let text = frame(exchange, &order, now).to_string();
            hub.publish(exchange, &topic, |_| text.clone());
            hub.publish(exchange, &Topic { name: ALL.to_owned(), ..topic }, |_| text.clone());
        }
    }
}

fn frame(exchange: &Exchange, order: &Order, now: i64) -> Value {
    let digits = Digits::of_symbol(exchange, &order.symbol);
    let average = ratio(order.executed_quote, order.executed).unwrap_or_default();
    let filled = digits.quantity(order.executed);
    json!({
        "e": "forceOrder", "E": now,
        "o": { "s": order.symbol, "S": side(order.side), "o": "LIMIT", "f": "IOC",
            "q": digits.quantity(order.quantity), "p": digits.price(order.price), "ap": plain(average.round_dp(8)),
            "X": order.status.as_str(), "l": filled, "z": filled, "T": order.updated.millis() },
        "ps": order.symbol, "st": 1,
    })
}
