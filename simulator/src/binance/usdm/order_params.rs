//! New orders, as the parameters of a request describe them.

use rust_decimal::Decimal;

use super::digits::Digits;
use super::notes::Note;
use crate::accounts::{OrderKind, OrderRef, OrderRequest, PositionSide, SelfTradeMode, TriggerBy};
use crate::binance::errors::ApiError;
use crate::binance::order_fields::{decimal, either, side};
use crate::binance::params::{Params, instant};
use crate::clock::Timestamp;
use crate::engine::{OrderId, Side, TimeInForce};
use crate::market::Market;

/// Seconds that an order with an end must live at least.
const SHORTEST_LIFE: i64 = 600;
/// Milliseconds before which an order must end.
const LATEST_END: i64 = 253_402_300_799_000;
/// Letters that a client's id of an order may have.
const LONGEST_ID: usize = 36;
/// Kinds that the service for conditional orders takes.
const CONDITIONAL: [(&str, OrderKind); 5] = [
    ("STOP", OrderKind::StopLossLimit),
    ("STOP_MARKET", OrderKind::StopLoss),
    ("TAKE_PROFIT", OrderKind::TakeProfitLimit),
    ("TAKE_PROFIT_MARKET", OrderKind::TakeProfit),
    ("TRAILING_STOP_MARKET", OrderKind::StopLoss),
];

/// A new order, with what the accounts do not keep of it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) order: OrderRequest,
    pub(super) note: Note,
}

/// The order that a request is about, not a conditional one.
pub(super) fn single(params: &Params, market: &Market, now: Timestamp) -> Result<Wanted, ApiError> {
    let side = side(params, "side")?;
    let word = params.text("type")?.ok_or_else(|| ApiError::missing("type"))?;
    let limit = match word {
        "LIMIT" => true,
        "MARKET" => false,
        word if CONDITIONAL.iter().any(|(known, _)| *known == word) => {
            let message =
                "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.";
            return Err(ApiError::new(-4120, message));
        }
        _ => return Err(ApiError::new(-1116, "Invalid orderType.")),
    };
    let mut order = OrderRequest::new(side, if limit { OrderKind::Limit } else { OrderKind::Market });
    let mut note = Note::default();
    order.client_id = client_id(params, "newClientOrderId")?;
    order.quantity = Some(needed_quantity(params, market)?);
    if limit {
        lasting(params, &mut order, &mut note, now)?;
        order.price = Some(limit_price(params, market, side, &mut note)?);
    }
    position(params, &mut order)?;
    order.self_trade = Some(self_trade(params)?.unwrap_or(SelfTradeMode::ExpireMaker));
    Ok(Wanted { order, note })
}

/// The conditional order that a request is about; also whether it is protected from odd prices.
pub(super) fn conditional(params: &Params, market: &Market, now: Timestamp) -> Result<(Wanted, bool), ApiError> {
    match params.text("algoType")? {
        Some("CONDITIONAL") => {}
        Some(_) => return Err(ApiError::invalid("algoType")),
        None => return Err(ApiError::missing("algoType")),
    }
    let side = side(params, "side")?;
    let word = params.text("type")?.ok_or_else(|| ApiError::missing("type"))?;
    let known = CONDITIONAL.iter().find(|(known, _)| *known == word);
    let (_, kind) = known.ok_or_else(|| ApiError::new(-1116, "Invalid orderType."))?;
    let mut order = OrderRequest::new(side, *kind);
    let mut note = Note::default();
    order.client_id = client_id(params, "clientAlgoId")?;
    position(params, &mut order)?;
    closing(params, market, &mut order)?;
    if kind.has_price() {
        lasting(params, &mut order, &mut note, now)?;
        order.price = Some(limit_price(params, market, side, &mut note)?);
    }
    if word == "TRAILING_STOP_MARKET" {
        order.trailing_delta = Some(callback_rate(params)?);
        order.stop_price = price(params, "activatePrice", market)?;
        check_activation(&order, market)?;
    } else {
        let trigger = price(params, "triggerPrice", market)?;
        order.stop_price = Some(trigger.ok_or_else(|| ApiError::missing("triggerPrice"))?);
    }
    order.trigger.by = match params.text("workingType")? {
        None | Some("CONTRACT_PRICE") => TriggerBy::Last,
        Some("MARK_PRICE") => TriggerBy::Mark,
        Some(_) => return Err(ApiError::invalid("workingType")),
    };
    order.trigger.holds_nothing = true;
    order.self_trade = Some(self_trade(params)?.unwrap_or(SelfTradeMode::None));
    Ok((Wanted { order, note }, params.flag("priceProtect", false)?))
}

