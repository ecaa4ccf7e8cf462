//! Binance USD-M: faults on requests, private events and the sockets of calls.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::Client;
use support::private::Trader;
use support::usdm::{event_of, private, quiet};
use tradewire_simulator::{Fault, FaultKind, Novelty, Simulator};

const SYMBOL: (&str, &str) = ("symbol", "BTCUSDT");

async fn rest(trader: &Trader, id: &str) -> Option<support::Answer> {
    let params = [
        SYMBOL,
        ("side", "BUY"),
        ("type", "LIMIT"),
        ("timeInForce", "GTC"),
        ("quantity", "0.01"),
        ("price", "40000"),
        ("newClientOrderId", id),
    ];
    let asked = trader.try_ask("POST", "/fapi/v1/order", &params);
    tokio::time::timeout(Duration::from_secs(20), asked).await.ok().flatten()
}

async fn open_ids(trader: &Trader) -> Vec<String> {
    let open = trader.get("/fapi/v1/openOrders", &[]).await.json();
    open.as_array().unwrap().iter().map(|order| order["clientOrderId"].as_str().unwrap().to_owned()).collect()
}

fn inject(simulator: &Simulator, fault: Fault) {
    simulator.inject(fault).unwrap();
}

#[tokio::test(start_paused = true)]
async fn requests_and_replies_are_lost() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    inject(&simulator, Fault::new(FaultKind::LoseReply).path("/fapi/v1/order").method("POST"));
    assert!(rest(&trader, "kept").await.is_none());
    inject(&simulator, Fault::new(FaultKind::LoseRequest).path("/fapi/v1/order").method("POST"));
    assert!(rest(&trader, "lost").await.is_none());
    assert_eq!(open_ids(&trader).await, ["kept"]);
    inject(&simulator, Fault::new(FaultKind::Code { code: -1008, message: None, status: 503 }).method("POST"));
    let refused = rest(&trader, "refused").await.unwrap();
    assert_eq!((refused.status, refused.code()), (503, -1008));
    inject(&simulator, Fault::new(FaultKind::LagQuery { ms: 3000 }));
    rest(&trader, "fresh").await.unwrap();
    let fresh = [SYMBOL, ("origClientOrderId", "fresh")];
    assert_eq!(trader.get("/fapi/v1/order", &fresh).await.code(), -2013);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(trader.get("/fapi/v1/order", &fresh).await.json()["status"], "NEW");
    assert_eq!(simulator.requests().places("kept"), 1);
    simulator.stop().await;
}

/// The next reports of orders, by client id.
async fn reports(client: &mut Client, count: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    while ids.len() < count {
        ids.push(event_of(client, "ORDER_TRADE_UPDATE").await["o"]["c"].clone());
    }
    ids
}

#[tokio::test(start_paused = true)]
async fn private_events_are_struck() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut client = private(&simulator, &trader).await;
    inject(&simulator, Fault::new(FaultKind::Duplicate).event("ORDER_TRADE_UPDATE"));
    rest(&trader, "twice").await;
    assert_eq!(reports(&mut client, 2).await, ["twice", "twice"]);
    inject(&simulator, Fault::new(FaultKind::Mute).event("NEW").times(1));
    rest(&trader, "muted").await;
    inject(&simulator, Fault::new(FaultKind::Reorder).stream("userData").event("NEW"));
    rest(&trader, "second").await;
    rest(&trader, "first").await;
    assert_eq!(reports(&mut client, 2).await, ["first", "second"]);
    inject(&simulator, Fault::new(FaultKind::Hold { ms: 500 }).order("late"));
    rest(&trader, "late").await;
    rest(&trader, "early").await;
    assert_eq!(reports(&mut client, 2).await, ["early", "late"]);
    inject(&simulator, Fault::new(FaultKind::Novel { what: Novelty::Event }).stream("userData"));
    rest(&trader, "new").await;
    assert_eq!(client.json().await["e"], "neverSeen");
    inject(&simulator, Fault::new(FaultKind::EndSubscription));
    rest(&trader, "unheard").await;
    reports(&mut client, 1).await;
    let silent = tokio::time::timeout(Duration::from_secs(5), client.text()).await;
    assert!(silent.is_err(), "{silent:?}");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fees_are_left_out_and_ends_understated() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut client = private(&simulator, &trader).await;
    inject(&simulator, Fault::new(FaultKind::NoFee).event("TRADE"));
    let market = [SYMBOL, ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.001")];
    trader.ask("POST", "/fapi/v1/order", &market).await;
    assert_eq!(event_of(&mut client, "ORDER_TRADE_UPDATE").await["o"]["x"], "NEW");
    let trade = event_of(&mut client, "ORDER_TRADE_UPDATE").await;
    assert!(trade["o"]["x"] == "TRADE" && trade["o"].get("n").is_none(), "{trade}");
    inject(&simulator, Fault::new(FaultKind::Understate { quantity: None }));
    trader.ask("POST", "/fapi/v1/order", &market).await;
    event_of(&mut client, "ORDER_TRADE_UPDATE").await;
    let trade = event_of(&mut client, "ORDER_TRADE_UPDATE").await;
    assert_eq!((&trade["o"]["X"], &trade["o"]["z"]), (&json!("FILLED"), &json!("0.000")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn sockets_are_cut_by_route() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut market = Client::open(&simulator, "/market/ws/btcusdt@aggTrade").await;
    let mut client = private(&simulator, &trader).await;
    inject(&simulator, Fault::new(FaultKind::Drop).path("/private"));
    assert_eq!(client.text().await, None);
    assert_eq!(market.ask(json!({ "method": "LIST_SUBSCRIPTIONS", "id": 1 })).await["id"], 1);
    let mut client = private(&simulator, &trader).await;
    simulator.inject(Fault::new(FaultKind::RevokeKey { key: None })).unwrap();
    event_of(&mut client, "listenKeyExpired").await;
    assert_eq!(trader.get("/fapi/v3/balance", &[]).await.code(), -2015);
    simulator.stop().await;
}
