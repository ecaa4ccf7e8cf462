//! Binance USD-M: routed streams, chains of book updates, and timed streams.

mod support;

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::shapes::{example, has_shape};
use support::usdm::{busy, quiet};
use support::{Client, get};
use tradewire_simulator::{Fault, FaultKind, Side, Simulator, TraderOrder};

fn buy(simulator: &Simulator) {
    simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, Decimal::new(1, 3))).unwrap();
}

/// Opens a socket and waits until its streams are subscribed.
async fn opened(simulator: &Simulator, path: &str) -> Client {
    let mut client = Client::open(simulator, path).await;
    client.ask(json!({ "method": "LIST_SUBSCRIPTIONS", "id": 1 })).await;
    client
}

/// Names of the streams that carry something within a while.
async fn heard(client: &mut Client) -> Vec<String> {
    let mut names = Vec::new();
    while let Ok(frame) = tokio::time::timeout(Duration::from_secs(4), client.json()).await {
        let name = frame["stream"].as_str().unwrap_or_default().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn a_route_carries_its_own_streams_alone() {
    let streams = "btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@aggTrade/btcusdt@forceOrder";
    let (books, trades) =
        (vec!["btcusdt@bookTicker".to_owned(), "btcusdt@depth@100ms".to_owned()], vec!["btcusdt@aggTrade".to_owned()]);
    for (route, silent_root, wanted) in [
        ("/public", false, books.clone()),
        ("/market", false, trades.clone()),
        ("/private", false, Vec::new()),
        ("", false, [trades, books.clone()].concat()),
        ("", true, books),
    ] {
        let simulator = quiet().await;
        if silent_root {
            simulator.inject(Fault::new(FaultKind::SilentRoot)).unwrap();
        }
        let mut client = opened(&simulator, &format!("{route}/stream?streams={streams}")).await;
        buy(&simulator);
        simulator.publish();
        assert_eq!(heard(&mut client).await, wanted, "{route}, silent root {silent_root}");
        let subscribed = client.ask(json!({ "method": "LIST_SUBSCRIPTIONS", "id": 2 })).await;
        assert_eq!(subscribed["result"].as_array().unwrap().len(), 4, "all can be subscribed");
        simulator.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_route_opens_without_a_stream() {
    let simulator = quiet().await;
    for path in ["/public/ws", "/market/ws/0", "/private/stream", "/public/stream", "/ws", "/stream"] {
        let mut client = Client::open(&simulator, path).await;
        let subscribed = client.ask(json!({ "method": "SUBSCRIBE", "params": ["btcusdt@depth"], "id": 3 })).await;
        assert_eq!(subscribed, json!({ "result": null, "id": 3 }), "{path}");
    }
    assert!(Client::try_open(&simulator, "/other/ws").await.is_err());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn updates_form_a_chain_that_holds_every_snapshot() {
    let simulator = busy().await;
    let mut client = opened(&simulator, "/public/ws/btcusdt@depth@100ms").await;
    let mut updates = vec![client.json().await];
    for _ in 0..5 {
        updates.push(client.json().await);
    }
    let snapshot = get(&simulator, "/fapi/v1/depth?symbol=BTCUSDT&limit=1000").await.json();
    let last = snapshot["lastUpdateId"].as_u64().unwrap();
    while updates.last().unwrap()["u"].as_u64().unwrap() < last + 1 {
        updates.push(client.json().await);
    }
    for pair in updates.windows(2) {
        assert_eq!(pair[1]["pu"], pair[0]["u"], "each names the one before");
        assert!(pair[1]["U"].as_u64() <= pair[1]["u"].as_u64());
    }
    assert!(updates.iter().any(|update| update["u"] == json!(last)), "the snapshot is a point of the chain");
    let truth = simulator.book_at("BTC-USDT", last).unwrap();
    let best: Decimal = snapshot["bids"][0][0].as_str().unwrap().parse().unwrap();
    assert_eq!(best, truth.bids[0].0);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_left_out_breaks_the_chain() {
    let simulator = busy().await;
    let mut client = opened(&simulator, "/public/ws/btcusdt@depth@100ms").await;
    simulator.inject(Fault::new(FaultKind::SkipUpdate).stream("@depth").nth(3)).unwrap();
    let mut updates = Vec::new();
    for _ in 0..4 {
        updates.push(client.json().await);
    }
    let broken = updates.windows(2).filter(|pair| pair[1]["pu"] != pair[0]["u"]).count();
    assert_eq!(broken, 1);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn frames_have_the_published_shapes() {
    let folder = "binance-usdm";
    if example(folder, "stream_depth_diff").is_none() {
        println!("skipped: no examples of the exchange's frames are here");
        return;
    }
    let simulator = busy().await;
    for (stream, name) in [
        ("btcusdt@depth", "stream_depth_diff"),
        ("btcusdt@depth5@500ms", "stream_depth_partial"),
        ("btcusdt@rpiDepth@500ms", "stream_rpi_diff_book_depth_streams"),
        ("btcusdt@bookTicker", "stream_bookTicker"),
        ("!bookTicker", "stream_bookTicker_all"),
        ("btcusdt@aggTrade", "stream_aggTrade"),
        ("btcusdt@kline_1m", "stream_kline"),
        ("btcusdt_perpetual@continuousKline_1m", "stream_continuous_contract_kline_candlestick_streams"),
        ("btcusdt@markPrice@1s", "stream_markPrice"),
        ("!markPrice@arr@1s", "stream_markPrice_all"),
        ("btcusdt@ticker", "stream_ticker"),
        ("!ticker@arr", "stream_all_market_tickers_streams"),
        ("btcusdt@miniTicker", "stream_miniTicker"),
        ("!miniTicker@arr", "stream_all_market_mini_tickers_stream"),
    ] {
        let frame = opened(&simulator, &format!("/ws/{stream}")).await.json().await;
        has_shape(&frame, &example(folder, name).expect("the example"), (&["st"], &[]), stream);
        assert!(frame["st"] == json!(1) || frame.is_array() || stream.contains("continuous"), "{stream}: {frame}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn timed_streams_keep_their_time() {
    let simulator = busy().await;
    for (stream, millis) in [
        ("btcusdt@markPrice", 3000),
        ("btcusdt@markPrice@1s", 1000),
        ("btcusdt@kline_1m", 250),
        ("btcusdt@ticker", 2000),
    ] {
        let mut client = opened(&simulator, &format!("/market/ws/{stream}")).await;
        let time = |frame: &Value| frame["E"].as_i64().unwrap();
        let first = time(&client.json().await);
        let second = time(&client.json().await);
        assert!(((millis - 20)..=(millis + 20)).contains(&(second - first)), "{stream}: {}", second - first);
    }
    simulator.stop().await;
}
