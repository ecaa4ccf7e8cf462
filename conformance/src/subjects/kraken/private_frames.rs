//! Frames of the private socket, one or more of each documented kind, with what each tells.

use serde_json::{Value, json};
use tradewire_core::{
    Amount, Asset, BalanceReport, BalanceUpdate, Decimal, EndReason, ExecutionReport, Fee, FillReport, Liquidity,
    OrderType, Origin, Price, PrivateMessage, Quantity, ReportedStatus, Side, TimeInForce, Timestamp,
};

use crate::{WirePrivateFrame, WireTells};

/// 2025-10-09T08:53:20.250Z
const TIME: Timestamp = Timestamp::from_millis(1_760_000_000_250);
const TEXT: &str = "2025-10-09T08:53:20.250000Z";

/// All of them.
pub(super) fn frames() -> Vec<WirePrivateFrame> {
    let whole = order(&json!({}));
    let half: String = whole.to_string().chars().take(100).collect();
    let bare = |fields: &Value| executions(&with(json!({ "order_id": "O1", "timestamp": TEXT }), fields));
    let mut frames = vec![
        told("an order that was received", &whole, pending()),
        told("fields that nobody knows", &order(&json!({ "zz": { "deep": [1, 2] } })), pending()),
        told(
            "an order that is live, by its id alone",
            &bare(&json!({ "exec_type": "new", "order_status": "new" })),
            unnamed(ReportedStatus::Open, None, "new"),
        ),
        told(
            "a cancel",
            &bare(&json!({ "exec_type": "canceled", "order_status": "canceled", "reason": "User requested" })),
            unnamed(ReportedStatus::Cancelled, Some(EndReason::Requested), "canceled User requested"),
        ),
        told(
            "an end by its own terms",
            &bare(&json!({ "exec_type": "expired", "order_status": "expired" })),
            unnamed(ReportedStatus::Expired, Some(EndReason::TimeInForce), "expired"),
        ),
        told(
            "an order that is filled",
            &bare(&json!({ "exec_type": "filled", "order_status": "filled" })),
            unnamed(ReportedStatus::Filled, None, "filled"),
        ),
        told(
            "a status never seen",
            &bare(&json!({ "exec_type": "mooned" })),
            unnamed(ReportedStatus::Unknown("mooned".to_owned()), None, "mooned"),
        ),
        told("a fill", &trade(), traded()),
    ];
    frames.extend(of_balances());
    let unreadable = |name, frame: &Value| self::frame(name, frame, WireTells::Partly(Vec::new(), 1));
    frames.extend([
        frame("a heartbeat", &json!({ "channel": "heartbeat" }), WireTells::Messages(Vec::new())),
        frame("a kind never seen", &json!({ "channel": "moon", "data": [] }), WireTells::Unknown),
        WirePrivateFrame { name: "half a frame", frame: half, tells: WireTells::Unreadable },
        unreadable("an order without its id", &order(&json!({ "order_id": null }))),
        unreadable("an order of no quantity", &order(&json!({ "order_qty": "" }))),
        unreadable(
            "a fill without its price",
            &order(&json!({ "exec_type": "trade", "exec_id": "T1", "last_qty": 1 })),
        ),
    ]);
    frames
}

fn of_balances() -> [WirePrivateFrame; 2] {
    let entry = |kind: &str, amount: Value| {
        json!({ "channel": "balances", "type": "update", "sequence": 2, "data": [{
            "ledger_id": "L1", "ref_id": "R1", "timestamp": TEXT, "type": kind, "asset": "BTC", "asset_class": "currency",
            "category": kind, "wallet_type": "spot", "wallet_id": "main", "amount": amount, "fee": 0.0, "balance": 1.25,
        }] })
    };
    let report = BalanceReport { asset: Asset::from("BTC"), total: Decimal::new(125, 2), available: None };
    let set = PrivateMessage::Balance(BalanceUpdate::Set { balances: vec![report], time: TIME });
    let moved = BalanceUpdate::Moved { asset: Asset::from("BTC"), delta: Decimal::new(-5, 1), time: TIME };
    [
        frame("what a trade changed", &entry("trade", json!(0.5)), WireTells::Messages(vec![set.clone()])),
        frame(
            "a withdrawal",
            &entry("withdrawal", json!(-0.5)),
            WireTells::Messages(vec![PrivateMessage::Balance(moved), set]),
        ),
    ]
}

