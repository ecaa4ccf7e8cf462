//! The market of the simulated Kraken: REST and the public socket.

mod support;

use std::collections::BTreeMap;

use flate2::Crc;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::bybit::socket;
use support::kraken::{PUBLIC, error, granted, quiet};
use support::{Client, get};
use tradewire_simulator::{Fault, FaultKind, Side, Simulator, TraderOrder};

async fn read(simulator: &Simulator, path: &str) -> Value {
    granted(&get(simulator, &format!("/0/public/{path}")).await)
}

fn d(text: &str) -> Decimal {
    text.parse().expect("a number")
}

#[tokio::test(start_paused = true)]
async fn pairs_have_all_their_names_and_rules() {
    let simulator = quiet().await;
    let pairs = read(&simulator, "AssetPairs").await;
    let old = &pairs["XETHXXBT"];
    assert_eq!([&old["altname"], &old["wsname"], &old["base"], &old["quote"]], ["ETHXBT", "ETH/XBT", "XETH", "XXBT"]);
    let pair = &pairs["XBTUSDT"];
    assert_eq!([&pair["pair_decimals"], &pair["lot_decimals"]], [2, 5]);
    assert_eq!([&pair["tick_size"], &pair["ordermin"], &pair["costmin"]], ["0.01", "0.00005", "5"]);
    assert_eq!([&pair["status"], &pair["quote"]], ["online", "USDT"]);
    for name in ["XBTUSDT", "XBT/USDT", "BTC/USDT"] {
        let ticker = read(&simulator, &format!("Ticker?pair={name}")).await;
        assert!(ticker["XBTUSDT"]["c"][0].is_string(), "{ticker}");
    }
    let unknown = get(&simulator, "/0/public/Depth?pair=NOSUCH").await;
    assert_eq!((unknown.status, error(&unknown).as_str()), (200, "EQuery:Unknown asset pair"));
    let assets = read(&simulator, "Assets?asset=XBT,USDT").await;
    assert_eq!((assets.as_object().map(serde_json::Map::len), &assets["XXBT"]["altname"]), (Some(2), &json!("XBT")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn books_trades_and_candles_are_told_by_rest() {
    let simulator = quiet().await;
    let depth = read(&simulator, "Depth?pair=XBTUSDT&count=2").await;
    let book = simulator.book("BTC-USDT").expect("a book");
    let best = |side: &str| d(depth["XBTUSDT"][side][0][0].as_str().expect("a price"));
    assert_eq!([best("bids"), best("asks")], [book.bids[0].0, book.asks[0].0]);
    simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, d("0.001"))).expect("it trades");
    let trades = read(&simulator, "Trades?pair=XBTUSDT").await;
    assert_eq!([&trades["XBTUSDT"][0][1], &trades["XBTUSDT"][0][3]], ["0.00100", "b"]);
    let since = trades["last"].as_str().expect("a time");
    let later = read(&simulator, &format!("Trades?pair=XBTUSDT&since={since}")).await;
    assert_eq!((&later["XBTUSDT"], &later["last"]), (&json!([]), &trades["last"]));
    let candles = read(&simulator, "OHLC?pair=XBTUSDT&interval=60").await;
    assert!(candles["XBTUSDT"].as_array().is_some_and(|rows| rows.len() > 20), "{candles}");
    simulator.stop().await;
}

/// A book as a client keeps it, with the digits as they came.
#[derive(Default)]
struct Kept {
    sides: [BTreeMap<Decimal, (String, String)>; 2],
}

impl Kept {
    /// Takes a message in; whether the checksum is right then.
    fn take(&mut self, text: &str, depth: usize) -> bool {
        let message: Value = serde_json::from_str(text).expect("JSON");
        for (at, name) in ["bids", "asks"].into_iter().enumerate() {
            for (price, quantity) in levels(text, name) {
                let key = d(&price);
                if d(&quantity).is_zero() {
                    self.sides[at].remove(&key);
                } else {
                    self.sides[at].insert(key, (price, quantity));
                }
            }
            while self.sides[at].len() > depth {
                if at == 0 {
                    self.sides[at].pop_first()
                } else {
                    self.sides[at].pop_last()
                };
            }
        }
        let [bids, asks] = &self.sides;
        let mut crc = Crc::new();
        for (price, quantity) in asks.values().take(10).chain(bids.values().rev().take(10)) {
            for number in [price, quantity] {
                crc.update(number.replace('.', "").trim_start_matches('0').as_bytes());
            }
        }
        message["data"][0]["checksum"] == crc.sum()
    }
}

/// Prices and quantities of one side, with all their digits.
fn levels(text: &str, side: &str) -> Vec<(String, String)> {
    let from = text.split(&format!("\"{side}\":[")).nth(1).expect("a side");
    let rows = from.split(']').next().unwrap_or_default();
    let number = |row: &str, name: &str| {
        let from = row.split(&format!("\"{name}\":")).nth(1).expect("a number");
        from.split([',', '}']).next().unwrap_or_default().to_owned()
    };
    rows.split('{').skip(1).map(|row| (number(row, "price"), number(row, "qty"))).collect()
}

async fn subscribed(simulator: &Simulator, params: Value) -> Client {
    let mut client = socket(simulator, PUBLIC).await;
    assert_eq!(client.json().await["channel"], "status");
    let reply = client.ask(json!({ "method": "subscribe", "params": params, "req_id": 5 })).await;
    assert_eq!((&reply["success"], &reply["req_id"]), (&json!(true), &json!(5)), "{reply}");
    client
}

/// The next message of a channel, as it came.
async fn told(client: &mut Client, channel: &str) -> String {
    loop {
        let text = client.text().await.expect("a frame");
        if text.contains(&format!("\"channel\":\"{channel}\"")) {
            return text;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_book_stays_right_by_its_checksums() {
    let simulator = quiet().await;
    let params = json!({ "channel": "book", "symbol": ["BTC/USDT"], "depth": 10 });
    let mut client = subscribed(&simulator, params).await;
    let mut kept = Kept::default();
    assert!(kept.take(&told(&mut client, "book").await, 10));
    for _ in 0..5 {
        simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, d("3"))).expect("it trades");
        simulator.publish();
        assert!(kept.take(&told(&mut client, "book").await, 10));
    }
    let book = simulator.book("BTC-USDT").expect("a book");
    let asks: Vec<_> = kept.sides[1].keys().copied().collect();
    assert_eq!(asks, book.asks.iter().take(10).map(|(price, _)| *price).collect::<Vec<_>>());
    simulator.inject(Fault::new(FaultKind::SkipUpdate).stream("book")).expect("a fault");
    for expected in [false, false] {
        simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, d("3"))).expect("it trades");
        simulator.publish();
        simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, d("0.001"))).expect("it trades");
        simulator.publish();
        assert_eq!(kept.take(&told(&mut client, "book").await, 10), expected, "an update was left out");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn requests_are_refused_for_each_symbol_alone() {
    let simulator = quiet().await;
    let mut client = socket(&simulator, PUBLIC).await;
    assert_eq!(client.json().await["data"][0]["system"], "online");
    let pong = client.ask(json!({ "method": "ping", "req_id": 3 })).await;
    assert_eq!((&pong["method"], &pong["req_id"]), (&json!("pong"), &json!(3)));
    let params = json!({ "channel": "trade", "symbol": ["NO/SUCH", "BTC/USDT"] });
    let refused = client.ask(json!({ "method": "subscribe", "params": params })).await;
    assert_eq!(
        (&refused["success"], &refused["error"]),
        (&json!(false), &json!("Currency pair not supported NO/SUCH"))
    );
    assert_eq!(client.json().await["result"]["symbol"], "BTC/USDT");
    let params = json!({ "channel": "book", "symbol": ["BTC/USDT"], "depth": 11 });
    let refused = client.ask(json!({ "method": "subscribe", "params": params })).await;
    assert_eq!(refused["error"], "Subscription depth not supported");
    assert_eq!(client.ask_text("{").await["error"], "Malformed request");
    let params = json!({ "channel": "trade", "symbol": ["BTC/USDT"] });
    assert_eq!(client.ask(json!({ "method": "unsubscribe", "params": params })).await["success"], true);
    let refused = client.ask(json!({ "method": "unsubscribe", "params": params })).await;
    assert_eq!(refused["error"], "Subscription Not Found");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_told_nothing_hears_a_heartbeat() {
    let simulator = quiet().await;
    let params = json!({ "channel": "ticker", "symbol": ["BTC/USDT"] });
    let mut client = subscribed(&simulator, params).await;
    assert_eq!(client.json().await["type"], "snapshot");
    assert_eq!(client.json().await, json!({ "channel": "heartbeat" }));
    simulator.place("BTC-USDT", TraderOrder::market(Side::Sell, d("0.001"))).expect("it trades");
    let told: Value = serde_json::from_str(&told(&mut client, "ticker").await).expect("JSON");
    assert_eq!(told["type"], "update");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_halt_is_told_with_the_instruments() {
    let simulator = quiet().await;
    let mut client = subscribed(&simulator, json!({ "channel": "instrument" })).await;
    let first: Value = serde_json::from_str(&told(&mut client, "instrument").await).expect("JSON");
    let pairs = first["data"]["pairs"].as_array().expect("pairs");
    assert_eq!((pairs.len(), &pairs[0]["symbol"], &pairs[0]["status"]), (4, &json!("BTC/USDT"), &json!("online")));
    let halt = tradewire_simulator::parse_faults(r#"[{"kind":"halt","pair":"BTC-USDT"}]"#).expect("a fault");
    simulator.inject(halt[0].clone()).expect("a fault");
    let update: Value = serde_json::from_str(&told(&mut client, "instrument").await).expect("JSON");
    assert_eq!(update["data"]["pairs"][0]["status"], "cancel_only");
    simulator.stop().await;
}
