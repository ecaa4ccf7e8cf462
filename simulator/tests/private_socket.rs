//! The WebSocket API: frames, sessions, subscriptions, limits.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::private::{Api, Trader, limit};
use support::{Client, get, quiet};
use tradewire_simulator::{Config, Fault, FaultKind, Flow, Limits, Simulator, Timestamp};

async fn at_full_minute(limits: Limits) -> Simulator {
    let start_time = Some(Timestamp::from_millis(1_700_000_040_000));
    Simulator::start(Config { flow: Flow::Off, limits, start_time, ..Config::default() }).await.unwrap()
}

fn object(params: &[(&str, &str)]) -> Value {
    Value::Object(params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect())
}

#[tokio::test(start_paused = true)]
async fn ids_come_back_as_they_were() {
    let simulator = quiet().await;
    let mut client = Client::open(&simulator, "/ws-api/v3").await;
    for id in [json!(7), json!("a-b_c"), json!("e2a85d9f-07a5-4f94-8d5f-789dc3deb097"), json!(null), json!(-1)] {
        let reply = client.ask(json!({ "id": id, "method": "v3/ping" })).await;
        assert_eq!((&reply["id"], &reply["status"], &reply["result"]), (&id, &json!(200), &json!({})));
        assert_eq!(reply["rateLimits"][0]["rateLimitType"], "REQUEST_WEIGHT");
    }
    for wrong in ["{", "[]", "{\"id\":1}", "{\"id\":[1],\"method\":\"ping\"}", "{\"id\":1,\"method\":7}"] {
        let reply = client.ask_text(wrong).await;
        assert_eq!((&reply["id"], &reply["status"]), (&json!(null), &json!(400)), "{wrong}");
    }
    let reply = client.ask(json!({ "id": 1, "method": "no.such" })).await;
    assert_eq!((&reply["status"], &reply["error"]["code"]), (&json!(400), &json!(-1020)));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn market_questions_are_answered_as_by_rest() {
    let simulator = quiet().await;
    let mut api = Api::open(&simulator).await;
    for (method, params, path) in [
        ("depth", json!({ "symbol": "BTCUSDT", "limit": 5 }), "/api/v3/depth?symbol=BTCUSDT&limit=5"),
        ("trades.recent", json!({ "symbol": "BTCUSDT" }), "/api/v3/trades?symbol=BTCUSDT"),
        (
            "klines",
            json!({ "symbol": "BTCUSDT", "interval": "1m", "limit": 2 }),
            "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2",
        ),
        (
            "ticker.price",
            json!({ "symbols": ["BTCUSDT", "ETHUSDT"] }),
            "/api/v3/ticker/price?symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D",
        ),
        ("ticker.book", json!({ "symbol": "BTCUSDT" }), "/api/v3/ticker/bookTicker?symbol=BTCUSDT"),
        ("avgPrice", json!({ "symbol": "BTCUSDT" }), "/api/v3/avgPrice?symbol=BTCUSDT"),
    ] {
        let reply = api.call(method, params).await;
        assert_eq!(reply["result"], get(&simulator, path).await.json(), "{method}");
    }
    let unknown = api.call("depth", json!({ "symbol": "NOSUCH" })).await;
    assert_eq!((&unknown["status"], &unknown["error"]["code"]), (&json!(400), &json!(-1121)));
    let info = api.call("exchangeInfo", json!({ "symbol": "BTCUSDT" })).await;
    assert_eq!(info["result"]["symbols"][0]["symbol"], "BTCUSDT");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_live_by_the_socket_as_by_rest() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    let placed = api.call("order.place", trader.signed(object(&limit("BUY", "50000", "0.004", "ws")))).await;
    assert_eq!((&placed["status"], &placed["result"]["status"]), (&json!(200), &json!("NEW")), "{placed}");
    let kinds: Vec<&Value> = placed["rateLimits"].as_array().unwrap().iter().map(|row| &row["interval"]).collect();
    assert_eq!(kinds, ["SECOND", "DAY", "MINUTE"]);
    assert_eq!(placed["rateLimits"][0]["count"], 1);
    let named = json!({ "symbol": "BTCUSDT", "origClientOrderId": "ws" });
    let status = api.call("order.status", trader.signed(named.clone())).await;
    assert_eq!(status["result"]["orderId"], placed["result"]["orderId"]);
    let amend = json!({ "symbol": "BTCUSDT", "origClientOrderId": "ws", "newQty": "0.003", "newClientOrderId": "ws" });
    let amended = api.call("order.amend.keepPriority", trader.signed(amend)).await;
    assert_eq!(amended["result"]["amendedOrder"]["qty"], "0.00300000", "{amended}");
    for method in
        ["openOrders.status", "allOrders", "myTrades", "myPreventedMatches", "myFilters", "account.commission"]
    {
        let mut params = json!({ "symbol": "BTCUSDT" });
        if method == "myPreventedMatches" {
            params["orderId"] = placed["result"]["orderId"].clone();
        }
        assert_eq!(api.call(method, trader.signed(params)).await["status"], 200, "{method}");
    }
    for method in ["account.status", "account.rateLimits.orders", "openOrderLists.status", "allOrderLists"] {
        assert_eq!(api.call(method, trader.signed(json!({}))).await["status"], 200, "{method}");
    }
    let mut replace = object(&limit("BUY", "50100", "0.002", "ws-2"));
    replace["cancelReplaceMode"] = json!("STOP_ON_FAILURE");
    replace["cancelOrigClientOrderId"] = json!("ws");
    let replaced = api.call("order.cancelReplace", trader.signed(replace.clone())).await;
    assert_eq!(replaced["result"]["newOrderResult"], "SUCCESS", "{replaced}");
    replace["newClientOrderId"] = json!("ws-3");
    let failed = api.call("order.cancelReplace", trader.signed(replace)).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!(400), &json!(-2022)));
    assert_eq!(failed["error"]["data"]["newOrderResult"], "NOT_ATTEMPTED");
    let all = api.call("openOrders.cancelAll", trader.signed(json!({ "symbol": "BTCUSDT" }))).await;
    assert_eq!(all["result"].as_array().map(Vec::len), Some(1), "{all}");
    let oco = json!({ "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.002", "listClientOrderId": "l",
        "aboveType": "LIMIT_MAKER", "abovePrice": "80000", "belowType": "STOP_LOSS", "belowStopPrice": "50000" });
    let listed = api.call("orderList.place.oco", trader.signed(oco)).await;
    assert_eq!(listed["result"]["contingencyType"], "OCO", "{listed}");
    let by_id = json!({ "origClientOrderId": "l" });
    assert_eq!(api.call("orderList.status", trader.signed(by_id)).await["status"], 200);
    let cancel = json!({ "symbol": "BTCUSDT", "listClientOrderId": "l" });
    assert_eq!(api.call("orderList.cancel", trader.signed(cancel)).await["result"]["listOrderStatus"], "ALL_DONE");
    let gone = api.call("order.cancel", trader.signed(named)).await;
    assert_eq!((&gone["status"], &gone["error"]["msg"]), (&json!(400), &json!("Unknown order sent.")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_subscription_an_account_and_connection() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    assert_eq!(api.subscribe(&trader).await["result"]["subscriptionId"], 0);
    let twice = api.subscribe(&trader).await;
    assert_eq!((&twice["status"], &twice["error"]["code"]), (&json!(400), &json!(-2035)));
    assert_eq!(api.call("session.subscriptions", json!({})).await["result"], json!([{ "subscriptionId": 0 }]));
    let none = api.call("userDataStream.unsubscribe", json!({ "subscriptionId": 9 })).await;
    assert_eq!(none["error"]["code"], -2036);
    assert_eq!(api.call("userDataStream.unsubscribe", json!({})).await["result"], json!({}));
    assert_eq!(api.event().await["event"]["e"], "eventStreamTerminated");
    assert_eq!(api.subscribe(&trader).await["result"]["subscriptionId"], 1, "numbers are not used again");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn limits_are_shared_with_rest_and_shown_unless_declined() {
    let simulator = at_full_minute(Limits { weight_per_minute: 30, ..Limits::default() }).await;
    get(&simulator, "/api/v3/exchangeInfo").await;
    let mut api = Api::open(&simulator).await;
    let reply = api.call("time", json!({})).await;
    assert_eq!(reply["rateLimits"][0]["count"], 20 + 2 + 1, "a connection weighs 2");
    assert_eq!(api.call("ping", json!({ "returnRateLimits": false })).await.get("rateLimits"), None);
    let refused = api.call("exchangeInfo", json!({})).await;
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&json!(429), &json!(-1003)));
    let data = &refused["error"]["data"];
    assert_eq!(data["retryAfter"], 1_700_000_100_000_i64, "the end of the minute: {data}");
    assert!(data["serverTime"].as_i64().unwrap() < 1_700_000_100_000);
    simulator.advance(Duration::from_secs(60));
    let mut quiet = Client::open(&simulator, "/ws-api/v3?returnRateLimits=false").await;
    assert_eq!(quiet.ask(json!({ "id": 1, "method": "ping" })).await.get("rateLimits"), None);
    let told = quiet.ask(json!({ "id": 1, "method": "ping", "params": { "returnRateLimits": true } })).await;
    assert!(told.get("rateLimits").is_some());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_ban_drops_the_connection() {
    let limits = Limits { weight_per_minute: 3, refusals_until_ban: 1, ..Limits::default() };
    let simulator = at_full_minute(limits).await;
    let mut api = Api::open(&simulator).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(api.call("ping", json!({})).await["status"].as_u64().unwrap());
    }
    assert_eq!(statuses, [200, 429, 418]);
    assert_eq!(api.client.text().await, None, "closed");
    assert!(Client::try_open(&simulator, "/ws-api/v3").await.is_err());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn connections_are_counted_apart_from_market_streams() {
    let simulator = at_full_minute(Limits { connections_per_5_minutes: 2, ..Limits::default() }).await;
    let mut open = Vec::new();
    for path in ["/ws-api/v3", "/ws", "/ws-api/v3", "/ws"] {
        open.push(Client::open(&simulator, path).await);
    }
    assert!(Client::try_open(&simulator, "/ws-api/v3").await.is_err());
    assert!(Client::try_open(&simulator, "/ws-api/v2").await.is_err(), "no such path");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn many_frames_a_second_are_fine_here() {
    let simulator = quiet().await;
    let mut api = Api::open(&simulator).await;
    for _ in 0..40 {
        assert_eq!(api.call("ping", json!({})).await["status"], 200);
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_is_announced_without_a_subscription() {
    let simulator = quiet().await;
    let mut client = Client::open(&simulator, "/ws-api/v3").await;
    client.ask(json!({ "id": 1, "method": "ping" })).await;
    simulator.inject(Fault::new(FaultKind::ShutdownNotice).path("/ws-api")).unwrap();
    let notice = client.json().await;
    assert_eq!((&notice["event"]["e"], notice.get("subscriptionId")), (&json!("serverShutdown"), None));
    simulator.inject(Fault::new(FaultKind::DayCut).path("/ws-api")).unwrap();
    assert_eq!(client.text().await, None);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn times_come_in_microseconds_where_asked_for() {
    let simulator = quiet().await;
    let mut client = Client::open(&simulator, "/ws-api/v3?timeUnit=MICROSECOND").await;
    let reply = client.ask(json!({ "id": 1, "method": "time" })).await;
    assert!(reply["result"]["serverTime"].as_i64().unwrap() > 1_000_000_000_000_000);
    assert!(Client::try_open(&simulator, "/ws-api/v3?timeUnit=DAY").await.is_err());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_revoked_key_is_told_so_with_the_next_request() {
    let simulator = quiet().await;
    let trader = Trader::ed25519(&simulator);
    let mut api = Api::open(&simulator).await;
    api.call("session.logon", trader.signed(json!({}))).await;
    api.call("userDataStream.subscribe", json!({})).await;
    let key = Some(trader.key.api_key.clone());
    simulator.inject(Fault::new(FaultKind::RevokeKey { key })).unwrap();
    assert_eq!(api.event().await["event"]["e"], "eventStreamTerminated");
    let reply = api.call("account.status", json!({ "timestamp": trader.now() })).await;
    assert_eq!((&reply["id"], &reply["status"], &reply["error"]["code"]), (&json!(null), &json!(401), &json!(-2015)));
    let rest = trader.get("/api/v3/account", &[]).await;
    assert_eq!((rest.status, rest.code()), (401, -2015));
    assert_eq!(Trader::main(&simulator).get("/api/v3/account", &[]).await.status, 200, "other keys work on");
    simulator.stop().await;
}
