//! What is listed, as REST and the sockets tell it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::exact::{cost_places, exact, price_places, quantity_places, short};
use super::names::{self, Asset, Pair};
use super::params::Params;
use crate::exchange::Exchange;
use crate::listing::{Listing, TradingStatus};
use crate::numbers::{floor_to, ratio};
use crate::policy::Policy;

/// Decimals of balances.
const ASSET_DECIMALS: u32 = 10;
/// Decimals that people are shown.
const DISPLAY_DECIMALS: u32 = 5;

/// `/0/public/AssetPairs`
pub(super) fn pairs(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let mut wanted = Vec::new();
    for name in params.list("pair") {
        wanted.push(names::market(exchange, &name)?);
    }
    if wanted.is_empty() {
        wanted = exchange.markets();
    }
    let row = |listing: &Listing| (Pair::of(listing).key, pair(listing));
    let rows: Map<String, Value> = wanted.iter().map(|market| row(&market.lock().listing)).collect();
    Ok(Value::Object(rows))
}

fn pair(listing: &Listing) -> Value {
    let Pair { altname, wsname, .. } = Pair::of(listing);
    let (maker, taker) = Policy::KRAKEN_SPOT.rates;
    json!({
        "altname": altname, "wsname": wsname, "aclass_base": "currency", "base": Asset::of(&listing.base).key,
        "aclass_quote": "currency", "quote": Asset::of(&listing.quote).key, "lot": "unit",
        "cost_decimals": cost_places(listing), "pair_decimals": price_places(listing),
        "lot_decimals": quantity_places(listing), "lot_multiplier": 1, "leverage_buy": [], "leverage_sell": [],
        "fees": [[0, short(percent(taker))]], "fees_maker": [[0, short(percent(maker))]],
        "fee_volume_currency": "ZUSD", "margin_call": 80, "margin_stop": 40,
        "ordermin": smallest_order(listing).to_string(), "costmin": listing.min_notional.normalize().to_string(),
        "tick_size": listing.tick.normalize().to_string(), "status": status(listing),
    })
}

/// A rate in percent.
pub(super) fn percent(rate: Decimal) -> Decimal {
    rate * Decimal::ONE_HUNDRED
}

/// The smallest quantity of an order: what the smallest amount bought at first, rounded down to a round number.
pub(super) fn smallest_order(listing: &Listing) -> Decimal {
    let bought = ratio(listing.min_notional, listing.opening_price).unwrap_or(listing.step);
    let mut unit = listing.step;
    while unit * Decimal::TEN <= bought {
        unit *= Decimal::TEN;
    }
    let round = [5, 2, 1].map(|times| unit * Decimal::from(times)).into_iter().find(|times| *times <= bought);
    floor_to(round.unwrap_or(unit), listing.step).max(listing.step).normalize()
}

/// Whether it can be traded, in the exchange's words.
pub(super) fn status(listing: &Listing) -> &'static str {
    if listing.status == TradingStatus::Trading { "online" } else { "cancel_only" }
}

/// `/0/public/Assets`
pub(super) fn assets(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let known = traded(exchange);
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for name in params.list("asset") {
        let meant = Asset::meant(&name).to_owned();
        if !known.contains(&meant) {
            return Err(ApiError::unknown_asset());
        }
        wanted.insert(meant);
    }
    let rows = if wanted.is_empty() { &known } else { &wanted };
    let row = |name: &String| {
        let Asset { key, altname, .. } = Asset::of(name);
        let fields = json!({
            "aclass": "currency", "altname": altname, "decimals": ASSET_DECIMALS,
            "display_decimals": DISPLAY_DECIMALS, "status": "enabled",
        });
        (key.to_owned(), fields)
    };
    Ok(Value::Object(rows.iter().map(row).collect()))
}

/// All assets of all pairs.
fn traded(exchange: &Exchange) -> BTreeSet<String> {
    let markets = exchange.markets();
    let both = markets.iter().flat_map(|market| {
        let market = market.lock();
        [market.listing.base.clone(), market.listing.quote.clone()]
    });
    both.collect()
}

/// What the channel `instrument` tells at first.
pub(super) fn snapshot(exchange: &Exchange) -> Value {
    let asset = |name: &String| {
        json!({
            "id": name, "status": "enabled", "precision": ASSET_DECIMALS, "precision_display": DISPLAY_DECIMALS,
            "borrowable": false, "collateral_value": 0, "margin_rate": 0, "class": "currency",
        })
    };
    let assets: Vec<Value> = traded(exchange).iter().map(asset).collect();
    let pairs: Vec<Value> = exchange.markets().iter().map(|market| told(&market.lock().listing)).collect();
    json!({ "channel": "instrument", "type": "snapshot", "data": { "assets": assets, "pairs": pairs } })
}

/// What the channel `instrument` tells of pairs that have changed.
pub(super) fn update(pairs: &[Value]) -> Value {
    json!({ "channel": "instrument", "type": "update", "data": { "assets": [], "pairs": pairs } })
}

/// A pair as the channel `instrument` tells it.
pub(super) fn told(listing: &Listing) -> Value {
    let (price, quantity, cost) = (price_places(listing), quantity_places(listing), cost_places(listing));
    json!({
        "symbol": listing.symbol, "base": listing.base, "quote": listing.quote, "status": status(listing),
        "qty_precision": quantity, "qty_increment": exact(listing.step, quantity), "price_precision": price,
        "cost_precision": cost, "marginable": false, "has_index": true, "cost_min": short(listing.min_notional),
        "tick_size": short(listing.tick), "price_increment": short(listing.tick),
        "qty_min": short(smallest_order(listing)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_order_is_a_round_number() {
        let least: Vec<String> =
            Listing::defaults().iter().map(|listing| smallest_order(listing).to_string()).collect();
        assert_eq!(least, ["0.00005", "0.001", "0.005", "0.002"]);
    }
}
