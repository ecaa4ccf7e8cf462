//! Payloads of the user data stream.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::info::DECIMALS;
use crate::accounts::{
    AccountChange, AccountEvent, Balance, ExpiryReason, Fill, Order, OrderChange, OrderEvent, OrderList, PreventedMatch,
};
use crate::binance::told::Told;
use crate::binance::unit::TimeUnit;
use crate::clock::Timestamp;
use crate::engine::Side;
use crate::numbers::{fixed, notional};

/// What is told of an event of an account as of `now`; nothing of what only contracts have.
pub(super) fn told(event: &AccountEvent, now: Timestamp, unit: TimeUnit) -> Option<Told> {
    let times = (unit.stamp(now), unit.stamp(event.time));
    Some(match &event.what {
        AccountChange::Order(order) => {
            let ids = Some((order.order.id.0.to_string(), order.order.client_id.clone()));
            let report = Told::plain("executionReport", execution_report(order, times, unit));
            Told { symbol: Some(Arc::clone(&order.order.symbol)), order: ids, ..report }
        }
        AccountChange::List(list) => {
            let status = Told::plain("listStatus", list_status(list, times, unit));
            Told { symbol: Some(Arc::clone(&list.symbol)), ..status }
        }
        AccountChange::Balances(balances) => {
            let event = json!({ "e": "outboundAccountPosition", "E": times.0, "u": times.1,
                "B": balances.iter().map(position).collect::<Vec<_>>() });
            Told::plain("outboundAccountPosition", event)
        }
        AccountChange::Delta { asset, delta } => {
            Told::plain("balanceUpdate", change("balanceUpdate", asset, *delta, times))
        }
        AccountChange::ExternalLock { asset, delta } => {
            Told::plain("externalLockUpdate", change("externalLockUpdate", asset, *delta, times))
        }
        _ => return None,
    })
}

fn n(value: Decimal) -> String {
    fixed(value, DECIMALS)
}

fn position((asset, balance): &(Arc<str>, Balance)) -> Value {
    json!({ "a": asset, "f": n(balance.free), "l": n(balance.locked) })
}

fn change(name: &str, asset: &str, delta: Decimal, times: (i64, i64)) -> Value {
    json!({ "e": name, "E": times.0, "a": asset, "d": n(delta), "T": times.1 })
}

fn list_status(list: &OrderList, times: (i64, i64), unit: TimeUnit) -> Value {
    let orders = list.orders.iter().map(|(id, client_id)| json!({ "s": list.symbol, "i": id.0, "c": client_id }));
    json!({
        "e": "listStatus", "E": times.0, "s": list.symbol, "g": list.id.0, "c": list.contingency.as_str(),
        "l": list.change.as_str(), "L": list.status(), "r": "NONE", "C": list.client_id, "T": unit.stamp(list.time),
        "O": orders.collect::<Vec<_>>(),
    })
}

/// What differs from one report of an order to the next.
struct Execution<'a> {
    kind: &'static str,
    client_id: &'a str,
    old_client_id: &'a str,
    fill: Option<&'a Fill>,
    prevented: Option<(&'a PreventedMatch, Decimal)>,
}

