//! Commands on orders, by REST and on the private socket alike.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Kraken;
use super::auth::Caller;
use super::drafts::{Draft, check_deadline};
use super::errors::ApiError;
use super::ids;
use super::instruments::smallest_order;
use super::order_rows::summary;
use super::params::Params;
use super::times::rfc3339;
use crate::accounts::{CancelRequest, ModifyRequest, Order, OrderRef};
use crate::exchange::Exchange;

/// Orders that one request may name.
const MOST_NAMED: usize = 50;

/// A request of somebody known.
pub(super) struct Asked<'a> {
    pub(super) kraken: &'a Kraken,
    pub(super) exchange: &'a Exchange,
    pub(super) params: &'a Params,
    pub(super) caller: &'a Caller,
}

/// Counts an order and places it; `None` if it was only to be checked.
fn place(asked: &Asked<'_>, draft: &Draft) -> Result<Option<Order>, ApiError> {
    let market = draft.market.lock().id;
    asked.kraken.used.place(asked.exchange, asked.caller.account, market, 1)?;
    put(asked, draft)
}

/// Places an order that is counted already; `None` if it was only to be checked.
///
/// # Errors
/// What refuses it.
pub(super) fn put(asked: &Asked<'_>, draft: &Draft) -> Result<Option<Order>, ApiError> {
    let (exchange, account) = (asked.exchange, asked.caller.account);
    if let Some(id) = &draft.request.client_id
        && !live(asked, |order| order.named && order.client_id == *id)?.is_empty()
    {
        return Err(ApiError::new("EOrder:Duplicate cl_ord_id"));
    }
    if draft.validate {
        exchange.test_order(account, &draft.market, &draft.request).map_err(ApiError::order)?;
        return Ok(None);
    }
    let placed = exchange.place_order(account, &draft.market, &draft.request).map_err(ApiError::order)?;
    Ok(Some(placed.order))
}

/// The live orders of which something holds.
fn live(asked: &Asked<'_>, wanted: impl Fn(&Order) -> bool) -> Result<Vec<Order>, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller.account).map_err(ApiError::order)?;
    Ok(account.open_orders(None).filter(|order| wanted(order)).cloned().collect())
}

/// The live order with this id, or else this client id.
fn named(asked: &Asked<'_>, id: Option<&str>, client_id: Option<&str>) -> Result<Order, ApiError> {
    let unknown = || ApiError::new("EOrder:Unknown order");
    let found = match (id, client_id) {
        (Some(id), _) => {
            let wanted = ids::named_order(id).ok_or_else(unknown)?;
            live(asked, |order| (order.market, order.id) == wanted)?
        }
        (None, Some(client_id)) => live(asked, |order| order.named && order.client_id == client_id)?,
        (None, None) => return Err(ApiError::new("EGeneral:Invalid arguments")),
    };
    found.into_iter().next().ok_or_else(unknown)
}

/// Cancels one live order.
fn cancel_one(asked: &Asked<'_>, order: &Order) -> Result<(), ApiError> {
    asked.kraken.used.cancel(asked.exchange, order);
    let market = asked.exchange.market_by_id(order.market);
    let request = CancelRequest::new(OrderRef::Id(order.id));
    let cancelled = asked.exchange.cancel_order(asked.caller.account, &market, &request);
    cancelled.map(|_| ()).map_err(ApiError::order)
}

/// Cancels all live orders; returns how many there were.
///
/// # Errors
/// `EGeneral:Permission denied`
pub(super) fn cancel_everything(asked: &Asked<'_>) -> Result<usize, ApiError> {
    let orders = live(asked, |_| true)?;
    Ok(orders.iter().filter(|order| cancel_one(asked, order).is_ok()).count())
}

/// The order that an amendment names, afterwards; and the id of the amendment.
fn amend(asked: &Asked<'_>, order: &Order) -> Result<String, ApiError> {
    let params = asked.params;
    check_deadline(asked.exchange, params)?;
    let mut request = ModifyRequest::new(OrderRef::Id(order.id));
    request.quantity = params.decimal("order_qty")?;
    request.price = params.decimal("limit_price")?;
    request.stop_price = params.decimal("trigger_price")?;
    if [request.quantity, request.price, request.stop_price] == [None; 3] {
        return Err(ApiError::new("EGeneral:Invalid arguments:No order parameters changed"));
    }
    asked.kraken.used.amend(asked.exchange, order)?;
    let market = asked.exchange.market_by_id(order.market);
    let least: Decimal = smallest_order(&market.lock().listing);
    if request.quantity.is_some_and(|quantity| quantity < least) {
        return Err(ApiError::new("EOrder:Order minimum not met"));
    }
    let changed = asked.exchange.modify_order(asked.caller.account, &market, &request);
    let time = changed.map_err(ApiError::order)?.time;
    Ok(ids::amendment(order.market, order.id, time.0.unsigned_abs() & 0xf_ffff))
}

/// `AddOrder`
pub(super) fn add_order(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let draft = Draft::of_rest(asked.exchange, asked.params)?;
    let placed = place(asked, &draft)?;
    let described = json!({ "order": summary(&draft.market.lock().listing, &draft.request) });
    Ok(match placed {
        Some(order) => json!({ "descr": described, "txid": [ids::order(order.market, order.id)] }),
        None => json!({ "descr": described }),
    })
}

