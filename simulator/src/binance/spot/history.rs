//! An account's own orders and fills, live and past.

use super::Spot;
use super::order_errors::{Attempt, refused};
use super::order_json;
use super::order_params::order_ref;
use crate::accounts::{Fill, Order, PreventedMatch};
use crate::binance::call::Asked;
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::engine::OrderId;

/// `limit` entries: the first ones, or the newest.
pub(super) fn page<T>(entries: &[T], limit: usize, oldest_first: bool) -> &[T] {
    if oldest_first { &entries[..entries.len().min(limit)] } else { &entries[entries.len().saturating_sub(limit)..] }
}

fn missing(error: crate::accounts::OrderError) -> ApiError {
    refused(error, Attempt::Query)
}

/// `GET /api/v3/order`
pub(super) fn order(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let wanted = order_ref(asked.params, "orderId", "origClientOrderId")?;
    let market = asked.params.market(asked.exchange)?.lock().id;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(missing)?;
    let order = account.order(market, &wanted).map_err(missing)?;
    if asked.too_fresh(order.created) {
        return Err(missing(crate::accounts::OrderError::NoSuchOrder));
    }
    text(&order_json::queried(order, asked.unit))
}

/// `GET /api/v3/openOrders`
pub(super) fn open(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let market = match asked.params.text("symbol")? {
        Some(_) => Some(asked.params.market(asked.exchange)?.lock().id),
        None => None,
    };
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(missing)?;
    let orders = account.open_orders(market).filter(|order| !asked.too_fresh(order.created));
    text(&orders.map(|order| order_json::listed(order, asked.unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/allOrders`
pub(super) fn orders(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let from = asked.params.number("orderId")?.map(i64::unsigned_abs);
    let (start, end) = asked.params.times_of_day()?;
    let limit = asked.params.limit(500, 1000)?;
    let market = asked.params.market(asked.exchange)?.lock().id;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(missing)?;
    let within = |order: &&Order| {
        start.is_none_or(|start| order.created >= start)
            && end.is_none_or(|end| order.created.millis() <= end.millis())
            && !asked.too_fresh(order.created)
    };
    let found: Vec<&Order> = account.orders_from(market, OrderId(from.unwrap_or(0))).filter(within).collect();
    let chosen = page(&found, limit, from.is_some() || start.is_some());
    text(&chosen.iter().map(|order| order_json::listed(order, asked.unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/myTrades`
pub(super) fn fills(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let of_order = asked.params.number("orderId")?.map(|id| OrderId(id.unsigned_abs()));
    let from = asked.params.number("fromId")?.map(i64::unsigned_abs);
    let (start, end) = asked.params.times_of_day()?;
    let limit = asked.params.limit(500, 1000)?;
    if (of_order.is_some() || from.is_some()) && (start.is_some() || end.is_some()) {
        return Err(ApiError::bad_combination());
    }
    let market = asked.params.market(asked.exchange)?.lock().id;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(missing)?;
    let within = |fill: &&Fill| {
        of_order.is_none_or(|order| fill.order == order)
            && from.is_none_or(|from| fill.trade_id >= from)
            && start.is_none_or(|start| fill.time >= start)
            && end.is_none_or(|end| fill.time.millis() <= end.millis())
            && !asked.too_fresh(fill.time)
    };
    let mut found: Vec<&Fill> = account.fills_in(market).filter(within).collect();
    found.sort_by_key(|fill| fill.trade_id);
    let chosen = page(&found, limit, from.is_some() || start.is_some());
    text(&chosen.iter().map(|fill| order_json::account_trade(fill, asked.unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/order/amendments`
pub(super) fn amendments(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let order = asked.params.number("orderId")?.ok_or_else(|| ApiError::missing("orderId"))?;
    let from = asked.params.number("fromExecutionId")?.map(i64::unsigned_abs);
    let limit = asked.params.limit(500, 1000)?;
    let market = asked.params.market(asked.exchange)?.lock().id;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(missing)?;
    let wanted = crate::accounts::OrderRef::Id(OrderId(order.unsigned_abs()));
    let order = account.order(market, &wanted).map_err(missing)?;
    let made = order.amendments.iter().filter(|made| from.is_none_or(|from| made.execution_id >= from));
    text(&made.take(limit).map(|made| order_json::amendment(order, made, asked.unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/myPreventedMatches`
pub(super) fn prevented(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let params = asked.params;
    let (id, order) = (params.number("preventedMatchId")?, params.number("orderId")?);
    let from = params.number("fromPreventedMatchId")?.map(i64::unsigned_abs);
    let limit = params.limit(500, 1000)?;
    if id.is_none() == order.is_none() {
        return Err(ApiError::bad_combination());
    }
    let market = params.market(asked.exchange)?;
    let (market, symbol) = {
        let market = market.lock();
        (market.id, market.listing.symbol.clone())
    };
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(missing)?;
    let order = order.map(|order| OrderId(order.unsigned_abs()));
    let wanted = |matched: &PreventedMatch| {
        id.is_none_or(|id| matched.id == id.unsigned_abs())
            && order.is_none_or(|order| matched.taker == order || matched.maker == order)
            && from.is_none_or(|from| matched.id >= from)
    };
    let found = account.prevented_matches(market).into_iter().filter(wanted).take(limit);
    text(&found.map(|matched| order_json::prevented_match(&symbol, &matched, asked.unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/myAllocations`: no order is routed.
pub(super) fn allocations(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    asked.params.market(asked.exchange)?;
    asked.params.limit(500, 1000)?;
    Ok("[]".to_owned())
}
