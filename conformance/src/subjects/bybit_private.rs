//! Frames of Bybit's private stream, as its documents describe them.

use serde_json::{Value, json};
use tradewire_core::{
    Amount, Asset, BalanceReport, BalanceUpdate, Decimal, EndReason, ExecutionReport, Fee, FillReport, FundingReport,
    Liquidity, OrderType, Origin, PositionReport, PositionSide, Price, PrivateMessage, Quantity, ReportedStatus, Side,
    TimeInForce, Timestamp,
};

use super::bybit::Category;
use super::json::{with, without};
use crate::account_wire::{WirePrivateFrame, WireTells};

/// When things happen in these frames, in milliseconds.
const TIME: i64 = 1_760_000_000_250;

/// One or more frames of every kind.
pub(super) fn frames(category: Category) -> Vec<WirePrivateFrame> {
    let of = Frames(category);
    let mut frames = of.reports();
    frames.extend(of.executions());
    frames.extend(of.balances());
    if category == Category::Linear {
        frames.extend(of.contracts());
    }
    frames.extend(of.others());
    frames
}

/// The frames of one category.
#[derive(Clone, Copy)]
struct Frames(Category);

impl Frames {
    fn reports(self) -> Vec<WirePrivateFrame> {
        let open = told(ReportedStatus::Open, "New");
        let ended = |status, word, reason| ExecutionReport { reason: Some(reason), ..told(status, word) };
        let by_user = "Cancelled CancelByUser EC_PerCancelRequest";
        let cancelled = ended(ReportedStatus::Cancelled, by_user, EndReason::Requested);
        let by_terms = "Cancelled EC_PostOnlyWillTakeLiquidity";
        let taking = ended(ReportedStatus::Expired, by_terms, EndReason::PostOnlyWouldTake);
        let quantity = |digits| Some(Quantity::new(decimal(digits, 1)));
        let part = ExecutionReport {
            filled: quantity(2),
            quote_filled: Some(decimal(122_001, 1)),
            ..told(ReportedStatus::PartiallyFilled, "PartiallyFilled")
        };
        let traded = json!({"orderStatus": "PartiallyFilled", "cumExecQty": "0.2", "cumExecValue": "12200.1"});
        let cancel =
            json!({"orderStatus": "Cancelled", "cancelType": "CancelByUser", "rejectReason": "EC_PerCancelRequest"});
        let refusal = json!({"orderStatus": "Cancelled", "rejectReason": "EC_PostOnlyWillTakeLiquidity"});
        let numbers = with(&traded, &json!({"qty": 0.5, "price": 61000.5, "cumExecQty": 0.2, "updatedTime": TIME}));
        let unknown = |word: &str| told(ReportedStatus::Unknown(word.to_owned()), word);
        vec![
            self.report("a new order", &json!({}), open.clone()),
            self.report("an order of a wide symbol", &json!({"symbol": "币安人生USDT"}), wide(open.clone())),
            self.report("a cancel", &cancel, cancelled),
            self.report("an order that would have taken", &refusal, taking),
            self.report("a part of it traded", &traded, part.clone()),
            self.report("numbers that are not text", &numbers, part.clone()),
            self.report("fields that nobody knows", &with(&traded, &json!({"zz": {"deep": [1, 2]}})), part),
            self.report("a status never seen", &json!({"orderStatus": "Mooned"}), unknown("Mooned")),
            self.report("a reason never seen", &json!({"cancelType": "CancelByMoon"}), unknown("New CancelByMoon")),
        ]
    }

    fn executions(self) -> Vec<WirePrivateFrame> {
        let fill = || PrivateMessage::Fill(Box::new(self.fill()));
        let free = |fee: Value| with(&self.execution(), &fee);
        let estimated = FillReport { fee: None, ..self.fill() };
        let moon = free(json!({"execType": "MoonTrade"}));
        vec![
            self.frame("a fill", "execution", json!([self.execution()]), messages(vec![fill()])),
            self.frame(
                "a fill without its fee",
                "execution",
                json!([without(&self.execution(), "execFee")]),
                messages(vec![PrivateMessage::Fill(Box::new(estimated))]),
            ),
            self.frame("executions of another kind", "execution", json!([moon, self.execution()]), partly(fill())),
            self.frame(
                "a fill without its price",
                "execution",
                json!([without(&self.execution(), "execPrice")]),
                WireTells::Partly(Vec::new(), 1),
            ),
        ]
    }