/// `AmendOrder`
pub(super) fn amend_order(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (id, client_id) = (asked.params.text("txid"), asked.params.text("cl_ord_id"));
    let order = named(asked, id.as_deref(), client_id.as_deref())?;
    Ok(json!({ "amend_id": amend(asked, &order)? }))
}

/// `CancelOrder`, by id, by the client's number, or by client id.
pub(super) fn cancel_order(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (id, client_id) = (asked.params.text("txid"), asked.params.text("cl_ord_id"));
    let orders = match id.as_deref().map(str::parse::<i64>) {
        Some(Ok(reference)) => live(asked, |order| order.strategy_id == Some(reference))?,
        _ => vec![named(asked, id.as_deref(), client_id.as_deref())?],
    };
    if orders.is_empty() {
        return Err(ApiError::new("EOrder:Unknown order"));
    }
    for order in &orders {
        cancel_one(asked, order)?;
    }
    Ok(json!({ "count": orders.len() }))
}

/// `CancelOrderBatch`
pub(super) fn cancel_orders(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let mut wanted: Vec<(Option<String>, Option<String>)> = Vec::new();
    if let Some(Value::Array(rows)) = asked.params.value("orders") {
        for row in rows {
            let id = row.as_str().or_else(|| row.get("txid").and_then(Value::as_str)).map(str::to_owned);
            wanted.push((id, row.get("cl_ord_id").and_then(Value::as_str).map(str::to_owned)));
        }
    }
    wanted.extend(asked.params.list("cl_ord_ids").into_iter().map(|id| (None, Some(id))));
    if wanted.is_empty() || wanted.len() > MOST_NAMED {
        return Err(ApiError::argument("orders"));
    }
    let done = |(id, client_id): &(Option<String>, Option<String>)| {
        named(asked, id.as_deref(), client_id.as_deref()).and_then(|order| cancel_one(asked, &order)).is_ok()
    };
    Ok(json!({ "count": wanted.iter().filter(|named| done(named)).count() }))
}

/// `CancelAll`
pub(super) fn cancel_all(asked: &Asked<'_>) -> Result<Value, ApiError> {
    Ok(json!({ "count": cancel_everything(asked)? }))
}

/// `CancelAllOrdersAfter`
pub(super) fn cancel_all_after(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let seconds: u64 = asked.params.parsed("timeout")?.ok_or_else(|| ApiError::argument("timeout"))?;
    let trigger = asked.kraken.deadman.set(asked.exchange, asked.caller.account, seconds)?;
    asked.exchange.wake.notify_one();
    let now = rfc3339(asked.exchange.clock.server_now());
    Ok(json!({ "currentTime": now, "triggerTime": trigger.map_or_else(|| "0".to_owned(), rfc3339) }))
}

/// The call `add_order`.
pub(super) fn call_add(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let draft = Draft::of_call(asked.exchange, asked.params)?;
    place(asked, &draft).map(|order| called(order.as_ref()))
}

/// What a call is told about an order that it has placed.
pub(super) fn called(order: Option<&Order>) -> Value {
    let mut result = json!({});
    if let Some(order) = order {
        result["order_id"] = json!(ids::order(order.market, order.id));
        if order.named {
            result["cl_ord_id"] = json!(order.client_id);
        }
        if let Some(reference) = order.strategy_id {
            result["order_userref"] = json!(reference);
        }
    }
    result
}

/// The call `amend_order`.
pub(super) fn call_amend(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (id, client_id) = (asked.params.text("order_id"), asked.params.text("cl_ord_id"));
    let order = named(asked, id.as_deref(), client_id.as_deref())?;
    let amendment = amend(asked, &order)?;
    let mut result = json!({ "amend_id": amendment, "order_id": ids::order(order.market, order.id) });
    if client_id.is_some() {
        result["cl_ord_id"] = json!(client_id);
    }
    Ok(result)
}

/// The orders that the call `cancel_order` names, each with what is told about it.
pub(super) fn call_cancel(asked: &Asked<'_>) -> Vec<Result<Value, ApiError>> {
    let mut done = Vec::new();
    for id in asked.params.list("order_id") {
        let cancelled = named(asked, Some(&id), None).and_then(|order| cancel_one(asked, &order));
        done.push(cancelled.map(|()| json!({ "order_id": id })));
    }
    for client_id in asked.params.list("cl_ord_id") {
        let order = named(asked, None, Some(&client_id));
        let cancelled = order.and_then(|order| cancel_one(asked, &order).map(|()| order));
        let told = |order: Order| json!({ "cl_ord_id": client_id, "order_id": ids::order(order.market, order.id) });
        done.push(cancelled.map(told));
    }
    for text in asked.params.list("order_userref") {
        let wanted = text.parse::<i64>().map_err(|_| ApiError::argument("order_userref"));
        let orders = wanted.and_then(|wanted| live(asked, |order| order.strategy_id == Some(wanted)));
        let unknown = || ApiError::new("EOrder:Unknown order");
        match orders {
            Ok(orders) if orders.is_empty() => done.push(Err(unknown())),
            Ok(orders) => {
                let told = |order: &Order| json!({ "order_id": ids::order(order.market, order.id) });
                done.extend(orders.iter().map(|order| cancel_one(asked, order).map(|()| told(order))));
            }
            Err(error) => done.push(Err(error)),
        }
    }
    if done.is_empty() {
        done.push(Err(ApiError::new("EGeneral:Invalid arguments")));
    }
    done
}
