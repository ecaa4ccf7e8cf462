//! Order lists: placing, cancelling and querying them.

use super::Spot;
use super::order_errors::{Attempt, refused};
use super::order_json;
use super::order_params::{Leg, client_id, self_trade};
use super::orders::detail;
use crate::accounts::{ListRef, ListRequest, ListShape, OrderKind, OrderListId, OrderRequest};
use crate::binance::call::Asked;
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::binance::order_fields::{decimal, either, side};
use crate::binance::params::Params;

/// `POST /api/v3/orderList/oco`
pub(super) fn place_oco(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let side = side(asked.params, "side")?;
    let quantity = decimal(asked.params, "quantity")?.ok_or_else(|| ApiError::missing("quantity"))?;
    let leg = |prefix| Leg::new(asked.params, prefix).sharing(side, Some(quantity));
    place(asked, ListShape::Oco { above: leg("above")?, below: leg("below")? })
}

/// `POST /api/v3/orderList/oto`
pub(super) fn place_oto(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    oto(asked, false)
}

/// `POST /api/v3/orderList/opo`
pub(super) fn place_opo(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    oto(asked, true)
}

fn oto(asked: &Asked<'_, Spot>, pays_off: bool) -> Result<String, ApiError> {
    let working = Leg::new(asked.params, "working").whole(true)?;
    let pending = Leg::new(asked.params, "pending").whole(!pays_off)?;
    if pays_off {
        refuse_quantity(asked.params)?;
    }
    place(asked, ListShape::Oto { working, pending, pays_off })
}

/// `POST /api/v3/orderList/otoco`
pub(super) fn place_otoco(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    otoco(asked, false)
}

/// `POST /api/v3/orderList/opoco`
pub(super) fn place_opoco(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    otoco(asked, true)
}

fn otoco(asked: &Asked<'_, Spot>, pays_off: bool) -> Result<String, ApiError> {
    let params = asked.params;
    let working = Leg::new(params, "working").whole(true)?;
    let side = side(params, "pendingSide")?;
    let quantity = if pays_off {
        refuse_quantity(params)?;
        None
    } else {
        Some(decimal(params, "pendingQuantity")?.ok_or_else(|| ApiError::missing("pendingQuantity"))?)
    };
    let leg = |prefix| Leg::new(params, prefix).sharing(side, quantity);
    place(asked, ListShape::Otoco { working, above: leg("pendingAbove")?, below: leg("pendingBelow")?, pays_off })
}

/// The pending quantity of a list that pays off is what the working order receives.
fn refuse_quantity(params: &Params) -> Result<(), ApiError> {
    match params.text("pendingQuantity")? {
        Some(_) => Err(ApiError::new(-1225, "The pending orders must not have a quantity.")),
        None => Ok(()),
    }
}

fn place(asked: &Asked<'_, Spot>, mut shape: ListShape) -> Result<String, ApiError> {
    let mode = self_trade(asked.params)?;
    for order in orders(&mut shape) {
        order.self_trade = mode;
    }
    check_legs(&mut shape)?;
    let count = orders(&mut shape).len() as u64;
    let detail = detail(asked.params, OrderKind::Limit)?;
    let market = asked.params.market(asked.exchange)?;
    let mut request = ListRequest::new(shape);
    request.client_id = client_id(asked.params, "listClientOrderId")?;
    let account = asked.caller()?.account;
    let report = asked.counted([count; 2], || {
        let report = asked.exchange.place_list(account, &market, &request);
        report.map_err(|error| refused(error, Attempt::Place))
    })?;
    text(&order_json::placed_list(&report, detail, asked.unit))
}

fn orders(shape: &mut ListShape) -> Vec<&mut OrderRequest> {
    match shape {
        ListShape::Oco { above, below } => vec![above, below],
        ListShape::Oto { working, pending, .. } => vec![working, pending],
        ListShape::Otoco { working, above, below, .. } => vec![working, above, below],
    }
}

