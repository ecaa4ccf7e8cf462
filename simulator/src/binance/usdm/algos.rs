//! Conditional orders: placing, cancelling and querying them.

use serde_json::{Map, Value, json};

use super::Usdm;
use super::digits::Digits;
use super::history::page;
use super::order_errors::{Attempt, refused};
use super::order_json::{position_side, side};
use super::order_params::{client_id, conditional};
use crate::accounts::{AlgoId, AlgoOrder, AlgoRef, Order, OrderKind, TriggerBy};
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::binance::order_fields::either;
use crate::exchange::Exchange;
use crate::numbers::{fixed, ratio};

/// The word for the kind of a conditional order.
pub(super) fn kind(order: &Order) -> &'static str {
    match order.kind {
        _ if order.trailing_delta.is_some() => "TRAILING_STOP_MARKET",
        OrderKind::StopLoss => "STOP_MARKET",
        OrderKind::StopLossLimit => "STOP",
        OrderKind::TakeProfit => "TAKE_PROFIT_MARKET",
        _ => "TAKE_PROFIT",
    }
}

/// The word for the price by which an order is triggered.
pub(super) fn working_type(order: &Order) -> &'static str {
    if order.trigger.by == TriggerBy::Mark { "MARK_PRICE" } else { "CONTRACT_PRICE" }
}

/// The order that a conditional one has placed.
#[derive(Clone, Debug, Default)]
pub(super) struct Actual {
    /// Its number; empty before.
    pub(super) id: String,
    /// Average price of what has traded.
    pub(super) price: String,
    /// What has traded.
    pub(super) quantity: String,
    /// `LIMIT` or `MARKET`; empty before.
    pub(super) kind: &'static str,
}

impl Actual {
    /// That of a conditional order.
    pub(super) fn of(exchange: &Exchange, algo: &AlgoOrder, digits: Digits) -> Actual {
        let accounts = exchange.accounts.lock();
        let account = accounts.account(algo.account).ok();
        let placed = algo.placed.and_then(|id| account?.orders.get(&(algo.market, id)));
        let average = placed.and_then(|order| ratio(order.executed_quote, order.executed)).unwrap_or_default();
        Actual {
            id: algo.placed.map(|id| id.0.to_string()).unwrap_or_default(),
            price: fixed(average.round_dp(5), 5),
            quantity: digits.quantity(placed.map(|order| order.executed).unwrap_or_default()),
            kind: placed.map_or("", |order| if order.kind.has_price() { "LIMIT" } else { "MARKET" }),
        }
    }
}

/// How much is told of a conditional order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Placed,
    Queried,
    Listed,
}

fn told(asked: &Asked<'_, Usdm>, algo: &AlgoOrder, detail: Detail) -> Value {
    let order = &algo.order;
    let digits = Digits::of_symbol(asked.exchange, &order.symbol);
    let note = asked.api.algo_notes.lock().get(&algo.id).cloned().unwrap_or_default();
    let mut row = json!({
        "algoId": algo.id.0, "clientAlgoId": order.client_id, "algoType": "CONDITIONAL", "orderType": kind(order),
        "symbol": order.symbol, "side": side(order.side), "positionSide": position_side(order.position.side),
        "timeInForce": super::order_json::time_in_force(order, &note), "quantity": digits.quantity(order.quantity),
        "algoStatus": algo.status.as_str(),
    });
    let mut rest = json!({
        "triggerPrice": digits.price(if order.trailing_delta.is_some() { Default::default() } else { order.stop_price }),
        "price": digits.price(order.price), "icebergQuantity": "None",
        "selfTradePreventionMode": order.self_trade.as_str(), "workingType": working_type(order),
        "priceMatch": note.price_match.as_deref().unwrap_or("NONE"), "closePosition": order.position.close_position,
        "priceProtect": algo.price_protect, "reduceOnly": order.position.reduce_only,
        "createTime": algo.created.millis(), "updateTime": algo.updated.millis(),
        "triggerTime": algo.triggered.map_or(0, |at| at.millis()),
        "goodTillDate": note.good_till.map_or(0, |at| at.millis()),
    });
    let Some(fields) = row.as_object_mut() else { return row };
    if detail == Detail::Placed {
        let rate = order.trailing_delta.map(|points| fixed(rust_decimal::Decimal::new(i64::from(points), 2), 1));
        let activate = rate.as_ref().map(|_| digits.price(order.stop_price)).unwrap_or_default();
        rest["activatePrice"] = json!(activate);
        rest["callbackRate"] = json!(rate.unwrap_or_default());
    } else {
        queried(fields, &Actual::of(asked.exchange, algo, digits), detail, &digits.price(Default::default()));
    }
    if let Value::Object(rest) = rest {
        fields.extend(rest);
    }
    row
}

