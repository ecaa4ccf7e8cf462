//! Order books by REST.

use super::wanted;
use crate::bybit::call::{Asked, Reply};
use crate::bybit::errors::ApiError;

/// `GET /v5/market/orderbook`
pub(in crate::bybit) fn order_book(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let usual = if asked.params.category()?.is_spot() { 1 } else { 25 };
    let levels = asked.params.limit(usual, 1000)?;
    book(asked, Some(levels))
}

/// `GET /v5/market/full_orderbook`
pub(in crate::bybit) fn full_order_book(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    book(asked, None)
}

fn book(asked: &Asked<'_>, levels: Option<usize>) -> Result<Reply, ApiError> {
    let market = wanted(asked)?;
    let market = market.lock();
    let bybit = asked.bybit;
    Ok(bybit.books.by_rest((&bybit.hub, asked.exchange), &market, levels).into())
}
