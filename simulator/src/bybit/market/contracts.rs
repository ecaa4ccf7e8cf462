//! What only contracts have: fundings, open interest, margin tiers.

use serde_json::{Map, Value, json};

use super::{chosen, wanted};
use crate::bybit::call::{Asked, Reply};
use crate::bybit::errors::ApiError;
use crate::exchange::Exchange;
use crate::market::Market;

/// `GET /v5/market/funding/history`
pub(in crate::bybit) fn funding_history(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    let (start, end) = (asked.params.time("startTime")?, asked.params.time("endTime")?);
    if start.is_some() && end.is_none() {
        return Err(ApiError::missing("endTime"));
    }
    wanted(asked)?;
    Ok(json!({ "category": category.as_str(), "list": [] }).into())
}

/// `GET /v5/market/open-interest`
pub(in crate::bybit) fn open_interest(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let market = wanted(asked)?;
    let (category, symbol) = (asked.params.category()?, market.lock().listing.symbol.clone());
    Ok(json!({ "symbol": symbol, "category": category.as_str(), "list": [], "nextPageCursor": "" }).into())
}

/// `GET /v5/market/risk-limit`
pub(in crate::bybit) fn risk_limit(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    chosen(asked)?;
    Ok(json!({ "category": category.as_str(), "list": [], "nextPageCursor": "" }).into())
}

/// `GET /v5/market/insurance`
pub(in crate::bybit) fn insurance(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    Ok(json!({ "updatedTime": asked.now().millis().to_string(), "list": [] }).into())
}

/// The figures of a contract in its ticker.
pub(in crate::bybit) fn figures(_: &Exchange, _: &Market) -> Map<String, Value> {
    Map::new()
}
