//! New orders, as the parameters of a request describe them.

use rust_decimal::Decimal;

use crate::accounts::{OrderKind, OrderRef, OrderRequest, Peg, PegKind, SelfTradeMode};
use crate::binance::errors::ApiError;
use crate::binance::order_fields::{decimal, either, side};
use crate::binance::params::Params;
use crate::engine::{OrderId, Side, TimeInForce};

const CLIENT_ID_RANGE: &str = "^[a-zA-Z0-9-_]{1,36}$";
const LEAST_STRATEGY_TYPE: i64 = 1_000_000;
const MOST_PEG_OFFSET: i64 = 100;

/// Parameters that describe one order of a list, after the leg's prefix.
pub(super) const LEG_FIELDS: &[&str] = &[
    "Type",
    "Side",
    "Quantity",
    "Price",
    "StopPrice",
    "TrailingDelta",
    "TimeInForce",
    "IcebergQty",
    "ClientOrderId",
    "StrategyId",
    "StrategyType",
    "PegPriceType",
    "PegOffsetType",
    "PegOffsetValue",
];

/// One order among the parameters: alone, or the leg of a list, whose names then begin with `prefix`.
#[derive(Debug)]
pub(super) struct Leg<'a> {
    params: &'a Params,
    prefix: &'static str,
}

/// The order that a request is about.
pub(super) fn single(params: &Params) -> Result<OrderRequest, ApiError> {
    let leg = Leg { params, prefix: "" };
    let side = side(params, "side")?;
    let order = leg.order(side)?;
    Ok(OrderRequest { self_trade: self_trade(params)?, ..leg.amounts(order)? })
}

impl<'a> Leg<'a> {
    pub(super) fn new(params: &'a Params, prefix: &'static str) -> Leg<'a> {
        Leg { params, prefix }
    }

    /// The leg with a side and a quantity that are told with it.
    pub(super) fn whole(&self, wants_quantity: bool) -> Result<OrderRequest, ApiError> {
        let side = side(self.params, &self.name("side"))?;
        let order = self.order(side)?;
        if wants_quantity { self.amounts(order) } else { Ok(order) }
    }

    /// The leg with a side and a quantity that several legs share.
    pub(super) fn sharing(&self, side: Side, quantity: Option<Decimal>) -> Result<OrderRequest, ApiError> {
        let mut order = self.order(side)?;
        order.quantity = quantity;
        Ok(order)
    }

    fn name(&self, field: &str) -> String {
        if self.prefix.is_empty() {
            return if field == "clientOrderId" { "newClientOrderId".to_owned() } else { field.to_owned() };
        }
        let (first, rest) = field.split_at(1);
        format!("{}{}{rest}", self.prefix, first.to_ascii_uppercase())
    }

    fn decimal(&self, field: &str) -> Result<Option<Decimal>, ApiError> {
        decimal(self.params, &self.name(field))
    }

    /// Everything but the quantity.
    fn order(&self, side: Side) -> Result<OrderRequest, ApiError> {
        let name = self.name("type");
        let kind = self.params.text(&name)?.ok_or_else(|| ApiError::missing(&name))?;
        let kind = kind_of(kind).ok_or_else(|| ApiError::new(-1116, "Invalid orderType."))?;
        let mut order = OrderRequest::new(side, kind);
        order.time_in_force = self.time_in_force()?;
        order.price = self.decimal("price")?;
        order.stop_price = self.decimal("stopPrice")?;
        order.trailing_delta = self.trailing_delta()?;
        order.iceberg_quantity = self.decimal("icebergQty")?;
        order.client_id = client_id(self.params, &self.name("clientOrderId"))?;
        order.peg = self.peg()?;
        order.strategy_id = self.params.number(&self.name("strategyId"))?;
        order.strategy_type = self.strategy_type()?;
        self.check(&order)?;
        Ok(order)
    }

    /// Adds the quantity, or the amount of a market order.
    fn amounts(&self, mut order: OrderRequest) -> Result<OrderRequest, ApiError> {
        order.quantity = self.decimal("quantity")?;
        order.quote_quantity = if self.prefix.is_empty() { self.decimal("quoteOrderQty")? } else { None };
        match (order.kind, order.quantity, order.quote_quantity) {
            (OrderKind::Market, None, None) if self.prefix.is_empty() => Err(either("quantity", "quoteOrderQty")),
            (OrderKind::Market, None, Some(_)) => Ok(order),
            (_, Some(_), None) => Ok(order),
            (_, _, Some(_)) => Err(unwanted("quoteOrderQty")),
            (_, None, None) => Err(ApiError::missing(&self.name("quantity"))),
        }
    }

    /// Whether the fields are those that orders of this kind have.
    fn check(&self, order: &OrderRequest) -> Result<(), ApiError> {
        let kind = order.kind;
        let needed = [
            ("timeInForce", order.time_in_force.is_some(), kind.has_price() && kind != OrderKind::LimitMaker),
            ("price", order.price.is_some() || order.peg.is_some(), kind.has_price()),
        ];
        for (field, given, wanted) in needed {
            match (given, wanted) {
                (false, true) => return Err(ApiError::missing(&self.name(field))),
                (true, false) => return Err(unwanted(&self.name(field))),
                _ => {}
            }
        }
        let conditions = [("stopPrice", order.stop_price.is_some()), ("trailingDelta", order.trailing_delta.is_some())];
        if kind.is_conditional() && conditions.iter().all(|(_, given)| !given) {
            return Err(either(&self.name("stopPrice"), &self.name("trailingDelta")));
        }
        let forbidden = |field: &str, given: bool, allowed: bool| {
            if given && !allowed { Err(unwanted(&self.name(field))) } else { Ok(()) }
        };
        for (field, given) in conditions {
            forbidden(field, given, kind.is_conditional())?;
        }
        forbidden("icebergQty", order.iceberg_quantity.is_some(), kind.has_price())
    }

    fn time_in_force(&self) -> Result<Option<TimeInForce>, ApiError> {
        match self.params.text(&self.name("timeInForce"))? {
            None => Ok(None),
            Some("GTC") => Ok(Some(TimeInForce::Gtc)),
            Some("IOC") => Ok(Some(TimeInForce::Ioc)),
            Some("FOK") => Ok(Some(TimeInForce::Fok)),
            Some(_) => Err(ApiError::new(-1115, "Invalid timeInForce.")),
        }
    }

    fn trailing_delta(&self) -> Result<Option<u32>, ApiError> {
        let name = self.name("trailingDelta");
        let delta = self.params.number(&name)?;
        delta.map(|delta| u32::try_from(delta).map_err(|_| ApiError::invalid(&name))).transpose()
    }

    fn strategy_type(&self) -> Result<Option<i32>, ApiError> {
        let name = self.name("strategyType");
        match self.params.number(&name)? {
            Some(number) if number < LEAST_STRATEGY_TYPE => {
                Err(ApiError::new(-1134, "strategyType was less than 1000000."))
            }
            Some(number) => i32::try_from(number).map(Some).map_err(|_| ApiError::invalid(&name)),
            None => Ok(None),
        }
    }

    fn peg(&self) -> Result<Option<Peg>, ApiError> {
        let kind = match self.params.text(&self.name("pegPriceType"))? {
            None => None,
            Some("PRIMARY_PEG") => Some(PegKind::PrimaryPeg),
            Some("MARKET_PEG") => Some(PegKind::MarketPeg),
            Some(_) => return Err(ApiError::new(-1210, "Invalid pegPriceType.")),
        };
        let by_level = match self.params.text(&self.name("pegOffsetType"))? {
            None => false,
            Some("PRICE_LEVEL") => true,
            Some(_) => return Err(ApiError::new(-1211, "Invalid pegOffsetType.")),
        };
        let name = self.name("pegOffsetValue");
        let offset = self.params.number(&name)?;
        if offset.is_some_and(|offset| offset > MOST_PEG_OFFSET) {
            return Err(ApiError::invalid(&name));
        }
        if by_level != offset.is_some() || (kind.is_none() && by_level) {
            return Err(ApiError::bad_combination());
        }
        let offset = offset.and_then(|offset| u32::try_from(offset).ok());
        Ok(kind.map(|kind| Peg::new(kind, offset)))
    }
}

