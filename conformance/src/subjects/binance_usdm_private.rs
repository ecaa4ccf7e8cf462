//! Frames of Binance USD-M's private stream, as its documents describe them.

use serde_json::{Value, json};
use tradewire_core::{
    Amount, Asset, BalanceReport, BalanceUpdate, Decimal, EndReason, ExecutionReport, Fee, FillReport, LeverageReport,
    Liquidity, MarginMode, OrderType, Origin, PositionReport, PositionSide, Price, PrivateMessage, Quantity,
    ReportedStatus, Side, TimeInForce, Timestamp,
};

use super::json::{with, without};
use crate::account_wire::{WirePrivateFrame, WireTells};

/// When things happen in these frames, in milliseconds.
const TIME: i64 = 1_760_000_000_250;

/// One or more frames of every kind.
pub(super) fn frames() -> Vec<WirePrivateFrame> {
    let mut frames = reports();
    frames.extend(account_updates());
    frames.extend(others());
    frames
}

fn reports() -> Vec<WirePrivateFrame> {
    let created = |report| ExecutionReport { created: Some(time()), ..report };
    let (open, part) = (created(told(ReportedStatus::Open, "NEW")), partly_filled());
    let unknown = created(told(ReportedStatus::Unknown("MOONED".to_owned()), "MOONED"));
    let ended = |status, word, reason| ExecutionReport { reason: Some(reason), ..told(status, word) };
    let cancelled = ended(ReportedStatus::Cancelled, "CANCELED", EndReason::Requested);
    let hedged = ExecutionReport { position_side: Some(PositionSide::Long), ..open.clone() };
    let reducing = ExecutionReport { reduce_only: Some(true), ..open.clone() };
    vec![
        report("a new order", &json!({}), open.clone()),
        report("an order for one side", &json!({"ps": "LONG"}), hedged),
        report("an order that only reduces", &json!({"R": true}), reducing),
        report("a cancel", &json!({"x": "CANCELED", "X": "CANCELED"}), cancelled),
        report("a part of it traded", &trade(), part.clone()),
        report("fields that nobody knows", &with(&trade(), &json!({"zz": {"deep": [1, 2]}})), part),
        report("a status never seen", &json!({"X": "MOONED"}), unknown),
    ]
}

fn account_updates() -> Vec<WirePrivateFrame> {
    let set = |balances| PrivateMessage::Balance(BalanceUpdate::Set { balances, time: time() });
    let usdt = BalanceReport { asset: Asset::from("USDT"), total: decimal(100_125, 1), available: None };
    let row = json!({"a": "USDT", "wb": "10012.50000000", "cw": "10012.50000000", "bc": "0"});
    let position = json!({
        "s": "BTCUSDT", "pa": "-0.200", "ep": "61000.5", "bep": "61000.1", "cr": "0", "up": "-1.5", "mt": "cross",
        "iw": "0", "ps": "BOTH",
    });
    let told = position_told(None, decimal(-2, 1));
    let hedged = position_told(Some(PositionSide::Short), decimal(-2, 1));
    let update = |reason: &str, positions: Value| json!({"e": "ACCOUNT_UPDATE", "E": TIME + 1, "T": TIME, "a": {"m": reason, "B": [row], "P": positions}});
    let messages = |told: Vec<PrivateMessage>| WireTells::Messages(told);
    let both = |report: PositionReport| vec![set(vec![usdt.clone()]), PrivateMessage::Position(Box::new(report))];
    let short = with(&position, &json!({"ps": "SHORT"}));
    let mut transfer = update("WITHDRAW", json!([]));
    transfer["a"]["B"][0]["bc"] = json!("-250.5");
    let moved = BalanceUpdate::Moved { asset: Asset::from("USDT"), delta: decimal(-2505, 1), time: time() };
    let broken = json!([{"s": "ETHUSDT", "pa": "", "ep": "0", "ps": "BOTH", "mt": "cross"}, position]);
    vec![
        frame("a position", &update("ORDER", json!([position])), messages(both(told.clone()))),
        frame("a position of one side", &update("ORDER", json!([short])), messages(both(hedged))),
        frame("positions, one unreadable", &update("ORDER", broken), WireTells::Partly(both(told), 1)),
        frame("a transfer", &transfer, messages(vec![PrivateMessage::Balance(moved), set(vec![usdt.clone()])])),
        frame("a balance alone", &update("DEPOSIT", json!([])), messages(vec![set(vec![usdt.clone()])])),
    ]
}

