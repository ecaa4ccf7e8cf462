//! Single orders: placing, testing, cancelling, amending and replacing them.

use serde_json::{Value, json};

use super::Spot;
use super::order_errors::{Attempt, refused};
use super::order_json::{self, Detail};
use super::order_params::{client_id, order_ref, single};
use crate::accounts::{
    AmendRequest, CancelReplaceRequest, CancelReplaced, CancelRequest, CancelRestriction, CommissionRates, OrderKind,
    OrderRequest, Placed,
};
use crate::binance::call::Asked;
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::binance::order_fields::decimal;
use crate::binance::params::Params;
use crate::numbers::fixed;

/// `POST /api/v3/order`
pub(super) fn place(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let request = single(asked.params)?;
    let detail = detail(asked.params, request.kind)?;
    let market = asked.params.market(asked.exchange)?;
    let account = asked.caller()?.account;
    let placed: Placed = asked.counted([1; 2], || {
        let placed = asked.exchange.place_order(account, &market, &request);
        placed.map_err(|error| refused(error, Attempt::Place))
    })?;
    text(&order_json::placed(&placed, detail, asked.unit))
}

/// The parameter `newOrderRespType`.
pub(super) fn detail(params: &Params, kind: OrderKind) -> Result<Detail, ApiError> {
    match params.text("newOrderRespType")? {
        None if matches!(kind, OrderKind::Limit | OrderKind::Market) => Ok(Detail::Full),
        None | Some("ACK") => Ok(Detail::Ack),
        Some("RESULT") => Ok(Detail::Result),
        Some("FULL") => Ok(Detail::Full),
        Some(_) => Err(ApiError::invalid("newOrderRespType")),
    }
}

/// `POST /api/v3/order/test`
pub(super) fn test(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let request = single(asked.params)?;
    detail(asked.params, request.kind)?;
    let with_rates = asked.params.flag("computeCommissionRates", false)?;
    let market = asked.params.market(asked.exchange)?;
    let account = asked.caller()?.account;
    asked.exchange.test_order(account, &market, &request).map_err(|error| refused(error, Attempt::Place))?;
    if !with_rates {
        return Ok("{}".to_owned());
    }
    let id = market.lock().id;
    let rates = asked.exchange.accounts.lock().rates(account, id);
    text(&rates_of_order(&rates, &request))
}

/// What this order would cost as a maker and as a taker.
fn rates_of_order(rates: &CommissionRates, request: &OrderRequest) -> Value {
    let both = |rates: &crate::accounts::Rates| {
        let side = match request.side {
            crate::engine::Side::Buy => rates.buyer,
            crate::engine::Side::Sell => rates.seller,
        };
        json!({ "maker": fixed(rates.maker + side, 8), "taker": fixed(rates.taker + side, 8) })
    };
    json!({
        "standardCommissionForOrder": both(&rates.standard),
        "specialCommissionForOrder": both(&rates.special),
        "taxCommissionForOrder": both(&rates.tax),
        "discount": super::account::discount(rates),
    })
}

/// `DELETE /api/v3/order`
pub(super) fn cancel(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let request = cancel_request(asked.params, ["orderId", "origClientOrderId", "newClientOrderId"])?;
    let market = asked.params.market(asked.exchange)?;
    let cancelled = asked.exchange.cancel_order(asked.caller()?.account, &market, &request);
    let cancelled = cancelled.map_err(|error| refused(error, Attempt::Cancel))?;
    text(&order_json::cancelled(&cancelled, asked.unit))
}

/// Reads a cancel; the names are those of number, client id and the cancel's own id.
fn cancel_request(params: &Params, [id, known, own]: [&str; 3]) -> Result<CancelRequest, ApiError> {
    let mut request = CancelRequest::new(order_ref(params, id, known)?);
    request.client_id = client_id(params, own)?;
    request.restriction = match params.text("cancelRestrictions")? {
        None => CancelRestriction::None,
        Some("ONLY_NEW") => CancelRestriction::OnlyNew,
        Some("ONLY_PARTIALLY_FILLED") => CancelRestriction::OnlyPartiallyFilled,
        Some(_) => return Err(ApiError::new(-1145, "Invalid cancelRestrictions")),
    };
    Ok(request)
}

/// `DELETE /api/v3/openOrders`
pub(super) fn cancel_all(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let cancelled = asked.exchange.cancel_all(asked.caller()?.account, &market);
    let cancelled = cancelled.map_err(|error| refused(error, Attempt::Cancel))?;
    text(&cancelled.iter().map(|one| order_json::cancelled(one, asked.unit)).collect::<Vec<_>>())
}

