//! Queries for orders.

use serde_json::{Value, json};

use super::call::{Asked, Reply};
use super::errors::ApiError;
use super::ids::{order_id, read_order_id};
use super::order_json::{Written, fees, filter_of};
use super::order_params::OrderFilter;
use super::orders::Scope;
use super::params::page;
use crate::accounts::Order;
use crate::clock::Timestamp;
use crate::intervals::DAY;

/// Orders that have ended which the query for open ones can still tell.
const ENDED_KEPT: usize = 500;

/// `GET /v5/order/realtime`
pub(super) fn realtime(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let params = asked.params;
    let by_id = params.text("orderId").is_some() || params.text("orderLinkId").is_some();
    let scope = if by_id && params.text("symbol").is_none() { Scope::All } else { Scope::of(asked)? };
    let filter = OrderFilter::of(params)?;
    let ended = params.number("openOnly")?.unwrap_or(0) == 1;
    let wanted = |order: &Order| {
        named(asked, order)
            && (by_id || order.is_live() != ended)
            && filter.is_none_or(|filter| filter == filter_of(order))
    };
    let mut orders = chosen(asked, &scope, wanted)?;
    if ended && !by_id {
        orders.truncate(ENDED_KEPT);
    }
    listed(asked, orders, Shape::Open)
}

/// `GET /v5/order/history`
pub(super) fn history(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let params = asked.params;
    let by_id = params.text("orderId").is_some() || params.text("orderLinkId").is_some();
    let (now, window) = (asked.now(), params.week(asked.now())?);
    let filter = OrderFilter::of(params)?;
    let status = params.text("orderStatus");
    let within = |order: &Order| (window.0..=window.1).contains(&order.created.millis());
    let wanted = |order: &Order| {
        !order.is_live()
            && is_kept(order, now)
            && named(asked, order)
            && (by_id || within(order))
            && filter.is_none_or(|filter| filter == filter_of(order))
    };
    let scope = match params.text("symbol") {
        Some(_) => Scope::of(asked)?,
        None => Scope::All,
    };
    let mut orders = chosen(asked, &scope, wanted)?;
    if let Some(status) = status {
        orders.retain(|order| written_status(asked, order) == status);
    }
    listed(asked, orders, Shape::Ended)
}

/// What has ended without a fill is told for a day only, and after a week nothing else than what has traded.
fn is_kept(order: &Order, now: Timestamp) -> bool {
    !order.executed.is_zero() || now.millis() - order.updated.millis() <= DAY
}

/// Whether an order is the one that a request names, if it names one.
fn named(asked: &Asked<'_>, order: &Order) -> bool {
    match (asked.params.text("orderId"), asked.params.text("orderLinkId")) {
        (Some(text), _) => read_order_id(text) == Some((order.market, order.id)),
        (None, Some(client_id)) => order.named && order.client_id == client_id,
        (None, None) => true,
    }
}

/// The account's orders that are wanted and can be seen, newest first.
fn chosen(asked: &Asked<'_>, scope: &Scope, wanted: impl Fn(&Order) -> bool) -> Result<Vec<Order>, ApiError> {
    let (ours, account) = (asked.is_ours()?, asked.account()?);
    let mut orders: Vec<Order> = {
        let accounts = asked.exchange.accounts.lock();
        let all = accounts.account(account).into_iter().flat_map(|account| account.orders.values());
        all.filter(|order| !order.archived && !asked.too_fresh(order.created) && wanted(order)).cloned().collect()
    };
    orders.retain(|order| scope.has(ours, &asked.exchange.market_by_id(order.market).lock()));
    orders.sort_by_key(|order| std::cmp::Reverse((order.created, order.market, order.id)));
    Ok(orders)
}

/// Which list an order is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Open,
    Ended,
}

fn listed(asked: &Asked<'_>, orders: Vec<Order>, shape: Shape) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    let limit = asked.params.limit(20, 50)?;
    let (orders, cursor) = page(asked.params, orders, limit, |order| order_id(category, order.market, order.id))?;
    let list: Vec<Value> = orders.iter().map(|order| row(asked, order, shape)).collect();
    Ok(json!({ "list": list, "nextPageCursor": cursor, "category": category.as_str() }).into())
}

fn row(asked: &Asked<'_>, order: &Order, shape: Shape) -> Value {
    let market = asked.exchange.market_by_id(order.market);
    let listing = market.lock().listing.clone();
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(order.account);
    let fills = account.into_iter().flat_map(|account| account.fills_of(order.market, order.id));
    let (fees, category) = (fees(order, fills), asked.bybit.category);
    drop(accounts);
    let by_dcp = asked.bybit.dcp.has_cancelled(order);
    let mut fields = Written { category, listing: &listing, order, fees: &fees, by_dcp }.fields();
    if category.is_spot() {
        fields.insert("basePrice".to_owned(), json!(""));
    }
    if shape == Shape::Ended {
        fields.insert("extraFees".to_owned(), json!(""));
    }
    Value::Object(fields)
}

fn written_status(asked: &Asked<'_>, order: &Order) -> &'static str {
    let market = asked.exchange.market_by_id(order.market);
    let listing = &market.lock().listing;
    let fees = std::collections::BTreeMap::new();
    Written { category: asked.bybit.category, listing, order, fees: &fees, by_dcp: false }.status()
}
