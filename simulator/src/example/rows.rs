//! Orders and fills, as answers and events show them alike.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::contracts::{are_traded, side_word};
use super::market::side;
use crate::accounts::{ExpiryReason, Fill, Order, OrderKind, OrderStatus, Origin};
use crate::engine::TimeInForce;
use crate::exchange::Exchange;

/// A number in its shortest form.
pub(super) fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// An order.
pub(super) fn order(exchange: &Exchange, order: &Order) -> Map<String, Value> {
    let (status, reason) = status(order);
    let limit = order.kind == OrderKind::Limit;
    let mut row = fields(json!({
        "id": order.id.0.to_string(), "client_id": order.named.then_some(&order.client_id), "symbol": order.symbol,
        "side": side(order.side), "type": kind(order.kind),
        "time_in_force": limit.then(|| time_in_force(order.time_in_force)),
        "price": order.kind.has_price().then(|| plain(order.price)), "quantity": plain(order.quantity),
        "filled": plain(order.executed), "filled_value": plain(order.executed_quote), "status": status,
        "reason": reason, "created": order.created.millis(), "updated": order.updated.millis(),
    }));
    if are_traded(exchange) {
        row.extend(fields(json!({
            "position": side_word(order.position.side), "reduce_only": order.position.reduce_only,
            "source": source(order.origin),
        })));
    }
    row
}

/// A fill of an order.
pub(super) fn fill(exchange: &Exchange, fill: &Fill, order: &Order) -> Map<String, Value> {
    let mut row = fields(json!({
        "id": fill.trade_id.to_string(), "order": fill.order.0.to_string(),
        "client_id": order.named.then_some(&order.client_id), "symbol": fill.symbol, "side": side(fill.side),
        "price": plain(fill.price), "quantity": plain(fill.quantity), "value": plain(fill.quote),
        "fee": plain(fill.commission), "fee_asset": fill.commission_asset, "maker": fill.maker,
        "time": fill.time.millis(),
    }));
    if are_traded(exchange) {
        row.extend(fields(json!({ "position": side_word(fill.position_side), "profit": plain(fill.realised) })));
    }
    row
}

/// The fields of an object.
pub(super) fn fields(value: Value) -> Map<String, Value> {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

fn kind(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::LimitMaker => "post_only",
        kind if kind.has_price() => "limit",
        _ => "market",
    }
}

fn time_in_force(time_in_force: TimeInForce) -> &'static str {
    match time_in_force {
        TimeInForce::Ioc => "ioc",
        TimeInForce::Fok => "fok",
        _ => "gtc",
    }
}

/// Where an order stands, and why it ended.
pub(super) fn status(order: &Order) -> (&'static str, Option<&'static str>) {
    match (order.status, order.expiry) {
        (OrderStatus::New | OrderStatus::PendingNew | OrderStatus::PartiallyFilled, _) => ("open", None),
        (OrderStatus::Filled, _) => ("filled", None),
        (OrderStatus::Canceled, _) => ("cancelled", Some("asked")),
        (OrderStatus::ExpiredInMatch, _) => ("expired", Some("self_trade")),
        (_, ExpiryReason::ExchangeCanceled) => ("cancelled", Some("exchange")),
        (_, ExpiryReason::Liquidation) => ("cancelled", Some("liquidation")),
        (_, ExpiryReason::Adl) => ("cancelled", Some("adl")),
        (_, ExpiryReason::Settlement) => ("cancelled", Some("settlement")),
        (_, ExpiryReason::ReduceOnly) => ("expired", Some("reduce_only")),
        _ => ("expired", Some("time_in_force")),
    }
}

/// The word for who has placed an order.
fn source(origin: Origin) -> &'static str {
    match origin {
        Origin::User => "user",
        Origin::Liquidation => "liquidation",
        Origin::Adl => "adl",
        Origin::Settlement => "settlement",
    }
}
