//! Frames of Binance spot's private stream, as its documents describe them.

use serde_json::{Value, json};
use tradewire_core::{
    Amount, Asset, BalanceReport, BalanceUpdate, Decimal, EndReason, ErrorKind, ExecutionReport, Fee, FillReport,
    Liquidity, OrderType, Origin, PrivateMessage, Quantity, ReportedStatus, Side, TimeInForce, Timestamp,
};

use super::json::{with, without};
use crate::account_wire::{WirePrivateFrame, WireTells};

/// When things happen in these frames, in milliseconds.
const TIME: i64 = 1_760_000_000_250;

/// One or more frames of every kind.
pub(super) fn frames() -> Vec<WirePrivateFrame> {
    let mut frames = reports();
    frames.extend(balances());
    frames.extend(others());
    frames
}

fn reports() -> Vec<WirePrivateFrame> {
    let (open, part) = (told(ReportedStatus::Open, "NEW"), partly_filled());
    let ended = |status, word, reason| ExecutionReport { reason: Some(reason), ..told(status, word) };
    let cancelled = ended(ReportedStatus::Cancelled, "CANCELED", EndReason::Requested);
    let refused = ErrorKind::InsufficientBalance;
    let rejected =
        ended(ReportedStatus::Rejected(refused), "REJECTED INSUFFICIENT_BALANCES", EndReason::Refused(refused));
    let expired = ExecutionReport {
        time_in_force: Some(TimeInForce::Ioc),
        ..ended(ReportedStatus::Expired, "EXPIRED", EndReason::TimeInForce)
    };
    let replaced = ExecutionReport {
        amount: Some(Amount::Base(Quantity::new(decimal(3, 1)))),
        new_client_order_id: Some("other-2".into()),
        ..open.clone()
    };
    let prevented = ExecutionReport { prevented: Some(Quantity::new(decimal(1, 1))), ..open.clone() };
    vec![
        report("a new order", &json!({}), open.clone()),
        report("an order of a wide symbol", &json!({"s": "币安人生USDT"}), wide(open.clone())),
        report("a cancel under an id of its own", &cancel("stop-7"), cancelled.clone()),
        report("a cancel under the order's id", &cancel("mine-1"), cancelled),
        report("a change of quantity", &json!({"x": "REPLACED", "c": "other-2", "C": "mine-1", "q": "0.3"}), replaced),
        report("a refusal", &json!({"x": "REJECTED", "X": "REJECTED", "r": "INSUFFICIENT_BALANCES"}), rejected),
        report("an end by its own terms", &json!({"x": "EXPIRED", "X": "EXPIRED", "f": "IOC"}), expired),
        report("self-trade prevention", &json!({"x": "TRADE_PREVENTION", "A": "0.1", "B": "0.1"}), prevented),
        report("a part of it traded", &trade(), part.clone()),
        report("numbers that are not text", &numbers(), part.clone()),
        report("fields that nobody knows", &with(&trade(), &json!({"zz": {"deep": [1, 2]}})), part),
        unknown_word("a status never seen", &json!({"X": "MOONED"}), "MOONED"),
        unknown_word("a kind of report never seen", &json!({"x": "MOONED"}), "MOONED NEW"),
    ]
}

