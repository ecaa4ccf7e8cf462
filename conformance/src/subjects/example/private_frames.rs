//! Frames of the account socket, one or more of each documented kind, with what each tells.

use crate::{WirePrivateFrame, WireTells};
use serde_json::{Value, json};
use tradewire_core::{
    Amount, Asset, Decimal, EndReason, ExecutionReport, Fee, FillReport, Liquidity, OrderType, Origin, Price,
    PrivateMessage, Quantity, ReportedStatus, Side, TimeInForce, Timestamp,
};

pub(super) const TIME: i64 = 1_760_000_000_250;

/// All of them.
pub(crate) fn frames() -> Vec<WirePrivateFrame> {
    let open = open();
    let wide = ExecutionReport { symbol: "币安人生/USDT".to_owned(), ..open.clone() };
    let cancelled = report(ReportedStatus::Cancelled, Some(EndReason::Requested), "cancelled asked");
    let expired = report(ReportedStatus::Expired, Some(EndReason::TimeInForce), "expired time_in_force");
    let unknown = report(ReportedStatus::Unknown("mooned".to_owned()), None, "mooned");
    let half: String = order(&json!({})).to_string().chars().take(100).collect();
    vec![
        told("a new order", &json!({}), open.clone()),
        told("fields that nobody knows", &json!({ "zz": { "deep": [1, 2] } }), open),
        told("an order of a wide symbol", &json!({ "symbol": "币安人生/USDT" }), wide),
        told("a cancel", &json!({ "status": "cancelled", "reason": "asked" }), cancelled),
        told("an end by its own terms", &json!({ "status": "expired", "reason": "time_in_force" }), expired),
        told("a status never seen", &json!({ "status": "mooned" }), unknown),
        frame("a fill", &fill(), WireTells::Messages(vec![PrivateMessage::Fill(Box::new(fill_report()))])),
        frame("a shutdown", &json!({ "event": "closing", "time": 1 }), WireTells::ShutdownNotice),
        frame("a kind never seen", &json!({ "event": "moon", "phase": "full" }), WireTells::Unknown),
        WirePrivateFrame { name: "half a frame", frame: half, tells: WireTells::Unreadable },
        frame("an order without its id", &order(&json!({ "id": null })), WireTells::Unreadable),
        frame("an order of no quantity", &order(&json!({ "quantity": "" })), WireTells::Unreadable),
        frame("an order event without an order", &json!({ "event": "order" }), WireTells::Unreadable),
    ]
}

/// What an order event without any change tells.
pub(super) fn open() -> ExecutionReport {
    report(ReportedStatus::Open, None, "open")
}

fn told(name: &'static str, changes: &Value, report: ExecutionReport) -> WirePrivateFrame {
    frame(name, &order(changes), WireTells::Messages(vec![PrivateMessage::Order(Box::new(report))]))
}

pub(super) fn frame(name: &'static str, frame: &Value, tells: WireTells) -> WirePrivateFrame {
    WirePrivateFrame { name, frame: frame.to_string(), tells }
}

/// An order event, with some fields otherwise.
pub(super) fn order(changes: &Value) -> Value {
    let mut order = json!({
        "id": "7001", "client_id": "mine-1", "symbol": "BTC/USDT", "side": "buy", "type": "limit", "time_in_force": "gtc",
        "price": "61000.50", "quantity": "0.5", "filled": "0", "filled_value": "0", "status": "open", "reason": null,
        "created": TIME - 5, "updated": TIME,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        order[name] = value.clone();
    }
    json!({ "event": "order", "order": order })
}

fn report(status: ReportedStatus, reason: Option<EndReason>, word: &str) -> ExecutionReport {
    ExecutionReport {
        symbol: "BTC/USDT".to_owned(),
        client_order_id: Some("mine-1".into()),
        new_client_order_id: None,
        exchange_order_id: Some("7001".into()),
        side: Some(Side::Buy),
        order_type: Some(OrderType::Limit),
        time_in_force: Some(TimeInForce::Gtc),
        price: Some(Price::new(Decimal::new(610_005, 1))),
        amount: Some(Amount::Base(Quantity::new(Decimal::new(5, 1)))),
        trigger: None,
        reduce_only: None,
        position_side: None,
        status,
        filled: Some(Quantity::ZERO),
        quote_filled: Some(Decimal::ZERO),
        fills: Vec::new(),
        prevented: None,
        reason,
        word: word.to_owned(),
        origin: Origin::External,
        created: Some(Timestamp::from_millis(TIME - 5)),
        time: Timestamp::from_millis(TIME),
    }
}

fn fill() -> Value {
    json!({ "event": "fill", "fill": {
        "id": "41", "order": "7001", "client_id": "mine-1", "symbol": "BTC/USDT", "side": "buy", "price": "61000.5",
        "quantity": "0.2", "value": "12200.1", "fee": "0.0004", "fee_asset": "BTC", "maker": false, "time": TIME,
    } })
}

fn fill_report() -> FillReport {
    FillReport {
        symbol: "BTC/USDT".to_owned(),
        trade_id: "41".into(),
        exchange_order_id: Some("7001".into()),
        client_order_id: Some("mine-1".into()),
        side: Side::Buy,
        price: Price::new(Decimal::new(610_005, 1)),
        quantity: Quantity::new(Decimal::new(2, 1)),
        quote_quantity: Some(Decimal::new(122_001, 1)),
        fee: Some(Fee { amount: Decimal::new(4, 4), asset: Asset::from("BTC") }),
        liquidity: Some(Liquidity::Taker),
        position_side: None,
        realised_profit: None,
        time: Timestamp::from_millis(TIME),
    }
}