    fn balances(self) -> Vec<WirePrivateFrame> {
        let coin =
            |name: &str, total: &str, locked: &str| json!({"coin": name, "walletBalance": total, "locked": locked});
        let available = |digits, scale| (self.0 == Category::Spot).then(|| decimal(digits, scale));
        let btc = balance("BTC", decimal(175, 2), available(125, 2));
        let wide = balance("币安人生", decimal(75, 1), available(0, 0));
        let told =
            || PrivateMessage::Balance(BalanceUpdate::Set { balances: vec![btc.clone(), wide.clone()], time: time() });
        let rows = [coin("BTC", "1.75000000", "0.5"), coin("USDT", "", "0"), coin("币安人生", "7.5", "7.5")];
        let wallet = |coins: Value| json!([{"accountType": "UNIFIED", "totalAvailableBalance": "100", "coin": coins}]);
        let [first, broken, last] = rows;
        vec![
            self.frame("new balances", "wallet", wallet(json!([first, last])), messages(vec![told()])),
            self.frame("balances, one unreadable", "wallet", wallet(json!([first, broken, last])), partly(told())),
        ]
    }

    fn contracts(self) -> Vec<WirePrivateFrame> {
        let position = json!({
            "category": "linear", "symbol": "BTCUSDT", "positionIdx": 0, "side": "Sell", "size": "0.2",
            "entryPrice": "61000.5", "markPrice": "61008", "unrealisedPnl": "-1.5", "liqPrice": "", "leverage": "10",
            "createdTime": "1750000000000", "updatedTime": TIME.to_string(), "seq": 8_172_001,
        });
        let funding = with(
            &self.execution(),
            &json!({"execType": "Funding", "execFee": "0.61", "feeRate": "0.0001", "feeCurrency": "", "execId": "f-7"}),
        );
        let paid = FundingReport {
            symbol: "BTCUSDT".to_owned(),
            side: None,
            id: Some("f-7".to_owned()),
            asset: Asset::from("USDT"),
            amount: decimal(-61, 2),
            rate: Some(decimal(1, 4)),
            size: None,
            time: time(),
        };
        let (told, hedged) = (position_told(None), position_told(Some(PositionSide::Short)));
        let second = with(&position, &json!({"positionIdx": 2}));
        let flat = with(&position, &json!({"side": "", "size": "0", "entryPrice": "0", "unrealisedPnl": ""}));
        let gone = PositionReport { size: Decimal::ZERO, entry_price: None, unrealised_profit: None, ..told.clone() };
        let message = |report: PositionReport| PrivateMessage::Position(Box::new(report));
        vec![
            self.frame("a position", "position", json!([position]), messages(vec![message(told.clone())])),
            self.frame("a position of one side", "position", json!([second]), messages(vec![message(hedged)])),
            self.frame("no position any more", "position", json!([flat]), messages(vec![message(gone)])),
            self.frame(
                "positions, one unreadable",
                "position",
                json!([without(&position, "size"), position]),
                partly(message(told)),
            ),
            self.frame(
                "funding that was paid",
                "execution",
                json!([funding]),
                messages(vec![PrivateMessage::Funding(Box::new(paid))]),
            ),
        ]
    }

    fn others(self) -> Vec<WirePrivateFrame> {
        let half = self.text("order", &json!([self.order()])).chars().take(100).collect();
        let open = || PrivateMessage::Order(Box::new(told(ReportedStatus::Open, "New")));
        let broken = json!([self.order(), without(&self.order(), "orderId")]);
        let elsewhere = with(&self.order(), &json!({"category": "inverse"}));
        vec![
            self.frame("orders, one unreadable", "order", broken, partly(open())),
            self.frame("an order of another product", "order", json!([elsewhere]), messages(Vec::new())),
            self.frame("a kind never seen", "moonPhase", json!([{"p": "full"}]), WireTells::Unknown),
            WirePrivateFrame { name: "half a frame", frame: half, tells: WireTells::Unreadable },
        ]
    }

    fn report(self, name: &'static str, changes: &Value, tells: ExecutionReport) -> WirePrivateFrame {
        let data = json!([with(&self.order(), changes)]);
        self.frame(name, "order", data, messages(vec![PrivateMessage::Order(Box::new(tells))]))
    }

