//! Frames that the account socket has where contracts are traded, with what each tells.

use crate::{WirePrivateFrame, WireTells};
use serde_json::{Value, json};
use tradewire_core::{
    Asset, BalanceReport, BalanceUpdate, Decimal, FundingReport, MarginMode, Origin, PositionReport, PositionSide,
    Price, PrivateMessage, Timestamp,
};

use super::private_frames::{self, TIME};

/// All of them: those of the spot market, told by contracts, and their own.
pub(crate) fn frames() -> Vec<WirePrivateFrame> {
    let mut frames = private_frames::frames();
    let own = [
        ("an order of a position", order(), vec![told_order()]),
        ("a short position", position(&short()), vec![told_short()]),
        ("a long position that was closed", position(&closed()), vec![told_closed()]),
        ("a payment", payment(), vec![told_payment()]),
        ("a balance", balance(), vec![told_balance()]),
        ("a margin call", margin_call(), vec![told_margin_call()]),
    ];
    frames.extend(own.map(|(name, frame, tells)| private_frames::frame(name, &frame, WireTells::Messages(tells))));
    let mut broken = short();
    broken["size"] = json!("");
    frames.push(private_frames::frame("a position of no size", &position(&broken), WireTells::Unreadable));
    let mut broken = short();
    broken["position"] = json!("sideways");
    frames.push(private_frames::frame("a position of no side", &position(&broken), WireTells::Unreadable));
    frames
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn order() -> Value {
    private_frames::order(&json!({ "position": "short", "reduce_only": true, "source": "liquidation" }))
}

fn told_order() -> PrivateMessage {
    let mut report = private_frames::open();
    report.position_side = Some(PositionSide::Short);
    report.reduce_only = Some(true);
    report.origin = Origin::Liquidation;
    PrivateMessage::Order(Box::new(report))
}

fn position(row: &Value) -> Value {
    json!({ "event": "position", "position": row })
}

fn short() -> Value {
    json!({
        "symbol": "BTC/USDT", "position": null, "size": "-0.5", "entry": "61000.5", "mark": "61003", "profit": "-1.25",
        "liquidation": "120300", "isolated": "1525.5", "leverage": "20", "margin_mode": "isolated", "updated": TIME,
    })
}

fn told_short() -> PrivateMessage {
    PrivateMessage::Position(Box::new(PositionReport {
        symbol: "BTC/USDT".to_owned(),
        side: None,
        size: Decimal::new(-5, 1),
        entry_price: Some(Price::new(Decimal::new(610_005, 1))),
        mark_price: Some(Price::new(Decimal::new(61_003, 0))),
        unrealised_profit: Some(Decimal::new(-125, 2)),
        liquidation_price: Some(Price::new(Decimal::new(120_300, 0))),
        isolated_margin: Some(Decimal::new(15_255, 1)),
        leverage: Some(Decimal::new(20, 0)),
        margin_mode: Some(MarginMode::Isolated),
        time: at(TIME),
    }))
}

fn closed() -> Value {
    json!({
        "symbol": "BTC/USDT", "position": "long", "size": "0", "entry": null, "mark": "61003", "profit": "0",
        "liquidation": null, "isolated": null, "leverage": "20", "margin_mode": "cross", "updated": TIME,
    })
}

fn told_closed() -> PrivateMessage {
    PrivateMessage::Position(Box::new(PositionReport {
        symbol: "BTC/USDT".to_owned(),
        side: Some(PositionSide::Long),
        size: Decimal::ZERO,
        entry_price: None,
        mark_price: Some(Price::new(Decimal::new(61_003, 0))),
        unrealised_profit: Some(Decimal::ZERO),
        liquidation_price: None,
        isolated_margin: None,
        leverage: Some(Decimal::new(20, 0)),
        margin_mode: Some(MarginMode::Cross),
        time: at(TIME),
    }))
}

fn payment() -> Value {
    json!({ "event": "payment", "payment": {
        "id": "901", "symbol": "BTC/USDT", "position": "long", "asset": "USDT", "amount": "-3.05", "rate": "0.0001",
        "size": "0.5", "time": TIME,
    } })
}

fn told_payment() -> PrivateMessage {
    PrivateMessage::Funding(Box::new(FundingReport {
        symbol: "BTC/USDT".to_owned(),
        side: Some(PositionSide::Long),
        id: Some("901".to_owned()),
        asset: Asset::from("USDT"),
        amount: Decimal::new(-305, 2),
        rate: Some(Decimal::new(1, 4)),
        size: Some(Decimal::new(5, 1)),
        time: at(TIME),
    }))
}

fn balance() -> Value {
    json!({ "event": "balance", "balance": { "asset": "USDT", "total": "9985.5", "time": TIME } })
}

fn told_balance() -> PrivateMessage {
    let total = Decimal::new(99_855, 1);
    let balances = vec![BalanceReport { asset: Asset::from("USDT"), total, available: None }];
    PrivateMessage::Balance(BalanceUpdate::Set { balances, time: at(TIME) })
}

fn margin_call() -> Value {
    let row = json!({ "symbol": "BTC/USDT", "position": "short", "time": TIME });
    json!({ "event": "margin_call", "margin_call": row })
}

fn told_margin_call() -> PrivateMessage {
    let side = Some(PositionSide::Short);
    PrivateMessage::MarginCall { symbol: Some("BTC/USDT".to_owned()), side, time: at(TIME) }
}
