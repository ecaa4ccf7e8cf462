//! Orders and order lists as the exchange writes them in answers.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::info::DECIMALS;
use super::user_events::side;
use crate::accounts::{
    Amended, Amendment, Cancelled, ExpiryReason, Fill, ListReport, Order, OrderList, OrderStatus, Placed,
    PreventedMatch,
};
use crate::binance::unit::TimeUnit;
use crate::clock::Timestamp;
use crate::engine::TimeInForce;
use crate::numbers::fixed;

/// How much of a new order an answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// That it was taken.
    Ack,
    /// Where it stands.
    Result,
    /// Where it stands, and what traded.
    Full,
}

fn n(value: Decimal) -> String {
    fixed(value, DECIMALS)
}

/// The word for a time in force.
pub(super) fn time_in_force(value: TimeInForce) -> &'static str {
    match value {
        TimeInForce::Gtc => "GTC",
        TimeInForce::Ioc => "IOC",
        TimeInForce::Fok => "FOK",
    }
}

/// The number of an order's list, or -1.
pub(super) fn list_id(order: &Order) -> Value {
    order.list.map_or(json!(-1), |list| json!(list.0))
}

/// Fields of one object, in the order in which they are written.
struct Fields {
    map: Map<String, Value>,
    unit: TimeUnit,
}

impl Fields {
    fn new(unit: TimeUnit) -> Fields {
        Fields { map: Map::new(), unit }
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.map.insert(name.to_owned(), value.into());
    }

    fn amount(&mut self, name: &str, value: Decimal) {
        self.set(name, n(value));
    }

    fn time(&mut self, name: &str, at: Timestamp) {
        self.set(name, self.unit.stamp(at));
    }

    fn some<T: Into<Value>>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    fn done(self) -> Value {
        Value::Object(self.map)
    }

    /// Which order it is, by the ids that it has now.
    fn ids(&mut self, order: &Order) {
        self.set("symbol", order.symbol.as_ref());
        self.set("orderId", order.id.0);
        self.set("orderListId", list_id(order));
        self.set("clientOrderId", order.client_id.as_str());
    }

    /// How far it has come and what it is.
    fn state(&mut self, order: &Order) {
        self.set("status", order.status.as_str());
        self.set("timeInForce", time_in_force(order.time_in_force));
        self.set("type", order.kind.as_str());
        self.set("side", side(order.side));
    }

    fn working_time(&mut self, order: &Order) {
        let unit = self.unit;
        self.set("workingTime", order.working_time.map_or(-1, |at| unit.stamp(at)));
    }

    fn trailing(&mut self, order: &Order) {
        let unit = self.unit;
        self.some("trailingDelta", order.trailing_delta);
        self.some("trailingTime", order.trailing_time.map(|at| unit.stamp(at)));
    }

    fn strategy(&mut self, order: &Order) {
        self.some("strategyId", order.strategy_id);
        self.some("strategyType", order.strategy_type);
    }

    /// Self-trade prevention, peg and reason of expiry.
    fn rest(&mut self, order: &Order) {
        self.set("selfTradePreventionMode", order.self_trade.as_str());
        if let Some(last) = order.prevented.last() {
            self.set("preventedMatchId", last.id);
            self.amount("preventedQuantity", order.prevented_quantity);
        }
        if let Some(peg) = order.peg {
            self.set("pegPriceType", peg.kind.as_str());
            self.some("pegOffsetType", peg.offset.map(|_| "PRICE_LEVEL"));
            self.some("pegOffsetValue", peg.offset);
            self.amount("peggedPrice", order.price);
        }
    }

    fn expiry(&mut self, order: &Order) {
        if order.expiry != ExpiryReason::None {
            self.set("expiryReason", order.expiry.as_str());
        }
    }
}

/// A new order.
pub(super) fn placed(placed: &Placed, detail: Detail, unit: TimeUnit) -> Value {
    let order = &placed.order;
    let mut fields = Fields::new(unit);
    fields.ids(order);
    fields.time("transactTime", placed.time);
    if detail == Detail::Ack {
        return fields.done();
    }
    fields.amount("price", order.price);
    fields.amount("origQty", order.quantity);
    fields.amount("executedQty", order.executed);
    fields.amount("origQuoteOrderQty", order.quote_quantity);
    fields.amount("cummulativeQuoteQty", order.executed_quote);
    fields.state(order);
    given_stop(&mut fields, order);
    fields.working_time(order);
    given_rest(&mut fields, order);
    fields.rest(order);
    fields.expiry(order);
    if detail == Detail::Full {
        fields.set("fills", placed.fills.iter().map(fill).collect::<Vec<_>>());
    }
    fields.done()
}

