//! Request weights that depend on parameters.

use crate::binance::weights::{Given, value};
use crate::exchange::Exchange;

fn limit(given: &Given, default: u64) -> u64 {
    value(given, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(default)
}

fn one_or_all(given: &Given, one: u64, all: u64) -> u64 {
    if value(given, "symbol").is_some_and(|symbol| !symbol.is_empty()) { one } else { all }
}

pub(super) fn depth(_: &Exchange, given: &Given) -> u64 {
    match limit(given, 500) {
        0..=50 => 2,
        51..=100 => 5,
        101..=500 => 10,
        _ => 20,
    }
}

pub(super) fn candles(_: &Exchange, given: &Given) -> u64 {
    match limit(given, 500) {
        0..=99 => 1,
        100..=499 => 2,
        500..=1000 => 5,
        _ => 10,
    }
}

pub(super) fn premium_index(_: &Exchange, given: &Given) -> u64 {
    one_or_all(given, 1, 10)
}

pub(super) fn many(_: &Exchange, given: &Given) -> u64 {
    one_or_all(given, 1, 40)
}

pub(super) fn price(_: &Exchange, given: &Given) -> u64 {
    one_or_all(given, 1, 2)
}

pub(super) fn book(_: &Exchange, given: &Given) -> u64 {
    one_or_all(given, 2, 5)
}

pub(super) fn force_orders(_: &Exchange, given: &Given) -> u64 {
    one_or_all(given, 20, 50)
}