impl<'a> Execution<'a> {
    fn of(event: &'a OrderEvent) -> Execution<'a> {
        let plain = |kind| Execution {
            kind,
            client_id: &event.order.client_id,
            old_client_id: "",
            fill: None,
            prevented: None,
        };
        match &event.change {
            OrderChange::New | OrderChange::Activated => plain("NEW"),
            OrderChange::Trade(trade) => Execution { fill: Some(&trade.fill), ..plain("TRADE") },
            OrderChange::Cancelled { client_id } => {
                Execution { client_id, old_client_id: &event.order.client_id, ..plain("CANCELED") }
            }
            OrderChange::Expired => plain("EXPIRED"),
            OrderChange::Rejected => plain("REJECTED"),
            OrderChange::Modified | OrderChange::Cut => plain("REPLACED"),
            OrderChange::Replaced { old_client_id } => Execution { old_client_id, ..plain("REPLACED") },
            OrderChange::Prevented { matched, quantity } => {
                Execution { prevented: Some((matched, *quantity)), ..plain("TRADE_PREVENTION") }
            }
        }
    }
}

fn execution_report(event: &OrderEvent, (now, time): (i64, i64), unit: TimeUnit) -> Value {
    let order = &event.order;
    let execution = Execution::of(event);
    let fill = execution.fill;
    let last = |amount: fn(&Fill) -> Decimal| n(fill.map(amount).unwrap_or_default());
    let mut report = json!({
        "e": "executionReport", "E": now, "s": order.symbol, "c": execution.client_id, "S": side(order.side),
        "o": order.kind.as_str(), "f": super::order_json::time_in_force(order.time_in_force), "q": n(order.quantity),
        "p": n(order.price), "P": n(order.stop_price), "F": n(order.iceberg_quantity),
        "g": super::order_json::list_id(order), "C": execution.old_client_id, "x": execution.kind,
        "X": order.status.as_str(), "r": order.reject.as_str(), "i": order.id.0, "l": last(|fill| fill.quantity),
        "z": n(order.executed), "L": last(|fill| fill.price),
        "n": fill.map_or_else(|| "0".to_owned(), |fill| n(fill.commission)),
        "N": fill.map(|fill| &fill.commission_asset), "T": time, "t": fill.map_or(json!(-1), |fill| json!(fill.trade_id)),
    });
    let Some(fields) = report.as_object_mut() else { return report };
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    if let Some((matched, _)) = execution.prevented {
        set("v", json!(matched.id));
    }
    set("I", json!(event.execution_id));
    set("w", json!(order.is_working && order.is_live()));
    set("m", json!(fill.is_some_and(|fill| fill.maker)));
    set("M", json!(false));
    set("O", json!(unit.stamp(order.created)));
    set("Z", json!(n(order.executed_quote)));
    set("Y", json!(last(|fill| fill.quote)));
    set("Q", json!(n(order.quote_quantity)));
    if let Some(working) = order.working_time.filter(|_| order.is_working) {
        set("W", json!(unit.stamp(working)));
    }
    set("V", json!(order.self_trade.as_str()));
    conditional(fields, order, &execution, unit);
    report
}

/// Fields that only some orders have.
fn conditional(fields: &mut Map<String, Value>, order: &Order, execution: &Execution<'_>, unit: TimeUnit) {
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    set("d", order.trailing_delta.map(|delta| json!(delta)));
    set("D", order.trailing_time.map(|time| json!(unit.stamp(time))));
    set("j", order.strategy_id.map(|id| json!(id)));
    set("J", order.strategy_type.map(|kind| json!(kind)));
    if let Some((matched, quantity)) = execution.prevented {
        let counter = if matched.taker == order.id { matched.maker } else { matched.taker };
        set("A", Some(json!(n(order.prevented_quantity))));
        set("B", Some(json!(n(quantity))));
        set("u", Some(json!(-1)));
        set("U", Some(json!(counter.0)));
        set("Cs", Some(json!(order.symbol)));
        set("pl", Some(json!(n(quantity))));
        set("pL", Some(json!(n(matched.price))));
        set("pY", Some(json!(n(notional(matched.price, quantity)))));
    }
    if let Some(peg) = order.peg {
        set("gP", Some(json!(peg.kind.as_str())));
        set("gOT", peg.offset.map(|_| json!("PRICE_LEVEL")));
        set("gOV", peg.offset.map(|offset| json!(offset)));
        set("gp", Some(json!(n(order.price))));
    }
    set("eR", (order.expiry != ExpiryReason::None).then(|| json!(order.expiry.as_str())));
}

/// `BUY` or `SELL`.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}