fn balances() -> Vec<WirePrivateFrame> {
    let set = |balances| PrivateMessage::Balance(BalanceUpdate::Set { balances, time: time() });
    let btc = balance("BTC", decimal(175, 2), decimal(125, 2));
    let wide = balance("币安人生", decimal(75, 1), Decimal::ZERO);
    let rows = json!([{"a": "BTC", "f": "1.25000000", "l": "0.5"}, {"a": "币安人生", "f": "0.00000000", "l": "7.5"}]);
    let position = |rows: &Value| json!({"e": "outboundAccountPosition", "E": TIME + 1, "u": TIME, "B": rows});
    let broken = json!([rows[0], {"a": "USDT", "f": "", "l": "0"}, rows[1]]);
    let moved = |delta: Value| json!({"e": "balanceUpdate", "E": TIME + 1, "a": "USDT", "d": delta, "T": TIME});
    let update = BalanceUpdate::Moved { asset: Asset::from("USDT"), delta: decimal(-2505, 1), time: time() };
    let transfer = || WireTells::Messages(vec![PrivateMessage::Balance(update.clone())]);
    vec![
        frame("new balances", &position(&rows), WireTells::Messages(vec![set(vec![btc.clone(), wide.clone()])])),
        frame("balances, one unreadable", &position(&broken), WireTells::Partly(vec![set(vec![btc, wide])], 1)),
        frame("a transfer", &moved(json!("-250.50000000")), transfer()),
        frame("a transfer as a number", &moved(json!(-250.5)), transfer()),
    ]
}

fn others() -> Vec<WirePrivateFrame> {
    let nothing = || WireTells::Messages(Vec::new());
    let lock = json!({"e": "externalLockUpdate", "E": TIME + 1, "a": "USDT", "d": "10.0", "T": TIME});
    let locked = BalanceUpdate::Locked { asset: Asset::from("USDT"), delta: decimal(10, 0), time: time() };
    let list = json!({
        "e": "listStatus", "E": TIME + 1, "s": "BTCUSDT", "g": 3, "c": "OCO", "l": "EXEC_STARTED", "L": "EXECUTING",
        "r": "NONE", "C": "list-9", "T": TIME,
        "O": [{"s": "BTCUSDT", "i": 7001, "c": "leg-1"}, {"s": "BTCUSDT", "i": 7002, "c": "leg-2"}],
    });
    let bare = WirePrivateFrame {
        name: "an event without its envelope",
        frame: event(&json!({})).to_string(),
        tells: WireTells::Messages(vec![message(told(ReportedStatus::Open, "NEW"))]),
    };
    let half = event(&json!({})).to_string().chars().take(100).collect();
    vec![
        frame("funds locked elsewhere", &lock, WireTells::Messages(vec![PrivateMessage::Balance(locked)])),
        frame("a list of orders", &list, nothing()),
        frame(
            "the end of the subscription",
            &json!({"e": "eventStreamTerminated", "E": TIME}),
            WireTells::SubscriptionEnded,
        ),
        frame("a shutdown", &json!({"e": "serverShutdown", "E": TIME}), WireTells::ShutdownNotice),
        frame("a kind never seen", &json!({"e": "moonPhase", "E": TIME}), WireTells::Unknown),
        bare,
        WirePrivateFrame { name: "half a frame", frame: half, tells: WireTells::Unreadable },
        frame("a report without its order's id", &without(&event(&json!({})), "i"), WireTells::Unreadable),
        frame("a trade without its price", &without(&event(&trade()), "L"), WireTells::Unreadable),
        frame("a trade of no quantity told", &event(&with(&trade(), &json!({"l": ""}))), WireTells::Unreadable),
    ]
}

fn report(name: &'static str, changes: &Value, tells: ExecutionReport) -> WirePrivateFrame {
    frame(name, &event(changes), WireTells::Messages(vec![message(tells)]))
}

fn unknown_word(name: &'static str, changes: &Value, word: &str) -> WirePrivateFrame {
    let status = ReportedStatus::Unknown(word.to_owned());
    let shown = changes.get("X").and_then(Value::as_str).unwrap_or("NEW");
    report(name, changes, told(status, shown))
}

fn message(report: ExecutionReport) -> PrivateMessage {
    PrivateMessage::Order(Box::new(report))
}

fn frame(name: &'static str, event: &Value, tells: WireTells) -> WirePrivateFrame {
    WirePrivateFrame { name, frame: json!({"subscriptionId": 0, "event": event}).to_string(), tells }
}

