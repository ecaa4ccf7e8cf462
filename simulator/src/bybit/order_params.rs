//! New orders as clients write them.

use rust_decimal::Decimal;

use super::category::Category;
use super::errors::ApiError;
use super::params::Params;
use crate::accounts::{
    ModifyRequest, Order, OrderKind, OrderRef, OrderRequest, PositionSide, SelfTradeMode, TriggerBy,
};
use crate::engine::{Side, TimeInForce};
use crate::market::Market;
use crate::numbers::{floor_to, ratio};

/// Letters of a client's id.
const LONGEST_ID: usize = 36;

/// The kinds of orders of spot that lists and cancels tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OrderFilter {
    /// Works at once.
    Order,
    /// Waits for a price and holds its asset meanwhile.
    TpslOrder,
    /// Waits for a price and holds nothing meanwhile.
    StopOrder,
}

impl OrderFilter {
    /// The wish of a request.
    pub(super) fn of(params: &Params) -> Result<Option<OrderFilter>, ApiError> {
        match params.text("orderFilter") {
            None => Ok(None),
            Some("Order") => Ok(Some(OrderFilter::Order)),
            Some("tpslOrder") => Ok(Some(OrderFilter::TpslOrder)),
            Some("StopOrder" | "OcoOrder" | "BidirectionalTpslOrder") => Ok(Some(OrderFilter::StopOrder)),
            Some(_) => Err(ApiError::invalid("orderFilter")),
        }
    }
}

/// The client's id of a new order; none if it gives none.
pub(super) fn client_id(params: &Params) -> Result<Option<String>, ApiError> {
    let Some(id) = params.text("orderLinkId") else { return Ok(None) };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.len() > LONGEST_ID || !id.bytes().all(legal) {
        return Err(ApiError::invalid("orderLinkId"));
    }
    Ok(Some(id.to_owned()))
}

/// `Buy` or `Sell`.
fn side(params: &Params) -> Result<Side, ApiError> {
    match params.needed("side")? {
        "Buy" => Ok(Side::Buy),
        "Sell" => Ok(Side::Sell),
        _ => Err(ApiError::new(10001, "Side invalid")),
    }
}

/// What an order says about the time for which it is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Good {
    For(TimeInForce),
    PostOnly,
}

fn good(params: &Params) -> Result<Good, ApiError> {
    match params.text("timeInForce") {
        None | Some("GTC") => Ok(Good::For(TimeInForce::Gtc)),
        Some("IOC") => Ok(Good::For(TimeInForce::Ioc)),
        Some("FOK") => Ok(Good::For(TimeInForce::Fok)),
        Some("PostOnly" | "RPI") => Ok(Good::PostOnly),
        Some(_) => Err(ApiError::invalid("timeInForce")),
    }
}

fn self_trade(params: &Params) -> Result<SelfTradeMode, ApiError> {
    match params.text("smpType") {
        None | Some("None") => Ok(SelfTradeMode::None),
        Some("CancelMaker") => Ok(SelfTradeMode::ExpireMaker),
        Some("CancelTaker") => Ok(SelfTradeMode::ExpireTaker),
        Some("CancelBoth") => Ok(SelfTradeMode::ExpireBoth),
        Some(_) => Err(ApiError::invalid("smpType")),
    }
}

/// Whether the order is a market order.
fn is_market(params: &Params) -> Result<bool, ApiError> {
    match params.needed("orderType")? {
        "Market" => Ok(true),
        "Limit" => Ok(false),
        _ => Err(ApiError::invalid("orderType")),
    }
}

/// A quantity that must be there and positive.
fn quantity(params: &Params) -> Result<Decimal, ApiError> {
    let quantity = params.decimal("qty")?.ok_or_else(|| ApiError::missing("qty"))?;
    if quantity < Decimal::ZERO { Err(ApiError::new(10001, "Qty invalid")) } else { Ok(quantity) }
}

