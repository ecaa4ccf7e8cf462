//! Binance USD-M: the WebSocket API, signatures and times.

mod support;

use serde_json::{Value, json};
use support::private::{Key, Trader, encoded, query, signature};
use support::usdm::{event_of, quiet};
use support::{Client, send};
use tradewire_simulator::KeyType;

async fn call(client: &mut Client, method: &str, params: Value) -> Value {
    client.ask(json!({ "id": method, "method": method, "params": params })).await
}

#[tokio::test(start_paused = true)]
async fn orders_go_by_the_socket() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Client::open(&simulator, "/ws-fapi/v1").await;
    let started = call(&mut api, "userDataStream.start", json!({ "apiKey": trader.key.api_key })).await;
    let key = started["result"]["listenKey"].as_str().unwrap().to_owned();
    let mut events = Client::open(&simulator, &format!("/private/ws/{key}")).await;
    events.ask(json!({ "method": "LIST_SUBSCRIPTIONS", "id": 1 })).await;
    let order = json!({ "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 0.01,
        "price": "40000.0", "newClientOrderId": "ws-1" });
    let placed = call(&mut api, "order.place", trader.signed(order)).await;
    assert_eq!((&placed["status"], &placed["id"]), (&json!(200), &json!("order.place")), "{placed}");
    assert_eq!(placed["rateLimits"][0]["rateLimitType"], "ORDERS", "orders count");
    assert_eq!(event_of(&mut events, "ORDER_TRADE_UPDATE").await["o"]["c"], "ws-1");
    let named = json!({ "symbol": "BTCUSDT", "origClientOrderId": "ws-1" });
    let status = call(&mut api, "order.status", trader.signed(named.clone())).await;
    assert_eq!(status["result"]["avgPrice"], "0.00000");
    let change = json!({ "symbol": "BTCUSDT", "origClientOrderId": "ws-1", "side": "BUY", "quantity": "0.02",
        "price": "40000.0" });
    let modified = call(&mut api, "order.modify", trader.signed(change)).await;
    assert_eq!(modified["result"]["origQty"], "0.020");
    assert!(modified["result"].get("pair").is_none(), "by REST alone");
    assert_eq!(call(&mut api, "order.cancel", trader.signed(named.clone())).await["result"]["status"], "CANCELED");
    let again = call(&mut api, "order.cancel", trader.signed(named)).await;
    assert_eq!((&again["status"], &again["error"]["code"]), (&json!(400), &json!(-2011)));
    for method in [
        "account.balance",
        "v2/account.balance",
        "account.status",
        "v2/account.status",
        "account.position",
        "v2/account.position",
    ] {
        assert_eq!(call(&mut api, method, trader.signed(json!({}))).await["status"], 200, "{method}");
    }
    for (method, params) in
        [("depth", json!({ "symbol": "BTCUSDT" })), ("ticker.price", json!({})), ("ticker.book", json!({}))]
    {
        assert_eq!(call(&mut api, method, params).await["status"], 200, "{method}");
    }
    let ping = call(&mut api, "userDataStream.ping", json!({ "apiKey": trader.key.api_key })).await;
    assert_eq!(ping["result"]["listenKey"], json!(key));
    let stopped = call(&mut api, "userDataStream.stop", json!({ "apiKey": trader.key.api_key })).await;
    assert_eq!(stopped["result"], json!({}));
    assert_eq!(call(&mut api, "order.dance", json!({})).await["error"]["code"], -1020);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_is_logged_on_by_ed25519_alone() {
    let simulator = quiet().await;
    let mut api = Client::open(&simulator, "/ws-fapi/v1").await;
    let hmac = call(&mut api, "session.logon", Trader::main(&simulator).signed(json!({}))).await;
    assert_eq!(hmac["error"]["code"], -2015);
    let trader = Trader::ed25519(&simulator);
    let logon = call(&mut api, "session.logon", trader.signed(json!({}))).await;
    assert_eq!(logon["result"]["apiKey"], json!(trader.key.api_key), "{logon}");
    let balance = call(&mut api, "account.balance", json!({ "timestamp": trader.now() })).await;
    assert_eq!(balance["status"], 200, "no key and no signature are needed now: {balance}");
    assert_eq!(call(&mut api, "session.logout", json!({})).await["result"]["apiKey"], Value::Null);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn published_signatures_hold() {
    let key = Key {
        api_key: String::new(),
        secret: "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9".to_owned(),
        key_type: KeyType::Hmac,
    };
    let whole = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943";
    assert_eq!(signature(&key, whole), "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
    let split = [
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
        "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
    ];
    assert_eq!(signature(&key, &split.concat()), "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4");
}

#[tokio::test(start_paused = true)]
async fn query_and_body_are_signed_together_whatever_the_body_is_called() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let first = query(&[("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "LIMIT"), ("timeInForce", "GTC")]);
    let now = trader.now().to_string();
    let second = query(&[("quantity", "0.01"), ("price", "40000"), ("timestamp", &now)]);
    let signed = encoded(&signature(&trader.key, &format!("{first}{second}")));
    let headers = format!("{}Content-Type: application/json\r\n", trader.header());
    let path = format!("/fapi/v1/order?{first}");
    let body = format!("{second}&signature={signed}");
    let answer = send(&trader.rest, "POST", &path, &headers, &body).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let wrong = send(&trader.rest, "POST", &path, &headers, &body.replace("40000", "41000")).await.unwrap();
    assert_eq!(wrong.code(), -1022);
    let stale = query(&[("timestamp", &(trader.now() - 6000).to_string())]);
    let path = format!("/fapi/v3/balance?{stale}&signature={}", signature(&trader.key, &stale));
    let refused = send(&trader.rest, "GET", &path, &trader.header(), "").await.unwrap();
    assert_eq!(refused.code(), -1021);
    simulator.stop().await;
}
