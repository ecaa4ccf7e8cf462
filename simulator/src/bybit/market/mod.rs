//! The market by REST.

pub(super) mod book;
pub(super) mod contracts;
pub(super) mod info;
pub(super) mod instruments;
pub(super) mod klines;
pub(super) mod tickers;
pub(super) mod trades;

use std::sync::Arc;

use parking_lot::Mutex;

use super::call::Asked;
use super::errors::ApiError;
use crate::market::Market;

/// The market of the parameter `symbol`.
///
/// # Errors
/// 10001 for one that is not listed for this product.
fn wanted(asked: &Asked<'_>) -> Result<Arc<Mutex<Market>>, ApiError> {
    let listed = if asked.is_ours()? { asked.params.market(asked.exchange)? } else { None };
    listed.ok_or_else(|| ApiError::invalid("symbol"))
}

/// The market of the parameter `symbol`, or all of them without it; none of other products.
fn chosen(asked: &Asked<'_>) -> Result<Vec<Arc<Mutex<Market>>>, ApiError> {
    match (asked.is_ours()?, asked.params.text("symbol")) {
        (false, None) => Ok(Vec::new()),
        (true, None) => Ok(asked.exchange.markets()),
        (_, Some(_)) => wanted(asked).map(|market| vec![market]),
    }
}