/// The order that a request asks for.
///
/// # Errors
/// 10001 with the name of the parameter.
pub(super) fn order(category: Category, params: &Params, market: &Market) -> Result<OrderRequest, ApiError> {
    let (side, market_order) = (side(params)?, is_market(params)?);
    if category.is_spot() && params.flag("isLeverage")? {
        return Err(ApiError::new(10001, "isLeverage invalid: this account trades without margin"));
    }
    let trigger = params.decimal("triggerPrice")?.filter(|price| !price.is_zero());
    let good = good(params)?;
    let mut request = OrderRequest::new(side, OrderKind::Limit);
    let rises = direction(category, params, trigger, market)?;
    request.kind = match (trigger, market_order) {
        (Some(_), _) => waiting(side, rises, market_order),
        (None, true) => OrderKind::Market,
        (None, false) if good == Good::PostOnly => OrderKind::LimitMaker,
        (None, false) => OrderKind::Limit,
    };
    request.client_id = client_id(params)?;
    request.self_trade = Some(self_trade(params)?);
    request.stop_price = trigger;
    let timed = request.kind.has_price() && request.kind != OrderKind::LimitMaker;
    request.time_in_force = timed.then_some(match good {
        Good::For(time) => time,
        Good::PostOnly => TimeInForce::Gtc,
    });
    if !market_order {
        request.price = Some(params.decimal("price")?.ok_or_else(|| ApiError::missing("price"))?);
    }
    request.trigger.holds_nothing = trigger.is_some() && OrderFilter::of(params)? != Some(OrderFilter::TpslOrder);
    let quantity = quantity(params)?;
    if !category.is_spot() {
        of_contract(params, &mut request, quantity)?;
        return Ok(request);
    }
    if !(category.is_spot() && market_order && by_amount(params, side)?) {
        request.quantity = Some(quantity);
    } else if let Some(trigger) = trigger {
        // What waits is held and counted in base units.
        request.quantity = Some(floor_to(ratio(quantity, trigger).unwrap_or_default(), market.listing.step));
    } else {
        request.quote_quantity = Some(quantity);
    }
    Ok(request)
}

/// What an order for a contract says about its position and its trigger.
fn of_contract(params: &Params, request: &mut OrderRequest, quantity: Decimal) -> Result<(), ApiError> {
    request.position.side = position_side(params)?;
    request.position.reduce_only = params.flag("reduceOnly")?;
    let closes = params.flag("closeOnTrigger")?;
    request.position.close_position = closes && request.position.reduce_only && quantity.is_zero();
    request.quantity = (!request.position.close_position).then_some(quantity);
    request.trigger.by = trigger_by(params, "triggerBy")?;
    if request.stop_price.is_some() {
        request.trigger.rises = Some(params.number("triggerDirection")? == Some(1));
    }
    Ok(())
}

/// Which position `positionIdx` means.
pub(super) fn position_side(params: &Params) -> Result<PositionSide, ApiError> {
    match params.number("positionIdx")? {
        None | Some(0) => Ok(PositionSide::Both),
        Some(1) => Ok(PositionSide::Long),
        Some(2) => Ok(PositionSide::Short),
        Some(_) => Err(ApiError::invalid("positionIdx")),
    }
}

/// By which price something is triggered.
pub(super) fn trigger_by(params: &Params, name: &str) -> Result<TriggerBy, ApiError> {
    match params.text(name) {
        None | Some("LastPrice" | "UNKNOWN") => Ok(TriggerBy::Last),
        Some("MarkPrice") => Ok(TriggerBy::Mark),
        Some("IndexPrice") => Ok(TriggerBy::Index),
        Some(_) => Err(ApiError::invalid(name)),
    }
}

/// Whether a conditional order waits for a rise: contracts say so, of spot it follows from the last price.
fn direction(category: Category, params: &Params, trigger: Option<Decimal>, market: &Market) -> Result<bool, ApiError> {
    match (trigger, category.is_spot()) {
        (None, _) => Ok(false),
        (Some(trigger), true) => Ok(trigger > market.tape.last_price()),
        (Some(_), false) => match params.number("triggerDirection")? {
            Some(1) => Ok(true),
            Some(2) => Ok(false),
            _ => Err(ApiError::new(10001, "TriggerDirection invalid")),
        },
    }
}

/// What a request changes of an order.
///
/// # Errors
/// 10001 for what is not a number, or if nothing is to be changed.
pub(super) fn amendment(params: &Params, order: &Order) -> Result<ModifyRequest, ApiError> {
    let mut request = ModifyRequest::new(OrderRef::Id(order.id));
    request.price = params.decimal("price")?.filter(|price| *price != order.price);
    request.quantity = params.decimal("qty")?.filter(|quantity| *quantity != order.quantity);
    request.stop_price = params.decimal("triggerPrice")?.filter(|price| *price != order.stop_price);
    if (&request.price, &request.quantity, &request.stop_price) == (&None, &None, &None) {
        return Err(ApiError::new(
            10001,
            "The order remains unchanged as the parameters entered match the existing ones.",
        ));
    }
    Ok(request)
}

/// The kind of an order that waits for a price above or below the last one.
fn waiting(side: Side, above: bool, market_order: bool) -> OrderKind {
    match ((side == Side::Buy) == above, market_order) {
        (true, true) => OrderKind::StopLoss,
        (true, false) => OrderKind::StopLossLimit,
        (false, true) => OrderKind::TakeProfit,
        (false, false) => OrderKind::TakeProfitLimit,
    }
}

/// Whether the quantity of a market order of spot is an amount of the quote asset.
fn by_amount(params: &Params, side: Side) -> Result<bool, ApiError> {
    match params.text("marketUnit") {
        None => Ok(side == Side::Buy),
        Some("quoteCoin") => Ok(true),
        Some("baseCoin") => Ok(false),
        Some(_) => Err(ApiError::invalid("marketUnit")),
    }
}
