//! Perpetual contracts through the simulator's own API and its control API.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::control;
use tradewire_simulator::{
    AccountSetup, ClockSource, Config, Fault, FaultKind, Flow, Leverage, MarginMode, OrderError, OrderRequest,
    PositionMode, PositionSide, Product, Scope, SettingError, Side, Simulator, Timestamp, TraderOrder,
};

fn d(text: &str) -> rust_decimal::Decimal {
    text.parse().unwrap()
}

/// Contracts without background traders, on 2023-11-14 at 22:13:20.
async fn quiet() -> Simulator {
    let start_time = Some(Timestamp::from_millis(1_700_000_000_000));
    let main = AccountSetup { leverage: Some(d("10")), ..AccountSetup::new("main").with("USDT", d("100000")) };
    let config = Config::of("binance-usdm").unwrap();
    let config = Config { flow: Flow::Off, clock: ClockSource::Manual, start_time, accounts: vec![main], ..config };
    Simulator::start(config).await.unwrap()
}

fn buy(simulator: &Simulator, pair: &str, quantity: &str) {
    simulator.place_as("main", pair, &OrderRequest::market(Side::Buy, d(quantity))).unwrap();
}

#[tokio::test(start_paused = true)]
async fn positions_fundings_and_settings_are_in_the_ledger() {
    let simulator = quiet().await;
    assert_eq!(simulator.product(), Product::LinearPerpetual);
    for (pair, price) in [("BTC-USDT", "60000"), ("ETH-USDT", "2500")] {
        simulator.set_mark_price(pair, Some(d(price))).unwrap();
        simulator.set_funding_rate(pair, Some(d("0.0001"))).unwrap();
    }
    buy(&simulator, "BTC-USDT", "0.1");
    buy(&simulator, "ETH-USDT", "2");
    simulator.advance(Duration::from_secs(3 * 8 * 3600));
    let ledger = simulator.account_ledger("main").unwrap().contracts.unwrap();
    let paid: Vec<_> = ledger.funding.iter().map(|paid| (&*paid.symbol, paid.amount)).collect();
    let [btc, eth] = [("BTCUSDT", d("-0.6")), ("ETHUSDT", d("-0.5"))];
    assert_eq!(paid, [btc, eth, btc, eth, btc, eth]);
    let times: Vec<_> = ledger.funding.iter().map(|paid| paid.time).collect();
    assert!(times.is_sorted() && times[0] == times[1] && times[1] < times[2], "{times:?}");
    assert_eq!(ledger.positions.len(), 2);
    assert_eq!(ledger.settings["BTCUSDT"].leverage, Leverage::of(d("10")));
    simulator.advance(Duration::from_secs(60));
    assert_eq!(simulator.account_ledger("main").unwrap().contracts.unwrap().funding.len(), 6);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn faults_act_on_positions_and_settings() {
    let simulator = quiet().await;
    buy(&simulator, "BTC-USDT", "0.1");
    simulator.inject(Fault::new(FaultKind::Adl { quantity: Some(d("0.04")), price: None }).pair("BTC-USDT")).unwrap();
    assert_eq!(simulator.positions("main")[0].size, d("0.06"));
    simulator.inject(Fault::new(FaultKind::Liquidate)).unwrap();
    assert!(simulator.positions("main").is_empty());
    let settings = FaultKind::ExternalSettings {
        leverage: Some(d("5")),
        position_mode: None,
        margin_mode: Some(MarginMode::Isolated),
    };
    simulator.inject(Fault::new(settings).pair("BTC-USDT")).unwrap();
    let after = simulator.account_ledger("main").unwrap().contracts.unwrap().settings["BTCUSDT"];
    assert_eq!((after.leverage.buy, after.margin_mode), (d("5"), MarginMode::Isolated));
    buy(&simulator, "BTC-USDT", "0.1");
    let hedge = simulator.set_position_mode("main", &Scope::Account, PositionMode::Hedge);
    assert_eq!(hedge, Err(SettingError::PositionOpen));
    simulator.inject(Fault::new(FaultKind::Settle { price: None }).pair("BTC-USDT")).unwrap();
    let late = simulator.place_as("main", "BTC-USDT", &OrderRequest::market(Side::Buy, d("0.1")));
    assert_eq!((late.unwrap_err(), simulator.positions("main").len()), (OrderError::MarketClosed, 0));
    let none = simulator.liquidate("main", "ETH-USDT", PositionSide::Both);
    assert_eq!(none, Err(SettingError::NoPosition));
    simulator.stop().await;
}

#[tokio::test]
async fn the_control_api_marks_and_sets() {
    let simulator = quiet().await;
    let ask = |path: &'static str, body: Value| {
        let simulator = &simulator;
        async move { control(simulator, "POST", path, &body.to_string()).await }
    };
    let marked = ask("/market", json!({"action": "mark-price", "symbol": "BTC-USDT", "price": "61000"})).await;
    assert_eq!(marked.json()["mark"], "61000");
    let shown = control(&simulator, "GET", "/mark?symbol=BTCUSDT", "").await;
    assert_eq!(shown.json()["funding_hours"], 8);
    let set = ask("/accounts/main/settings", json!({"symbol": "BTC-USDT", "leverage": "25"})).await;
    assert_eq!(set.status, 200, "{}", set.body);
    let placed = json!({"action": "place", "symbol": "BTC-USDT", "side": "sell", "type": "MARKET", "quantity": "0.1"});
    assert_eq!(ask("/accounts/main/orders", placed).await.status, 200);
    let ledger = control(&simulator, "GET", "/accounts/main/ledger", "").await.json();
    assert_eq!(ledger["contracts"]["positions"][0]["size"], "-0.1");
    assert_eq!(ledger["contracts"]["positions"][0]["leverage"], "25");
    let close = json!({"action": "place", "symbol": "BTC-USDT", "side": "buy", "type": "MARKET", "quantity": "1",
        "position": {"reduce_only": true}});
    assert_eq!(ask("/accounts/main/orders", close).await.json()["order"]["executed"], "0.1");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_moving_market_triggers_and_liquidates() {
    let simulator = quiet().await;
    simulator.set_leverage("main", "BTC-USDT", Leverage::of(d("100"))).unwrap();
    simulator.deposit("main", "USDT", d("-99300")).unwrap();
    buy(&simulator, "BTC-USDT", "0.5");
    let price = simulator.last_price("BTC-USDT").unwrap();
    simulator.place("BTC-USDT", TraderOrder::limit(Side::Buy, price - d("5000"), d("10"))).unwrap();
    simulator.move_price("BTC-USDT", price - d("3000")).unwrap();
    simulator.place("BTC-USDT", TraderOrder::market(Side::Sell, d("0.001"))).unwrap();
    assert!(simulator.positions("main").is_empty(), "{:?}", simulator.positions("main"));
    let wallet = simulator.account_ledger("main").unwrap().contracts.unwrap().wallets["USDT"].clone();
    assert!(wallet.balance >= d("0"), "{wallet:?}");
    simulator.stop().await;
}
