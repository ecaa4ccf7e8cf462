use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::Addresses;

use super::{Script, ScriptRecorder, ScriptedServer, Scrub};

const SCRIPT: &str = r#"
{"note": "a login, a time and an order"}
{"request": {"method": "GET", "path": "/1/time"}, "answer": {"body": {"time": 1700000000000}}, "repeat": true}
{"request": {"method": "POST", "path": "/1/orders", "query": {"time": "$time"}, "headers": {"ex-sign": "$signature"}, "body": {"symbol": "BTC/USDT", "client_id": "$client_id"}}, "answer": {"headers": {"ex-weight": "7"}, "body": {"id": "9", "client_id": "$client_id"}}}
{"socket": "account", "opens": "/account"}
{"socket": "account", "gets": {"do": "login", "key": "$key", "time": "$time"}}
{"socket": "account", "sends": {"ok": true}}
{"socket": "account", "sends": {"event": "order", "client_id": "$client_id"}}
"#;

fn addresses(of: &Addresses) -> (String, String) {
    let Addresses::Own { rest, ws, .. } = of else { panic!("{of:?}") };
    (rest.clone(), ws.clone())
}

/// What a client says, as in the script but for `symbol`. Returns what came over the socket.
async fn client(of: &Addresses, symbol: &str) -> Vec<String> {
    let (rest, ws) = addresses(of);
    let http = reqwest::Client::new();
    for _ in 0..2 {
        let time = http.get(format!("{rest}/1/time")).send().await.expect("an answer").text().await.expect("a body");
        assert_eq!(time, r#"{"time":1700000000000}"#);
    }
    let body = format!(r#"{{"symbol":"{symbol}","client_id":"mine-1"}}"#);
    let order = http.post(format!("{rest}/1/orders?time=1700000000001")).header("ex-sign", "abcd").body(body);
    let _ = order.send().await.expect("an answer").text().await.expect("a body");
    let (mut socket, _) = connect_async(format!("{ws}/account")).await.expect("a socket");
    let login = r#"{"do":"login","key":"k3y","time":1700000000002}"#;
    socket.send(Message::text(login)).await.expect("sent");
    let mut told = Vec::new();
    while told.len() < 2 {
        let Some(Ok(frame)) = socket.next().await else { break };
        told.push(frame.to_string());
    }
    told
}

#[tokio::test]
async fn a_client_like_the_script_is_answered() {
    let server = ScriptedServer::start(Script::parse(SCRIPT).expect("a script")).await.expect("a server");
    let told = client(&server.addresses(), "BTC/USDT").await;
    let told: Vec<Value> = told.iter().map(|frame| serde_json::from_str(frame).expect("JSON")).collect();
    assert_eq!(told, [json!({ "ok": true }), json!({ "client_id": "mine-1", "event": "order" })]);
    assert_eq!(server.finish().await, Ok(()));
}

#[tokio::test]
async fn what_differs_is_told_with_its_line() {
    let server = ScriptedServer::start(Script::parse(SCRIPT).expect("a script")).await.expect("a server");
    let (rest, _) = addresses(&server.addresses());
    let body = r#"{"symbol":"ETH/USDT","client_id":"mine-1"}"#;
    let order = reqwest::Client::new().post(format!("{rest}/1/orders?time=1")).header("ex-sign", "abcd").body(body);
    assert_eq!(order.send().await.expect("an answer").status().as_u16(), 501);
    let told: Vec<String> = server.finish().await.expect_err("failures").iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            r#"line 4: POST /1/orders?time=1: body.symbol: expected "BTC/USDT", came "ETH/USDT""#,
            "line 3: GET /1/time was not asked for",
            "line 4: POST /1/orders was not asked for",
            "line 5: no socket to /account was opened",
        ]
    );
}

#[tokio::test]
async fn a_recording_is_a_script_without_secrets() {
    let exchange = ScriptedServer::start(Script::parse(SCRIPT).expect("a script")).await.expect("a server");
    let (rest, ws) = addresses(&exchange.addresses());
    let scrub = Scrub::new().value("k3y", "key").field("client_id", "client_id");
    let recorder = ScriptRecorder::start(&rest, &ws, scrub).await.expect("a recorder");
    client(&recorder.addresses(), "BTC/USDT").await;
    let script = recorder.finish().await;
    assert_eq!(exchange.finish().await, Ok(()));
    for secret in ["k3y", "abcd", "mine-1", "1700000000001"] {
        assert!(!script.contains(secret), "{secret} in {script}");
    }
    assert!(script.contains(r#""ex-weight":"7""#), "{script}");
    let again = ScriptedServer::start(Script::parse(&script).expect("a script")).await.expect("a server");
    client(&again.addresses(), "BTC/USDT").await;
    assert_eq!(again.finish().await, Ok(()), "{script}");
}