fn told(name: &'static str, frame: &Value, report: ExecutionReport) -> WirePrivateFrame {
    self::frame(name, frame, WireTells::Messages(vec![PrivateMessage::Order(Box::new(report))]))
}

fn frame(name: &'static str, frame: &Value, tells: WireTells) -> WirePrivateFrame {
    WirePrivateFrame { name, frame: frame.to_string(), tells }
}

fn executions(execution: &Value) -> Value {
    json!({ "channel": "executions", "type": "update", "sequence": 8, "data": [execution] })
}

fn with(mut fields: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    fields
}

/// An order that was received, with some fields otherwise.
fn order(changes: &Value) -> Value {
    let fields = json!({
        "order_id": "O1", "cl_ord_id": "mine-1", "symbol": "BTC/USDT", "order_qty": 0.5, "cum_cost": 0.0,
        "time_in_force": "GTC", "exec_type": "pending_new", "side": "buy", "order_type": "limit", "limit_price": 61000.5,
        "order_status": "pending_new", "fee_usd_equiv": 0.0, "timestamp": TEXT,
    });
    executions(&with(fields, changes))
}

fn unnamed(status: ReportedStatus, reason: Option<EndReason>, word: &str) -> ExecutionReport {
    ExecutionReport {
        symbol: String::new(),
        client_order_id: None,
        new_client_order_id: None,
        exchange_order_id: Some("O1".into()),
        side: None,
        order_type: None,
        time_in_force: None,
        price: None,
        amount: None,
        trigger: None,
        reduce_only: None,
        position_side: None,
        status,
        filled: None,
        quote_filled: None,
        fills: Vec::new(),
        prevented: None,
        reason,
        word: word.to_owned(),
        origin: Origin::External,
        created: None,
        time: TIME,
    }
}

fn pending() -> ExecutionReport {
    ExecutionReport {
        symbol: "BTC/USDT".to_owned(),
        client_order_id: Some("mine-1".into()),
        side: Some(Side::Buy),
        order_type: Some(OrderType::Limit),
        time_in_force: Some(TimeInForce::Gtc),
        price: Some(Price::new(Decimal::new(610_005, 1))),
        amount: Some(Amount::Base(Quantity::new(Decimal::new(5, 1)))),
        quote_filled: Some(Decimal::ZERO),
        created: Some(TIME),
        ..unnamed(ReportedStatus::Received, None, "pending_new")
    }
}

fn trade() -> Value {
    executions(&json!({
        "order_id": "O1", "exec_id": "T1", "exec_type": "trade", "trade_id": 41, "symbol": "BTC/USDT", "side": "buy",
        "last_qty": 0.2, "last_price": 61000.5, "liquidity_ind": "t", "cost": 12200.1, "order_type": "limit",
        "timestamp": TEXT, "order_status": "partially_filled", "cum_qty": 0.2, "cum_cost": 12200.1,
        "fees": [{ "asset": "USDT", "qty": 4.88 }],
    }))
}

fn traded() -> ExecutionReport {
    let fill = FillReport {
        symbol: "BTC/USDT".to_owned(),
        trade_id: "T1".into(),
        exchange_order_id: Some("O1".into()),
        client_order_id: None,
        side: Side::Buy,
        price: Price::new(Decimal::new(610_005, 1)),
        quantity: Quantity::new(Decimal::new(2, 1)),
        quote_quantity: Some(Decimal::new(122_001, 1)),
        fee: Some(Fee { amount: Decimal::new(488, 2), asset: Asset::from("USDT") }),
        liquidity: Some(Liquidity::Taker),
        position_side: None,
        realised_profit: None,
        time: TIME,
    };
    ExecutionReport {
        symbol: "BTC/USDT".to_owned(),
        side: Some(Side::Buy),
        order_type: Some(OrderType::Limit),
        filled: Some(Quantity::new(Decimal::new(2, 1))),
        quote_filled: Some(Decimal::new(122_001, 1)),
        fills: vec![fill],
        ..unnamed(ReportedStatus::PartiallyFilled, None, "partially_filled")
    }
}