    fn frame(self, name: &'static str, topic: &str, data: Value, tells: WireTells) -> WirePrivateFrame {
        WirePrivateFrame { name, frame: self.text(topic, &data), tells }
    }

    fn text(self, topic: &str, data: &Value) -> String {
        let topic = if topic == "wallet" { topic.to_owned() } else { format!("{topic}.{}", self.0.name()) };
        json!({"id": "of-the-suite", "topic": topic, "creationTime": TIME, "data": data}).to_string()
    }

    /// An order that was accepted.
    fn order(self) -> Value {
        json!({
            "category": self.0.name(), "symbol": "BTCUSDT", "orderId": "7001", "orderLinkId": "mine-1", "side": "Buy",
            "orderType": "Limit", "timeInForce": "GTC", "price": "61000.50", "qty": "0.500", "positionIdx": 0,
            "orderStatus": "New", "cancelType": "UNKNOWN", "rejectReason": "EC_NoError", "createType": "CreateByUser",
            "avgPrice": "", "leavesQty": "0.5", "leavesValue": "30500.25", "cumExecQty": "0", "cumExecValue": "0",
            "cumExecFee": "0", "cumFeeDetail": {}, "marketUnit": "", "triggerPrice": "", "triggerDirection": 0,
            "triggerBy": "", "reduceOnly": false, "closeOnTrigger": false, "smpType": "None", "smpGroup": 0,
            "createdTime": (TIME - 5).to_string(), "updatedTime": TIME.to_string(), "closedPnl": "0",
        })
    }

    /// A part of that order that has traded.
    fn execution(self) -> Value {
        json!({
            "category": self.0.name(), "symbol": "BTCUSDT", "orderId": "7001", "orderLinkId": "mine-1", "side": "Buy",
            "orderPrice": "61000.5", "orderQty": "0.5", "leavesQty": "0.3", "orderType": "Limit", "execType": "Trade",
            "execId": "41", "execPrice": "61000.5", "execQty": "0.2", "execValue": "12200.1", "execFee": "2.44002",
            "feeCurrency": "USDT", "feeRate": "0.0002", "isMaker": true, "execPnl": "-1.25", "extraFees": [],
            "closedSize": "", "seq": 8_172_001, "execTime": TIME.to_string(),
        })
    }

    /// What [`Self::execution`] tells.
    fn fill(self) -> FillReport {
        FillReport {
            symbol: "BTCUSDT".to_owned(),
            trade_id: "41".into(),
            exchange_order_id: Some("7001".into()),
            client_order_id: Some("mine-1".into()),
            side: Side::Buy,
            price: Price::new(decimal(610_005, 1)),
            quantity: Quantity::new(decimal(2, 1)),
            quote_quantity: Some(decimal(122_001, 1)),
            fee: Some(Fee { amount: decimal(244_002, 5), asset: Asset::from("USDT") }),
            liquidity: Some(Liquidity::Maker),
            position_side: None,
            realised_profit: Some(decimal(-125, 2)),
            time: time(),
        }
    }
}

fn messages(told: Vec<PrivateMessage>) -> WireTells {
    WireTells::Messages(told)
}

fn partly(told: PrivateMessage) -> WireTells {
    WireTells::Partly(vec![told], 1)
}

fn position_told(side: Option<PositionSide>) -> PositionReport {
    PositionReport {
        symbol: "BTCUSDT".to_owned(),
        side,
        size: decimal(-2, 1),
        entry_price: Some(Price::new(decimal(610_005, 1))),
        mark_price: Some(Price::new(decimal(61_008, 0))),
        unrealised_profit: Some(decimal(-15, 1)),
        liquidation_price: None,
        isolated_margin: None,
        leverage: Some(Decimal::TEN),
        margin_mode: None,
        time: time(),
    }
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
        quote_filled: Some(Decimal::ZERO),
        trigger: None,
        reduce_only: Some(false),
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

fn wide(report: ExecutionReport) -> ExecutionReport {
    ExecutionReport { symbol: "币安人生USDT".to_owned(), ..report }
}

fn balance(asset: &str, total: Decimal, available: Option<Decimal>) -> BalanceReport {
    BalanceReport { asset: Asset::from(asset), total, available }
}

fn decimal(digits: i64, scale: u32) -> Decimal {
    Decimal::new(digits, scale)
}

fn time() -> Timestamp {
    Timestamp::from_millis(TIME)
}
