//! What only contracts have: fundings, open interest, margin tiers.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{chosen, wanted};
use crate::accounts::PositionSide;
use crate::bybit::call::{Asked, Reply};
use crate::bybit::category::plain;
use crate::bybit::errors::ApiError;
use crate::exchange::Exchange;
use crate::intervals::{DAY, HOUR, MINUTE};
use crate::market::Market;
use crate::numbers::{fixed, notional, ratio};

/// `GET /v5/market/funding/history`
pub(in crate::bybit) fn funding_history(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    let (start, end) = (asked.params.time("startTime")?, asked.params.time("endTime")?);
    if start.is_some() && end.is_none() {
        return Err(ApiError::missing("endTime"));
    }
    let market = wanted(asked)?;
    let (id, symbol) = {
        let market = market.lock();
        (market.id, market.listing.symbol.clone())
    };
    let within = |time: i64| start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end);
    let mut fundings = asked.exchange.prices.marks.history(id);
    fundings.retain(|funding| within(funding.time.millis()));
    let newest = fundings.iter().rev().take(asked.params.limit(200, 200)?);
    let list: Vec<Value> = newest
        .map(|funding| {
            json!({ "symbol": symbol, "fundingRate": plain(funding.rate),
                "fundingRateTimestamp": funding.time.millis().to_string() })
        })
        .collect();
    Ok(json!({ "category": category.as_str(), "list": list }).into())
}

/// `GET /v5/market/open-interest`
pub(in crate::bybit) fn open_interest(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let market = wanted(asked)?;
    let category = asked.params.category()?;
    let width = match asked.params.needed("intervalTime")? {
        "5min" => 5 * MINUTE,
        "15min" => 15 * MINUTE,
        "30min" => 30 * MINUTE,
        "1h" => HOUR,
        "4h" => 4 * HOUR,
        "1d" => DAY,
        _ => return Err(ApiError::invalid("intervalTime")),
    };
    let limit = i64::try_from(asked.params.limit(50, 200)?).unwrap_or(200);
    let last = asked.params.time("endTime")?.unwrap_or(asked.now().millis()).div_euclid(width) * width;
    let from = asked.params.time("startTime")?.unwrap_or(i64::MIN);
    let market = market.lock();
    let open = open_interest_of(asked.exchange, &market);
    // It is known as it is now alone.
    let row = |time: i64| {
        let (both, one) = (plain(open), plain(open / Decimal::TWO));
        json!({ "openInterest": both, "singleOpenInterest": one, "timestamp": time.to_string() })
    };
    let list: Vec<Value> = (0..limit).map(|n| last - n * width).filter(|time| *time >= from).map(row).collect();
    let symbol = &market.listing.symbol;
    Ok(json!({ "symbol": symbol, "category": category.as_str(), "list": list, "nextPageCursor": "" }).into())
}

/// `GET /v5/market/risk-limit`
pub(in crate::bybit) fn risk_limit(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    let mut list = Vec::new();
    for market in chosen(asked)? {
        let market = market.lock();
        let tiers = market.listing.contract.iter().flat_map(|contract| contract.tiers.iter().enumerate());
        list.extend(tiers.map(|(at, _)| tier(&market, at)));
    }
    Ok(json!({ "category": category.as_str(), "list": list, "nextPageCursor": "" }).into())
}

/// `GET /v5/market/insurance`
pub(in crate::bybit) fn insurance(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    Ok(json!({ "updatedTime": asked.now().millis().to_string(), "list": [] }).into())
}

/// One step of a contract's margin table.
fn tier(market: &Market, at: usize) -> Value {
    let Some((contract, tier)) = market.listing.contract.as_ref().and_then(|c| Some((c, c.tiers.get(at)?))) else {
        return Value::Null;
    };
    let initial = ratio(Decimal::ONE, tier.max_leverage).unwrap_or_default().round_dp(8);
    json!({
        "id": at + 1, "symbol": market.listing.symbol, "riskLimitValue": plain(tier.cap),
        "maintenanceMargin": plain(tier.maintenance_rate), "initialMargin": plain(initial),
        "isLowestRisk": u8::from(at == 0), "maxLeverage": fixed(tier.max_leverage, 2),
        "mmDeduction": plain(contract.deduction_of(at)),
    })
}

/// Long positions of the simulated accounts, and a made-up sum of all others.
fn open_interest_of(exchange: &Exchange, market: &Market) -> Decimal {
    let others = Decimal::from(market.listing.activity) * Decimal::from(50);
    let accounts = exchange.accounts.lock();
    let sides = [PositionSide::Both, PositionSide::Long, PositionSide::Short];
    let sizes = accounts.all().iter().flat_map(|account| sides.map(|side| account.margins.size(market.id, side).abs()));
    others + sizes.sum::<Decimal>()
}

/// The figures of a contract in its ticker.
pub(in crate::bybit) fn figures(exchange: &Exchange, market: &Market) -> Map<String, Value> {
    let Some(quote) = exchange.prices.marks.of(market.id) else { return Map::new() };
    let (listing, price) = (&market.listing, &quote.price);
    // Marks are finer than the price step.
    let decimals = listing.tick.normalize().scale() + 1;
    let open = open_interest_of(exchange, market);
    let figures = json!({
        "markPrice": fixed(price.mark, decimals), "indexPrice": fixed(price.index, decimals),
        "openInterest": plain(open), "openInterestValue": plain(notional(open, price.mark).round_dp(2)),
        "singleOpenInterest": plain(open / Decimal::TWO),
        "singleOpenInterestValue": plain(notional(open / Decimal::TWO, price.mark).round_dp(2)),
        "nextFundingTime": price.next_funding.millis().to_string(), "fundingRate": plain(price.rate),
        "fundingIntervalHour": price.funding_hours.to_string(), "fundingCap": plain(quote.contract.funding_cap),
        "basis": "", "basisRate": "", "basisRateYear": "", "deliveryTime": "0", "deliveryFeeRate": "",
        "predictedDeliveryPrice": "", "preOpenPrice": "", "preQty": "", "curPreListingPhase": "",
    });
    match figures {
        Value::Object(figures) => figures,
        _ => Map::new(),
    }
}