/// The report of a new order, with some fields otherwise.
fn event(changes: &Value) -> Value {
    let new = json!({
        "e": "executionReport", "E": TIME + 1, "s": "BTCUSDT", "c": "mine-1", "S": "BUY", "o": "LIMIT", "f": "GTC",
        "q": "0.50000000", "p": "61000.50000000", "P": "0.00000000", "F": "0.00000000", "g": -1, "C": "", "x": "NEW",
        "X": "NEW", "r": "NONE", "i": 7001, "l": "0.00000000", "z": "0.00000000", "L": "0.00000000", "n": "0",
        "N": null, "T": TIME, "t": -1, "I": 12, "w": true, "m": false, "M": false, "O": TIME - 5, "Z": "0.00000000",
        "Y": "0.00000000", "Q": "0.00000000", "W": TIME - 5, "V": "EXPIRE_MAKER",
    });
    with(&new, changes)
}

fn trade() -> Value {
    json!({
        "x": "TRADE", "X": "PARTIALLY_FILLED", "l": "0.20000000", "L": "61000.50000000", "Y": "12200.10000000",
        "z": "0.20000000", "Z": "12200.10000000", "n": "0.00020000", "N": "BTC", "t": 41, "m": true,
    })
}

fn numbers() -> Value {
    let plain =
        json!({"q": 0.5, "p": 61000.5, "l": 0.2, "L": 61000.5, "Y": 12200.1, "z": 0.2, "Z": 12200.1, "n": 0.0002});
    with(&trade(), &plain)
}

fn cancel(id: &str) -> Value {
    json!({"x": "CANCELED", "X": "CANCELED", "c": id, "C": "mine-1"})
}

/// What the report of a new order tells, with another status.
fn told(status: ReportedStatus, word: &str) -> ExecutionReport {
    ExecutionReport {
        symbol: "BTCUSDT".to_owned(),
        client_order_id: Some("mine-1".into()),
        new_client_order_id: None,
        exchange_order_id: Some("7001".into()),
        side: Some(Side::Buy),
        order_type: Some(OrderType::Limit),
        time_in_force: Some(TimeInForce::Gtc),
        price: Some(tradewire_core::Price::new(decimal(610_005, 1))),
        amount: Some(Amount::Base(Quantity::new(decimal(5, 1)))),
        status,
        filled: Some(Quantity::ZERO),
        quote_filled: Some(Decimal::ZERO),
        trigger: None,
        reduce_only: None,
        position_side: None,
        fills: Vec::new(),
        prevented: None,
        reason: None,
        word: word.to_owned(),
        origin: Origin::External,
        created: Some(Timestamp::from_millis(TIME - 5)),
        time: time(),
    }
}

fn partly_filled() -> ExecutionReport {
    let fill = FillReport {
        symbol: "BTCUSDT".to_owned(),
        trade_id: "41".into(),
        exchange_order_id: Some("7001".into()),
        client_order_id: Some("mine-1".into()),
        side: Side::Buy,
        price: tradewire_core::Price::new(decimal(610_005, 1)),
        quantity: Quantity::new(decimal(2, 1)),
        quote_quantity: Some(decimal(122_001, 1)),
        fee: Some(Fee { amount: decimal(2, 4), asset: Asset::from("BTC") }),
        liquidity: Some(Liquidity::Maker),
        position_side: None,
        realised_profit: None,
        time: time(),
    };
    ExecutionReport {
        filled: Some(Quantity::new(decimal(2, 1))),
        quote_filled: Some(decimal(122_001, 1)),
        fills: vec![fill],
        ..told(ReportedStatus::PartiallyFilled, "PARTIALLY_FILLED")
    }
}

fn wide(report: ExecutionReport) -> ExecutionReport {
    ExecutionReport { symbol: "币安人生USDT".to_owned(), ..report }
}

fn balance(asset: &str, total: Decimal, available: Decimal) -> BalanceReport {
    BalanceReport { asset: Asset::from(asset), total, available: Some(available) }
}

fn decimal(digits: i64, scale: u32) -> Decimal {
    Decimal::new(digits, scale)
}

fn time() -> Timestamp {
    Timestamp::from_millis(TIME)
}