fn kind_of(word: &str) -> Option<OrderKind> {
    use OrderKind::*;
    [Limit, LimitMaker, Market, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit]
        .into_iter()
        .find(|kind| kind.as_str() == word)
}

fn unwanted(parameter: &str) -> ApiError {
    ApiError::new(-1106, format!("Parameter '{parameter}' sent when not required."))
}

/// A client's id of an order or a list.
pub(super) fn client_id(params: &Params, name: &str) -> Result<Option<String>, ApiError> {
    let Some(text) = params.text(name)? else { return Ok(None) };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if text.len() > 36 || !text.bytes().all(legal) {
        return Err(ApiError::illegal(name, CLIENT_ID_RANGE));
    }
    Ok(Some(text.to_owned()))
}

/// The order that two parameters name: its number, its client id, or both.
pub(super) fn order_ref(params: &Params, by_id: &str, by_client_id: &str) -> Result<OrderRef, ApiError> {
    let id = params.number(by_id)?.map(|id| OrderId(id.unsigned_abs()));
    match (id, client_id(params, by_client_id)?) {
        (Some(id), Some(text)) => Ok(OrderRef::Both(id, text)),
        (Some(id), None) => Ok(OrderRef::Id(id)),
        (None, Some(text)) => Ok(OrderRef::Client(text)),
        (None, None) => Err(either(by_client_id, by_id)),
    }
}

/// The parameter `selfTradePreventionMode`.
pub(super) fn self_trade(params: &Params) -> Result<Option<SelfTradeMode>, ApiError> {
    use SelfTradeMode::{Decrement, ExpireBoth, ExpireMaker, ExpireTaker, Transfer};
    let Some(word) = params.text("selfTradePreventionMode")? else { return Ok(None) };
    let known = [SelfTradeMode::None, ExpireMaker, ExpireTaker, ExpireBoth, Decrement, Transfer];
    let mode = known.into_iter().find(|mode| mode.as_str() == word);
    mode.map(Some).ok_or_else(|| ApiError::invalid("selfTradePreventionMode"))
}
