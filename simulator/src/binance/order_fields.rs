//! Fields of new orders that all products read alike.

use rust_decimal::Decimal;

use super::errors::ApiError;
use super::params::Params;
use crate::engine::Side;

/// Decimals that a price or a quantity may have.
const MOST_DECIMALS: usize = 8;
const DECIMAL_RANGE: &str = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";

/// One of two parameters is needed.
pub(super) fn either(one: &str, other: &str) -> ApiError {
    ApiError::new(-1102, format!("Param '{one}' or '{other}' must be sent, but both were empty/null!"))
}

/// The side that a parameter names.
pub(super) fn side(params: &Params, name: &str) -> Result<Side, ApiError> {
    match params.text(name)?.ok_or_else(|| ApiError::missing(name))? {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(ApiError::new(-1117, "Invalid side.")),
    }
}

/// A price or a quantity.
pub(super) fn decimal(params: &Params, name: &str) -> Result<Option<Decimal>, ApiError> {
    let Some(text) = params.text(name)? else { return Ok(None) };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| (1..=20).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Err(ApiError::illegal(name, DECIMAL_RANGE));
    }
    if decimals.trim_end_matches('0').len() > MOST_DECIMALS {
        return Err(ApiError::new(-1111, format!("Parameter '{name}' has too much precision.")));
    }
    let kept = &decimals[..decimals.len().min(MOST_DECIMALS)];
    format!("{whole}.{kept}").parse().map(Some).map_err(|_| ApiError::illegal(name, DECIMAL_RANGE))
}
