//! Request weights that depend on parameters.

use crate::binance::weights::{Given, value};
use crate::exchange::Exchange;

/// How many symbols are named, if any are.
fn named(given: &Given) -> Option<u64> {
    let symbols = value(given, "symbols").map(|list| list.split(',').count() as u64);
    value(given, "symbol").map(|_| 1).or(symbols)
}

pub(super) fn depth(_: &Exchange, given: &Given) -> u64 {
    match value(given, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(100) {
        0..=100 => 5,
        101..=500 => 25,
        501..=1000 => 50,
        _ => 250,
    }
}

pub(super) fn day_ticker(_: &Exchange, given: &Given) -> u64 {
    match named(given) {
        Some(0..=20) => 2,
        Some(21..=100) => 40,
        _ => 80,
    }
}

pub(super) fn window_ticker(_: &Exchange, given: &Given) -> u64 {
    (4 * named(given).unwrap_or(1)).min(200)
}

pub(super) fn top(_: &Exchange, given: &Given) -> u64 {
    if value(given, "symbol").is_some() { 2 } else { 4 }
}

pub(super) fn execution_rules(_: &Exchange, given: &Given) -> u64 {
    named(given).map_or(40, |count| (2 * count).min(40))
}

pub(super) fn test(_: &Exchange, given: &Given) -> u64 {
    if value(given, "computeCommissionRates") == Some("true") { 20 } else { 1 }
}

pub(super) fn open_orders(_: &Exchange, given: &Given) -> u64 {
    if value(given, "symbol").is_some() { 6 } else { 80 }
}

pub(super) fn fills(_: &Exchange, given: &Given) -> u64 {
    if value(given, "orderId").is_some() { 5 } else { 20 }
}

pub(super) fn prevented(exchange: &Exchange, given: &Given) -> u64 {
    let listed = value(given, "symbol").is_some_and(|symbol| exchange.market(symbol).is_some());
    if listed && value(given, "orderId").is_some() { 20 } else { 2 }
}
