//! Instruments, their filters, time and status.

use serde::Serialize;
use serde_json::{Value, json};

use crate::accounts::ExchangeRules;
use crate::binance::errors::ApiError;
use crate::binance::params::{Chosen, Params, symbol_list};
use crate::binance::unit::TimeUnit;
use crate::config::Limits;
use crate::exchange::Exchange;
use crate::listing::{Listing, TradingStatus};
use crate::numbers::fixed;

/// Decimals of every number on this exchange.
pub(super) const DECIMALS: u32 = 8;
const STATUSES: [&str; 5] = ["TRADING", "END_OF_DAY", "HALT", "BREAK", "CANCEL_ONLY"];
const PERMISSIONS: [&str; 2] = ["SPOT", "MARGIN"];
const SELF_TRADE_MODES: [&str; 6] = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"];

pub(super) fn ping(_: &Exchange, _: &Params, _: TimeUnit) -> Result<String, ApiError> {
    Ok("{}".to_owned())
}

pub(super) fn time(exchange: &Exchange, _: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    Ok(format!("{{\"serverTime\":{}}}", unit.stamp(exchange.clock.server_now())))
}

pub(super) fn system_status(_: &Exchange, _: &Params, _: TimeUnit) -> Result<String, ApiError> {
    Ok("{\"status\":0,\"msg\":\"normal\"}".to_owned())
}

pub(super) fn exchange_info(exchange: &Exchange, params: &Params, unit: TimeUnit) -> Result<String, ApiError> {
    let show_sets = params.flag("showPermissionSets", true)?;
    let listings = chosen_listings(exchange, params)?;
    let info = ExchangeInfo {
        timezone: "UTC",
        server_time: unit.stamp(exchange.clock.server_now()),
        rate_limits: rate_limits(&exchange.config.limits),
        exchange_filters: exchange_filters(&exchange.config.rules),
        symbols: listings.iter().map(|listing| Symbol::of(listing, show_sets)).collect(),
    };
    serde_json::to_string(&info).map_err(|error| ApiError::new(-1000, error.to_string()))
}

fn chosen_listings(exchange: &Exchange, params: &Params) -> Result<Vec<Listing>, ApiError> {
    let status = wanted_status(params)?;
    let permissions = params.text("permissions")?;
    let chosen = params.markets(exchange)?;
    if !matches!(chosen, Chosen::All(_)) && (status.is_some() || permissions.is_some()) {
        return Err(ApiError::bad_combination());
    }
    let markets = match chosen {
        Chosen::One(market) => vec![market],
        Chosen::Many(markets) | Chosen::All(markets) => markets,
    };
    if let Some(permissions) = permissions
        && !permitted(permissions)?
    {
        return Ok(Vec::new());
    }
    let listings = markets.iter().map(|market| market.lock().listing.clone());
    Ok(listings.filter(|listing| status.is_none_or(|status| status == listing.status.as_str())).collect())
}

/// Whether one of the permissions asked for is one that the listed pairs have.
fn permitted(text: &str) -> Result<bool, ApiError> {
    let asked = if text.starts_with('[') { symbol_list(text)? } else { vec![text.to_owned()] };
    let known = |word: &str| {
        let group = word.strip_prefix("TRD_GRP_").and_then(|number| number.parse::<u32>().ok());
        PERMISSIONS.contains(&word) || word == "LEVERAGED" || group.is_some_and(|group| (2..=25).contains(&group))
    };
    if !asked.iter().all(|word| known(word)) {
        return Err(ApiError::invalid("permissions"));
    }
    Ok(asked.iter().any(|word| PERMISSIONS.contains(&word.as_str())))
}

/// The parameter `symbolStatus`.
pub(super) fn wanted_status(params: &Params) -> Result<Option<&str>, ApiError> {
    match params.text("symbolStatus")? {
        Some(status) if !STATUSES.contains(&status) => Err(ApiError::invalid("symbolStatus")),
        status => Ok(status),
    }
}