fn others() -> Vec<WirePrivateFrame> {
    let leverage = json!({"e": "ACCOUNT_CONFIG_UPDATE", "E": TIME + 1, "T": TIME, "ac": {"s": "BTCUSDT", "l": 25}});
    let leverage_told =
        LeverageReport { symbol: "BTCUSDT".to_owned(), side: None, leverage: Decimal::from(25), margin_mode: None };
    let call = json!({
        "e": "MARGIN_CALL", "E": TIME, "cw": "3.16812045",
        "p": [{"s": "BTCUSDT", "ps": "LONG", "pa": "1.327", "mt": "CROSSED", "iw": "0", "mp": "61000.5", "up": "-1.1", "mm": "1.6"}],
    });
    let call_told =
        PrivateMessage::MarginCall { symbol: Some("BTCUSDT".to_owned()), side: Some(PositionSide::Long), time: time() };
    let half = event(&json!({})).to_string().chars().take(100).collect();
    let lite = json!({
        "e": "TRADE_LITE", "E": TIME + 1, "T": TIME, "s": "BTCUSDT", "q": "0.500", "p": "61000.50", "m": true,
        "c": "mine-1", "S": "BUY", "L": "61000.50", "l": "0.200", "t": 41, "i": 7001,
    });
    vec![
        frame("a leverage", &leverage, WireTells::Messages(vec![PrivateMessage::Leverage(leverage_told)])),
        frame("a margin call", &call, WireTells::Messages(vec![call_told])),
        frame("a fill told early and without its fee", &lite, WireTells::Messages(Vec::new())),
        frame(
            "the end of the listen key",
            &json!({"e": "listenKeyExpired", "E": TIME, "listenKey": "of-the-suite"}),
            WireTells::SubscriptionEnded,
        ),
        frame("a kind never seen", &json!({"e": "moonPhase", "E": TIME}), WireTells::Unknown),
        WirePrivateFrame { name: "half a frame", frame: half, tells: WireTells::Unreadable },
        frame("a report without its order's id", &order(&without(&plain(), "i")), WireTells::Unreadable),
        frame("a trade without its price", &order(&without(&with(&plain(), &trade()), "L")), WireTells::Unreadable),
    ]
}

fn position_told(side: Option<PositionSide>, size: Decimal) -> PositionReport {
    PositionReport {
        symbol: "BTCUSDT".to_owned(),
        side,
        size,
        entry_price: Some(Price::new(decimal(610_005, 1))),
        mark_price: None,
        unrealised_profit: Some(decimal(-15, 1)),
        liquidation_price: None,
        isolated_margin: None,
        leverage: None,
        margin_mode: Some(MarginMode::Cross),
        time: time(),
    }
}

fn report(name: &'static str, changes: &Value, tells: ExecutionReport) -> WirePrivateFrame {
    frame(name, &event(changes), WireTells::Messages(vec![PrivateMessage::Order(Box::new(tells))]))
}

fn frame(name: &'static str, event: &Value, tells: WireTells) -> WirePrivateFrame {
    WirePrivateFrame { name, frame: event.to_string(), tells }
}

/// The report of a new order, with some fields otherwise.
fn event(changes: &Value) -> Value {
    order(&with(&plain(), changes))
}

fn order(of: &Value) -> Value {
    json!({"e": "ORDER_TRADE_UPDATE", "E": TIME + 1, "T": TIME, "o": of})
}

fn plain() -> Value {
    json!({
        "s": "BTCUSDT", "c": "mine-1", "S": "BUY", "o": "LIMIT", "f": "GTC", "q": "0.500", "p": "61000.50", "ap": "0",
        "sp": "0", "x": "NEW", "X": "NEW", "i": 7001, "l": "0", "z": "0", "L": "0", "T": TIME, "t": 0, "b": "30500",
        "a": "0", "m": false, "R": false, "wt": "CONTRACT_PRICE", "ot": "LIMIT", "ps": "BOTH", "cp": false, "rp": "0",
        "pP": false, "si": 0, "ss": 0, "V": "EXPIRE_MAKER", "pm": "NONE", "gtd": 0, "er": "0",
    })
}

fn trade() -> Value {
    json!({
        "x": "TRADE", "X": "PARTIALLY_FILLED", "l": "0.200", "L": "61000.50", "ap": "61000.50", "z": "0.200",
        "n": "0.24400200", "N": "USDT", "t": 41, "m": true, "rp": "-1.25",
    })
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
        price: Some(Price::new(decimal(610_005, 1))),
        amount: Some(Amount::Base(Quantity::new(decimal(5, 1)))),
        status,
        filled: Some(Quantity::ZERO),
        quote_filled: None,
        trigger: None,
        reduce_only: Some(false),
        position_side: None,
        fills: Vec::new(),
        prevented: None,
        reason: None,
        word: word.to_owned(),
        origin: Origin::External,
        created: None,
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
        price: Price::new(decimal(610_005, 1)),
        quantity: Quantity::new(decimal(2, 1)),
        quote_quantity: None,
        fee: Some(Fee { amount: decimal(244_002, 6), asset: Asset::from("USDT") }),
        liquidity: Some(Liquidity::Maker),
        position_side: None,
        realised_profit: Some(decimal(-125, 2)),
        time: time(),
    };
    ExecutionReport {
        filled: Some(Quantity::new(decimal(2, 1))),
        fills: vec![fill],
        ..told(ReportedStatus::PartiallyFilled, "PARTIALLY_FILLED")
    }
}

fn decimal(digits: i64, scale: u32) -> Decimal {
    Decimal::new(digits, scale)
}

fn time() -> Timestamp {
    Timestamp::from_millis(TIME)
}