/// `PUT /api/v3/order/amend/keepPriority`
pub(super) fn amend(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let order = order_ref(asked.params, "orderId", "origClientOrderId")?;
    let quantity = decimal(asked.params, "newQty")?.ok_or_else(|| ApiError::missing("newQty"))?;
    let mut request = AmendRequest::new(order, quantity);
    request.client_id = client_id(asked.params, "newClientOrderId")?;
    let market = asked.params.market(asked.exchange)?;
    let amended = asked.exchange.amend_order(asked.caller()?.account, &market, &request);
    let amended = amended.map_err(|error| refused(error, Attempt::Amend))?;
    text(&order_json::amended(&amended, asked.unit))
}

/// How a cancel and a new order depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReplaceMode {
    StopOnFailure,
    AllowFailure,
}

/// `POST /api/v3/order/cancelReplace`
pub(super) fn replace(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let params = asked.params;
    let mode = match params.text("cancelReplaceMode")?.ok_or_else(|| ApiError::missing("cancelReplaceMode"))? {
        "STOP_ON_FAILURE" => ReplaceMode::StopOnFailure,
        "ALLOW_FAILURE" => ReplaceMode::AllowFailure,
        _ => return Err(ApiError::invalid("cancelReplaceMode")),
    };
    let cancel = cancel_request(params, ["cancelOrderId", "cancelOrigClientOrderId", "cancelNewClientOrderId"])?;
    let cancel_only = match params.text("orderRateLimitExceededMode")? {
        None | Some("DO_NOTHING") => false,
        Some("CANCEL_ONLY") => true,
        Some(_) => return Err(ApiError::invalid("orderRateLimitExceededMode")),
    };
    let order = single(params)?;
    let detail = detail(params, order.kind)?;
    let market = params.market(asked.exchange)?;
    let account = asked.caller()?.account;
    let full = asked.room([1; 2]).err();
    if let Some(full) = &full
        && !cancel_only
    {
        return Err(full.clone());
    }
    let allow_failure = mode == ReplaceMode::AllowFailure;
    let request = CancelReplaceRequest { cancel, order, allow_failure, may_place: full.is_none() };
    if full.is_none() {
        asked.take([1; 2]);
    }
    let replaced = asked.exchange.cancel_replace(account, &market, &request).map_err(|error| {
        asked.give_back([u64::from(full.is_none()); 2]);
        refused(error, Attempt::Place)
    })?;
    if full.is_none() && matches!(replaced.order, Some(Err(_))) {
        asked.give_back([1; 2]);
    }
    told(asked, &replaced, (detail, mode, full))
}

/// The answer to a cancel with a new order.
fn told(
    asked: &Asked<'_, Spot>,
    replaced: &CancelReplaced,
    (detail, mode, full): (Detail, ReplaceMode, Option<ApiError>),
) -> Result<String, ApiError> {
    let cancel = match &replaced.cancel {
        Ok(cancelled) => Ok(order_json::cancelled(cancelled, asked.unit)),
        Err(error) => Err(refused(*error, Attempt::Cancel)),
    };
    let stopped = mode == ReplaceMode::StopOnFailure && cancel.is_err();
    let order = match (&replaced.order, full) {
        (None, Some(full)) if !stopped => Some(Err(full)),
        (None, _) => None,
        (Some(Ok(placed)), _) => Some(Ok(order_json::placed(placed, detail, asked.unit))),
        (Some(Err(error)), _) => Some(Err(refused(*error, Attempt::Place))),
    };
    let word = |half: &Result<Value, ApiError>| if half.is_ok() { "SUCCESS" } else { "FAILURE" };
    let shown = |half: &Result<Value, ApiError>| match half {
        Ok(value) => value.clone(),
        Err(error) => Value::Object(error.body()),
    };
    let data = json!({
        "cancelResult": word(&cancel),
        "newOrderResult": order.as_ref().map_or("NOT_ATTEMPTED", word),
        "cancelResponse": shown(&cancel),
        "newOrderResponse": order.as_ref().map_or(Value::Null, shown),
    });
    let too_many = order.as_ref().is_some_and(|half| half.as_ref().is_err_and(|error| error.code == -1015));
    let failed = |status, code, message: &str| {
        Err(ApiError { data: Some(Box::new(data.clone())), ..ApiError::with_status(status, code, message) })
    };
    match (cancel.is_ok(), order.is_some_and(|half| half.is_ok())) {
        (true, true) => text(&data),
        (false, false) => failed(400, -2022, "Order cancel-replace failed."),
        (true, false) if too_many && mode == ReplaceMode::StopOnFailure => {
            failed(429, -2021, "Order cancel-replace partially failed.")
        }
        _ => failed(409, -2021, "Order cancel-replace partially failed."),
    }
}

/// `POST /api/v3/sor/order` and its test: no symbol is routed.
pub(super) fn routed(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    single(asked.params)?;
    asked.params.market(asked.exchange)?;
    Err(ApiError::new(-1013, "This symbol is not supported for smart order routing."))
}
