//! REST: shapes, parameters, errors.

mod support;

use std::path::PathBuf;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::{get, quiet, send};
use tradewire_simulator::{Config, Flow, Listing, Side, Simulator, TraderOrder};

/// Every path with the published example of its answer.
const SHAPES: [(&str, &str); 24] = [
    ("/api/v3/time", "rest_check_server_time"),
    ("/api/v3/exchangeInfo?symbol=ETHBTC", "rest_exchange_information"),
    ("/api/v3/depth?symbol=BTCUSDT&limit=5", "rest_order_book"),
    ("/api/v3/trades?symbol=BTCUSDT", "rest_recent_trades_list"),
    ("/api/v3/historicalTrades?symbol=BTCUSDT", "rest_old_trade_lookup"),
    ("/api/v3/aggTrades?symbol=BTCUSDT", "rest_compressed_aggregate_trades_list"),
    ("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1", "rest_kline_candlestick_data"),
    ("/api/v3/uiKlines?symbol=BTCUSDT&interval=1m&limit=1", "rest_kline_candlestick_data"),
    ("/api/v3/avgPrice?symbol=BTCUSDT", "rest_current_average_price"),
    ("/api/v3/ticker/24hr?symbol=BTCUSDT", "rest_ticker_24hr_full"),
    ("/api/v3/ticker/24hr?symbols=%5B%22BTCUSDT%22%5D", "rest_ticker_24hr_full_array"),
    ("/api/v3/ticker/24hr?symbol=BTCUSDT&type=MINI", "rest_ticker_24hr_mini"),
    ("/api/v3/ticker/24hr?type=MINI", "rest_ticker_24hr_mini_array"),
    ("/api/v3/ticker/tradingDay?symbol=BTCUSDT", "rest_trading_day_ticker"),
    ("/api/v3/ticker/tradingDay?symbols=%5B%22BTCUSDT%22%5D", "rest_trading_day_ticker_2"),
    ("/api/v3/ticker/tradingDay?symbol=BTCUSDT&type=MINI", "rest_trading_day_ticker_3"),
    ("/api/v3/ticker?symbol=BTCUSDT", "rest_rolling_window_price_change_statistics"),
    ("/api/v3/ticker?symbols=%5B%22BTCUSDT%22%5D&windowSize=2h", "rest_rolling_window_price_change_statistics_2"),
    ("/api/v3/ticker?symbol=BTCUSDT&type=MINI", "rest_rolling_window_price_change_statistics_3"),
    ("/api/v3/ticker/price?symbol=BTCUSDT", "rest_symbol_price_ticker"),
    ("/api/v3/ticker/price", "rest_symbol_price_ticker_2"),
    ("/api/v3/ticker/bookTicker?symbol=BTCUSDT", "rest_symbol_order_book_ticker"),
    ("/api/v3/ticker/bookTicker", "rest_symbol_order_book_ticker_2"),
    ("/api/v3/ticker/price?symbol=NOSUCH", "rest_error_codes_error"),
];

fn example(name: &str) -> Option<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocols/examples/binance-spot");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).ok()?;
    Some(serde_json::from_str(&text).expect("an example is JSON"))
}

/// Same kinds of values, same names in the same order. Lists are compared by their first elements.
fn same_shape(ours: &Value, theirs: &Value, at: &str) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let optional = |name: &&String| !["sors"].contains(&name.as_str());
            let theirs_names: Vec<_> = theirs.keys().filter(optional).collect();
            if !theirs_names.is_empty() {
                assert_eq!(ours.keys().collect::<Vec<_>>(), theirs_names, "fields at {at}");
            }
            theirs_names.iter().for_each(|name| same_shape(&ours[*name], &theirs[*name], &format!("{at}.{name}")));
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            let row = at.contains("klines");
            let pairs = ours.iter().zip(theirs).take(if row { usize::MAX } else { 1 });
            pairs.for_each(|(ours, theirs)| same_shape(ours, theirs, &format!("{at}[]")));
        }
        _ => assert_eq!(std::mem::discriminant(ours), std::mem::discriminant(theirs), "kind of value at {at}"),
    }
}

