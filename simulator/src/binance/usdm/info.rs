//! Instruments, their filters, time and status.

use serde_json::{Value, json};

use super::Usdm;
use super::digits::{Digits, plain};
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::binance::unit::TimeUnit;
use crate::exchange::Exchange;
use crate::listing::{Listing, TradingStatus};

/// Delivery time of a contract without one.
pub(super) const NEVER: i64 = 4_133_404_800_000;
/// When the contracts were listed.
pub(super) const ONBOARD: i64 = 1_569_398_400_000;
const ORDER_TYPES: [&str; 7] =
    ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"];
const TIMES_IN_FORCE: [&str; 6] = ["GTC", "IOC", "FOK", "GTX", "GTD", "RPI"];

/// `GET /fapi/v1/ping`
pub(super) fn ping(_: &Exchange, _: &Params, _: TimeUnit) -> Result<String, ApiError> {
    Ok("{}".to_owned())
}

/// `GET /fapi/v1/time`
pub(super) fn time(exchange: &Exchange, _: &Params, _: TimeUnit) -> Result<String, ApiError> {
    Ok(format!("{{\"serverTime\":{}}}", exchange.clock.server_now().millis()))
}

/// An empty list, for what nobody has here.
pub(super) fn nothing(_: &Exchange, _: &Params, _: TimeUnit) -> Result<String, ApiError> {
    Ok("[]".to_owned())
}

/// `GET /fapi/v1/exchangeInfo`
pub(super) fn exchange_info(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let exchange = asked.exchange;
    let limits = &exchange.config.limits;
    let listings: Vec<Listing> = exchange.markets().iter().map(|market| market.lock().listing.clone()).collect();
    let mut rate_limits = vec![json!({ "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
        "limit": limits.weight_per_minute })];
    rate_limits.extend(asked.api.common.counts.limits(limits));
    let mut margin_assets: Vec<&str> = listings.iter().map(|listing| listing.quote.as_str()).collect();
    margin_assets.sort_unstable();
    margin_assets.dedup();
    let assets = margin_assets.into_iter();
    let assets: Vec<Value> =
        assets.map(|asset| json!({ "asset": asset, "marginAvailable": true, "autoAssetExchange": "-10000" })).collect();
    text(&json!({
        "timezone": "UTC",
        "serverTime": exchange.clock.server_now().millis(),
        "futuresType": "U_MARGINED",
        "rateLimits": rate_limits,
        "exchangeFilters": [],
        "assets": assets,
        "symbols": listings.iter().map(symbol).collect::<Vec<_>>(),
    }))
}

/// The word for whether an instrument can be traded.
pub(super) fn status(status: TradingStatus) -> &'static str {
    match status {
        TradingStatus::Trading => "TRADING",
        TradingStatus::EndOfDay => "CLOSE",
        TradingStatus::Halt => "SETTLING",
        TradingStatus::Break => "PENDING_TRADING",
        TradingStatus::CancelOnly => "PRE_SETTLE",
    }
}

fn symbol(listing: &Listing) -> Value {
    let digits = Digits::of(listing);
    let terms = listing.contract.clone().unwrap_or_default();
    json!({
        "symbol": listing.symbol,
        "pair": listing.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER,
        "onboardDate": ONBOARD,
        "status": status(listing.status),
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "marginAsset": listing.quote,
        "pricePrecision": digits.price,
        "quantityPrecision": digits.quantity,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": format!("{:.4}", terms.trigger_protect),
        "liquidationFee": format!("{:.6}", terms.liquidation_fee),
        "marketTakeBound": format!("{:.2}", terms.market_take_bound),
        "maxMoveOrderLimit": 10_000,
        "filters": filters(listing),
        "orderTypes": ORDER_TYPES,
        "timeInForce": TIMES_IN_FORCE,
    })
}

fn filters(listing: &Listing) -> Vec<Value> {
    let digits = Digits::of(listing);
    let (price, quantity) = (|value| digits.price(value), |value| digits.quantity(value));
    let (up, down) = listing.contract.as_ref().map_or(listing.rules.price_multipliers, |terms| terms.price_band);
    vec![
        json!({ "filterType": "PRICE_FILTER", "minPrice": price(listing.min_price),
            "maxPrice": price(listing.max_price), "tickSize": price(listing.tick) }),
        json!({ "filterType": "LOT_SIZE", "minQty": quantity(listing.step), "maxQty": quantity(listing.max_quantity),
            "stepSize": quantity(listing.step) }),
        json!({ "filterType": "MARKET_LOT_SIZE", "minQty": quantity(listing.step),
            "maxQty": quantity(listing.max_market_quantity), "stepSize": quantity(listing.step) }),
        json!({ "filterType": "MAX_NUM_ORDERS", "limit": listing.rules.max_orders }),
        json!({ "filterType": "MIN_NOTIONAL", "notional": plain(listing.min_notional) }),
        json!({ "filterType": "PERCENT_PRICE", "multiplierUp": format!("{up:.4}"),
            "multiplierDown": format!("{down:.4}"), "multiplierDecimal": "4" }),
    ]
}
