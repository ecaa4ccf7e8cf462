//! The user data stream: which events come, in which order, with which fields.

mod support;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::private::{Api, Trader, limit};
use support::quiet;
use tradewire_simulator::{AccountSetup, Side, Simulator, TraderOrder};

async fn subscribed(simulator: &Simulator, trader: &Trader) -> Api {
    let mut api = Api::open(simulator).await;
    assert_eq!(api.subscribe(trader).await["status"], 200);
    api
}

/// Types of the next events, execution reports with what they report.
async fn kinds(api: &mut Api, count: usize) -> Vec<String> {
    let mut kinds = Vec::new();
    for _ in 0..count {
        let event = api.event().await["event"].clone();
        let kind = if event["e"] == "executionReport" { &event["x"] } else { &event["e"] };
        kinds.push(kind.as_str().unwrap().to_owned());
    }
    kinds
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_order_is_reported_from_beginning_to_end() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = subscribed(&simulator, &trader).await;
    trader.limit("BUY", "50000", "0.002", "mine").await;
    let new = api.event().await;
    assert_eq!(new["subscriptionId"], 0);
    let new = &new["event"];
    assert_eq!(
        (&new["x"], &new["X"], &new["c"], &new["C"]),
        (&json!("NEW"), &json!("NEW"), &json!("mine"), &json!(""))
    );
    assert_eq!((&new["n"], &new["N"], &new["t"], &new["w"]), (&json!("0"), &json!(null), &json!(-1), &json!(true)));
    let position = api.event().await["event"].clone();
    assert_eq!(position["e"], "outboundAccountPosition");
    let usdt = position["B"].as_array().unwrap().iter().find(|row| row["a"] == "USDT").unwrap();
    assert_eq!(usdt["l"], "100.00000000");
    let cancel = [("symbol", "BTCUSDT"), ("origClientOrderId", "mine"), ("newClientOrderId", "stop")];
    trader.delete("/api/v3/order", &cancel).await;
    let cancelled = api.event_of("executionReport").await;
    assert_eq!((&cancelled["x"], &cancelled["X"]), (&json!("CANCELED"), &json!("CANCELED")));
    assert_eq!((&cancelled["c"], &cancelled["C"]), (&json!("stop"), &json!("mine")));
    assert!(cancelled["I"].as_u64() > new["I"].as_u64(), "execution ids rise");
    assert_eq!(kinds(&mut api, 1).await, ["outboundAccountPosition"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fills_of_takers_and_makers_are_reported_with_their_fees() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = subscribed(&simulator, &trader).await;
    let taker = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.002")];
    let placed = trader.place(&taker).await;
    assert_eq!(kinds(&mut api, 1).await, ["NEW"]);
    let trade = api.event_of("executionReport").await;
    assert_eq!(
        (&trade["x"], &trade["m"], &trade["t"]),
        (&json!("TRADE"), &json!(false), &placed["fills"][0]["tradeId"])
    );
    assert_eq!((&trade["n"], &trade["N"]), (&placed["fills"][0]["commission"], &json!("BTC")));
    assert_eq!(decimal(&trade["Z"]), decimal(&placed["cummulativeQuoteQty"]));
    assert_eq!(kinds(&mut api, 1).await, ["outboundAccountPosition"]);
    simulator.move_price("BTCUSDT", Decimal::from(61_000)).unwrap();
    trader.limit("BUY", "60990", "0.002", "maker").await;
    assert_eq!(kinds(&mut api, 2).await, ["NEW", "outboundAccountPosition"]);
    simulator.place("BTCUSDT", TraderOrder::limit(Side::Sell, Decimal::from(60_990), Decimal::from(500))).unwrap();
    let mut fills = Vec::new();
    while fills.last().is_none_or(|fill: &Value| fill["X"] != "FILLED") {
        fills.push(api.event_of("executionReport").await);
    }
    assert!(fills.iter().all(|fill| fill["m"] == true && fill["x"] == "TRADE"));
    assert_eq!(fills.last().unwrap()["z"], "0.00200000");
    assert_eq!(kinds(&mut api, 1).await, ["outboundAccountPosition"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn replacing_and_amending_are_reported() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    trader.limit("BUY", "50000", "0.004", "one").await;
    let mut api = subscribed(&simulator, &trader).await;
    let amend = [("symbol", "BTCUSDT"), ("origClientOrderId", "one"), ("newQty", "0.003"), ("newClientOrderId", "two")];
    trader.ask("PUT", "/api/v3/order/amend/keepPriority", &amend).await;
    let replaced = api.event_of("executionReport").await;
    assert_eq!((&replaced["x"], &replaced["c"], &replaced["C"]), (&json!("REPLACED"), &json!("two"), &json!("one")));
    assert_eq!(replaced["q"], "0.00300000");
    let mut params = limit("BUY", "50100", "0.001", "three").to_vec();
    params.extend([("cancelReplaceMode", "STOP_ON_FAILURE"), ("cancelOrigClientOrderId", "two")]);
    trader.ask("POST", "/api/v3/order/cancelReplace", &params).await;
    let reports = [api.event_of("executionReport").await, api.event_of("executionReport").await];
    assert_eq!(reports.each_ref().map(|report| report["x"].as_str().unwrap()), ["CANCELED", "NEW"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn lists_are_reported_with_their_orders() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = subscribed(&simulator, &trader).await;
    let oco = [
        ("symbol", "BTCUSDT"),
        ("side", "SELL"),
        ("quantity", "0.002"),
        ("listClientOrderId", "pair"),
        ("aboveType", "LIMIT_MAKER"),
        ("abovePrice", "63000"),
        ("belowType", "STOP_LOSS"),
        ("belowStopPrice", "50000"),
    ];
    assert_eq!(trader.ask("POST", "/api/v3/orderList/oco", &oco).await.status, 200);
    let list = api.event_of("listStatus").await;
    assert_eq!((&list["c"], &list["l"], &list["L"]), (&json!("OCO"), &json!("EXEC_STARTED"), &json!("EXECUTING")));
    assert_eq!((&list["C"], list["O"].as_array().map(Vec::len)), (&json!("pair"), Some(2)));
    simulator.move_price("BTCUSDT", Decimal::from(62_900)).unwrap();
    simulator.place("BTCUSDT", TraderOrder::limit(Side::Buy, Decimal::from(63_000), Decimal::from(5))).unwrap();
    let mut seen = Vec::new();
    loop {
        let event = api.event().await["event"].clone();
        match event["e"].as_str().unwrap() {
            "executionReport" => seen.push(event["x"].as_str().unwrap().to_owned()),
            "listStatus" if event["l"] == "ALL_DONE" => break,
            _ => {}
        }
    }
    seen.sort();
    assert!(seen.contains(&"TRADE".to_owned()) && seen.contains(&"EXPIRED".to_owned()), "{seen:?}");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn deposits_and_locks_from_outside_are_reported() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = subscribed(&simulator, &trader).await;
    simulator.deposit("main", "BTC", Decimal::new(15, 1)).unwrap();
    let update = api.event_of("balanceUpdate").await;
    assert_eq!((&update["a"], &update["d"]), (&json!("BTC"), &json!("1.50000000")));
    assert_eq!(kinds(&mut api, 1).await, ["outboundAccountPosition"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn each_account_hears_of_itself_alone() {
    let simulator = quiet().await;
    let main = Trader::main(&simulator);
    let keys = simulator.open_account(&AccountSetup::new("other").with("USDT", Decimal::from(1_000))).unwrap();
    let other = Trader::new(&simulator, keys[0].clone());
    let mut api = subscribed(&simulator, &main).await;
    assert_eq!(api.subscribe(&other).await["result"]["subscriptionId"], 1, "two accounts on one connection");
    other.limit("BUY", "50000", "0.001", "theirs").await;
    let report = api.event().await;
    assert_eq!((&report["subscriptionId"], &report["event"]["c"]), (&json!(1), &json!("theirs")));
    let mut second = subscribed(&simulator, &main).await;
    main.limit("BUY", "50000", "0.001", "ours").await;
    for api in [&mut api, &mut second] {
        loop {
            let event = api.event().await;
            if event["event"]["c"] == "ours" {
                assert_eq!(event["subscriptionId"], 0);
                break;
            }
            assert_eq!(event["subscriptionId"], 1);
        }
    }
    let seen = main.get("/api/v3/openOrders", &[]).await.json();
    assert_eq!(seen.as_array().map(Vec::len), Some(1), "nor are orders seen by others");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_that_find_nothing_expire_with_a_reason() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = subscribed(&simulator, &trader).await;
    let mut order = limit("BUY", "50000", "0.001", "ioc");
    order[3].1 = "IOC";
    let placed = trader.place(&order).await;
    assert_eq!((&placed["status"], &placed["fills"]), (&json!("EXPIRED"), &json!([])));
    assert_eq!(placed["expiryReason"], "UNFILLED_IOC_QUANTITY_EXPIRED");
    assert_eq!(kinds(&mut api, 1).await, ["NEW"]);
    let expired = api.event_of("executionReport").await;
    assert_eq!((&expired["x"], &expired["eR"]), (&json!("EXPIRED"), &json!("UNFILLED_IOC_QUANTITY_EXPIRED")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn own_orders_do_not_trade_with_each_other() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    simulator.move_price("BTCUSDT", Decimal::from(61_000)).unwrap();
    let bid = simulator.book("BTCUSDT").unwrap().asks[0].0 - Decimal::new(1, 2);
    let price = bid.to_string();
    let resting = trader.limit("BUY", &price, "0.002", "resting").await;
    let mut api = subscribed(&simulator, &trader).await;
    let mut order = limit("SELL", &price, "50", "incoming").to_vec();
    order.push(("selfTradePreventionMode", "EXPIRE_TAKER"));
    let placed = trader.place(&order).await;
    assert_eq!(placed["status"], "EXPIRED_IN_MATCH", "{placed}");
    let report = loop {
        let report = api.event_of("executionReport").await;
        if report["x"] == "TRADE_PREVENTION" {
            break report;
        }
    };
    assert_eq!((&report["c"], &report["U"]), (&json!("incoming"), &resting["orderId"]));
    let id = placed["orderId"].to_string();
    let matches = trader.get("/api/v3/myPreventedMatches", &[("symbol", "BTCUSDT"), ("orderId", &id)]).await.json();
    assert_eq!((&matches[0]["preventedMatchId"], &matches[0]["makerOrderId"]), (&report["v"], &resting["orderId"]));
    simulator.stop().await;
}
