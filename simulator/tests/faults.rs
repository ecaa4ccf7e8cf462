//! Every fault does what it says, and is counted.

mod support;

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::{Client, control, get, quiet, send};
use tokio::time::{Instant, timeout};
use tradewire_simulator::{Config, Fault, FaultKind, Novelty, Side, Simulator, TraderOrder, TradingStatus};

const DEPTH: &str = "/api/v3/depth?symbol=BTCUSDT";

async fn try_get(simulator: &Simulator, path: &str) -> Option<support::Answer> {
    let answer = send(&simulator.addresses().rest, "GET", path, "", "");
    timeout(Duration::from_secs(3600), answer).await.ok().flatten()
}

fn struck(simulator: &Simulator, word: &str) -> u64 {
    simulator.faults_struck().get(word).copied().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn requests_and_replies_are_lost_cut_and_spoilt() {
    let simulator = quiet().await;
    let inject = |kind| simulator.inject(Fault::new(kind).path("/api/v3/depth")).unwrap();
    inject(FaultKind::LoseRequest);
    assert!(try_get(&simulator, DEPTH).await.is_none());
    assert_eq!(simulator.used_weight(), 0, "a lost request has no effect");
    inject(FaultKind::LoseReply);
    assert!(try_get(&simulator, DEPTH).await.is_none());
    assert_eq!(simulator.requests().records.last().unwrap().weight, 0);
    inject(FaultKind::Cut);
    assert!(try_get(&simulator, DEPTH).await.is_none(), "one byte is no answer");
    inject(FaultKind::Truncate);
    let truncated = try_get(&simulator, DEPTH).await.unwrap();
    assert!(!truncated.complete && truncated.status == 200 && truncated.body.starts_with('{'));
    inject(FaultKind::NotJson);
    assert!(get(&simulator, DEPTH).await.body.starts_with("<html>"));
    inject(FaultKind::Novel { what: Novelty::Field });
    assert_eq!(get(&simulator, DEPTH).await.json()["neverSeen"], "yes");
    assert_eq!(get(&simulator, DEPTH).await.status, 200, "each struck once");
    for word in ["lose-request", "lose-reply", "cut", "truncate", "not-json", "novel"] {
        assert_eq!(struck(&simulator, word), 1, "{word}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn refusals_have_status_code_and_waiting_time() {
    let simulator = quiet().await;
    simulator.inject(Fault::new(FaultKind::Status { status: 502 }).nth(2).times(2)).unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&simulator, "/api/v3/time").await.status);
    }
    assert_eq!(statuses, [200, 502, 502, 200]);
    simulator.inject(Fault::new(FaultKind::RetryAfter { seconds: 7, status: 429 })).unwrap();
    let refused = get(&simulator, "/api/v3/time").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("7")));
    let code = FaultKind::Code { code: -1008, message: Some("Busy.".to_owned()), status: 503 };
    simulator.inject(Fault::new(code)).unwrap();
    let refused = get(&simulator, "/api/v3/time").await;
    assert_eq!((refused.status, refused.body.as_str()), (503, r#"{"code":-1008,"msg":"Busy."}"#));
    assert!(refused.header("x-mbx-used-weight-1m").is_some());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_delayed_answer_shows_the_book_of_the_request() {
    let simulator = quiet().await;
    let before = simulator.book("BTCUSDT").unwrap();
    simulator.inject(Fault::new(FaultKind::Delay { ms: 9_000 }).path("/api/v3/depth").pair("BTC-USDT")).unwrap();
    let asked = Instant::now();
    let (answer, ()) = tokio::join!(get(&simulator, DEPTH), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        simulator.place("BTCUSDT", TraderOrder::market(Side::Buy, Decimal::new(1, 5))).unwrap();
    });
    assert!(asked.elapsed() >= Duration::from_secs(9));
    assert_eq!(answer.json()["lastUpdateId"], json!(before.update_id));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn connections_are_refused_for_a_time_or_a_number() {
    let simulator = quiet().await;
    let for_a_minute = Fault::new(FaultKind::RefuseConnect).lasting(Duration::from_secs(60));
    simulator.inject(for_a_minute).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let address = simulator.addresses().rest.strip_prefix("http://").unwrap();
    let refused = tokio::net::TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(get(&simulator, "/api/v3/ping").await.status, 200);
    simulator.inject(Fault::new(FaultKind::RefuseConnect).times(2)).unwrap();
    assert!(try_get(&simulator, "/api/v3/ping").await.is_none());
    assert!(Client::try_open(&simulator, "/ws").await.is_err());
    assert_eq!(get(&simulator, "/api/v3/ping").await.status, 200);
    simulator.stop().await;
}

/// A quiet simulator with one raw depth stream of BNB, and a way to make one update.
struct Stream {
    simulator: Simulator,
    client: Client,
}

impl Stream {
    async fn open() -> Stream {
        let simulator = quiet().await;
        let mut client = Client::open(&simulator, "/ws/bnbusdt@depth@100ms").await;
        client.ask(json!({"method": "LIST_SUBSCRIPTIONS", "id": 1})).await;
        Stream { simulator, client }
    }

    /// Makes one update and publishes it; returns its last id.
    fn update(&self) -> u64 {
        let price = Decimal::new(500, 0);
        let order = TraderOrder::limit(Side::Buy, price, Decimal::ONE);
        let placed = self.simulator.place("BNBUSDT", order).unwrap();
        self.simulator.publish();
        placed.update_id
    }

    async fn last_id(&mut self) -> u64 {
        self.client.json().await["u"].as_u64().expect("an update")
    }
}

#[tokio::test(start_paused = true)]
async fn updates_are_skipped_repeated_reordered_and_held() {
    let mut stream = Stream::open().await;
    stream.simulator.inject(Fault::new(FaultKind::SkipUpdate).pair("BNB-USDT").nth(2)).unwrap();
    let ids = [stream.update(), stream.update(), stream.update()];
    assert_eq!([stream.last_id().await, stream.last_id().await], [ids[0], ids[2]]);
    stream.simulator.inject(Fault::new(FaultKind::RepeatUpdate)).unwrap();
    let ids = [stream.update(), stream.update()];
    assert_eq!([stream.last_id().await, stream.last_id().await, stream.last_id().await], [ids[0], ids[0], ids[1]]);
    stream.simulator.inject(Fault::new(FaultKind::Reorder)).unwrap();
    let ids = [stream.update(), stream.update()];
    assert_eq!([stream.last_id().await, stream.last_id().await], [ids[1], ids[0]]);
    stream.simulator.inject(Fault::new(FaultKind::Hold { ms: 5_000 })).unwrap();
    let held = Instant::now();
    let ids = [stream.update(), stream.update()];
    assert_eq!([stream.last_id().await, stream.last_id().await], [ids[1], ids[0]]);
    assert!(held.elapsed() >= Duration::from_secs(5));
    stream.simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn updates_are_crossed_falsified_and_garbled() {
    let mut stream = Stream::open().await;
    let ask = stream.simulator.book("BNBUSDT").unwrap().asks[0].0;
    let number = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
    stream.simulator.inject(Fault::new(FaultKind::CrossBook)).unwrap();
    stream.update();
    assert_eq!(number(&stream.client.json().await["b"][0][0]), ask);
    stream.simulator.inject(Fault::new(FaultKind::WrongLevel)).unwrap();
    let id = stream.update();
    let update = stream.client.json().await;
    let truth = stream.simulator.book_at("BNBUSDT", id).unwrap();
    let level = truth.bids.iter().find(|(price, _)| *price == Decimal::new(500, 0)).unwrap();
    assert_eq!(number(&update["b"][0][1]), level.1 * Decimal::TWO);
    stream.simulator.inject(Fault::new(FaultKind::Garble)).unwrap();
    stream.update();
    assert!(serde_json::from_str::<Value>(&stream.client.text().await.unwrap()).is_err());
    for (what, event) in [(Novelty::Field, "depthUpdate"), (Novelty::Enum, "NEVER_SEEN"), (Novelty::Event, "neverSeen")]
    {
        stream.simulator.inject(Fault::new(FaultKind::Novel { what }).stream("@depth")).unwrap();
        stream.update();
        let frame = stream.client.json().await;
        assert_eq!((&frame["e"], frame.get("neverSeen").is_some()), (&json!(event), what == Novelty::Field));
    }
    stream.simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_muted_pair_is_silent_until_cleared() {
    let mut stream = Stream::open().await;
    let mute = stream.simulator.inject(Fault::new(FaultKind::Mute).pair("BNB-USDT")).unwrap();
    stream.update();
    stream.update();
    assert!(stream.simulator.clear_fault(mute));
    let id = stream.update();
    assert_eq!(stream.last_id().await, id);
    assert_eq!(struck(&stream.simulator, "mute"), 2, "streams that nobody listens to do not count");
    stream.simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn sockets_are_dropped_frozen_announced_and_cut() {
    let mut stream = Stream::open().await;
    let mut other = Client::open(&stream.simulator, "/ws/ethusdt@depth").await;
    other.ask(json!({"method": "LIST_SUBSCRIPTIONS", "id": 1})).await;
    stream.simulator.inject(Fault::new(FaultKind::ShutdownNotice).pair("ETH-USDT")).unwrap();
    assert_eq!(other.json().await["e"], "serverShutdown");
    stream.simulator.inject(Fault::new(FaultKind::Drop).pair("BNB-USDT").nth(2)).unwrap();
    let first = stream.update();
    assert_eq!(stream.last_id().await, first);
    stream.update();
    assert!(stream.client.text().await.is_none(), "dropped at its second frame");
    stream.simulator.inject(Fault::new(FaultKind::Freeze).stream("ethusdt")).unwrap();
    stream.simulator.place("ETHUSDT", TraderOrder::market(Side::Buy, Decimal::new(1, 4))).unwrap();
    stream.simulator.publish();
    assert!(timeout(Duration::from_secs(600), other.text()).await.is_err(), "open, but nothing comes");
    let mut third = Client::open(&stream.simulator, "/ws").await;
    third.ask(json!({"method": "LIST_SUBSCRIPTIONS", "id": 1})).await;
    let id = stream.simulator.connections().last().unwrap().id;
    stream.simulator.inject(Fault::new(FaultKind::DayCut).connection(id)).unwrap();
    assert!(third.text().await.is_none());
    stream.simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_market_is_halted_delisted_widened_and_reticked() {
    let simulator = quiet().await;
    let symbols = async || {
        let info = get(&simulator, "/api/v3/exchangeInfo").await.json();
        info["symbols"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| (s["symbol"].clone(), s["status"].clone()))
            .collect::<Vec<_>>()
    };
    let halt = Fault::new(FaultKind::Halt { status: TradingStatus::Halt }).pair("ETH-USDT");
    simulator.inject(halt.lasting(Duration::from_secs(5))).unwrap();
    assert!(symbols().await.contains(&(json!("ETHUSDT"), json!("HALT"))));
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(symbols().await.contains(&(json!("ETHUSDT"), json!("TRADING"))));
    simulator.inject(Fault::new(FaultKind::Delist).pair("ETH-BTC")).unwrap();
    assert_eq!(get(&simulator, "/api/v3/depth?symbol=ETHBTC").await.code(), -1121);
    assert!(simulator.inject(Fault::new(FaultKind::Delist)).is_err());
    simulator.inject(Fault::new(FaultKind::WideSymbol)).unwrap();
    assert!(symbols().await.contains(&(json!("币安人生USDT"), json!("TRADING"))));
    simulator.inject(Fault::new(FaultKind::TickChange { tick: Decimal::new(1, 3) }).pair("BTC-USDT")).unwrap();
    let info = get(&simulator, "/api/v3/exchangeInfo?symbol=BTCUSDT").await.json();
    assert_eq!(info["symbols"][0]["filters"][0]["tickSize"], "0.00100000");
    let maintenance = simulator.inject(Fault::new(FaultKind::Maintenance)).unwrap();
    assert_eq!(get(&simulator, "/api/v3/ping").await.status, 503);
    assert!(Client::try_open(&simulator, "/ws").await.is_err());
    simulator.clear_fault(maintenance);
    assert_eq!(get(&simulator, "/api/v3/ping").await.status, 200);
    assert!(
        simulator.inject(Fault::new(FaultKind::Mute).pair("FOO-BAR")).unwrap_err().to_string().contains("`FOO-BAR`")
    );
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_finer_tick_shows_in_the_book() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    simulator.inject(Fault::new(FaultKind::TickChange { tick: Decimal::new(1, 3) }).pair("BTC-USDT")).unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let book = simulator.book("BTC-USDT").unwrap();
    assert!(book.bids.iter().any(|(price, _)| price.scale() == 3));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn time_is_skewed_and_advanced() {
    let simulator = quiet().await;
    let time = async || get(&simulator, "/api/v3/time").await.json()["serverTime"].as_i64().unwrap();
    let before = time().await;
    simulator.inject(Fault::new(FaultKind::Skew { ms: -30_000 })).unwrap();
    assert!((-30_000..-29_000).contains(&(time().await - before)));
    simulator.clear_faults();
    simulator.inject(Fault::new(FaultKind::Advance { ms: 3_600_000 })).unwrap();
    assert!((3_600_000..3_601_000).contains(&(time().await - before)));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_control_api_does_the_same() {
    let simulator = quiet().await;
    let ask = async |method: &str, path: &str, body: Value| control(&simulator, method, path, &body.to_string()).await;
    let armed =
        ask("POST", "/faults", json!([{"kind": "status", "status": 500, "path": "/api"}, {"kind": "mute"}])).await;
    assert_eq!(armed.json(), json!({"ids": [1, 2]}));
    assert_eq!(get(&simulator, "/api/v3/ping").await.status, 500);
    let listed = control(&simulator, "GET", "/faults", "").await.json();
    assert_eq!((&listed["faults"][0]["fault"]["kind"], &listed["struck"]["status"]), (&json!("mute"), &json!(1)));
    assert_eq!(control(&simulator, "DELETE", "/faults/2", "").await.status, 200);
    assert_eq!(control(&simulator, "DELETE", "/faults/2", "").await.status, 404);
    let wrong = ask("POST", "/faults", json!([{"kind": "delay", "ms": "soon"}])).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["error"].as_str().unwrap().contains("fault 1: `delay`: field `ms`"), "{}", wrong.body);
    let before = control(&simulator, "GET", "/time", "").await.json()["now_ms"].as_i64().unwrap();
    let after = ask("POST", "/time", json!({"advance_ms": 5000, "skew_ms": 70})).await.json();
    assert!(after["now_ms"].as_i64().unwrap() >= before + 5000 && after["skew_ms"] == json!(70));
    let order = json!({"action": "place", "symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.001"});
    let placed = ask("POST", "/market", order).await.json();
    assert_eq!((&placed["status"], &placed["filled"]), (&json!("filled"), &json!("0.001")));
    let id = placed["update_id"].as_u64().unwrap();
    let book = control(&simulator, "GET", &format!("/book?symbol=BTCUSDT&update_id={id}"), "").await.json();
    assert_eq!(book["digest"], json!(simulator.book("BTCUSDT").unwrap().digest()));
    assert_eq!(control(&simulator, "GET", "/book?symbol=BTCUSDT&update_id=1", "").await.status, 404);
    let moved = ask("POST", "/market", json!({"action": "move-price", "symbol": "BTCUSDT", "price": "62500"})).await;
    assert_eq!(moved.status, 200);
    assert_eq!(simulator.book("BTCUSDT").unwrap().bids[0].0, Decimal::new(62_500, 0));
    assert_eq!(control(&simulator, "GET", "/requests", "").await.json()["records"][0]["status"], json!(500));
    assert_eq!(control(&simulator, "GET", "/connections", "").await.json(), json!([]));
    assert_eq!(control(&simulator, "POST", "/publish", "").await.status, 200);
    assert_eq!(control(&simulator, "GET", "/nothing", "").await.status, 404);
    simulator.stop().await;
}
