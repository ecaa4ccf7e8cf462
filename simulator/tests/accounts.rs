//! Accounts through the public interface: the library's and the control API's.

mod support;

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::{control, quiet};
use tradewire_simulator::{
    AccountSetup, AmendRequest, CancelRequest, Config, Fault, FaultKind, Flow, KeyType, OrderError, OrderKind,
    OrderRef, OrderRequest, OrderStatus, Side, Simulator, TradingStatus,
};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// What accounts have of each asset, fees and what others have won is what was deposited.
fn assert_nothing_is_lost(simulator: &Simulator, accounts: &[&str]) {
    let totals = simulator.totals();
    for (asset, deposited) in &totals.deposited {
        let held: Decimal = accounts
            .iter()
            .filter_map(|name| simulator.balances(name).get(&**asset).copied())
            .map(|balance| balance.total())
            .sum();
        let elsewhere = |amounts: &std::collections::BTreeMap<std::sync::Arc<str>, Decimal>| {
            amounts.get(asset).copied().unwrap_or_default()
        };
        assert_eq!(held + elsewhere(&totals.fees) + elsewhere(&totals.others), *deposited, "{asset}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_main_account_has_funds_and_the_same_keys_for_the_same_seed() {
    let simulator = quiet().await;
    let balances = simulator.balances("main");
    assert_eq!((balances["USDT"].free, balances["BTC"].free), (d("1000000"), d("100")));
    let listed = Simulator::start(Config::with_pairs(&["FOO-BAR"]).unwrap()).await.unwrap();
    assert_eq!(listed.balances("main")["FOO"].free, d("100000"), "and of whatever else is listed");
    let again = quiet().await;
    let (one, other) = (simulator.addresses(), again.addresses());
    assert!(one.api_key.is_some() && one.ed25519_private_key.as_ref().unwrap().contains("BEGIN PRIVATE KEY"));
    assert_eq!((&one.api_key, &one.secret_key), (&other.api_key, &other.secret_key));
    assert_eq!(one.ed25519_private_key, other.ed25519_private_key);
    assert_eq!(simulator.credentials("main"), again.credentials("main"));
    let different = Simulator::start(Config { seed: 2, flow: Flow::Off, ..Config::default() }).await.unwrap();
    assert_ne!(one.api_key, different.addresses().api_key);
    for simulator in [simulator, again, different, listed] {
        simulator.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_amended_filled_and_cancelled_from_outside() {
    let simulator = quiet().await;
    let request = OrderRequest::limit(Side::Buy, d("60000"), d("1")).client_id("outside");
    let placed = simulator.place_as("main", "BTC-USDT", &request).unwrap();
    let named = OrderRef::Client("outside".to_owned());
    let amended = simulator.amend_as("main", "BTCUSDT", &AmendRequest::new(named, d("0.8"))).unwrap();
    let order = OrderRef::Id(placed.order.id);
    assert_eq!(simulator.fill_order("main", "BTC-USDT", &order, Some(d("0.3"))).unwrap(), d("0.3"));
    let cancelled = simulator.cancel_as("main", "BTC-USDT", &CancelRequest::new(order.clone())).unwrap();
    assert_eq!(cancelled.orders[0].client_id, amended.order.client_id);
    let kept = &simulator.orders("main")[0];
    assert_eq!((kept.status, kept.executed, kept.quantity), (OrderStatus::Canceled, d("0.3"), d("0.8")));
    assert_eq!(simulator.fills("main")[0].price, d("60000"));
    assert_eq!(simulator.balances("main")["USDT"].free, d("982000"));
    let gone = simulator.fill_order("main", "BTC-USDT", &order, None);
    assert_eq!(gone.unwrap_err(), OrderError::UnknownOrder);
    assert_nothing_is_lost(&simulator, &["main"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_control_api_opens_trades_and_shows_accounts() {
    let simulator = quiet().await;
    let setup = json!({"name": "second", "balances": {"USDT": "50000"}, "keys": ["hmac", "ed25519"]});
    let opened = control(&simulator, "POST", "/accounts", &setup.to_string()).await.json();
    assert_eq!(opened["keys"].as_array().unwrap().len(), 2);
    assert_eq!(control(&simulator, "POST", "/accounts", &setup.to_string()).await.status, 400, "the name is taken");
    assert_eq!(control(&simulator, "GET", "/accounts", "").await.json(), json!(["main", "second"]));
    let ask = async |what: &str, body: Value| {
        control(&simulator, "POST", &format!("/accounts/second/{what}"), &body.to_string()).await
    };
    let rsa = ask("keys", json!({"key_type": "rsa"})).await.json();
    assert!(rsa["secret"].as_str().unwrap().contains("BEGIN PRIVATE KEY"));
    assert_eq!(ask("transfer", json!({"asset": "USDT", "amount": "-10000"})).await.json()["moved"], "-10000");
    let place = json!({"action": "place", "symbol": "BTC-USDT", "side": "buy", "price": "60000", "quantity": "0.5"});
    let order = ask("orders", place.clone()).await.json()["order"].clone();
    assert_eq!((&order["status"], &order["kind"]), (&json!("NEW"), &json!("LIMIT")));
    let refused = ask("orders", place).await;
    assert_eq!((refused.status, refused.json()["error"].clone()), (400, json!("insufficient balance")));
    let fill = json!({"action": "fill", "symbol": "BTC-USDT", "order": order["id"], "quantity": "0.2"});
    assert_eq!(ask("orders", fill).await.json()["filled"], "0.2");
    let cancel = json!({"action": "cancel", "symbol": "BTC-USDT", "order": order["client_id"]});
    assert_eq!(ask("orders", cancel).await.json()["orders"][0]["status"], "CANCELED");
    let ledger = control(&simulator, "GET", "/accounts/second/ledger", "").await.json();
    assert_eq!(ledger["balances"]["USDT"], json!({"free": "28000", "locked": "0"}));
    assert_eq!(ledger["fills"][0]["quantity"], "0.2");
    let key = opened["keys"][0]["api_key"].as_str().unwrap();
    assert_eq!(control(&simulator, "DELETE", &format!("/accounts/second/keys/{key}"), "").await.status, 200);
    assert_eq!(control(&simulator, "GET", "/accounts/nobody/ledger", "").await.status, 404);
    assert!(control(&simulator, "GET", "/totals", "").await.json()["deposited"]["USDT"].is_string());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn accounts_trade_among_background_traders() {
    let simulator = Simulator::start(Config::with_pairs(&["BTC-USDT", "ETH-USDT"]).unwrap()).await.unwrap();
    let mut stop = OrderRequest::new(Side::Sell, OrderKind::StopLoss);
    for step in 0..40_u32 {
        let price = simulator.last_price("BTC-USDT").unwrap();
        let away = Decimal::from(step % 5);
        for (side, price) in [(Side::Buy, price - away), (Side::Sell, price + away)] {
            let request = OrderRequest::limit(side, price, d("0.01"));
            simulator.place_as("main", "BTC-USDT", &request).unwrap();
        }
        simulator.place_as("main", "ETH-USDT", &OrderRequest::market(Side::Buy, d("0.1"))).unwrap();
        stop.quantity = Some(d("0.001"));
        stop.stop_price = Some((price - Decimal::ONE).round_dp(2));
        let _triggered_at_once_or_not = simulator.place_as("main", "BTC-USDT", &stop);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let fills = simulator.fills("main");
    assert!(fills.iter().any(|fill| fill.maker) && fills.iter().any(|fill| !fill.maker));
    let triggered = |order: &tradewire_simulator::Order| order.kind == OrderKind::StopLoss && order.is_working;
    assert!(simulator.orders("main").iter().any(triggered));
    for name in ["BTC-USDT", "ETH-USDT"] {
        let all = simulator.cancel_all_as("main", name);
        assert!(all.is_ok() || all.unwrap_err() == OrderError::UnknownOrder);
    }
    assert!(simulator.balances("main").values().all(|balance| balance.locked.is_zero()));
    assert_nothing_is_lost(&simulator, &["main"]);
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_threads_on_many_markets_do_not_block_each_other() {
    let simulator = std::sync::Arc::new(Simulator::start(Config::default()).await.unwrap());
    simulator.open_account(&AccountSetup { name: "second".to_owned(), ..AccountSetup::main() }).unwrap();
    let mut threads = Vec::new();
    for (name, pair) in [("main", "BTC-USDT"), ("second", "BTC-USDT"), ("main", "ETH-USDT"), ("second", "ETH-BTC")] {
        let simulator = std::sync::Arc::clone(&simulator);
        threads.push(tokio::task::spawn_blocking(move || {
            for n in 0..100 {
                let side = if n % 2 == 0 { Side::Buy } else { Side::Sell };
                simulator.place_as(name, pair, &OrderRequest::market(side, d("0.05"))).unwrap();
                simulator.deposit(name, "USDT", Decimal::ONE).unwrap();
                if n % 20 == 0 {
                    simulator.inject(Fault::new(FaultKind::ExchangeCancelAll).account(name)).unwrap();
                }
            }
        }));
    }
    for thread in threads {
        thread.await.unwrap();
    }
    assert_nothing_is_lost(&simulator, &["main", "second"]);
    std::sync::Arc::into_inner(simulator).unwrap().stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_halt_closes_the_market_and_a_delisting_ends_its_orders() {
    let simulator = quiet().await;
    let request = OrderRequest::limit(Side::Buy, d("60000"), d("0.1"));
    let order = simulator.place_as("main", "BTC-USDT", &request).unwrap().order;
    let halt = Fault::new(FaultKind::Halt { status: TradingStatus::CancelOnly }).pair("BTC-USDT");
    let id = simulator.inject(halt).unwrap();
    assert_eq!(simulator.place_as("main", "BTC-USDT", &request).unwrap_err(), OrderError::MarketClosed);
    simulator.clear_fault(id);
    simulator.inject(Fault::new(FaultKind::Delist).pair("BTC-USDT")).unwrap();
    assert_eq!(simulator.orders("main")[0].status, OrderStatus::Expired);
    assert_eq!(simulator.place_as("main", "BTC-USDT", &request).unwrap_err(), OrderError::NotListed);
    simulator.set_may_trade("main", false).unwrap();
    assert_eq!(simulator.place_as("main", "ETH-USDT", &request).unwrap_err(), OrderError::Restricted);
    assert!(simulator.add_key("nobody", KeyType::Hmac).is_err());
    assert_eq!(order.status, OrderStatus::New);
    simulator.stop().await;
}
