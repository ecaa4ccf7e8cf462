//! REST: how requests come and answers go.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::exact;
use super::orders::{self, Asked};
use super::params::Params;
use super::{Kraken, account, batches, history, ids, market, names};
use crate::exchange::Exchange;
use crate::front::{Answer, Interference, Request};
use crate::requests::{Note, OrderCommand};

const PUBLIC: &str = "/0/public/";
const PRIVATE: &str = "/0/private/";

/// A private method.
struct Method {
    name: &'static str,
    act: fn(&Asked<'_>) -> Result<Value, ApiError>,
    /// What it adds to the call counter; commands have a counter of their own.
    cost: u64,
    trades: bool,
    command: Option<OrderCommand>,
}

impl Method {
    const fn question(name: &'static str, act: fn(&Asked<'_>) -> Result<Value, ApiError>, cost: u64) -> Method {
        Method { name, act, cost, trades: false, command: None }
    }

    const fn order(
        name: &'static str,
        act: fn(&Asked<'_>) -> Result<Value, ApiError>,
        command: Option<OrderCommand>,
    ) -> Method {
        Method { name, act, cost: 0, trades: true, command }
    }
}

const METHODS: &[Method] = &[
    Method::order("AddOrder", orders::add_order, Some(OrderCommand::Place)),
    Method::order("AddOrderBatch", batches::add_orders, Some(OrderCommand::Place)),
    Method::order("AmendOrder", orders::amend_order, Some(OrderCommand::Amend)),
    Method::order("CancelOrder", orders::cancel_order, Some(OrderCommand::Cancel)),
    Method::order("CancelOrderBatch", orders::cancel_orders, Some(OrderCommand::Cancel)),
    Method::order("CancelAll", orders::cancel_all, Some(OrderCommand::CancelAll)),
    Method::order("CancelAllOrdersAfter", orders::cancel_all_after, None),
    Method::question("OpenOrders", history::open_orders, 1),
    Method::question("ClosedOrders", history::closed_orders, 1),
    Method::question("QueryOrders", history::query_orders, 1),
    Method::question("TradesHistory", history::trades_history, 2),
    Method::question("QueryTrades", history::query_trades, 1),
    Method::question("Balance", account::balance, 1),
    Method::question("BalanceEx", account::balance_ex, 1),
    Method::question("TradeVolume", account::trade_volume, 1),
    Method::question("GetWebSocketsToken", account::token, 1),
];

/// Answers a request as far as `interference` lets it.
pub(super) fn answer(kraken: &Kraken, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
    kraken.used.note(exchange, request.peer);
    let done = match interference.refusal {
        Some(refusal) => Err(ApiError::ordered(refusal)),
        None => perform(kraken, exchange, request),
    };
    match done {
        Ok(result) => {
            let body = exact::text(&json!({ "error": [], "result": result }));
            Answer { status: 200, headers: Vec::new(), body, code: 0, weight: 1 }
        }
        Err(error) => error.answer(1),
    }
}

fn perform(kraken: &Kraken, exchange: &Exchange, request: &Request) -> Result<Value, ApiError> {
    let params = Params::of(request)?;
    if let Some(method) = request.path.strip_prefix(PUBLIC) {
        return market::answer(exchange, method, &params);
    }
    let name = request.path.strip_prefix(PRIVATE).ok_or_else(ApiError::no_path)?;
    let method = METHODS.iter().find(|method| method.name == name).ok_or_else(ApiError::unknown_method)?;
    if request.method != "POST" {
        return Err(ApiError::unknown_method());
    }
    let caller = kraken.gate.of_request(exchange, request, &params)?;
    if method.trades && !caller.may_trade {
        return Err(ApiError::new("EGeneral:Permission denied"));
    }
    if method.cost > 0 {
        kraken.used.call(exchange, &caller.api_key, method.cost)?;
    }
    (method.act)(&Asked { kraken, exchange, params: &params, caller: &caller })
}

/// What a request is about.
pub(super) fn note(exchange: &Exchange, request: &Request) -> Note {
    let params = Params::of(request).unwrap_or_default();
    let market = params.text("pair").and_then(|pair| names::market(exchange, &pair).ok());
    let name = request.path.strip_prefix(PRIVATE).unwrap_or_default();
    let method = METHODS.iter().find(|method| method.name == name);
    let api_key = request.header("api-key");
    let id = params.list("txid").into_iter().next();
    let order = id.as_deref().and_then(ids::named_order);
    let of_order = || order.and_then(|(market, _)| exchange.listing_of(market)).map(|listing| listing.symbol.clone());
    let symbol = market.map(|market| market.lock().listing.symbol.clone()).or_else(of_order);
    let accounts = exchange.accounts.lock();
    let account = api_key.and_then(|key| accounts.key(key)).and_then(|(id, _)| accounts.account(id).ok());
    let order = order.and_then(|key| account.and_then(|account| account.orders.get(&key)));
    let client_id = order.filter(|order| order.named).map(|order| order.client_id.clone());
    Note {
        command: method.and_then(|method| method.command),
        client_order_id: params.text("cl_ord_id").or(client_id),
        order_id: id,
        symbol,
        account: account.map(|account| account.name.clone()),
        keyed: api_key.is_some_and(|key| !key.is_empty()),
        signed: request.header("api-sign").is_some(),
        stamp: None,
    }
}
