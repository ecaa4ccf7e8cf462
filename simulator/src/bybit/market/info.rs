//! Time, status and price limits.

use serde_json::{Value, json};

use super::wanted;
use crate::bybit::call::{Asked, Reply};
use crate::bybit::category::Category;
use crate::bybit::errors::ApiError;
use crate::exchange::Exchange;
use crate::market::Market;
use crate::numbers::{floor_to, notional};

/// `GET /v5/market/time`
pub(in crate::bybit) fn time(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let micros = asked.now().0;
    let result = json!({ "timeSecond": (micros / 1_000_000).to_string(), "timeNano": format!("{micros}000") });
    Ok(result.into())
}

/// `GET /v5/system/status`
pub(in crate::bybit) fn status(_: &Asked<'_>) -> Result<Reply, ApiError> {
    Ok(json!({ "list": [] }).into())
}

/// What concerns only products of which nothing is listed.
pub(in crate::bybit) fn nothing(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    Ok(json!({ "category": category.as_str(), "list": [], "nextPageCursor": "" }).into())
}

/// `GET /v5/market/price-limit`
pub(in crate::bybit) fn price_limit(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let market = wanted(asked)?;
    let mut result = price_limits(asked.bybit.category, asked.exchange, &market.lock());
    result["ts"] = json!(asked.now().millis().to_string());
    Ok(result.into())
}

/// The highest price of a buy and the lowest of a sell.
pub(in crate::bybit) fn price_limits(category: Category, exchange: &Exchange, market: &Market) -> Value {
    let quote = exchange.prices.marks.of(market.id);
    let (up, down) = quote.as_ref().map_or(market.listing.rules.price_multipliers, |quote| quote.contract.price_band);
    let around = quote.map_or(market.tape.last_price(), |quote| quote.mark());
    let price =
        |multiplier| category.price(&market.listing, floor_to(notional(around, multiplier), market.listing.tick));
    json!({ "symbol": market.listing.symbol, "buyLmt": price(up), "sellLmt": price(down) })
}