/// The stop price, where there is one.
fn given_stop(fields: &mut Fields, order: &Order) {
    if !order.stop_price.is_zero() {
        fields.amount("stopPrice", order.stop_price);
    }
    fields.trailing(order);
}

/// The visible part and the client's marks, where there are any.
fn given_rest(fields: &mut Fields, order: &Order) {
    if !order.iceberg_quantity.is_zero() {
        fields.amount("icebergQty", order.iceberg_quantity);
    }
    fields.strategy(order);
}

fn fill(fill: &Fill) -> Value {
    json!({ "price": n(fill.price), "qty": n(fill.quantity), "commission": n(fill.commission),
        "commissionAsset": fill.commission_asset, "tradeId": fill.trade_id })
}

/// A cancelled order; `client_id` is that of the cancel.
fn cancelled_order(order: &Order, client_id: &str, time: Timestamp, unit: TimeUnit) -> Value {
    let mut fields = Fields::new(unit);
    fields.set("symbol", order.symbol.as_ref());
    fields.set("origClientOrderId", order.client_id.as_str());
    fields.set("orderId", order.id.0);
    fields.set("orderListId", list_id(order));
    fields.set("clientOrderId", client_id);
    fields.time("transactTime", time);
    fields.amount("price", order.price);
    fields.amount("origQty", order.quantity);
    fields.amount("executedQty", order.executed);
    fields.amount("origQuoteOrderQty", order.quote_quantity);
    fields.amount("cummulativeQuoteQty", order.executed_quote);
    fields.state(order);
    given_stop(&mut fields, order);
    given_rest(&mut fields, order);
    fields.rest(order);
    fields.done()
}

/// A cancelled order, or the list that ended with it.
pub(super) fn cancelled(cancelled: &Cancelled, unit: TimeUnit) -> Value {
    let report = |order: &Order| cancelled_order(order, &cancelled.client_id, cancelled.time, unit);
    match (&cancelled.list, cancelled.orders.first()) {
        (Some(list), _) => {
            let mut orders: Vec<&Order> = cancelled.orders.iter().collect();
            orders.sort_by_key(|order| order.id);
            with_reports(list, orders.into_iter().map(report).collect(), unit)
        }
        (None, Some(order)) => report(order),
        (None, None) => Value::Null,
    }
}

/// One order as a query tells it.
pub(super) fn queried(order: &Order, unit: TimeUnit) -> Value {
    let mut fields = open_fields(order, unit);
    fields.working_time(order);
    fields.amount("origQuoteOrderQty", order.quote_quantity);
    close_fields(fields, order)
}

/// One of several orders as a query tells it.
pub(super) fn listed(order: &Order, unit: TimeUnit) -> Value {
    let mut fields = open_fields(order, unit);
    fields.amount("origQuoteOrderQty", order.quote_quantity);
    fields.working_time(order);
    close_fields(fields, order)
}

fn open_fields(order: &Order, unit: TimeUnit) -> Fields {
    let mut fields = Fields::new(unit);
    fields.ids(order);
    fields.amount("price", order.price);
    fields.amount("origQty", order.quantity);
    fields.amount("executedQty", order.executed);
    fields.amount("cummulativeQuoteQty", order.executed_quote);
    fields.state(order);
    fields.amount("stopPrice", order.stop_price);
    fields.trailing(order);
    fields.amount("icebergQty", order.iceberg_quantity);
    fields.time("time", order.created);
    fields.time("updateTime", order.updated);
    fields.set("isWorking", order.is_working);
    fields
}

fn close_fields(mut fields: Fields, order: &Order) -> Value {
    fields.strategy(order);
    fields.rest(order);
    fields.expiry(order);
    fields.done()
}

/// A list as queries tell it.
pub(super) fn list(list: &OrderList, unit: TimeUnit) -> Value {
    let orders = list.orders.iter();
    let orders: Vec<Value> = orders
        .map(|(id, client_id)| json!({ "symbol": list.symbol, "orderId": id.0, "clientOrderId": client_id }))
        .collect();
    let mut fields = Fields::new(unit);
    fields.set("orderListId", list.id.0);
    fields.set("contingencyType", list.contingency.as_str());
    fields.set("listStatusType", list.change.as_str());
    fields.set("listOrderStatus", list.status());
    fields.set("listClientOrderId", list.client_id.as_str());
    fields.time("transactionTime", list.time);
    fields.set("symbol", list.symbol.as_ref());
    fields.set("orders", orders);
    fields.done()
}

