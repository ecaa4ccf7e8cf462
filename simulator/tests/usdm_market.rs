//! Binance USD-M: REST shapes, limits and errors of the market side.

mod support;

use serde_json::json;
use support::shapes::{example, has_shape};
use support::usdm::{busy, quiet};
use support::{get, send};
use tradewire_simulator::{Config, Flow, Limits, Simulator};

const FOLDER: &str = "binance-usdm";

/// Paths with the published examples of their answers.
const SHAPES: [(&str, &str); 19] = [
    ("/fapi/v1/time", "rest_check_server_time"),
    ("/fapi/v1/exchangeInfo", "rest_exchange_information"),
    ("/fapi/v1/depth?symbol=BTCUSDT&limit=5", "rest_order_book"),
    ("/fapi/v1/rpiDepth?symbol=BTCUSDT&limit=1000", "rest_rpi_order_book"),
    ("/fapi/v1/trades?symbol=BTCUSDT", "rest_recent_trades_list"),
    ("/fapi/v1/aggTrades?symbol=BTCUSDT", "rest_compressed_aggregate_trades_list"),
    ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m", "rest_kline_candlestick_data"),
    (
        "/fapi/v1/continuousKlines?pair=BTCUSDT&contractType=PERPETUAL&interval=1m",
        "rest_continuous_contract_kline_candlestick_data",
    ),
    ("/fapi/v1/indexPriceKlines?pair=BTCUSDT&interval=1m", "rest_index_price_kline_candlestick_data"),
    ("/fapi/v1/markPriceKlines?symbol=BTCUSDT&interval=1m", "rest_mark_price_kline_candlestick_data"),
    ("/fapi/v1/premiumIndex?symbol=BTCUSDT", "rest_mark_price"),
    ("/fapi/v1/fundingRate?symbol=BTCUSDT", "rest_get_funding_rate_history"),
    ("/fapi/v1/fundingInfo", "rest_get_funding_rate_info"),
    ("/fapi/v1/openInterest?symbol=BTCUSDT", "rest_open_interest"),
    ("/fapi/v1/ticker/24hr?symbol=BTCUSDT", "rest_ticker24hr_price_change_statistics"),
    ("/fapi/v1/ticker/price?symbol=BTCUSDT", "rest_symbol_price_ticker"),
    ("/fapi/v2/ticker/price?symbol=BTCUSDT", "rest_symbol_price_ticker_v2"),
    ("/fapi/v1/ticker/bookTicker?symbol=BTCUSDT", "rest_symbol_order_book_ticker"),
    ("/fapi/v1/ticker/price?symbol=NOSUCH", "rest_error"),
];

#[tokio::test(start_paused = true)]
async fn answers_have_the_published_shapes() {
    if example(FOLDER, "rest_order_book").is_none() {
        println!("skipped: no examples of the exchange's answers are here");
        return;
    }
    let simulator = busy().await;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let more = ["timezone", "futuresType", "marketTakeBound", "lastUpdateId", "maxMoveOrderLimit"];
    // The example shows the fields of all filters in one object, and a text for a list of filters.
    let less = ["filters", "exchangeFilters"];
    for (path, name) in SHAPES {
        let answer = get(&simulator, path).await;
        has_shape(&answer.json(), &example(FOLDER, name).expect("the example"), (&more, &less), path);
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn instruments_come_with_their_filters() {
    let simulator = quiet().await;
    let info = get(&simulator, "/fapi/v1/exchangeInfo").await.json();
    let btc = info["symbols"].as_array().unwrap().iter().find(|symbol| symbol["symbol"] == "BTCUSDT").unwrap();
    assert_eq!((&btc["contractType"], &btc["status"]), (&json!("PERPETUAL"), &json!("TRADING")));
    assert_eq!((&btc["marginAsset"], &btc["deliveryDate"]), (&json!("USDT"), &json!(4_133_404_800_000_i64)));
    let kinds: Vec<_> = btc["filters"].as_array().unwrap().iter().map(|filter| filter["filterType"].clone()).collect();
    let wanted = ["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "MAX_NUM_ORDERS", "MIN_NOTIONAL", "PERCENT_PRICE"];
    assert_eq!(kinds, wanted);
    assert!(btc["filters"][4]["notional"].is_string(), "not minNotional");
    let rows = &info["rateLimits"];
    let limits: Vec<_> = (0..3).map(|at| (rows[at]["rateLimitType"].clone(), rows[at]["limit"].clone())).collect();
    let orders = json!("ORDERS");
    assert_eq!(limits, [(json!("REQUEST_WEIGHT"), json!(2400)), (orders.clone(), json!(300)), (orders, json!(1200)),]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn requests_cost_their_weight() {
    let simulator = quiet().await;
    for (path, weight) in [
        ("/fapi/v1/ping", 1),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=50", 2),
        ("/fapi/v1/depth?symbol=BTCUSDT", 10),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=1000", 20),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=99", 1),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1500", 10),
        ("/fapi/v1/ticker/24hr?symbol=BTCUSDT", 1),
        ("/fapi/v1/ticker/24hr", 40),
        ("/fapi/v2/ticker/price", 2),
        ("/fapi/v1/premiumIndex", 10),
    ] {
        let before = simulator.used_weight();
        let answer = get(&simulator, path).await;
        let used = answer.header("x-mbx-used-weight-1m").unwrap().parse::<u64>().unwrap();
        assert_eq!((answer.status, used - before), (200, weight), "{path}: {}", answer.body);
    }
    let trades = send(&simulator.addresses().rest, "GET", "/fapi/v1/historicalTrades?symbol=BTCUSDT", "", "").await;
    assert_eq!(trades.unwrap().code(), -2014, "a key is needed, though nothing is signed");
    let key = format!("X-MBX-APIKEY: {}\r\n", simulator.addresses().api_key.as_ref().unwrap());
    let path = "/fapi/v1/historicalTrades?symbol=BTCUSDT&limit=5";
    let trades = send(&simulator.addresses().rest, "GET", path, &key, "").await.unwrap();
    assert_eq!(trades.status, 200, "{}", trades.body);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn wrong_requests_are_refused_in_the_exchanges_words() {
    let simulator = quiet().await;
    for (path, status, code) in [
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=7", 400, -4021),
        ("/fapi/v1/depth", 400, -1102),
        ("/fapi/v1/depth?symbol=NOSUCH", 400, -1121),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1s", 400, -1120),
    ] {
        let answer = get(&simulator, path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}");
    }
    assert_eq!(get(&simulator, "/fapi/v1/nothing").await.status, 404);
    assert_eq!(get(&simulator, "/fapi/v1/ping?unknown=1").await.status, 200, "what is not known is ignored");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn too_much_weight_is_refused_and_then_banned() {
    let base = Config::of("binance-usdm").unwrap();
    let limits = Limits { weight_per_minute: 10, refusals_until_ban: 2, ..base.limits.clone() };
    let simulator = Simulator::start(Config { flow: Flow::Off, limits, ..base }).await.unwrap();
    assert_eq!(get(&simulator, "/fapi/v1/depth?symbol=BTCUSDT").await.status, 200);
    for status in [429, 429, 418] {
        let answer = get(&simulator, "/fapi/v1/ping").await;
        assert_eq!((answer.status, answer.code()), (status, -1003));
        assert!(answer.header("retry-after").is_some());
    }
    simulator.stop().await;
}