#[tokio::test(start_paused = true)]
async fn answers_have_the_published_shapes() {
    if example("rest_order_book").is_none() {
        println!("skipped: no examples of the exchange's answers are here");
        return;
    }
    let simulator = Simulator::start(Config::default()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    for (path, name) in SHAPES {
        let ours = get(&simulator, path).await.json();
        same_shape(&ours, &example(name).expect("the example"), path);
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn errors_have_the_documented_codes() {
    let simulator = quiet().await;
    for (path, status, code) in [
        ("/api/v3/depth", 400, -1102),
        ("/api/v3/depth?symbol=", 400, -1105),
        ("/api/v3/depth?symbol=btcusdt", 400, -1100),
        ("/api/v3/depth?symbol=NOSUCH", 400, -1121),
        ("/api/v3/depth?symbol=BTCUSDT&limit=x", 400, -1100),
        ("/api/v3/depth?symbol=BTCUSDT&limit=0", 400, -1130),
        ("/api/v3/depth?symbol=BTCUSDT&colour=red", 400, -1104),
        ("/api/v3/depth?symbol=BTCUSDT&symbol=BTCUSDT", 400, -1101),
        ("/api/v3/depth?symbol=BTCUSDT&symbolStatus=HALT", 400, -1220),
        ("/api/v3/time?x=1", 400, -1101),
        ("/api/v3/klines?symbol=BTCUSDT", 400, -1102),
        ("/api/v3/klines?symbol=BTCUSDT&interval=7m", 400, -1120),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1d&timeZone=15", 400, -1130),
        ("/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", 400, -1128),
        ("/api/v3/ticker/24hr?symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D", 400, -1128),
        ("/api/v3/ticker/24hr?symbols=nonsense", 400, -1100),
        ("/api/v3/ticker?windowSize=1h", 400, -1102),
        ("/api/v3/ticker?symbol=BTCUSDT&windowSize=8d", 400, -1130),
        ("/api/v3/ticker/price?symbols=%5B%22BTCUSDT%22,%22NOSUCH%22%5D", 400, -1121),
        ("/api/v3/exchangeInfo?symbol=BTCUSDT&permissions=SPOT", 400, -1128),
        ("/api/v3/exchangeInfo?permissions=NOSUCH", 400, -1130),
        ("/api/v3/referencePrice?symbol=BTCUSDT", 400, -2043),
    ] {
        let answer = get(&simulator, path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}");
    }
    assert_eq!(get(&simulator, "/api/v3/nothing").await.status, 404);
    let posted = send(&simulator.addresses().rest, "POST", "/api/v3/time", "", "").await.unwrap();
    assert_eq!(posted.status, 405);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn depth_is_cut_to_its_limits_and_equals_the_ledger() {
    let simulator = quiet().await;
    let rows = async |limit: &str| {
        let book = get(&simulator, &format!("/api/v3/depth?symbol=BTCUSDT{limit}")).await.json();
        book["bids"].as_array().unwrap().len()
    };
    assert_eq!([rows("").await, rows("&limit=7").await, rows("&limit=99999").await], [100, 7, 3000]);
    let book = get(&simulator, "/api/v3/depth?symbol=ETHUSDT&limit=5000").await.json();
    let ledger = simulator.book("ETH-USDT").unwrap();
    assert_eq!(book["lastUpdateId"], json!(ledger.update_id));
    for (side, rows) in [("bids", &ledger.bids), ("asks", &ledger.asks)] {
        let served: Vec<(Decimal, Decimal)> = serde_json::from_value(book[side].clone()).unwrap();
        assert_eq!(&served, rows);
    }
    let text = book["bids"][0][0].as_str().unwrap();
    assert_eq!(text.split_once('.').unwrap().1.len(), 8, "numbers have eight decimals: {text}");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn trades_by_hand_appear_everywhere() {
    let simulator = quiet().await;
    let ask = simulator.book("BTCUSDT").unwrap().asks[0];
    let placed = simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, Decimal::new(2, 5)).by("alice")).unwrap();
    assert_eq!(placed.filled, Decimal::new(2, 5));
    let trades = get(&simulator, "/api/v3/trades?symbol=BTCUSDT").await.json();
    let id = trades[0]["id"].as_u64().unwrap();
    assert_eq!(trades[0]["isBuyerMaker"], false);
    assert_eq!(trades[0]["price"].as_str().unwrap().parse::<Decimal>().unwrap(), ask.0);
    let aggregates = get(&simulator, "/api/v3/aggTrades?symbol=BTCUSDT").await.json();
    assert_eq!((aggregates[0]["f"].as_u64(), aggregates[0]["l"].as_u64()), (Some(id), Some(id)));
    let price = get(&simulator, "/api/v3/ticker/price?symbol=BTCUSDT").await.json();
    assert_eq!(price["price"], trades[0]["price"]);
    let average = get(&simulator, "/api/v3/avgPrice?symbol=BTCUSDT").await.json();
    assert_eq!(average["price"], trades[0]["price"]);
    let day = get(&simulator, "/api/v3/ticker/24hr?symbol=BTCUSDT").await.json();
    assert_eq!((day["lastId"].as_u64(), &day["lastPrice"]), (Some(id), &trades[0]["price"]));
    let from = get(&simulator, &format!("/api/v3/historicalTrades?symbol=BTCUSDT&fromId={id}")).await.json();
    assert_eq!(from, trades);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn candles_are_gapless_and_follow_start_end_and_limit() {
    let simulator = quiet().await;
    let starts = async |query: &str| -> Vec<i64> {
        let rows = get(&simulator, &format!("/api/v3/klines?symbol=BTCUSDT{query}")).await.json();
        rows.as_array().unwrap().iter().map(|row| row[0].as_i64().unwrap()).collect()
    };
    let newest = starts("&interval=1m&limit=1000").await;
    assert_eq!(newest.len(), 1000);
    assert!(newest.windows(2).all(|pair| pair[1] - pair[0] == 60_000));
    let (from, to) = (newest[10], newest[20]);
    assert_eq!(starts(&format!("&interval=1m&startTime={from}&endTime={to}")).await, newest[10..=20]);
    assert_eq!(starts(&format!("&interval=1m&startTime={from}&limit=3")).await, newest[10..13]);
    assert_eq!(starts(&format!("&interval=1m&endTime={to}&limit=2")).await, newest[19..=20]);
    assert_eq!(starts(&format!("&interval=1m&startTime={from}000&limit=1")).await, newest[10..11], "microseconds");
    let days = starts("&interval=1d&timeZone=%2B08:00").await;
    assert!(days.iter().all(|start| (start + 8 * 3_600_000) % 86_400_000 == 0));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn times_come_in_microseconds_on_demand() {
    let simulator = quiet().await;
    let rest = &simulator.addresses().rest;
    let ask = async |unit: &str| {
        send(rest, "GET", "/api/v3/time", &format!("X-MBX-TIME-UNIT: {unit}\r\n"), "").await.unwrap()
    };
    assert!(ask("MICROSECOND").await.json()["serverTime"].as_i64().unwrap() > 1_000_000_000_000_000);
    assert_eq!(ask("FORTNIGHT").await.code(), -1194);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn symbols_outside_ascii_work_by_rest() {
    let config = Config { listings: vec![Listing::wide()], flow: Flow::Off, ..Config::default() };
    let simulator = Simulator::start(config).await.unwrap();
    let info = get(&simulator, "/api/v3/exchangeInfo").await.json();
    assert_eq!(info["symbols"][0]["symbol"], "币安人生USDT");
    let encoded = "%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT";
    assert_eq!(get(&simulator, &format!("/api/v3/depth?symbol={encoded}")).await.status, 200);
    simulator.stop().await;
}

#[tokio::test]
async fn a_port_in_use_and_wrong_settings_are_told() {
    let simulator = quiet().await;
    let port = simulator.addresses().rest.rsplit(':').next().unwrap().parse().unwrap();
    let taken = Simulator::start(Config { port, ..Config::default() }).await.unwrap_err();
    assert!(taken.to_string().contains(&format!("127.0.0.1:{port}")), "{taken}");
    let unknown = Simulator::start(Config { exchange: "mtgox".to_owned(), ..Config::default() }).await.unwrap_err();
    let known = tradewire_simulator::EXCHANGES.join(", ");
    assert_eq!(unknown.to_string(), format!("unknown exchange `mtgox`; known: {known}"));
    assert!(Config::with_pairs(&["BTC/USDT"]).unwrap_err().to_string().contains("`BTC/USDT` is not a pair"));
    assert_eq!(Config::with_pairs(&["ETH-BTC", "FOO-USDT"]).unwrap().listings[1].symbol, "FOOUSDT");
    simulator.stop().await;
}
