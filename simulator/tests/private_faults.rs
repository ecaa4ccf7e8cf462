//! Faults on private requests, calls and events.

mod support;

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::private::{Api, Trader, limit};
use support::quiet;
use tokio::time::timeout;
use tradewire_simulator::{Fault, FaultKind, Novelty, OrderCommand, Simulator};

const ORDER: &str = "/api/v3/order";
const LONG: Duration = Duration::from_secs(30);

fn struck(simulator: &Simulator, word: &str) -> u64 {
    simulator.faults_struck().get(word).copied().unwrap_or(0)
}

async fn open_ids(trader: &Trader) -> Vec<String> {
    let open = trader.get("/api/v3/openOrders", &[]).await.json();
    open.as_array().unwrap().iter().map(|order| order["clientOrderId"].as_str().unwrap().to_owned()).collect()
}

fn order(id: &str) -> Value {
    let params = limit("BUY", "50000", "0.001", id);
    Value::Object(params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect())
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_leaves_an_order_and_a_lost_request_none() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let place =
        async |id: &str| timeout(LONG, trader.try_ask("POST", ORDER, &limit("BUY", "50000", "0.001", id))).await;
    simulator.inject(Fault::new(FaultKind::LoseReply).path(ORDER)).unwrap();
    assert!(place("landed").await.is_err());
    simulator.inject(Fault::new(FaultKind::LoseRequest).path(ORDER)).unwrap();
    assert!(place("lost").await.is_err());
    simulator.inject(Fault::new(FaultKind::Cut).path(ORDER)).unwrap();
    assert!(place("cut").await.unwrap().is_none());
    simulator.inject(Fault::new(FaultKind::Status { status: 503 }).path(ORDER)).unwrap();
    assert_eq!(place("refused").await.unwrap().unwrap().status, 503);
    assert_eq!(open_ids(&trader).await, ["landed", "cut"]);
    let log = simulator.requests();
    assert_eq!(["landed", "lost", "cut", "refused"].map(|id| log.places(id)), [1; 4], "all were seen");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn faults_choose_method_account_and_order() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let fault = |method: &str| {
        let mut fault = Fault::new(FaultKind::Code { code: -1007, message: None, status: 500 });
        fault.method = Some(method.to_owned());
        fault
    };
    simulator.inject(fault("DELETE").path(ORDER)).unwrap();
    trader.limit("BUY", "50000", "0.001", "one").await;
    let cancel = [("symbol", "BTCUSDT"), ("origClientOrderId", "one")];
    let refused = trader.delete(ORDER, &cancel).await;
    assert_eq!((refused.status, refused.code()), (500, -1007));
    assert_eq!(trader.delete(ORDER, &cancel).await.status, 200);
    let mut by_order = Fault::new(FaultKind::Status { status: 502 });
    by_order.order = Some("marked".to_owned());
    simulator.inject(by_order).unwrap();
    trader.limit("BUY", "50000", "0.001", "plain").await;
    let marked = trader.ask("POST", ORDER, &limit("BUY", "50000", "0.001", "marked")).await;
    assert_eq!(marked.status, 502);
    simulator.stop().await;
}