/// The whole position, or a quantity.
fn closing(params: &Params, market: &Market, order: &mut OrderRequest) -> Result<(), ApiError> {
    if !params.flag("closePosition", false)? {
        order.quantity = Some(needed_quantity(params, market)?);
        return Ok(());
    }
    let stands_alone = matches!(order.kind, OrderKind::StopLoss | OrderKind::TakeProfit);
    if !stands_alone || params.text("callbackRate")?.is_some() {
        return Err(ApiError::new(-4136, "Target strategy invalid for orderType, closePosition."));
    }
    if params.text("quantity")?.is_some() {
        return Err(ApiError::new(-4137, "Quantity must be zero with closePosition equals true."));
    }
    if order.position.reduce_only {
        return Err(ApiError::new(-4138, "Reduce only must be true with closePosition equals true."));
    }
    let opens = matches!(
        (order.position.side, order.side),
        (PositionSide::Long, Side::Buy) | (PositionSide::Short, Side::Sell)
    );
    if opens {
        return Err(ApiError::new(-4061, "Order's position side does not match user's setting."));
    }
    order.position.close_position = true;
    Ok(())
}

/// Basis points of a trailing stop: a percentage from 0.1 to 20.
fn callback_rate(params: &Params) -> Result<u32, ApiError> {
    let rate = decimal(params, "callbackRate")?.ok_or_else(|| ApiError::missing("callbackRate"))?;
    let in_range = rate >= Decimal::new(1, 1) && rate <= Decimal::from(20);
    let points = u32::try_from(rate * Decimal::ONE_HUNDRED).ok().filter(|_| in_range);
    points.ok_or_else(|| ApiError::new(-2007, "Invalid callBack rate."))
}

/// A trailing buy must begin below the last price, a sell above it.
fn check_activation(order: &OrderRequest, market: &Market) -> Result<(), ApiError> {
    let Some(activation) = order.stop_price else { return Ok(()) };
    let last = market.tape.last_price();
    let fits = if order.side == Side::Buy { activation < last } else { activation > last };
    if fits { Ok(()) } else { Err(ApiError::new(-2021, "Order would immediately trigger.")) }
}

/// Time in force and end of a limit order.
fn lasting(params: &Params, order: &mut OrderRequest, note: &mut Note, now: Timestamp) -> Result<(), ApiError> {
    let conditional = order.kind.is_conditional();
    let word = params.text("timeInForce")?;
    let word = word.or(conditional.then_some("GTC")).ok_or_else(|| ApiError::missing("timeInForce"))?;
    order.time_in_force = Some(TimeInForce::Gtc);
    match word {
        "GTC" => {}
        "IOC" => order.time_in_force = Some(TimeInForce::Ioc),
        "FOK" => order.time_in_force = Some(TimeInForce::Fok),
        "GTX" | "RPI" if conditional => note.time_in_force = Some(if word == "GTX" { "GTX" } else { "RPI" }),
        "GTX" | "RPI" => {
            (order.kind, order.time_in_force) = (OrderKind::LimitMaker, None);
            note.time_in_force = (word == "RPI").then_some("RPI");
        }
        "GTD" => {
            note.time_in_force = Some("GTD");
            note.good_till = Some(end(params, now)?);
        }
        _ => return Err(ApiError::new(-1115, "Invalid timeInForce.")),
    }
    Ok(())
}

/// When an order ends, by whole seconds.
fn end(params: &Params, now: Timestamp) -> Result<Timestamp, ApiError> {
    let given = params.number("goodTillDate")?.ok_or_else(|| ApiError::missing("goodTillDate"))?;
    let at = instant(given.div_euclid(1000) * 1000);
    if at.millis() <= now.millis() + SHORTEST_LIFE * 1000 || given >= LATEST_END {
        let message = format!(
            "The goodTillDate timestamp must be greater than the current time plus {SHORTEST_LIFE} seconds and smaller than {LATEST_END}"
        );
        return Err(ApiError::new(-5040, message));
    }
    Ok(at)
}

/// The price, as given or as the book has it.
pub(super) fn limit_price(params: &Params, market: &Market, side: Side, note: &mut Note) -> Result<Decimal, ApiError> {
    let given = price(params, "price", market)?;
    let Some(word) = params.text("priceMatch")?.filter(|word| *word != "NONE") else {
        return given.ok_or_else(|| ApiError::missing("price"));
    };
    if given.is_some() {
        return Err(ApiError::new(-1106, "Parameter 'price' sent when not required."));
    }
    let matched = matched_price(word, market, side)?;
    note.price_match = Some(word.to_owned());
    Ok(matched)
}

