//! The market of the simulated Bybit: REST, books and other topics.

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::bybit::{absent, code, example, granted, quiet, socket, try_socket};
use support::{Client, get};
use tradewire_simulator::{Config, Fault, FaultKind, Flow, Listing, Side, Simulator, TraderOrder};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn result(simulator: &Simulator, path: &str) -> Value {
    granted(&get(simulator, path).await)
}

/// A socket of the market with these topics, whose replies are read.
async fn subscribed(simulator: &Simulator, topics: &[&str]) -> Client {
    let mut client = socket(simulator, "/v5/public/spot").await;
    let told = client.ask(json!({ "op": "subscribe", "args": topics, "req_id": "7" })).await;
    assert_eq!((&told["success"], &told["ret_msg"], &told["req_id"]), (&json!(true), &json!("subscribe"), &json!("7")));
    client
}

/// A resting buy of a trader.
fn bid(simulator: &Simulator, price: &str, quantity: &str) {
    simulator.place("BTC-USDT", TraderOrder::limit(Side::Buy, d(price), d(quantity))).unwrap();
}

#[tokio::test(start_paused = true)]
async fn instruments_of_spot_come_whole_and_contracts_by_pages() {
    let pairs: Vec<Listing> = Listing::generated(30);
    let config = |name: &str| Config { flow: Flow::Off, listings: pairs.clone(), ..Config::of(name).unwrap() };
    let spot = Simulator::start(config("bybit-spot")).await.unwrap();
    let told = result(&spot, "/v5/market/instruments-info?category=spot&limit=10").await;
    assert_eq!(told["list"].as_array().map(Vec::len), Some(30));
    assert!(told.get("nextPageCursor").is_none());
    let one = result(&spot, "/v5/market/instruments-info?category=spot&symbol=GEN0001USDT").await;
    assert_eq!(one["list"][0]["symbol"], "GEN0001USDT");
    for other in ["linear", "inverse", "option"] {
        let told = result(&spot, &format!("/v5/market/instruments-info?category={other}")).await;
        assert_eq!((&told["list"], &told["category"]), (&json!([]), &json!(other)));
    }
    let wrong = ["category=spot&symbol=NOSUCH", "", "category=none"];
    for query in wrong {
        assert_eq!(code(&get(&spot, &format!("/v5/market/instruments-info?{query}")).await), 10001, "{query}");
    }
    spot.stop().await;
}