/// Waits until the server has seen so many new orders.
async fn seen(simulator: &Simulator, orders: usize) {
    while simulator.requests().commands(OrderCommand::Place) < orders {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_by_a_socket_are_lost_delayed_refused_and_spoilt() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    let inject = |kind: FaultKind| simulator.inject(Fault::new(kind).path("order.place")).unwrap();
    inject(FaultKind::LoseReply);
    api.tell("order.place", trader.signed(order("landed"))).await;
    seen(&simulator, 1).await;
    inject(FaultKind::LoseRequest);
    api.tell("order.place", trader.signed(order("lost"))).await;
    seen(&simulator, 2).await;
    assert_eq!(api.call("ping", json!({})).await["status"], 200, "nothing came before");
    inject(FaultKind::Delay { ms: 500 });
    let before = trader.now();
    let late = api.tell("order.place", trader.signed(order("late"))).await;
    seen(&simulator, 3).await;
    assert_eq!(api.call("ping", json!({})).await["status"], 200, "others do not wait for it");
    assert_eq!(api.reply(late).await["result"]["clientOrderId"], "late");
    assert!(trader.now() - before >= 480);
    inject(FaultKind::Status { status: 500 });
    let refused = api.call("order.place", trader.signed(order("no"))).await;
    assert_eq!((&refused["status"], refused.get("result")), (&json!(500), None));
    inject(FaultKind::RetryAfter { seconds: 3, status: 429 });
    let busy = api.call("order.place", trader.signed(order("no"))).await;
    assert_eq!((&busy["status"], &busy["error"]["code"]), (&json!(429), &json!(-1003)));
    assert!(busy["error"]["data"]["retryAfter"].as_i64().unwrap() > trader.now());
    inject(FaultKind::Code { code: -1008, message: Some("Busy.".to_owned()), status: 503 });
    let coded = api.call("order.place", trader.signed(order("no"))).await;
    assert_eq!((&coded["status"], &coded["error"]), (&json!(503), &json!({ "code": -1008, "msg": "Busy." })));
    inject(FaultKind::Novel { what: Novelty::Field });
    assert_eq!(api.call("order.place", trader.signed(order("novel"))).await["neverSeen"], "yes");
    inject(FaultKind::Truncate);
    api.tell("order.place", trader.signed(order("half"))).await;
    assert!(serde_json::from_str::<Value>(&api.client.text().await.unwrap()).is_err());
    inject(FaultKind::NotJson);
    api.tell("order.place", trader.signed(order("page"))).await;
    assert!(api.client.text().await.unwrap().starts_with("<html>"));
    inject(FaultKind::Cut);
    api.tell("order.place", trader.signed(order("cut"))).await;
    assert_eq!(api.client.text().await, None);
    assert_eq!(open_ids(&trader).await, ["landed", "late", "novel", "half", "page", "cut"]);
    assert_eq!(simulator.requests().commands(OrderCommand::Place), 10);
    for word in ["lose-reply", "lose-request", "delay", "status", "retry-after", "code", "truncate", "not-json", "cut"]
    {
        assert_eq!(struck(&simulator, word), 1, "{word}");
    }
    simulator.stop().await;
}

/// A subscribed socket, with a fault that strikes execution reports.
async fn listening(simulator: &Simulator, trader: &Trader, kind: FaultKind) -> Api {
    let mut api = Api::open(simulator).await;
    api.subscribe(trader).await;
    let mut fault = Fault::new(kind);
    fault.event = Some("executionReport".to_owned());
    simulator.inject(fault).unwrap();
    api
}

async fn kinds(api: &mut Api, count: usize) -> Vec<String> {
    let mut kinds = Vec::new();
    for _ in 0..count {
        kinds.push(api.event().await["event"]["e"].as_str().unwrap().to_owned());
    }
    kinds
}

#[tokio::test(start_paused = true)]
async fn events_are_left_out_doubled_and_held() {
    let report = "executionReport".to_owned();
    let position = "outboundAccountPosition".to_owned();
    for (kind, expected) in [
        (FaultKind::Mute, vec![&position]),
        (FaultKind::Duplicate, vec![&report, &report, &position]),
        (FaultKind::Hold { ms: 300 }, vec![&position, &report]),
    ] {
        let simulator = quiet().await;
        let trader = Trader::main(&simulator);
        let mut api = listening(&simulator, &trader, kind.clone()).await;
        trader.limit("BUY", "50000", "0.001", "one").await;
        assert_eq!(kinds(&mut api, expected.len()).await.iter().collect::<Vec<_>>(), expected, "{kind:?}");
        simulator.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_can_come_after_the_next_one() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = listening(&simulator, &trader, FaultKind::Reorder).await;
    trader.limit("BUY", "50000", "0.001", "one").await;
    trader.delete(ORDER, &[("symbol", "BTCUSDT"), ("origClientOrderId", "one")]).await;
    assert_eq!(api.event_of("executionReport").await["X"], "CANCELED");
    assert_eq!(api.event_of("executionReport").await["X"], "NEW", "stale");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fills_alone_can_be_held() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    api.subscribe(&trader).await;
    let mut fault = Fault::new(FaultKind::Hold { ms: 300 }).always();
    fault.event = Some("TRADE".to_owned());
    simulator.inject(fault).unwrap();
    trader.place(&[("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.0001")]).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let event = api.event().await["event"].clone();
        seen.push(event["x"].as_str().unwrap_or("balances").to_owned());
    }
    assert_eq!(seen, ["NEW", "balances", "TRADE"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_fill_can_come_before_the_reply_that_acknowledges_the_order() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    api.subscribe(&trader).await;
    simulator.inject(Fault::new(FaultKind::Delay { ms: 200 }).path("order.place")).unwrap();
    let market = json!({ "symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001" });
    let id = api.tell("order.place", trader.signed(market)).await;
    let first = api.client.json().await;
    assert_eq!(first["event"]["x"], "NEW", "no reply yet");
    assert_eq!(api.reply(id).await["result"]["status"], "FILLED");
    assert_eq!(api.event_of("executionReport").await["X"], "FILLED");
    simulator.stop().await;
}

/// The next execution report of which `wanted` holds.
async fn report(api: &mut Api, name: &str, wanted: &str) -> Value {
    loop {
        let report = api.event_of("executionReport").await;
        if report[name] == wanted {
            return report;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn reports_of_fills_say_too_little() {
    let buy = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.001")];
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let understated = FaultKind::Understate { quantity: Some(Decimal::new(4, 4)) };
    let mut api = listening(&simulator, &trader, understated).await;
    trader.place(&buy).await;
    let last = report(&mut api, "X", "FILLED").await;
    assert_eq!((&last["z"], &last["q"]), (&json!("0.00060000"), &json!("0.00100000")));
    simulator.inject(Fault::new(FaultKind::NoFee)).unwrap();
    trader.place(&buy).await;
    let fill = report(&mut api, "x", "TRADE").await;
    assert_eq!((fill.get("n"), fill.get("N")), (None, None));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn events_are_novel_and_garbled() {
    for (what, field, value) in
        [(Novelty::Field, "neverSeen", "yes"), (Novelty::Enum, "X", "NEVER_SEEN"), (Novelty::Event, "e", "neverSeen")]
    {
        let simulator = quiet().await;
        let trader = Trader::main(&simulator);
        let mut api = listening(&simulator, &trader, FaultKind::Novel { what }).await;
        trader.limit("BUY", "50000", "0.001", "one").await;
        assert_eq!(api.event().await["event"][field], value);
        simulator.stop().await;
    }
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = listening(&simulator, &trader, FaultKind::Garble).await;
    trader.limit("BUY", "50000", "0.001", "garbled").await;
    assert!(serde_json::from_str::<Value>(&api.client.text().await.unwrap()).is_err());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_ends_while_its_socket_stays() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    api.subscribe(&trader).await;
    simulator.inject(Fault::new(FaultKind::EndSubscription)).unwrap();
    assert_eq!(api.event().await["event"]["e"], "eventStreamTerminated");
    trader.limit("BUY", "50000", "0.001", "unheard").await;
    assert_eq!(api.call("session.subscriptions", json!({})).await["result"], json!([]));
    assert!(api.events.is_empty());
    assert_eq!(api.subscribe(&trader).await["status"], 200);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn queries_lag_behind_orders() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    simulator.inject(Fault::new(FaultKind::LagQuery { ms: 1_000 })).unwrap();
    trader.limit("BUY", "50000", "0.001", "fresh").await;
    let named = [("symbol", "BTCUSDT"), ("origClientOrderId", "fresh")];
    let answer = trader.get(ORDER, &named).await;
    assert_eq!((answer.status, answer.code()), (400, -2013));
    assert!(open_ids(&trader).await.is_empty());
    simulator.advance(Duration::from_secs(2));
    assert_eq!(trader.get(ORDER, &named).await.status, 200);
    assert_eq!(open_ids(&trader).await, ["fresh"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_skewed_clock_refuses_the_right_time() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let right = trader.now();
    simulator.inject(Fault::new(FaultKind::Skew { ms: 60_000 })).unwrap();
    let params = json!({ "apiKey": trader.key.api_key, "timestamp": right });
    let Value::Object(fields) = &params else { panic!() };
    assert_eq!(fields.len(), 2);
    let payload = format!("timestamp={right}");
    let signature = support::private::signature(&trader.key, &payload);
    let target = format!("/api/v3/account?{payload}&signature={signature}");
    let answer = support::send(&trader.rest, "GET", &target, &trader.header(), "").await.unwrap();
    assert_eq!((answer.status, answer.code()), (400, -1021));
    assert_eq!(trader.get("/api/v3/account", &[]).await.status, 200, "by the exchange's own time all is well");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn private_sockets_are_dropped_and_frozen_by_path() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    api.subscribe(&trader).await;
    simulator.inject(Fault::new(FaultKind::Drop).path("/ws-api")).unwrap();
    assert_eq!(api.client.text().await, None);
    let mut fault = Fault::new(FaultKind::Drop).nth(2);
    fault.event = Some("executionReport".to_owned());
    simulator.inject(fault).unwrap();
    let mut api = Api::open(&simulator).await;
    api.subscribe(&trader).await;
    trader.limit("BUY", "50000", "0.001", "one").await;
    assert_eq!(kinds(&mut api, 2).await, ["executionReport", "outboundAccountPosition"]);
    trader.limit("BUY", "50000", "0.001", "two").await;
    assert_eq!(api.client.text().await, None, "with the second report");
    simulator.stop().await;
}
