//! Orders: new ones, changes and cancels.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::call::{Asked, Reply};
use super::errors::ApiError;
use super::ids::{order_id, read_order_id};
use super::order_errors::told;
use super::order_json::{filter_of, shown_client_id};
use super::order_params::{self, OrderFilter};
use crate::accounts::{CancelRequest, Order, OrderError, OrderRef};
use crate::market::Market;

/// `POST /v5/order/create`
pub(super) fn create(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    create_one(asked).map(Reply::from)
}

/// `POST /v5/order/amend`
pub(super) fn amend(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    amend_one(asked).map(Reply::from)
}

/// `POST /v5/order/cancel`
pub(super) fn cancel(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    cancel_one(asked).map(Reply::from)
}

/// The market that an order is for.
fn market_of(asked: &Asked<'_>) -> Result<Arc<Mutex<Market>>, ApiError> {
    let category = asked.params.category()?;
    let market = asked.params.market(asked.exchange)?.filter(|_| category == asked.bybit.category);
    market.ok_or_else(|| category.unknown_symbol())
}

/// What is answered about an order: that the request was received.
fn received(asked: &Asked<'_>, order: &Order) -> Value {
    json!({ "orderId": order_id(asked.bybit.category, order.market, order.id), "orderLinkId": shown_client_id(order) })
}

/// Places one order.
pub(super) fn create_one(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (category, account) = (asked.bybit.category, asked.account()?);
    let market = market_of(asked)?;
    let request = order_params::order(category, asked.params, &market.lock())?;
    if let Some(id) = &request.client_id
        && asked.exchange.accounts.lock().account(account).is_ok_and(|account| account.has_used(id))
    {
        return Err(told(category, OrderError::DuplicateClientId));
    }
    let placed = asked.exchange.place_order(account, &market, &request);
    let placed = placed.map_err(|error| told(category, error))?;
    if !category.is_spot() {
        asked.bybit.attach(asked.params, &placed.order)?;
    }
    Ok(received(asked, &placed.order))
}

/// Changes one order.
pub(super) fn amend_one(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (category, account) = (asked.bybit.category, asked.account()?);
    let market = market_of(asked)?;
    let order = wanted(asked, &market)?;
    let request = order_params::amendment(asked.params, &order)?;
    let amended = asked.exchange.modify_order(account, &market, &request);
    let amended = amended.map_err(|error| told(category, error))?;
    Ok(received(asked, &amended.order))
}

/// Cancels one order.
pub(super) fn cancel_one(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (category, account) = (asked.bybit.category, asked.account()?);
    let market = market_of(asked)?;
    let order = wanted(asked, &market)?;
    let filter = OrderFilter::of(asked.params)?.unwrap_or(OrderFilter::Order);
    if category.is_spot() && filter_of(&order) != filter {
        return Err(told(category, OrderError::NoSuchOrder));
    }
    let request = CancelRequest::new(OrderRef::Id(order.id));
    asked.exchange.cancel_order(account, &market, &request).map_err(|error| told(category, error))?;
    Ok(received(asked, &order))
}

/// The order that a request names by its number, else by the client's id.
fn wanted(asked: &Asked<'_>, market: &Mutex<Market>) -> Result<Order, ApiError> {
    let category = asked.bybit.category;
    let missing = || told(category, OrderError::NoSuchOrder);
    let id = market.lock().id;
    let named = match (asked.params.text("orderId"), asked.params.text("orderLinkId")) {
        (Some(text), _) => {
            let (of, order) = read_order_id(text).ok_or_else(missing)?;
            if of != id {
                return Err(missing());
            }
            OrderRef::Id(order)
        }
        (None, Some(client_id)) => OrderRef::Client(client_id.to_owned()),
        (None, None) => return Err(ApiError::new(10001, "orderId or orderLinkId is required")),
    };
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account()?).map_err(|error| told(category, error))?;
    account.live_order(id, &named).cloned().map_err(|error| told(category, error))
}

/// `POST /v5/order/cancel-all`
pub(super) fn cancel_all(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let (category, account) = (asked.bybit.category, asked.account()?);
    let scope = Scope::of(asked)?;
    let filter = OrderFilter::of(asked.params)?.or(category.is_spot().then_some(OrderFilter::Order));
    let open: Vec<Order> = {
        let accounts = asked.exchange.accounts.lock();
        let orders = accounts.account(account).into_iter().flat_map(|account| account.open_orders(None));
        orders.filter(|order| filter.is_none_or(|filter| filter_of(order) == filter)).cloned().collect()
    };
    let mut list = Vec::new();
    for order in open {
        let market = asked.exchange.market_by_id(order.market);
        if scope.has(asked.is_ours()?, &market.lock())
            && asked.exchange.cancel_order(account, &market, &CancelRequest::new(OrderRef::Id(order.id))).is_ok()
        {
            list.push(received(asked, &order));
        }
    }
    Ok(json!({ "list": list, "success": "1" }).into())
}

/// Of which markets the orders are meant.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    All,
    Symbol(String),
    Base(String),
    Settle(String),
}

impl Scope {
    /// As a request says; contracts need one of symbol, base and settlement asset.
    pub(super) fn of(asked: &Asked<'_>) -> Result<Scope, ApiError> {
        let (params, category) = (asked.params, asked.params.category()?);
        let text = |name: &str| params.text(name).map(str::to_owned);
        if let Some(symbol) = text("symbol") {
            let listed = asked.is_ours()? && asked.exchange.market(&symbol).is_some();
            return if listed { Ok(Scope::Symbol(symbol)) } else { Err(category.unknown_symbol()) };
        }
        if let Some(base) = text("baseCoin") {
            return Ok(Scope::Base(base));
        }
        match text("settleCoin") {
            Some(settle) if !category.is_spot() => Ok(Scope::Settle(settle)),
            _ if category.is_spot() => Ok(Scope::All),
            _ => Err(ApiError::new(
                10001,
                "Missing some parameters that must be filled in, symbol or settleCoin or baseCoin",
            )),
        }
    }

    /// Whether a market is meant; none is if the request is about another product.
    pub(super) fn has(&self, ours: bool, market: &Market) -> bool {
        let listing = &market.listing;
        ours && match self {
            Scope::All => true,
            Scope::Symbol(symbol) => *symbol == listing.symbol,
            Scope::Base(base) => *base == listing.base,
            Scope::Settle(settle) => *settle == listing.quote,
        }
    }
}
