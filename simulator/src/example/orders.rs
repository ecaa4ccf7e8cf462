//! Orders and fills: commands and questions.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::rest::Asked;
use super::{contracts, rows};
use crate::accounts::{CancelRequest, Fill, Order, OrderKind, OrderRef, OrderRequest};
use crate::clock::Timestamp;
use crate::engine::{OrderId, Side, TimeInForce};
use crate::intervals::DAY;
use crate::market::MarketId;

/// Rows of a page.
const PAGE: usize = 100;

/// `POST /1/orders`
pub(super) fn place(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let request = request(asked)?;
    asked.example.used.order(asked.exchange, asked.account)?;
    match asked.exchange.place_order(asked.account, &market, &request) {
        Ok(placed) => Ok(Value::Object(rows::order(asked.exchange, &placed.order))),
        Err(error) => {
            asked.example.used.order_refused(asked.exchange, asked.account);
            Err(ApiError::order(error))
        }
    }
}

fn request(asked: &Asked<'_>) -> Result<OrderRequest, ApiError> {
    let params = asked.params;
    let side = match params.needed("side")? {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        _ => return Err(ApiError::argument("side")),
    };
    let kind = match params.needed("type")? {
        "limit" => OrderKind::Limit,
        "market" => OrderKind::Market,
        "post_only" => OrderKind::LimitMaker,
        _ => return Err(ApiError::argument("type")),
    };
    let mut request = OrderRequest::new(side, kind);
    request.time_in_force = match (kind, params.text("time_in_force")) {
        (OrderKind::Limit, Some("gtc")) => Some(TimeInForce::Gtc),
        (OrderKind::Limit, Some("ioc")) => Some(TimeInForce::Ioc),
        (OrderKind::Limit, Some("fok")) => Some(TimeInForce::Fok),
        (OrderKind::Market | OrderKind::LimitMaker, None) => None,
        _ => return Err(ApiError::argument("time_in_force")),
    };
    request.quantity = params.decimal("quantity")?;
    request.price = params.decimal("price")?;
    request.client_id = params.text("client_id").map(str::to_owned);
    if request.client_id.as_deref().is_some_and(|id| !is_client_id(id)) {
        return Err(ApiError::argument("client_id"));
    }
    if contracts::are_traded(asked.exchange) {
        request.position.side = contracts::side(params)?;
        request.position.reduce_only = params.parsed("reduce_only")?.unwrap_or_default();
    }
    Ok(request)
}

fn is_client_id(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=32).contains(&text.len()) && text.bytes().all(letter)
}

/// `DELETE /1/orders`
pub(super) fn cancel(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let order = named(asked)?;
    // An order that has ended is told from one that never was.
    one(asked)?;
    let cancelled = asked.exchange.cancel_order(asked.account, &market, &CancelRequest::new(order));
    cancelled.map_err(ApiError::order)?;
    one(asked)
}

/// The order that is named, by number or else by client id.
fn named(asked: &Asked<'_>) -> Result<OrderRef, ApiError> {
    match (asked.params.parsed("id")?, asked.params.text("client_id")) {
        (Some(id), _) => Ok(OrderRef::Id(OrderId(id))),
        (None, Some(client_id)) => Ok(OrderRef::Client(client_id.to_owned())),
        (None, None) => Err(ApiError::argument("id")),
    }
}

/// `GET /1/orders`
pub(super) fn one(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = asked.params.market(asked.exchange)?.lock().id;
    let order = named(asked)?;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account).map_err(ApiError::order)?;
    let order = account.order(market, &order).map_err(ApiError::order)?;
    if hidden(asked, order.created) {
        return Err(ApiError::order(crate::accounts::OrderError::NoSuchOrder));
    }
    Ok(Value::Object(rows::order(asked.exchange, order)))
}

/// Whether something is too fresh to be seen by questions.
fn hidden(asked: &Asked<'_>, at: Timestamp) -> bool {
    let lag = asked.exchange.query_lag();
    !lag.is_zero() && at.plus(lag) > asked.exchange.clock.server_now()
}

/// The market that is asked about; `None` for all.
pub(super) fn market(asked: &Asked<'_>) -> Result<Option<MarketId>, ApiError> {
    if asked.params.text("symbol").is_none() {
        return Ok(None);
    }
    Ok(Some(asked.params.market(asked.exchange)?.lock().id))
}

/// `GET /1/orders/open`
pub(super) fn open(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = market(asked)?;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account).map_err(ApiError::order)?;
    let seen = account.open_orders(market).filter(|order| !hidden(asked, order.created));
    let mut orders: Vec<&Order> = seen.collect();
    orders.sort_by_key(|order| std::cmp::Reverse((order.created, order.market, order.id)));
    let list: Vec<Value> = orders.into_iter().map(|order| Value::Object(rows::order(asked.exchange, order))).collect();
    Ok(json!({ "orders": list }))
}

/// `GET /1/orders/past`
pub(super) fn past(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = asked.params.market(asked.exchange)?.lock().id;
    let (from, until) = window(asked)?;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account).map_err(ApiError::order)?;
    let within = |order: &&Order| (from..=until).contains(&order.created.millis()) && !hidden(asked, order.created);
    let orders: Vec<&Order> = account.orders_from(market, OrderId(0)).filter(within).rev().collect();
    let (orders, next) = page(asked, &orders)?;
    let list: Vec<Value> = orders.iter().map(|order| Value::Object(rows::order(asked.exchange, order))).collect();
    Ok(json!({ "orders": list, "next": next }))
}

/// `GET /1/fills`
pub(super) fn fills(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = asked.params.market(asked.exchange)?.lock().id;
    let order = asked.params.parsed("order")?.map(OrderId);
    let (from, until) = if order.is_some() { (i64::MIN, i64::MAX) } else { window(asked)? };
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account).map_err(ApiError::order)?;
    let wanted = |fill: &&Fill| {
        order.is_none_or(|order| order == fill.order)
            && (from..=until).contains(&fill.time.millis())
            && !hidden(asked, fill.time)
    };
    let fills: Vec<&Fill> = account.fills_in(market).filter(wanted).rev().collect();
    let (fills, next) = page(asked, &fills)?;
    let row = |fill: &&Fill| {
        let order = account.orders.get(&(fill.market, fill.order))?;
        Some(Value::Object(rows::fill(asked.exchange, fill, order)))
    };
    let list: Vec<Value> = fills.iter().filter_map(row).collect();
    Ok(json!({ "fills": list, "next": next }))
}

/// The window of a question, in milliseconds, both ends included; the last day if none is named.
pub(super) fn window(asked: &Asked<'_>) -> Result<(i64, i64), ApiError> {
    let until = asked.params.parsed("until")?.unwrap_or_else(|| asked.exchange.clock.server_now().millis());
    let from = asked.params.parsed("from")?.unwrap_or(until.saturating_sub(DAY));
    if until.saturating_sub(from) > DAY { Err(ApiError::argument("from")) } else { Ok((from, until)) }
}

/// The rows of a page, whose name is how many rows come before it, and the name of the next.
pub(super) fn page<'a, T>(asked: &Asked<'_>, rows: &'a [T]) -> Result<(&'a [T], Option<String>), ApiError> {
    let from: usize = asked.params.parsed("page")?.unwrap_or(0);
    let rows = rows.get(from..).ok_or_else(|| ApiError::argument("page"))?;
    let next = (rows.len() > PAGE).then(|| (from + PAGE).to_string());
    Ok((&rows[..rows.len().min(PAGE)], next))
}