/// The price of a level of the book: of the other side (`OPPONENT`) or the own one (`QUEUE`).
fn matched_price(word: &str, market: &Market, side: Side) -> Result<Decimal, ApiError> {
    let invalid = || ApiError::new(-5037, "Invalid price match");
    let (base, level) = word.split_once('_').unwrap_or((word, "1"));
    let level = [("1", 1), ("5", 5), ("10", 10), ("20", 20)].into_iter().find(|(known, _)| *known == level);
    let (_, level) = level.ok_or_else(invalid)?;
    let book = market.engine.book();
    let asks = match (base, side) {
        ("OPPONENT", side) => side == Side::Buy,
        ("QUEUE", side) => side == Side::Sell,
        _ => return Err(invalid()),
    };
    let found = if asks { book.asks().nth(level - 1) } else { book.bids().nth(level - 1) };
    found.map(|(price, _)| price).ok_or_else(|| ApiError::new(-5041, "No depth matches this BBO order"))
}

/// Which position the order is about, and whether it may only close.
fn position(params: &Params, order: &mut OrderRequest) -> Result<(), ApiError> {
    order.position.side = position_side(params)?;
    order.position.reduce_only = params.flag("reduceOnly", false)?;
    if params.text("reduceOnly")?.is_some() && order.position.side != PositionSide::Both {
        return Err(ApiError::new(-1106, "Parameter 'reduceonly' sent when not required."));
    }
    Ok(())
}

/// The parameter `positionSide`.
pub(super) fn position_side(params: &Params) -> Result<PositionSide, ApiError> {
    match params.text("positionSide")? {
        None | Some("BOTH") => Ok(PositionSide::Both),
        Some("LONG") => Ok(PositionSide::Long),
        Some("SHORT") => Ok(PositionSide::Short),
        Some(_) => Err(ApiError::new(-4060, "Invalid position side.")),
    }
}

fn self_trade(params: &Params) -> Result<Option<SelfTradeMode>, ApiError> {
    match params.text("selfTradePreventionMode")? {
        None => Ok(None),
        Some("NONE") => Ok(Some(SelfTradeMode::None)),
        Some("EXPIRE_TAKER") => Ok(Some(SelfTradeMode::ExpireTaker)),
        Some("EXPIRE_MAKER") => Ok(Some(SelfTradeMode::ExpireMaker)),
        Some("EXPIRE_BOTH") => Ok(Some(SelfTradeMode::ExpireBoth)),
        Some(_) => Err(ApiError::new(-5038, "Invalid self trade prevention mode")),
    }
}

/// A price with no more decimals than the instrument's prices have.
pub(super) fn price(params: &Params, name: &str, market: &Market) -> Result<Option<Decimal>, ApiError> {
    let most = Digits::of(&market.listing).price;
    decimal(params, name)?.map(|price| precise(price, most)).transpose()
}

/// A quantity with no more decimals than the instrument's quantities have.
pub(super) fn quantity(params: &Params, market: &Market) -> Result<Option<Decimal>, ApiError> {
    let most = Digits::of(&market.listing).quantity;
    decimal(params, "quantity")?.map(|quantity| precise(quantity, most)).transpose()
}

fn needed_quantity(params: &Params, market: &Market) -> Result<Decimal, ApiError> {
    quantity(params, market)?.ok_or_else(|| ApiError::missing("quantity"))
}

fn precise(value: Decimal, most: u32) -> Result<Decimal, ApiError> {
    if value.normalize().scale() > most {
        return Err(ApiError::new(-1111, "Precision is over the maximum defined for this asset."));
    }
    Ok(value)
}

/// A client's id of an order.
pub(super) fn client_id(params: &Params, name: &str) -> Result<Option<String>, ApiError> {
    let Some(text) = params.text(name)? else { return Ok(None) };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
    if text.len() > LONGEST_ID || !text.bytes().all(legal) {
        return Err(ApiError::new(-4015, "Client order id is not valid."));
    }
    Ok(Some(text.to_owned()))
}

/// The order that a request names: by its number, else by its client id.
pub(super) fn order_ref(params: &Params) -> Result<OrderRef, ApiError> {
    match (params.number("orderId")?, client_id(params, "origClientOrderId")?) {
        (Some(id), _) => Ok(OrderRef::Id(OrderId(id.unsigned_abs()))),
        (None, Some(text)) => Ok(OrderRef::Client(text)),
        (None, None) => Err(either("origClientOrderId", "orderId")),
    }
}
