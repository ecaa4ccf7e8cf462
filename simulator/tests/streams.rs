//! Sockets: names, wrapping, control messages, timed streams, pings and limits.

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::{Client, get, quiet};
use tokio_tungstenite::tungstenite::Message;
use tradewire_simulator::{Config, Flow, Limits, Listing, Side, Simulator, Timestamp, TraderOrder};

fn one_step() -> Decimal {
    Decimal::new(1, 3)
}

#[tokio::test(start_paused = true)]
async fn paths_decide_streams_and_wrapping() {
    let simulator = quiet().await;
    let buy = || simulator.place("BNB-USDT", TraderOrder::market(Side::Buy, one_step())).unwrap();
    let mut raw = Client::open(&simulator, "/ws/bnbusdt@trade/nosuch@trade").await;
    raw.ask(json!({"method": "LIST_SUBSCRIPTIONS", "id": 1})).await;
    let mut combined = Client::open(&simulator, "/stream?streams=bnbusdt@trade/bnbusdt@aggTrade").await;
    combined.ask(json!({"method": "LIST_SUBSCRIPTIONS", "id": 1})).await;
    buy();
    let (plain, wrapped) = (raw.json().await, combined.json().await);
    assert_eq!(wrapped, json!({"stream": "bnbusdt@trade", "data": plain}));
    assert_eq!(plain.as_object().unwrap().keys().collect::<Vec<_>>(), ["e", "E", "s", "t", "p", "q", "T", "m", "M"]);
    assert_eq!((&plain["e"], &plain["s"], &plain["m"]), (&json!("trade"), &json!("BNBUSDT"), &json!(false)));
    assert_eq!(combined.json().await["data"]["e"], "aggTrade");
    for path in ["/ws", "/ws/0", "/stream", "/stream?streams="] {
        let mut empty = Client::open(&simulator, path).await;
        assert_eq!(empty.ask(json!({"method": "LIST_SUBSCRIPTIONS", "id": 7})).await, json!({"result": [], "id": 7}));
    }
    assert!(Client::try_open(&simulator, "/elsewhere").await.is_err());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn control_messages_are_answered_as_documented() {
    let simulator = quiet().await;
    let mut client = Client::open(&simulator, "/ws").await;
    let uuid = "7a1b3c9e-0d2f-4a5b-8c6d-9e0f1a2b3c4d";
    for (message, answer) in [
        (json!({"method": "SUBSCRIBE", "params": ["a@trade", "b@depth"], "id": 1}), json!({"result": null, "id": 1})),
        (json!({"method": "UNSUBSCRIBE", "params": ["a@trade"], "id": uuid}), json!({"result": null, "id": uuid})),
        (json!({"method": "LIST_SUBSCRIPTIONS", "id": null}), json!({"result": ["b@depth"], "id": null})),
        (json!({"method": "GET_PROPERTY", "params": ["combined"], "id": 2}), json!({"result": false, "id": 2})),
    ] {
        assert_eq!(client.ask(message).await, answer);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let set = json!({"method": "SET_PROPERTY", "params": ["combined", true], "id": 3});
    assert_eq!(client.ask(set).await, json!({"result": null, "id": 3}));
    let get_it = json!({"method": "GET_PROPERTY", "params": ["combined"], "id": 4});
    assert_eq!(client.ask(get_it).await, json!({"result": true, "id": 4}));
    for (message, code) in [
        (json!({"method": "GET_PROPERTY", "params": ["colour"], "id": 5}), 0),
        (json!({"method": "SET_PROPERTY", "params": ["combined", "yes"], "id": 5}), 1),
        (json!({"method": "DANCE", "id": 5}), 2),
        (json!({"method": "SUBSCRIBE", "params": "a@trade", "id": 5}), 2),
        (json!({"method": "SUBSCRIBE", "params": [], "id": 1.5}), 2),
    ] {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(client.ask(message.clone()).await["error"]["code"], json!(code), "{message}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn too_many_messages_or_streams_are_not_taken() {
    let limits = Limits { streams_per_connection: 3, ..Limits::default() };
    let simulator = Simulator::start(Config { flow: Flow::Off, limits, ..Config::default() }).await.unwrap();
    let mut client = Client::open(&simulator, "/ws").await;
    let many = json!({"method": "SUBSCRIBE", "params": ["a", "b", "c", "d"], "id": 1});
    assert_eq!(client.ask(many).await["error"]["code"], 2);
    for _ in 0..6 {
        client.say(&json!({"method": "LIST_SUBSCRIPTIONS", "id": 1})).await;
    }
    let mut answers = 0;
    while client.text().await.is_some() {
        answers += 1;
    }
    assert_eq!(answers, 4, "the sixth message within a second ends the socket");
    assert!(simulator.frames_in() >= 6);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_server_pings_and_closes_deaf_and_old_sockets() {
    let limits = Limits { socket_life_seconds: 100, ..Limits::default() };
    let simulator = Simulator::start(Config { flow: Flow::Off, limits, ..Config::default() }).await.unwrap();
    let opened = tokio::time::Instant::now();
    let mut client = Client::open(&simulator, "/ws").await;
    let mut pings = 0;
    loop {
        match client.0.next().await {
            Some(Ok(Message::Ping(_))) => pings += 1,
            Some(Ok(Message::Close(_))) | None => break,
            other => assert!(matches!(other, Some(Ok(_))), "{other:?}"),
        }
    }
    assert_eq!((pings, opened.elapsed().as_secs()), (4, 100), "a ping every 20 s, then the end of its life");
    let deaf = Client::open(&simulator, "/ws").await;
    let connections = || simulator.connections().len();
    while connections() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let opened = tokio::time::Instant::now();
    while connections() > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!((79..=81).contains(&opened.elapsed().as_secs()), "20 s to the ping, 60 s for the pong");
    drop(deaf);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn timed_streams_carry_the_documented_fields() {
    let start_time = Some(Timestamp::from_millis(1_700_000_040_500));
    let simulator = Simulator::start(Config { start_time, ..Config::default() }).await.unwrap();
    for (name, fields) in [
        ("btcusdt@miniTicker", "e E s c o h l v q"),
        ("btcusdt@ticker", "e E s p P w x c Q b B a A o h l v q O C F L n"),
        ("btcusdt@ticker_1h", "e E s p P o h l c w v q O C F L n"),
        ("btcusdt@avgPrice", "e E s i w T"),
        ("btcusdt@kline_1m", "e E s k"),
        ("btcusdt@bookTicker", "u s b B a A"),
        ("btcusdt@depth", "e E s U u b a"),
        ("btcusdt@depth5@100ms", "lastUpdateId bids asks"),
        ("btcusdt@depth20", "lastUpdateId bids asks"),
        ("btcusdt@aggTrade", "e E s a p q f l T m M"),
    ] {
        let mut client = Client::open(&simulator, &format!("/ws/{name}")).await;
        let frame = client.json().await;
        let names: Vec<_> = frame.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names.join(" "), fields, "{name}");
    }
    let mut all = Client::open(&simulator, "/ws/!miniTicker@arr").await;
    assert_eq!(all.json().await[0]["e"], "24hrMiniTicker");
    let mut micros = Client::open(&simulator, "/ws/btcusdt@trade?timeUnit=MICROSECOND").await;
    assert!(micros.json().await["E"].as_i64().unwrap() > 1_000_000_000_000_000);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn candles_close_once_and_in_turn() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let mut client = Client::open(&simulator, "/ws/btcusdt@kline_1m").await;
    let mut closed: Vec<i64> = Vec::new();
    while closed.len() < 3 {
        let frame: Value = client.json().await;
        let candle = &frame["k"];
        if candle["x"] == json!(true) {
            closed.push(candle["t"].as_i64().unwrap());
            let path = format!("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime={}&limit=1", candle["t"]);
            let row = &get(&simulator, &path).await.json()[0];
            assert_eq!(
                [&row[1], &row[2], &row[3], &row[4], &row[5]],
                ["o", "h", "l", "c", "v"].map(|name| &candle[name])
            );
        }
    }
    assert!(closed.windows(2).all(|pair| pair[1] - pair[0] == 60_000), "{closed:?}");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn trades_have_ids_without_holes_and_best_prices_their_update_ids() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let mut client = Client::open(&simulator, "/stream?streams=btcusdt@trade/btcusdt@bookTicker").await;
    let (mut last_trade, mut last_update) = (None, 0);
    for _ in 0..400 {
        let frame = client.json().await;
        let data = &frame["data"];
        if frame["stream"] == "btcusdt@trade" {
            let id = data["t"].as_u64().unwrap();
            assert!(last_trade.is_none_or(|last| id == last + 1));
            last_trade = Some(id);
        } else {
            let id = data["u"].as_u64().unwrap();
            assert!(id > last_update);
            last_update = id;
            let book = simulator.book_at("BTCUSDT", id).unwrap();
            let number = |name: &str| data[name].as_str().unwrap().parse::<Decimal>().unwrap();
            assert_eq!((number("b"), number("B")), book.bids[0]);
            assert_eq!((number("a"), number("A")), book.asks[0]);
        }
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn symbols_outside_ascii_have_streams() {
    let mut listing = Listing::wide();
    listing.activity = 1000;
    let simulator = Simulator::start(Config { listings: vec![listing], ..Config::default() }).await.unwrap();
    let mut client = Client::open(&simulator, "/ws/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9Fusdt@depth@100ms").await;
    assert_eq!(client.json().await["s"], "币安人生USDT");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_makes_the_same_tape() {
    let tape = async || {
        let start_time = Some(Timestamp::from_millis(1_700_000_000_000));
        let simulator = Simulator::start(Config { start_time, seed: 42, ..Config::default() }).await.unwrap();
        tokio::time::sleep(Duration::from_secs(20)).await;
        let trades = get(&simulator, "/api/v3/trades?symbol=ETHUSDT&limit=200").await.json();
        simulator.stop().await;
        trades
    };
    let by_id = |tape: Value| -> BTreeMap<u64, Value> {
        let trades =
            tape.as_array().unwrap().iter().map(|trade| {
                (trade["id"].as_u64().unwrap(), json!([trade["price"], trade["qty"], trade["isBuyerMaker"]]))
            });
        trades.collect()
    };
    let (first, second) = (by_id(tape().await), by_id(tape().await));
    let common: Vec<_> = first.keys().filter(|id| second.contains_key(id)).collect();
    assert!(common.len() > 50, "the tapes end at about the same trade");
    assert!(common.iter().all(|id| first[id] == second[id]));
}