#[tokio::test(start_paused = true)]
async fn answers_have_the_fields_of_the_published_examples() {
    let simulator = quiet("bybit-spot").await;
    simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, d("0.1"))).unwrap();
    let cases = [
        ("market_instrument_spot", "instruments-info?category=spot&symbol=BTCUSDT"),
        ("market_tickers_spot", "tickers?category=spot&symbol=BTCUSDT"),
        ("market_orderbook", "orderbook?category=spot&symbol=BTCUSDT&limit=5"),
        ("market_full_ob", "full_orderbook?category=spot&symbol=BTCUSDT"),
        ("market_recent_trade", "recent-trade?category=spot&symbol=BTCUSDT"),
        ("market_kline", "kline?category=spot&symbol=BTCUSDT&interval=60&limit=3"),
        ("market_order_price_limit", "price-limit?category=spot&symbol=BTCUSDT"),
        ("market_time", "time"),
    ];
    for (name, query) in cases {
        let Some(example) = example(name) else { continue };
        let made = get(&simulator, &format!("/v5/market/{query}")).await.json();
        assert_eq!(absent(&made, &example, name), Vec::<String>::new(), "{made}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn candles_come_newest_first() {
    let simulator = quiet("bybit-spot").await;
    let rows = result(&simulator, "/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1&limit=5").await;
    let starts: Vec<i64> =
        rows["list"].as_array().unwrap().iter().map(|row| row[0].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(starts.len(), 5);
    assert!(starts.windows(2).all(|pair| pair[0] - pair[1] == 60_000), "{starts:?}");
    let from = starts[4];
    let query = format!("/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1&start={from}&limit=2");
    let following = result(&simulator, &query).await;
    assert_eq!(following["list"][1][0], json!(from.to_string()), "those that follow the start");
    assert_eq!(code(&get(&simulator, "/v5/market/kline?category=spot&symbol=BTCUSDT&interval=2").await), 10001);
    simulator.stop().await;
}

/// A book as a client keeps it.
#[derive(Default)]
struct Book {
    u: u64,
    bids: BTreeMap<Decimal, Decimal>,
    asks: BTreeMap<Decimal, Decimal>,
}

impl Book {
    fn take(&mut self, frame: &Value) {
        let data = &frame["data"];
        let u = data["u"].as_u64().unwrap();
        if frame["type"] == "snapshot" {
            (self.bids, self.asks) = Default::default();
        } else {
            assert_eq!(u, self.u + 1, "{frame}");
        }
        self.u = u;
        for (side, name) in [(&mut self.bids, "b"), (&mut self.asks, "a")] {
            for row in data[name].as_array().unwrap() {
                let (price, quantity) = (d(row[0].as_str().unwrap()), d(row[1].as_str().unwrap()));
                if quantity.is_zero() {
                    side.remove(&price)
                } else {
                    side.insert(price, quantity)
                };
            }
        }
    }

    /// Whether it is the best of the exchange's own book at that time.
    fn agrees(&self, simulator: &Simulator, levels: usize) {
        let truth = simulator.book_at("BTC-USDT", self.u).expect("the book at that count");
        let bids: Vec<_> = self.bids.iter().rev().map(|(price, quantity)| (*price, *quantity)).collect();
        assert_eq!(bids, truth.bids[..levels], "bids at {}", self.u);
        let asks: Vec<_> = self.asks.iter().map(|(price, quantity)| (*price, *quantity)).collect();
        assert_eq!(asks, truth.asks[..levels], "asks at {}", self.u);
    }
}

#[tokio::test(start_paused = true)]
async fn books_count_by_one_and_equal_the_exchanges_own() {
    for levels in [50, 200, 1000] {
        let simulator = Simulator::start(Config::of("bybit-spot").unwrap()).await.unwrap();
        let topic = format!("orderbook.{levels}.BTCUSDT");
        let mut client = subscribed(&simulator, &[&topic]).await;
        let mut book = Book::default();
        for at in 0..40 {
            let frame = client.json().await;
            assert_eq!(frame["type"], if at == 0 { "snapshot" } else { "delta" });
            book.take(&frame);
            book.agrees(&simulator, levels);
        }
        simulator.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_book_by_rest_counts_with_the_topic_of_1000_levels() {
    let simulator = quiet("bybit-spot").await;
    let mut client = subscribed(&simulator, &["orderbook.1000.BTCUSDT"]).await;
    let first = client.json().await;
    let of_rest = || result(&simulator, "/v5/market/orderbook?category=spot&symbol=BTCUSDT&limit=3");
    assert_eq!(of_rest().await["u"], first["data"]["u"]);
    bid(&simulator, "61836", "2");
    let after = of_rest().await;
    let delta = client.json().await;
    assert_eq!((&after["u"], &delta["type"]), (&delta["data"]["u"], &json!("delta")));
    assert_eq!(delta["data"]["b"][0], json!(["61836", "2"]));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_best_prices_are_told_whole_and_repeated() {
    let simulator = quiet("bybit-spot").await;
    let mut client = subscribed(&simulator, &["orderbook.1.BTCUSDT"]).await;
    let first = client.json().await;
    assert_eq!((&first["type"], first["data"]["b"].as_array().map(Vec::len)), (&json!("snapshot"), Some(1)));
    let again = client.json().await;
    assert_eq!((&again["type"], &again["data"]), (&json!("snapshot"), &first["data"]), "a sign of life");
    assert!(again["ts"].as_i64().unwrap() - first["ts"].as_i64().unwrap() >= 3_000);
    simulator.move_price("BTC-USDT", d("61900")).unwrap();
    let moved = client.json().await;
    assert_eq!(moved["data"]["u"].as_u64(), first["data"]["u"].as_u64().map(|u| u + 1));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn faults_strike_books() {
    let simulator = quiet("bybit-spot").await;
    let mut client = subscribed(&simulator, &["orderbook.50.BTCUSDT"]).await;
    let begun = client.json().await["data"]["u"].as_u64().unwrap();
    simulator.inject(Fault::new(FaultKind::SkipUpdate).pair("BTC-USDT")).unwrap();
    bid(&simulator, "61836", "1");
    simulator.publish();
    bid(&simulator, "61835", "1");
    let after = client.json().await;
    assert_eq!(after["data"]["u"].as_u64(), Some(begun + 2), "one is missing");
    simulator.inject(Fault::new(FaultKind::RestartIds)).unwrap();
    bid(&simulator, "61834", "1");
    let anew = client.json().await;
    assert_eq!((&anew["data"]["u"], &anew["type"]), (&json!(1), &json!("snapshot")));
    let mut book = Book::default();
    book.take(&anew);
    bid(&simulator, "61833", "1");
    book.take(&client.json().await);
    book.agrees(&simulator, 50);
    simulator.inject(Fault::new(FaultKind::CrossBook)).unwrap();
    bid(&simulator, "61832", "1");
    let crossed = client.json().await;
    let ask = book.asks.keys().next().unwrap().to_string();
    assert_eq!(crossed["data"]["b"][0][0], json!(ask));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn other_topics_tell_what_happens() {
    let simulator = quiet("bybit-spot").await;
    let topics = ["publicTrade.BTCUSDT", "tickers.BTCUSDT", "kline.1.BTCUSDT"];
    let mut client = subscribed(&simulator, &topics).await;
    let ticker = client.json().await;
    assert_eq!((&ticker["topic"], &ticker["type"]), (&json!("tickers.BTCUSDT"), &json!("snapshot")));
    simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, d("0.25"))).unwrap();
    let mut seen = BTreeMap::new();
    while seen.len() < 3 {
        let frame = client.json().await;
        seen.insert(frame["topic"].as_str().unwrap().to_owned(), frame);
    }
    let trade = &seen["publicTrade.BTCUSDT"]["data"][0];
    assert_eq!((&trade["S"], &trade["s"]), (&json!("Buy"), &json!("BTCUSDT")));
    assert_eq!(seen["tickers.BTCUSDT"]["data"]["lastPrice"], trade["p"]);
    assert_eq!(seen["kline.1.BTCUSDT"]["data"][0]["confirm"], false);
    let published = [("ws_public_kline_push", "kline.1.BTCUSDT"), ("ws_public_ticker_spot_push", "tickers.BTCUSDT")];
    for (name, topic) in published {
        let Some(example) = example(name) else { continue };
        assert_eq!(absent(&seen[topic], &example, name), Vec::<String>::new(), "{}", seen[topic]);
    }
    let recent = result(&simulator, "/v5/market/recent-trade?category=spot&symbol=BTCUSDT").await;
    assert_eq!(recent["list"].as_array().unwrap().last().unwrap()["execId"], trade["i"], "public ids agree");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn wrong_subscriptions_are_refused_whole() {
    let simulator = quiet("bybit-spot").await;
    let mut client = socket(&simulator, "/v5/public/spot").await;
    let many: Vec<String> = (0..11).map(|_| "publicTrade.BTCUSDT".to_owned()).collect();
    for args in [
        json!(["orderbook.50.BTCUSDT", "orderbook.50.NOSUCH"]),
        json!(["orderbook.500.BTCUSDT"]),
        json!([]),
        json!(many),
    ] {
        let told = client.ask(json!({ "op": "subscribe", "args": args })).await;
        assert_eq!((&told["success"], &told["op"]), (&json!(false), &json!("subscribe")), "{told}");
    }
    assert_eq!(simulator.connections()[0].subscriptions, Vec::<String>::new());
    let pong = client.ask(json!({ "op": "ping" })).await;
    assert_eq!((&pong["ret_msg"], &pong["op"]), (&json!("pong"), &json!("ping")));
    let told = client.ask(json!({ "op": "subscribe", "args": ["publicTrade.BTCUSDT"] })).await;
    assert_eq!(told["success"], true);
    let told = client.ask(json!({ "op": "unsubscribe", "args": ["publicTrade.BTCUSDT"], "req_id": "u" })).await;
    assert_eq!((&told["success"], &told["req_id"]), (&json!(true), &json!("u")));
    assert_eq!(simulator.connections()[0].subscriptions, Vec::<String>::new());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_socket_is_closed_after_ten_minutes() {
    let simulator = quiet("bybit-spot").await;
    let clock = simulator.clock();
    let opened = clock.now();
    let mut client = socket(&simulator, "/v5/public/spot").await;
    assert_eq!(client.text().await, None);
    assert!(clock.now().since(opened) >= Duration::from_secs(600));
    assert!(try_socket(&simulator, "/v5/public/none").await.is_err());
    let mut other = socket(&simulator, "/v5/public/option").await;
    let pong = other.ask(json!({ "op": "ping" })).await;
    assert_eq!(pong["op"], "pong");
    simulator.stop().await;
}