fn with_reports(of: &OrderList, reports: Vec<Value>, unit: TimeUnit) -> Value {
    let mut value = list(of, unit);
    value["orderReports"] = Value::Array(reports);
    value
}

/// A new list with its orders.
pub(super) fn placed_list(report: &ListReport, detail: Detail, unit: TimeUnit) -> Value {
    let reports = report.orders.iter().map(|order| placed(order, detail, unit)).collect();
    with_reports(&report.list, reports, unit)
}

/// A cancelled list with its orders.
pub(super) fn cancelled_list(report: &ListReport, unit: TimeUnit) -> Value {
    let client_id = report.cancel_client_id.as_deref().unwrap_or_default();
    let row = |placed: &Placed| cancelled_order(&placed.order, client_id, placed.time, unit);
    with_reports(&report.list, report.orders.iter().map(row).collect(), unit)
}

/// An amended order.
pub(super) fn amended(amended: &Amended, unit: TimeUnit) -> Value {
    let order = &amended.order;
    let mut fields = Fields::new(unit);
    fields.set("symbol", order.symbol.as_ref());
    fields.set("orderId", order.id.0);
    fields.set("orderListId", list_id(order));
    fields.set("origClientOrderId", amended.old_client_id.as_str());
    fields.set("clientOrderId", order.client_id.as_str());
    fields.amount("price", order.price);
    fields.amount("qty", order.quantity);
    fields.amount("executedQty", order.executed);
    fields.amount("preventedQty", order.prevented_quantity);
    fields.amount("quoteOrderQty", order.quote_quantity);
    fields.amount("cumulativeQuoteQty", order.executed_quote);
    fields.state(order);
    given_stop(&mut fields, order);
    if order.status != OrderStatus::PendingNew {
        fields.working_time(order);
    }
    given_rest(&mut fields, order);
    fields.rest(order);
    let mut whole = Fields::new(unit);
    whole.time("transactTime", amended.time);
    whole.set("executionId", amended.execution_id);
    whole.set("amendedOrder", fields.done());
    whole.some("listStatus", amended.list.as_ref().map(|of| list_of_amended(of, unit)));
    whole.done()
}

fn list_of_amended(of: &OrderList, unit: TimeUnit) -> Value {
    let mut value = list(of, unit);
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| name != "listStatusType" && name != "transactionTime");
    }
    value
}

/// One reduction of an order's quantity.
pub(super) fn amendment(order: &Order, made: &Amendment, unit: TimeUnit) -> Value {
    json!({ "symbol": order.symbol, "orderId": order.id.0, "executionId": made.execution_id,
        "origClientOrderId": made.old_client_id, "newClientOrderId": made.new_client_id,
        "origQty": n(made.old_quantity), "newQty": n(made.new_quantity), "time": unit.stamp(made.time) })
}

/// A fill of the account.
pub(super) fn account_trade(fill: &Fill, unit: TimeUnit) -> Value {
    json!({ "symbol": fill.symbol, "id": fill.trade_id, "orderId": fill.order.0,
        "orderListId": fill.list.map_or(json!(-1), |list| json!(list.0)), "price": n(fill.price),
        "qty": n(fill.quantity), "quoteQty": n(fill.quote), "commission": n(fill.commission),
        "commissionAsset": fill.commission_asset, "time": unit.stamp(fill.time),
        "isBuyer": fill.side == crate::engine::Side::Buy, "isMaker": fill.maker, "isBestMatch": true })
}

/// A trade that self-trade prevention prevented.
pub(super) fn prevented_match(symbol: &str, matched: &PreventedMatch, unit: TimeUnit) -> Value {
    json!({ "symbol": symbol, "preventedMatchId": matched.id, "takerOrderId": matched.taker.0, "makerSymbol": symbol,
        "makerOrderId": matched.maker.0, "tradeGroupId": -1, "selfTradePreventionMode": matched.mode.as_str(),
        "price": n(matched.price), "makerPreventedQuantity": n(matched.maker_prevented),
        "transactTime": unit.stamp(matched.time) })
}