/// Whether the legs of an OCO are of kinds that may stand above and below the market.
fn check_legs(shape: &mut ListShape) -> Result<(), ApiError> {
    use crate::engine::Side;
    use OrderKind::{LimitMaker, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit};
    let (ListShape::Oco { above, below } | ListShape::Otoco { above, below, .. }) = shape else { return Ok(()) };
    let is = |order: &OrderRequest, kinds: &[OrderKind]| kinds.contains(&order.kind);
    let (stops, profits) = ([StopLoss, StopLossLimit], [TakeProfit, TakeProfitLimit]);
    let all = [LimitMaker, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit];
    let wrong = |code, message: &str| Err(ApiError::new(code, message));
    if !is(above, &all) || !is(below, &all) {
        return wrong(-1158, "Order type not supported in OCO.");
    }
    if is(above, &[LimitMaker]) && is(below, &[LimitMaker]) {
        return wrong(-1168, "At least one OCO order must be contingent.");
    }
    match above.side {
        Side::Buy if is(above, &[LimitMaker]) => wrong(-1165, "A limit order in a buy OCO must be below."),
        Side::Buy if is(below, &stops) => wrong(-1196, "A stop loss order in a buy OCO must be above."),
        Side::Buy if is(above, &profits) => wrong(-1198, "A take profit order in a buy OCO must be below."),
        Side::Sell if is(below, &[LimitMaker]) => wrong(-1166, "A limit order in a sell OCO must be above."),
        Side::Sell if is(above, &stops) => wrong(-1197, "A stop loss order in a sell OCO must be below."),
        Side::Sell if is(below, &profits) => wrong(-1199, "A take profit order in a sell OCO must be above."),
        _ => Ok(()),
    }
}

/// `DELETE /api/v3/orderList`
pub(super) fn cancel(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let list = list_ref(asked.params, "listClientOrderId")?;
    let own_id = client_id(asked.params, "newClientOrderId")?;
    let market = asked.params.market(asked.exchange)?;
    let report = asked.exchange.cancel_list(asked.caller()?.account, &market, &list, own_id);
    let report = report.map_err(|error| refused(error, Attempt::Cancel))?;
    text(&order_json::cancelled_list(&report, asked.unit))
}

fn list_ref(params: &Params, by_client_id: &str) -> Result<ListRef, ApiError> {
    match (params.number("orderListId")?, client_id(params, by_client_id)?) {
        (Some(id), _) => Ok(ListRef::Id(OrderListId(id.unsigned_abs()))),
        (None, Some(text)) => Ok(ListRef::Client(text)),
        (None, None) => Err(either("orderListId", by_client_id)),
    }
}

/// `GET /api/v3/orderList`
pub(super) fn query(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let list = list_ref(asked.params, "origClientOrderId")?;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    let found = account.list(None, &list).map_err(|error| refused(error, Attempt::Query))?;
    text(&order_json::list(found, asked.unit))
}

/// `GET /api/v3/openOrderList`
pub(super) fn open(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    text(&account.open_lists().map(|list| order_json::list(list, asked.unit)).collect::<Vec<_>>())
}

/// `GET /api/v3/allOrderList`
pub(super) fn all(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let from = asked.params.number("fromId")?.map(i64::unsigned_abs);
    let (start, end) = asked.params.times_of_day()?;
    let limit = asked.params.limit(500, 1000)?;
    if from.is_some() && (start.is_some() || end.is_some()) {
        return Err(ApiError::bad_combination());
    }
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    let lists: Vec<_> = account
        .lists_from(OrderListId(from.unwrap_or(0)))
        .filter(|list| start.is_none_or(|start| list.time >= start) && end.is_none_or(|end| list.time <= end))
        .collect();
    let oldest_first = from.is_some() || start.is_some();
    let chosen = super::history::page(&lists, limit, oldest_first);
    text(&chosen.iter().map(|list| order_json::list(list, asked.unit)).collect::<Vec<_>>())
}
