//! Orders: placing, testing, modifying and cancelling them, one by one.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::Usdm;
use super::digits::Digits;
use super::notes::{Change, Note};
use super::order_errors::{Attempt, no_such_order, refused};
use super::order_json::Shown;
use super::order_params::{self, Wanted, client_id, order_ref, single};
use crate::accounts::{AccountId, CancelRequest, ModifyRequest, Order, OrderRef};
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::engine::Side;
use crate::market::{Market, MarketId};

/// One order and its digits in answers.
pub(super) fn shown<'a>(asked: &Asked<'_, Usdm>, order: &'a Order) -> Shown<'a> {
    let digits = Digits::of_symbol(asked.exchange, &order.symbol);
    Shown { order, note: asked.api.notes.of(order.market, order.id), digits }
}

/// `POST /fapi/v1/order`
pub(super) fn place(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&asked.counted([1; 2], || place_one(asked, asked.params))?)
}

/// Places the order that parameters describe.
pub(super) fn place_one(asked: &Asked<'_, Usdm>, params: &Params) -> Result<Value, ApiError> {
    let acknowledged = match params.text("newOrderRespType")? {
        None | Some("ACK") => true,
        Some("RESULT") => false,
        Some(_) => return Err(ApiError::invalid("newOrderRespType")),
    };
    let market = params.market(asked.exchange)?;
    let (id, mut wanted) = read(asked, params, &market)?;
    let account = asked.caller()?.account;
    let client_id = announce(asked, account, id, &mut wanted);
    let placed = asked.exchange.place_order(account, &market, &wanted.order).map_err(|error| {
        asked.api.notes.take_back(account, id, &client_id);
        refused(error, Attempt::Place)
    })?;
    asked.api.notes.numbered(account, id, &client_id, placed.order.id);
    let told = shown(asked, &placed.order);
    Ok(if acknowledged { told.acknowledged() } else { told.told() })
}

fn read(asked: &Asked<'_, Usdm>, params: &Params, market: &Arc<Mutex<Market>>) -> Result<(MarketId, Wanted), ApiError> {
    let market = market.lock();
    Ok((market.id, single(params, &market, asked.exchange.clock.server_now())?))
}

/// Gives an order a client id if it has none, and announces what is noted of it.
fn announce(asked: &Asked<'_, Usdm>, account: AccountId, market: MarketId, wanted: &mut Wanted) -> String {
    let client_id = wanted.order.client_id.get_or_insert_with(|| asked.api.notes.client_id(account)).clone();
    asked.api.notes.announce(account, market, &client_id, wanted.note.clone());
    client_id
}

/// `POST /fapi/v1/order/test`
pub(super) fn test(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let (_, wanted) = read(asked, asked.params, &market)?;
    let tested = asked.exchange.test_order(asked.caller()?.account, &market, &wanted.order);
    tested.map_err(|error| refused(error, Attempt::Place))?;
    Ok("{}".to_owned())
}

/// `PUT /fapi/v1/order`
pub(super) fn modify(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&asked.counted([1; 2], || modify_one(asked, asked.params, true))?)
}

/// `order.modify`
pub(super) fn modify_by_socket(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&asked.counted([1; 2], || modify_one(asked, asked.params, false))?)
}

/// Modifies the order that parameters name.
pub(super) fn modify_one(asked: &Asked<'_, Usdm>, params: &Params, by_rest: bool) -> Result<Value, ApiError> {
    let account = asked.caller()?.account;
    let wanted = order_ref(params)?;
    let market = params.market(asked.exchange)?;
    let (id, before) = live(asked, account, &market, &wanted)?;
    let modify_id = params.number("modifyId")?;
    let request = modification(params, &market, (before.side, OrderRef::Id(before.id)))?;
    if !before.kind.has_price() || before.kind.is_conditional() {
        return Err(ApiError::new(-5025, "Only limit order is supported."));
    }
    let marked = asked.api.notes.mark(id, before.id, modify_id);
    let modified = asked.exchange.modify_order(account, &market, &request).map_err(|error| {
        asked.api.notes.mark(id, before.id, marked);
        refused(error, Attempt::Query)
    })?;
    let order = &modified.order;
    let change = Change {
        number: 0,
        time: order.updated,
        price: (before.price, order.price),
        quantity: (before.quantity, order.quantity),
        modify_id,
    };
    asked.api.notes.changed(id, order.id, change);
    Ok(shown(asked, order).modified(by_rest))
}

