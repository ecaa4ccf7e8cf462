//! Who may ask: keys, signatures, times.

mod support;

use serde_json::json;
use support::private::{Api, Key, Trader, encoded, query, signature};
use support::{Answer, quiet, send};
use tradewire_simulator::{KeyType, OrderCommand};

const ACCOUNT: &str = "/api/v3/account";

fn refusal(answer: &Answer) -> (u16, i64) {
    (answer.status, answer.code())
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_key_opens_both_interfaces() {
    let simulator = quiet().await;
    for key_type in [KeyType::Hmac, KeyType::Ed25519, KeyType::Rsa] {
        let trader = Trader::new(&simulator, simulator.add_key("main", key_type).unwrap());
        let answer = trader.get(ACCOUNT, &[]).await;
        assert_eq!(answer.status, 200, "{key_type:?}: {}", answer.body);
        let mut api = Api::open(&simulator).await;
        let reply = api.call("account.status", trader.signed(json!({ "omitZeroBalances": true }))).await;
        assert_eq!(reply["status"], 200, "{key_type:?}: {reply}");
        let reply = api.subscribe(&trader).await;
        assert_eq!(reply["result"], json!({ "subscriptionId": 0 }), "{key_type:?}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_signature_covers_the_raw_query_and_the_raw_body() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let (now, rest) = (trader.now(), &simulator.addresses().rest);
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001";
    let rest_of_it = format!("price=50000&timestamp={now}");
    let path = "/api/v3/order/test";
    let signed = |payload: &str| signature(&trader.key, payload);
    let header = trader.header();
    let whole = format!("{order}&{rest_of_it}");
    let in_query = format!("{path}?{whole}&signature={}", signed(&whole));
    let first = format!("{path}?signature={}&{whole}", signed(&whole).to_uppercase());
    for target in [in_query, first] {
        assert_eq!(send(rest, "POST", &target, &header, "").await.unwrap().body, "{}", "{target}");
    }
    let body = format!("{whole}&signature={}", signed(&whole));
    let labelled = format!("{header}Content-Type: application/json\r\n");
    for header in [&header, &labelled] {
        assert_eq!(send(rest, "POST", path, header, &body).await.unwrap().body, "{}", "whatever its label");
    }
    let mixed = signed(&format!("{order}{rest_of_it}"));
    let middle = format!("signature={mixed}&{rest_of_it}");
    assert_eq!(send(rest, "POST", &format!("{path}?{order}"), &header, &middle).await.unwrap().body, "{}");
    let clash = format!("{order}&{rest_of_it}symbol=NOSUCH");
    let target = format!("{path}?{order}&{rest_of_it}&signature={}", signed(&clash));
    assert_eq!(send(rest, "POST", &target, &header, "symbol=NOSUCH").await.unwrap().body, "{}", "the query wins");
    let spaced = format!("{path}?{whole}&&signature={}", signed(&whole));
    assert_eq!(refusal(&send(rest, "POST", &spaced, &header, "").await.unwrap()), (400, -1022));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_key_is_told() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let rest = &simulator.addresses().rest;
    let now = trader.now();
    let target = format!("{ACCOUNT}?timestamp={now}&signature=00");
    let with = async |key: &str| send(rest, "GET", &target, &format!("X-MBX-APIKEY: {key}\r\n"), "").await.unwrap();
    assert_eq!(refusal(&send(rest, "GET", &target, "", "").await.unwrap()), (401, -2014));
    assert_eq!(refusal(&with("not a key!").await), (401, -2014));
    assert_eq!(refusal(&with("nobody").await), (401, -2015));
    assert_eq!(with("nobody").await.json()["msg"], "Invalid API-key, IP, or permissions for action.");
    assert_eq!(refusal(&with(&trader.key.api_key).await), (400, -1022));
    let unsigned = format!("{ACCOUNT}?timestamp={now}");
    let answer = send(rest, "GET", &unsigned, &trader.header(), "").await.unwrap();
    assert_eq!(refusal(&answer), (400, -1102));
    assert!(answer.json()["msg"].as_str().unwrap().contains("'signature'"));
    let public = send(rest, "GET", "/api/v3/time", &trader.header(), "").await.unwrap();
    assert_eq!(public.status, 200, "a key does no harm where none is needed");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn requests_are_good_for_their_window_only() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let at = async |offset: i64, window: &str| {
        let made = (trader.now() + offset).to_string();
        let payload = query(&[("timestamp", &made), ("recvWindow", window)]);
        let target = format!("{ACCOUNT}?{payload}&signature={}", encoded(&signature(&trader.key, &payload)));
        send(&trader.rest, "GET", &target, &trader.header(), "").await.unwrap()
    };
    assert_eq!(at(0, "1.001").await.status, 200);
    assert_eq!(at(900, "5000").await.status, 200);
    let ahead = at(1500, "5000").await;
    assert_eq!(refusal(&ahead), (400, -1021));
    assert_eq!(ahead.json()["msg"], "Timestamp for this request was 1000ms ahead of the server's time.");
    let late = at(-1000, "999.999").await;
    assert_eq!(refusal(&late), (400, -1021));
    assert_eq!(late.json()["msg"], "Timestamp for this request is outside of the recvWindow.");
    assert_eq!(at(-59_000, "60000").await.status, 200);
    assert_eq!(refusal(&at(0, "60001").await), (400, -1131));
    assert_eq!(refusal(&at(0, "soon").await), (400, -1100));
    assert_eq!(simulator.used_weight(), 7 * 20, "refusals cost weight");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_socket_signs_its_parameters_as_they_stand() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    let number = trader.signed(json!({ "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
        "price": "50000.00", "quantity": "0.0010", "recvWindow": 5000 }));
    let reply = api.call("order.test", number).await;
    assert_eq!((&reply["status"], &reply["result"]), (&json!(200), &json!({})), "{reply}");
    // As written, digits and all: the text of a number is what is signed.
    let now = trader.now();
    let key = &trader.key.api_key;
    let payload = format!(
        "apiKey={key}&price=50000.10&quantity=0.0010&side=BUY&symbol=BTCUSDT&timeInForce=GTC&timestamp={now}&type=LIMIT"
    );
    let frame = format!(
        "{{\"id\":\"x\",\"method\":\"v3/order.test\",\"params\":{{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\
         \"timeInForce\":\"GTC\",\"price\":50000.10,\"quantity\":0.0010,\"timestamp\":{now},\"apiKey\":\"{key}\",\
         \"signature\":\"{}\"}}}}",
        signature(&trader.key, &payload)
    );
    let reply = api.client.ask_text(&frame).await;
    assert_eq!((&reply["id"], &reply["status"]), (&json!("x"), &json!(200)), "{reply}");
    let unsigned = api.call("account.status", json!({ "timestamp": now })).await;
    assert_eq!((&unsigned["status"], &unsigned["error"]["code"]), (&json!(400), &json!(-1102)));
    let nobody = json!({ "timestamp": now, "apiKey": "nobody", "signature": "00" });
    let refused = api.call("account.status", nobody).await;
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&json!(401), &json!(-2015)));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn only_an_ed25519_key_logs_on() {
    let simulator = quiet().await;
    let (hmac, ed25519) = (Trader::main(&simulator), Trader::ed25519(&simulator));
    let mut api = Api::open(&simulator).await;
    let before = api.call("session.status", json!({})).await;
    assert_eq!(before["result"]["apiKey"], json!(null));
    let refused = api.call("session.logon", hmac.signed(json!({}))).await;
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&json!(401), &json!(-2015)));
    let nobody = api.call("userDataStream.subscribe", json!({})).await;
    assert_eq!(nobody["status"], 401, "nobody has logged on");
    let logon = api.call("session.logon", ed25519.signed(json!({}))).await;
    assert_eq!(logon["result"]["apiKey"], json!(ed25519.key.api_key), "{logon}");
    assert_eq!(logon["result"]["authorizedSince"], json!(ed25519.now()));
    let now = ed25519.now();
    let reply = api.call("account.status", json!({ "timestamp": now })).await;
    assert_eq!(reply["status"], 200, "no signature is needed: {reply}");
    assert_eq!(api.call("account.status", json!({})).await["error"]["code"], -1102, "but the time is");
    let other = api.call("account.status", hmac.signed(json!({}))).await;
    assert_eq!(other["status"], 200, "a request may bring a key of its own");
    let subscribed = api.call("userDataStream.subscribe", json!({})).await;
    assert_eq!(subscribed["result"]["subscriptionId"], 0);
    assert_eq!(api.call("session.status", json!({})).await["result"]["userDataStream"], true);
    let out = api.call("session.logout", json!({})).await;
    assert_eq!((&out["result"]["apiKey"], &out["result"]["userDataStream"]), (&json!(null), &json!(false)));
    assert_eq!(api.event_of("eventStreamTerminated").await["E"], json!(ed25519.now()));
    assert_eq!(api.call("account.status", json!({ "timestamp": now })).await["error"]["code"], -1102);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_log_shows_what_was_asked_and_no_signature() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    trader.limit("BUY", "50000", "0.001", "mine-1").await;
    let mut api = Api::open(&simulator).await;
    let params = json!({ "symbol": "BTCUSDT", "origClientOrderId": "mine-1" });
    assert_eq!(api.call("order.cancel", trader.signed(params)).await["status"], 200);
    let log = simulator.requests();
    assert_eq!((log.places("mine-1"), log.commands(OrderCommand::Cancel)), (1, 1));
    let place = &log.records[0];
    assert_eq!((place.method.as_str(), place.path.as_str(), place.status), ("POST", "/api/v3/order", 200));
    assert_eq!((place.note.command, place.note.keyed, place.note.signed), (Some(OrderCommand::Place), true, true));
    assert_eq!(place.note.account.as_deref(), Some("main"));
    let cancel = log.records.last().unwrap();
    assert_eq!((cancel.method.as_str(), cancel.path.as_str()), ("WS", "order.cancel"));
    assert_eq!(cancel.note.client_order_id.as_deref(), Some("mine-1"));
    assert!(cancel.connection.is_some());
    for record in &log.records {
        assert!(!record.query.contains("signature"), "{record:?}");
    }
    let stranger = Key { secret: "another".to_owned(), ..trader.key.clone() };
    let stranger = Trader { key: stranger, ..trader };
    assert_eq!(refusal(&stranger.get(ACCOUNT, &[]).await), (400, -1022));
    simulator.stop().await;
}