/// The fields that only queries tell.
fn queried(fields: &mut Map<String, Value>, actual: &Actual, detail: Detail, zero: &str) {
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("actualOrderId", json!(actual.id));
    set("actualPrice", json!(actual.price));
    if detail == Detail::Queried {
        set("actualType", json!(actual.kind));
        set("actualQty", json!(actual.quantity));
    } else {
        for name in ["tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice"] {
            set(name, json!(zero));
        }
    }
    set("tpOrderType", json!(""));
}

/// `POST /fapi/v1/algoOrder`
pub(super) fn place(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let (wanted, protected) = conditional(asked.params, &market.lock(), asked.exchange.clock.server_now())?;
    let account = asked.caller()?.account;
    let placed = asked.counted([1; 2], || {
        let placed = asked.exchange.place_algo(account, &market, &wanted.order, protected);
        placed.map_err(|error| refused(error, Attempt::Place))
    })?;
    asked.api.algo_notes.lock().insert(placed.id, wanted.note);
    text(&told(asked, &placed, Detail::Placed))
}

/// The conditional order that a request names.
fn wanted(asked: &Asked<'_, Usdm>) -> Result<AlgoRef, ApiError> {
    match (asked.params.number("algoId")?, client_id(asked.params, "clientAlgoId")?) {
        (Some(id), _) => Ok(AlgoRef::Id(AlgoId(id.unsigned_abs()))),
        (None, Some(text)) => Ok(AlgoRef::Client(text)),
        (None, None) => Err(either("clientAlgoId", "algoId")),
    }
}

/// `DELETE /fapi/v1/algoOrder`
pub(super) fn cancel(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let cancelled = asked.exchange.cancel_algo(asked.caller()?.account, &wanted(asked)?);
    let algo = cancelled.map_err(|error| refused(error, Attempt::Cancel))?;
    text(&json!({ "algoId": algo.id.0, "clientAlgoId": algo.order.client_id, "code": "200", "msg": "success" }))
}

/// `DELETE /fapi/v1/algoOpenOrders`
pub(super) fn cancel_all(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    asked.exchange.cancel_algos(asked.caller()?.account, &market);
    text(&json!({ "code": 200, "msg": "The operation of cancel all open order is done." }))
}

/// The conditional orders of the account that are wanted, oldest first.
fn found(asked: &Asked<'_, Usdm>, wanted: impl Fn(&AlgoOrder) -> bool) -> Result<Vec<AlgoOrder>, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    let seen = account.margins.algos.all.values().filter(|algo| !asked.too_fresh(algo.created));
    Ok(seen.filter(|algo| wanted(algo)).cloned().collect())
}

/// `GET /fapi/v1/algoOrder`
pub(super) fn query(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let named = wanted(asked)?;
    let found = found(asked, |algo| match &named {
        AlgoRef::Id(id) => algo.id == *id,
        AlgoRef::Client(text) => algo.order.client_id == *text,
    })?;
    let newest = found.last().ok_or_else(super::order_errors::no_such_order)?;
    text(&told(asked, newest, Detail::Queried))
}

/// `GET /fapi/v1/openAlgoOrders`
pub(super) fn open(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let market = asked.params.optional_market(asked.exchange)?;
    let open = found(asked, |algo| algo.status.is_live() && market.is_none_or(|market| market == algo.market))?;
    text(&open.iter().map(|algo| told(asked, algo, Detail::Listed)).collect::<Vec<_>>())
}

/// `GET /fapi/v1/allAlgoOrders`
pub(super) fn all(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let from = asked.params.number("algoId")?.map(i64::unsigned_abs);
    let (start, end) = asked.params.times()?;
    let limit = asked.params.limit(500, 1000)?;
    let market = asked.params.market(asked.exchange)?.lock().id;
    let found = found(asked, |algo| {
        algo.market == market
            && from.is_none_or(|from| algo.id.0 >= from)
            && start.is_none_or(|start| algo.created >= start)
            && end.is_none_or(|end| algo.created.millis() <= end.millis())
    })?;
    let chosen = page(&found, limit, from.is_some() || start.is_some());
    text(&chosen.iter().map(|algo| told(asked, algo, Detail::Listed)).collect::<Vec<_>>())
}