/// The live order that is meant.
fn live(
    asked: &Asked<'_, Usdm>,
    account: AccountId,
    market: &Arc<Mutex<Market>>,
    wanted: &OrderRef,
) -> Result<(MarketId, Order), ApiError> {
    let id = market.lock().id;
    let accounts = asked.exchange.accounts.lock();
    let found = accounts.account(account).and_then(|account| account.live_order(id, wanted));
    Ok((id, found.map_err(|_| no_such_order())?.clone()))
}

fn modification(
    params: &Params,
    market: &Arc<Mutex<Market>>,
    (present, order): (Side, OrderRef),
) -> Result<ModifyRequest, ApiError> {
    if crate::binance::order_fields::side(params, "side")? != present {
        return Err(ApiError::new(-1117, "Invalid side."));
    }
    let market = market.lock();
    let quantity = order_params::quantity(params, &market)?.ok_or_else(|| ApiError::missing("quantity"))?;
    let price = order_params::limit_price(params, &market, present, &mut Note::default())?;
    let mut request = ModifyRequest::new(order);
    (request.quantity, request.price) = (Some(quantity), Some(price));
    Ok(request)
}

/// `GET /fapi/v1/orderAmendment`
pub(super) fn amendments(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let params = asked.params;
    let wanted = order_ref(params)?;
    let (start, end) = params.times()?;
    let limit = params.limit(50, 100)?;
    let market = params.market(asked.exchange)?.lock().id;
    let accounts = asked.exchange.accounts.lock();
    let found = accounts.account(asked.caller()?.account).and_then(|account| account.order(market, &wanted));
    let order = found.map_err(|error| refused(error, Attempt::Query))?;
    let told = shown(asked, order);
    let within = |change: &Change| {
        start.is_none_or(|start| change.time >= start) && end.is_none_or(|end| change.time.millis() <= end.millis())
    };
    let numbered = told.note.changes.iter().enumerate().filter(|(_, change)| within(change));
    let rows = numbered.map(|(at, change)| super::order_json::amendment(order, change, at + 1, told.digits));
    text(&rows.take(limit).collect::<Vec<_>>())
}

/// `DELETE /fapi/v1/order`
pub(super) fn cancel(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let wanted = order_ref(asked.params)?;
    let market = asked.params.market(asked.exchange)?;
    text(&cancel_one(asked, &market, wanted)?)
}

/// Cancels one order.
pub(super) fn cancel_one(
    asked: &Asked<'_, Usdm>,
    market: &Arc<Mutex<Market>>,
    wanted: OrderRef,
) -> Result<Value, ApiError> {
    let account = asked.caller()?.account;
    let cancelled = asked.exchange.cancel_order(account, market, &CancelRequest::new(wanted));
    let cancelled = cancelled.map_err(|error| refused(error, Attempt::Cancel))?;
    let order = cancelled.orders.first().ok_or_else(no_such_order)?;
    Ok(shown(asked, order).told())
}

/// `DELETE /fapi/v1/allOpenOrders`
pub(super) fn cancel_all(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    match asked.exchange.cancel_all(asked.caller()?.account, &market) {
        Ok(_) | Err(crate::accounts::OrderError::UnknownOrder) => {}
        Err(error) => return Err(refused(error, Attempt::Cancel)),
    }
    text(&json!({ "code": 200, "msg": "The operation of cancel all open order is done." }))
}

/// The client ids of a list.
pub(super) fn client_ids(texts: Vec<String>) -> Result<Vec<OrderRef>, ApiError> {
    let read = |text: String| {
        let params = Params::of_part(vec![("id".to_owned(), text)]);
        client_id(&params, "id")?.map(OrderRef::Client).ok_or_else(|| ApiError::empty("origClientOrderIdList"))
    };
    texts.into_iter().map(read).collect()
}
