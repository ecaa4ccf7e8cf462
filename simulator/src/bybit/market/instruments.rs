//! Instruments and their rules.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::chosen;
use crate::bybit::call::{Asked, Reply};
use crate::bybit::category::{Category, plain};
use crate::bybit::errors::ApiError;
use crate::bybit::params::page;
use crate::listing::{Listing, TradingStatus};
use crate::numbers::{fixed, notional};

/// When contracts and pairs were launched, in milliseconds since 1970.
const LAUNCHED: i64 = 1_585_526_400_000;

/// `GET /v5/market/instruments-info`
pub(in crate::bybit) fn instruments(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    listed(asked, (500, 1000), asked.bybit.category.is_spot())
}

/// `GET /v5/account/instruments-info`
pub(in crate::bybit) fn of_account(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let mut reply = listed(asked, (200, 200), false)?;
    for row in reply.result["list"].as_array_mut().into_iter().flatten() {
        row["myRpiPermission"] = json!(false);
        row["isPublicRpi"] = json!(false);
    }
    Ok(reply)
}

fn listed(asked: &Asked<'_>, (default, most): (usize, usize), whole: bool) -> Result<Reply, ApiError> {
    let params = asked.params;
    let category = params.category()?;
    let listings: Vec<Listing> = chosen(asked)?.iter().map(|market| market.lock().listing.clone()).collect();
    let status = params.text("status").unwrap_or("Trading");
    let base = params.text("baseCoin");
    let wanted = |listing: &Listing| {
        let named = params.text("symbol").is_some() && params.text("status").is_none();
        (named || status_of(listing) == status) && (category.is_spot() || base.is_none_or(|base| base == listing.base))
    };
    let mut rows: Vec<Listing> = listings.into_iter().filter(wanted).collect();
    if params.text("symbolType").is_some() {
        rows.clear();
    }
    let numbered = |listing: &Listing| row(asked.bybit.category, asked, listing);
    if whole {
        let list: Vec<Value> = rows.iter().map(numbered).collect();
        return Ok(json!({ "category": category.as_str(), "list": list }).into());
    }
    let limit = params.limit(default, most)?;
    let (rows, cursor) = page(params, rows, limit, |listing| listing.symbol.clone())?;
    let list: Vec<Value> = rows.iter().map(numbered).collect();
    Ok(json!({ "category": category.as_str(), "list": list, "nextPageCursor": cursor }).into())
}

/// The status as this exchange calls it.
fn status_of(listing: &Listing) -> &'static str {
    match listing.status {
        TradingStatus::Trading => "Trading",
        TradingStatus::Break => "PreLaunch",
        TradingStatus::EndOfDay => "Delivering",
        _ => "Closed",
    }
}

fn row(category: Category, asked: &Asked<'_>, listing: &Listing) -> Value {
    let number = asked.exchange.market_number(&listing.symbol).map_or(0, |id| id.0 + 1);
    if category.is_spot() { spot(listing, number) } else { linear(listing, number) }
}

/// How far a price may lie from the market's, as fractions.
fn ratios(listing: &Listing) -> Value {
    let band = listing.contract.as_ref().map(|contract| contract.price_band);
    let (up, down) = band.unwrap_or(listing.rules.price_multipliers);
    json!({ "priceLimitRatioX": plain(Decimal::ONE - down), "priceLimitRatioY": plain(up - Decimal::ONE) })
}

fn spot(listing: &Listing, number: usize) -> Value {
    let n = plain;
    json!({
        "symbol": listing.symbol, "symbolId": number, "baseCoin": listing.base, "quoteCoin": listing.quote,
        "innovation": "0", "status": status_of(listing), "marginTrading": "utaOnly", "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": n(listing.step), "quotePrecision": n(notional(listing.step, listing.tick)),
            "minOrderQty": n(listing.step), "maxOrderQty": n(listing.max_quantity),
            "minOrderAmt": n(listing.min_notional), "maxOrderAmt": n(listing.max_notional),
            "maxLimitOrderQty": n(listing.max_quantity), "maxMarketOrderQty": n(listing.max_market_quantity),
            "postOnlyMaxLimitOrderSize": n(listing.max_quantity),
        },
        "priceFilter": { "tickSize": n(listing.tick) },
        "riskParameters": ratios(listing), "symbolType": "", "xstockMultiplier": "",
    })
}

fn linear(listing: &Listing, number: usize) -> Value {
    let contract = listing.contract.clone().unwrap_or_default();
    let (tick, step) = (listing.tick.normalize().scale(), listing.step.normalize().scale());
    let price = |value| fixed(value, tick);
    let quantity = |value| fixed(value, step);
    json!({
        "symbol": listing.symbol, "symbolId": number, "contractType": "LinearPerpetual",
        "status": status_of(listing), "baseCoin": listing.base, "quoteCoin": listing.quote,
        "launchTime": LAUNCHED.to_string(), "deliveryTime": "0", "deliveryFeeRate": "",
        "priceScale": tick.to_string(),
        "leverageFilter": {
            "minLeverage": "1", "maxLeverage": fixed(contract.max_leverage(), 2), "leverageStep": "0.01",
        },
        "priceFilter": {
            "minPrice": price(listing.min_price), "maxPrice": price(listing.max_price), "tickSize": price(listing.tick),
        },
        "lotSizeFilter": {
            "maxOrderQty": quantity(listing.max_quantity), "minOrderQty": quantity(listing.step),
            "qtyStep": quantity(listing.step), "postOnlyMaxOrderQty": quantity(listing.max_quantity),
            "maxMktOrderQty": quantity(listing.max_market_quantity), "minNotionalValue": plain(listing.min_notional),
        },
        "unifiedMarginTrade": true, "fundingInterval": contract.funding_hours * 60, "settleCoin": listing.quote, "copyTrading": "none",
        "upperFundingRate": plain(contract.funding_cap), "lowerFundingRate": plain(-contract.funding_cap), "isPreListing": false,
        "preListingInfo": null, "riskParameters": ratios(listing), "displayName": "", "symbolType": "",
        "forbidUplWithdrawal": false,
    })
}
