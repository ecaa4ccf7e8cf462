//! Orders as the exchange writes them in answers.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::digits::{Digits, money, plain};
use super::notes::{Change, Note};
use crate::accounts::{ExpiryReason, Fill, Order, OrderKind, PositionSide};
use crate::engine::{Side, TimeInForce};
use crate::numbers::{fixed, ratio};

/// Decimals of average prices.
const AVERAGE: u32 = 5;

/// An order with what is noted of it.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) order: &'a Order,
    pub(super) note: Note,
    pub(super) digits: Digits,
}

/// `BUY` or `SELL`.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// `BOTH`, `LONG` or `SHORT`.
pub(super) fn position_side(side: PositionSide) -> &'static str {
    match side {
        PositionSide::Both => "BOTH",
        PositionSide::Long => "LONG",
        PositionSide::Short => "SHORT",
    }
}

/// The word for the time in force of an order of which this is noted.
pub(super) fn time_in_force(order: &Order, note: &Note) -> &'static str {
    let by_kind = match (order.kind, order.time_in_force) {
        (OrderKind::LimitMaker, _) => "GTX",
        (_, TimeInForce::Ioc) if order.kind.has_price() => "IOC",
        (_, TimeInForce::Fok) => "FOK",
        _ => "GTC",
    };
    note.time_in_force.unwrap_or(by_kind)
}

/// Fields of one object, in the order in which they are written.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(mut self, name: &str, value: impl Into<Value>) -> Fields {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

impl Shown<'_> {
    /// The word for its time in force.
    pub(super) fn time_in_force(&self) -> &'static str {
        time_in_force(self.order, &self.note)
    }

    /// The word for its kind: what a triggered order is, it is as if it had been placed so.
    pub(super) fn kind(&self) -> &'static str {
        if self.order.kind.has_price() { "LIMIT" } else { "MARKET" }
    }

    /// The word for where it stands: a modification that ends it cancels it.
    pub(super) fn status(&self) -> &'static str {
        if self.order.expiry == ExpiryReason::Amended { "CANCELED" } else { self.order.status.as_str() }
    }

    /// Average price of what has traded.
    pub(super) fn average(&self) -> Decimal {
        ratio(self.order.executed_quote, self.order.executed).unwrap_or_default()
    }

    fn good_till(&self) -> i64 {
        self.note.good_till.map_or(0, |at| at.millis())
    }

    /// The answer to its placing or cancelling, or to a query of it if `queried`.
    fn fields(&self, queried: bool) -> Fields {
        let (order, digits) = (self.order, self.digits);
        let fields = if queried {
            let average = fixed(self.average().round_dp(AVERAGE), AVERAGE);
            let quote = plain(order.executed_quote);
            Fields::default().set("avgPrice", average).set("clientOrderId", &order.client_id[..]).set("cumQuote", quote)
        } else {
            Fields::default().set("clientOrderId", &order.client_id[..]).set("cumQty", digits.quantity(order.executed))
        };
        let fields = fields
            .set("executedQty", digits.quantity(order.executed))
            .set("orderId", order.id.0)
            .set("origQty", digits.quantity(order.quantity))
            .set("origType", self.kind())
            .set("price", digits.price(order.price))
            .set("reduceOnly", order.position.reduce_only)
            .set("side", side(order.side))
            .set("positionSide", position_side(order.position.side))
            .set("status", self.status())
            .set("stopPrice", digits.price(order.stop_price))
            .set("closePosition", order.position.close_position)
            .set("symbol", order.symbol.as_ref());
        let fields = if queried { fields.set("time", order.created.millis()) } else { fields };
        fields
            .set("timeInForce", self.time_in_force())
            .set("type", self.kind())
            .set("updateTime", order.updated.millis())
            .set("workingType", "CONTRACT_PRICE")
            .set("priceProtect", false)
            .set("priceMatch", self.note.price_match.as_deref().unwrap_or("NONE"))
            .set("selfTradePreventionMode", order.self_trade.as_str())
            .set("goodTillDate", self.good_till())
    }

    /// The answer to its placing or cancelling.
    pub(super) fn told(&self) -> Value {
        self.fields(false).done()
    }

    /// As it was when it was taken, before it traded.
    pub(super) fn acknowledged(&self) -> Value {
        let zero = self.digits.quantity(Decimal::ZERO);
        self.fields(false).set("cumQty", &zero[..]).set("executedQty", zero).set("status", "NEW").done()
    }

    /// The answer to its modification; by REST with the pair.
    pub(super) fn modified(&self, by_rest: bool) -> Value {
        let fields = self.fields(false).set("modifyId", self.note.modify_id);
        if by_rest { fields.set("pair", self.order.symbol.as_ref()).done() } else { fields.done() }
    }

    /// The answer to a query of it.
    pub(super) fn queried(&self) -> Value {
        self.fields(true).done()
    }

    /// One of the orders of a history.
    pub(super) fn past(&self) -> Value {
        let base = self.digits.quantity(self.order.executed);
        self.fields(true).set("cumBase", base).set("pair", self.order.symbol.as_ref()).done()
    }
}

/// A fill of the account.
pub(super) fn account_trade(fill: &Fill, digits: Digits, margin_asset: &str) -> Value {
    json!({
        "buyer": fill.side == Side::Buy,
        "commission": money(fill.commission),
        "commissionAsset": fill.commission_asset,
        "id": fill.trade_id,
        "maker": fill.maker,
        "orderId": fill.order.0,
        "price": digits.price(fill.price),
        "qty": digits.quantity(fill.quantity),
        "quoteQty": plain(fill.quote),
        "baseQty": digits.quantity(fill.quantity),
        "marginAsset": margin_asset,
        "realizedPnl": money(fill.realised),
        "side": side(fill.side),
        "positionSide": position_side(fill.position_side),
        "symbol": fill.symbol,
        "pair": fill.symbol,
        "time": fill.time.millis(),
    })
}

/// One modification of an order.
pub(super) fn amendment(order: &Order, change: &Change, count: usize, digits: Digits) -> Value {
    json!({
        "amendmentId": change.number,
        "symbol": order.symbol,
        "pair": order.symbol,
        "orderId": order.id.0,
        "clientOrderId": order.client_id,
        "time": change.time.millis(),
        "amendment": {
            "price": { "before": digits.price(change.price.0), "after": digits.price(change.price.1) },
            "origQty": { "before": digits.quantity(change.quantity.0), "after": digits.quantity(change.quantity.1) },
            "count": count,
            "modifyId": change.modify_id,
        },
    })
}
