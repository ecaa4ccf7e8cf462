//! Positions and their settings.

use serde_json::json;

use super::call::{Asked, Reply};
use super::errors::ApiError;

/// The product of a request about positions, which spot has not.
fn check_category(asked: &Asked<'_>) -> Result<&'static str, ApiError> {
    match asked.params.category()? {
        category if category.is_spot() => Err(ApiError::new(10001, "category only support linear, inverse or option")),
        category => Ok(category.as_str()),
    }
}

/// An empty list of a product.
fn nothing(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = check_category(asked)?;
    Ok(json!({ "list": [], "nextPageCursor": "", "category": category }).into())
}

/// The refusal of a symbol that is not listed.
fn unknown(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    check_category(asked)?;
    asked.params.needed("symbol")?;
    Err(ApiError::invalid("symbol"))
}

/// `GET /v5/position/list`
pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    nothing(asked)
}

/// `GET /v5/position/closed-pnl`
pub(super) fn closed(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    nothing(asked)
}

/// `GET /v5/position/symbol-info`
pub(super) fn leverages(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    nothing(asked)
}

/// `POST /v5/position/set-leverage`
pub(super) fn set_leverage(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    unknown(asked)
}

/// `POST /v5/position/switch-mode`
pub(super) fn switch_mode(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    check_category(asked)?;
    // Of a whole coin nothing is listed, so that nothing is to be switched.
    if asked.params.text("symbol").is_none() && asked.params.text("coin").is_some() {
        return Ok(json!({}).into());
    }
    unknown(asked)
}

/// `POST /v5/position/trading-stop`
pub(super) fn trading_stop(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    unknown(asked)
}

/// `POST /v5/position/add-margin`
pub(super) fn add_margin(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    unknown(asked)
}

/// `POST /v5/position/set-auto-add-margin`
pub(super) fn auto_add_margin(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    unknown(asked)
}
