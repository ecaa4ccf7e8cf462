//! Orders and trades of an account as REST tells them.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::exact::{cost_places, price_places, quantity_places};
use super::ids;
use super::names::Pair;
use super::streams::side;
use super::times::seconds;
use crate::accounts::{Account, ExpiryReason, Fill, Order, OrderKind, OrderRequest, OrderStatus};
use crate::engine::Side;
use crate::listing::Listing;
use crate::numbers::{fixed, ratio, rounded};

/// Decimals of prices at least.
const PRICE_PLACES: u32 = 5;

/// The word for a kind of order.
pub(super) fn kind(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Limit | OrderKind::LimitMaker => "limit",
        OrderKind::Market => "market",
        OrderKind::StopLoss => "stop-loss",
        OrderKind::StopLossLimit => "stop-loss-limit",
        OrderKind::TakeProfit => "take-profit",
        OrderKind::TakeProfitLimit => "take-profit-limit",
    }
}

/// Why an order has ended otherwise than by trading; `None` if it has not.
pub(super) fn reason(order: &Order) -> Option<&'static str> {
    if order.is_live() || order.status == OrderStatus::Filled {
        return None;
    }
    Some(match (order.status, order.expiry) {
        (OrderStatus::Canceled, _) => "User requested",
        (OrderStatus::ExpiredInMatch, _) => "Self trade prevention",
        (_, ExpiryReason::ExchangeCanceled) => "Order canceled by exchange",
        (_, ExpiryReason::UnfilledIocQuantityExpired) => "IOC order remainder",
        (_, ExpiryReason::UnfilledFokOrderExpired) => "Unfillable FOK order",
        (_, ExpiryReason::InsufficientLiquidity) => "Insufficient liquidity",
        (OrderStatus::Rejected, _) => "Insufficient funds",
        _ => "Order canceled",
    })
}

fn status(order: &Order) -> &'static str {
    match order.status {
        OrderStatus::Filled => "closed",
        _ if order.is_live() => "open",
        _ => "canceled",
    }
}

/// The fee of a fill in quote units, in which it is told even where another asset has paid.
pub(super) fn fee(fill: &Fill, listing: &Listing) -> Decimal {
    if *fill.commission_asset == *listing.base { fill.commission * fill.price } else { fill.commission }
}

/// A new order in words.
pub(super) fn summary(listing: &Listing, request: &OrderRequest) -> String {
    let quantity = request.quantity.or(request.quote_quantity).unwrap_or_default();
    words(listing, request.side, quantity, (request.kind, request.price, request.stop_price))
}

/// Kind, limit price and price of the trigger.
type Terms = (OrderKind, Option<Decimal>, Option<Decimal>);

fn words(listing: &Listing, of: Side, quantity: Decimal, (of_kind, limit, stop): Terms) -> String {
    let price = |price: Option<Decimal>| fixed(price.unwrap_or_default(), price_places(listing));
    let at = match of_kind {
        OrderKind::Market => "market".to_owned(),
        OrderKind::Limit | OrderKind::LimitMaker => format!("limit {}", price(limit)),
        OrderKind::StopLoss => format!("stop loss {}", price(stop)),
        OrderKind::StopLossLimit => format!("stop loss {} -> limit {}", price(stop), price(limit)),
        OrderKind::TakeProfit => format!("take profit {}", price(stop)),
        OrderKind::TakeProfitLimit => format!("take profit {} -> limit {}", price(stop), price(limit)),
    };
    let quantity = fixed(quantity, quantity_places(listing));
    format!("{} {quantity} {} @ {at}", side(of), Pair::of(listing).altname)
}

/// An order, with the ids of its trades if `trades`.
pub(super) fn order(account: &Account, listing: &Listing, order: &Order, trades: bool) -> Value {
    let price = |value: Decimal| fixed(value, price_places(listing).max(PRICE_PLACES));
    let cost = |value: Decimal| fixed(value, cost_places(listing));
    let quantity = |value: Decimal| fixed(value, quantity_places(listing));
    let fills: Vec<&Fill> = account.fills_of(order.market, order.id).collect();
    let fees: Decimal = fills.iter().map(|fill| fee(fill, listing)).sum();
    let average = ratio(order.executed_quote, order.executed).unwrap_or_default();
    let mut row = Map::new();
    let mut set = |name: &str, value: Value| {
        row.insert(name.to_owned(), value);
    };
    set("refid", Value::Null);
    set("userref", json!(order.strategy_id));
    if order.named {
        set("cl_ord_id", json!(order.client_id));
    }
    set("status", json!(status(order)));
    set("opentm", json!(seconds(order.created)));
    set("starttm", json!(0));
    set("expiretm", json!(0));
    set("descr", description(listing, order));
    set("vol", json!(quantity(order.quantity)));
    set("vol_exec", json!(quantity(order.executed)));
    set("cost", json!(cost(order.executed_quote)));
    set("fee", json!(cost(fees)));
    set("price", json!(rounded(average, price_places(listing).max(PRICE_PLACES))));
    set("stopprice", json!(price(order.stop_price)));
    set("limitprice", json!(price(if order.kind.is_conditional() { order.price } else { Decimal::ZERO })));
    set("misc", json!(""));
    set("oflags", json!(if order.kind == OrderKind::LimitMaker { "fciq,post" } else { "fciq" }));
    if order.kind.is_conditional() {
        set("trigger", json!("last"));
    }
    if let Some(reason) = reason(order) {
        set("reason", json!(reason));
    }
    if !order.is_live() {
        set("closetm", json!(seconds(order.updated)));
    }
    if trades && !fills.is_empty() {
        set("trades", fills.into_iter().map(ids::fill).collect());
    }
    Value::Object(row)
}

fn description(listing: &Listing, order: &Order) -> Value {
    let price = |value: Decimal| fixed(value, price_places(listing));
    let (first, second) =
        if order.kind.is_conditional() { (order.stop_price, order.price) } else { (order.price, Decimal::ZERO) };
    let shown = |value: Decimal| if value.is_zero() { "0".to_owned() } else { price(value) };
    let terms = (order.kind, Some(order.price), Some(order.stop_price));
    json!({
        "pair": Pair::of(listing).altname, "type": side(order.side), "ordertype": kind(order.kind),
        "price": shown(first), "price2": shown(second), "leverage": "none",
        "order": words(listing, order.side, order.quantity, terms), "close": "",
    })
}

/// A trade of an account.
pub(super) fn trade(listing: &Listing, order: &Order, fill: &Fill) -> Value {
    let cost = |value: Decimal| fixed(value, cost_places(listing));
    json!({
        "ordertxid": ids::order(order.market, order.id), "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": Pair::of(listing).key, "aclass": "forex", "time": seconds(fill.time), "type": side(fill.side),
        "ordertype": kind(order.kind), "price": fixed(fill.price, price_places(listing).max(PRICE_PLACES)),
        "cost": cost(fill.quote), "fee": cost(fee(fill, listing)),
        "vol": fixed(fill.quantity, quantity_places(listing)), "margin": "0.00000", "leverage": "0", "misc": "",
        "trade_id": fill.trade_id, "maker": fill.maker,
    })
}
