//! Binance USD-M: listen keys and the sockets that name them.

mod support;

use std::time::Duration;

use serde_json::json;
use support::private::Trader;
use support::usdm::{event_of, listen_key, private, quiet};
use support::{Client, send};
use tradewire_simulator::{Fault, FaultKind};

#[tokio::test(start_paused = true)]
async fn a_key_lives_for_an_hour_unless_it_is_extended() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    assert_eq!(listen_key(&trader, "PUT").await.code(), -1125, "there is none yet");
    let first = listen_key(&trader, "POST").await.json();
    assert_eq!(listen_key(&trader, "POST").await.json(), first, "the same while it lives");
    simulator.advance(Duration::from_secs(50 * 60));
    assert_eq!(listen_key(&trader, "PUT").await.json(), first);
    simulator.advance(Duration::from_secs(59 * 60));
    assert_eq!(listen_key(&trader, "PUT").await.status, 200);
    let mut client = private(&simulator, &trader).await;
    simulator.advance(Duration::from_secs(60 * 60));
    let told = event_of(&mut client, "listenKeyExpired").await;
    assert_eq!(told["listenKey"], first["listenKey"]);
    assert_eq!(listen_key(&trader, "PUT").await.code(), -1125);
    assert_ne!(listen_key(&trader, "POST").await.json(), first);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn keys_are_closed_by_request_and_ended_by_faults() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut client = private(&simulator, &trader).await;
    assert_eq!(listen_key(&trader, "DELETE").await.json(), json!({}));
    assert_eq!(listen_key(&trader, "DELETE").await.code(), -1125);
    client = {
        drop(client);
        private(&simulator, &trader).await
    };
    simulator.inject(Fault::new(FaultKind::ExpireKeySilently)).unwrap();
    assert_eq!(listen_key(&trader, "PUT").await.code(), -1125);
    let silent = tokio::time::timeout(Duration::from_secs(5), client.text()).await;
    assert!(silent.is_err(), "nobody is told: {silent:?}");
    let mut client = private(&simulator, &trader).await;
    simulator.inject(Fault::new(FaultKind::ExpireKey).account("main")).unwrap();
    event_of(&mut client, "listenKeyExpired").await;
    let refused = send(&trader.rest, "POST", "/fapi/v1/listenKey", "", "").await.unwrap();
    assert_eq!((refused.status, refused.code()), (401, -2014), "a key must be named");
    simulator.inject(Fault::new(FaultKind::Code { code: -1001, message: None, status: 500 }).method("PUT")).unwrap();
    listen_key(&trader, "POST").await;
    assert_eq!(listen_key(&trader, "PUT").await.code(), -1001);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_key_can_be_named_in_every_form() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let key = listen_key(&trader, "POST").await.json()["listenKey"].as_str().unwrap().to_owned();
    let mut plain = Vec::new();
    for path in [format!("/private/ws/{key}"), format!("/private/ws?listenKey={key}"), format!("/ws/{key}")] {
        plain.push(Client::open(&simulator, &path).await);
    }
    let mut wrapped = vec![Client::open(&simulator, &format!("/private/stream?listenKey={key}")).await];
    wrapped.push(Client::open(&simulator, "/private/stream").await);
    wrapped[1].ask(json!({ "method": "SUBSCRIBE", "params": [key], "id": 1 })).await;
    let wanted = format!("/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE");
    let mut picky = Client::open(&simulator, &wanted).await;
    for client in plain.iter_mut().chain(&mut wrapped).chain([&mut picky]) {
        client.ask(json!({ "method": "LIST_SUBSCRIPTIONS", "id": 2 })).await;
    }
    simulator.inject(Fault::new(FaultKind::ExpireKey)).unwrap();
    for client in &mut plain {
        assert_eq!(client.json().await["e"], "listenKeyExpired");
    }
    for client in &mut wrapped {
        let frame = client.json().await;
        assert_eq!((&frame["stream"], &frame["data"]["e"]), (&json!(key), &json!("listenKeyExpired")));
    }
    let other = tokio::time::timeout(Duration::from_secs(5), picky.text()).await;
    assert!(other.is_err(), "it wants other events: {other:?}");
    simulator.stop().await;
}