pub(super) fn execution_rules(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    params.markets(exchange)?;
    wanted_status(params)?;
    Ok("{\"symbolRules\":[]}".to_owned())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeInfo {
    timezone: &'static str,
    server_time: i64,
    rate_limits: Vec<RateLimit>,
    exchange_filters: Vec<Value>,
    symbols: Vec<Symbol>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RateLimit {
    rate_limit_type: &'static str,
    interval: &'static str,
    interval_num: u32,
    limit: u64,
}

fn rate_limits(limits: &Limits) -> Vec<RateLimit> {
    let limit =
        |rate_limit_type, interval, interval_num, limit| RateLimit { rate_limit_type, interval, interval_num, limit };
    vec![
        limit("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute),
        limit("ORDERS", "SECOND", 10, limits.orders_per_10_seconds),
        limit("ORDERS", "DAY", 1, limits.orders_per_day),
        limit("RAW_REQUESTS", "MINUTE", 5, limits.requests_per_5_minutes),
    ]
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Symbol {
    symbol: String,
    status: TradingStatus,
    base_asset: String,
    base_asset_precision: u32,
    quote_asset: String,
    quote_precision: u32,
    quote_asset_precision: u32,
    base_commission_precision: u32,
    quote_commission_precision: u32,
    order_types: &'static [&'static str],
    iceberg_allowed: bool,
    oco_allowed: bool,
    oto_allowed: bool,
    opo_allowed: bool,
    quote_order_qty_market_allowed: bool,
    allow_trailing_stop: bool,
    cancel_replace_allowed: bool,
    amend_allowed: bool,
    peg_instructions_allowed: bool,
    is_spot_trading_allowed: bool,
    is_margin_trading_allowed: bool,
    filters: Vec<Value>,
    permissions: Vec<String>,
    permission_sets: Vec<&'static [&'static str]>,
    default_self_trade_prevention_mode: &'static str,
    allowed_self_trade_prevention_modes: &'static [&'static str],
}

impl Symbol {
    fn of(listing: &Listing, show_sets: bool) -> Symbol {
        Symbol {
            symbol: listing.symbol.clone(),
            status: listing.status,
            base_asset: listing.base.clone(),
            base_asset_precision: DECIMALS,
            quote_asset: listing.quote.clone(),
            quote_precision: DECIMALS,
            quote_asset_precision: DECIMALS,
            base_commission_precision: DECIMALS,
            quote_commission_precision: DECIMALS,
            order_types: &[
                "LIMIT",
                "LIMIT_MAKER",
                "MARKET",
                "STOP_LOSS",
                "STOP_LOSS_LIMIT",
                "TAKE_PROFIT",
                "TAKE_PROFIT_LIMIT",
            ],
            iceberg_allowed: true,
            oco_allowed: true,
            oto_allowed: true,
            opo_allowed: true,
            quote_order_qty_market_allowed: true,
            allow_trailing_stop: true,
            cancel_replace_allowed: true,
            amend_allowed: true,
            peg_instructions_allowed: true,
            is_spot_trading_allowed: true,
            is_margin_trading_allowed: true,
            filters: filters(listing),
            permissions: Vec::new(),
            permission_sets: if show_sets { vec![&PERMISSIONS] } else { Vec::new() },
            default_self_trade_prevention_mode: listing.rules.self_trade.as_str(),
            allowed_self_trade_prevention_modes: &SELF_TRADE_MODES,
        }
    }
}

/// The filters of an instrument.
pub(super) fn filters(listing: &Listing) -> Vec<Value> {
    let mut rows = number_filters(listing);
    rows.extend(count_filters(listing));
    rows
}

/// Filters of prices and quantities.
fn number_filters(listing: &Listing) -> Vec<Value> {
    let n = |value| fixed(value, DECIMALS);
    let rules = &listing.rules;
    let (least, most) = rules.trailing_delta;
    let (up, down) = rules.price_multipliers;
    let (up, down) = (up.normalize().to_string(), down.normalize().to_string());
    let minutes = rules.average_minutes;
    vec![
        json!({"filterType": "PRICE_FILTER", "minPrice": n(listing.min_price), "maxPrice": n(listing.max_price),
            "tickSize": n(listing.tick)}),
        json!({"filterType": "LOT_SIZE", "minQty": n(listing.step), "maxQty": n(listing.max_quantity),
            "stepSize": n(listing.step)}),
        json!({"filterType": "ICEBERG_PARTS", "limit": rules.iceberg_parts}),
        json!({"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": n(listing.max_market_quantity),
            "stepSize": "0.00000000"}),
        json!({"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": least, "maxTrailingAboveDelta": most,
            "minTrailingBelowDelta": least, "maxTrailingBelowDelta": most}),
        json!({"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": up, "bidMultiplierDown": down,
            "askMultiplierUp": up, "askMultiplierDown": down, "avgPriceMins": minutes}),
        json!({"filterType": "NOTIONAL", "minNotional": n(listing.min_notional), "applyMinToMarket": true,
            "maxNotional": n(listing.max_notional), "applyMaxToMarket": false, "avgPriceMins": minutes}),
    ]
}

/// Filters of the number of orders and of what they add up to.
fn count_filters(listing: &Listing) -> Vec<Value> {
    let rules = &listing.rules;
    let mut rows = vec![
        json!({"filterType": "MAX_NUM_ORDERS", "maxNumOrders": rules.max_orders}),
        json!({"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": rules.max_order_lists}),
        json!({"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": rules.max_algo_orders}),
        json!({"filterType": "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": rules.max_iceberg_orders}),
    ];
    if let Some(most) = rules.max_position {
        rows.push(json!({"filterType": "MAX_POSITION", "maxPosition": fixed(most, DECIMALS)}));
    }
    rows.push(json!({"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": rules.max_amends}));
    rows
}

/// The filters of an account over all instruments.
pub(super) fn exchange_filters(rules: &ExchangeRules) -> Vec<Value> {
    let row =
        |kind: &str, field: &str, most: Option<usize>| most.map(|most| json!({ "filterType": kind, field: most }));
    let rows = [
        row("EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders", rules.max_orders),
        row("EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", rules.max_algo_orders),
        row("EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", rules.max_iceberg_orders),
        row("EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists", rules.max_order_lists),
    ];
    rows.into_iter().flatten().collect()
}
