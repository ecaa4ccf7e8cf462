//! Binance USD-M: private answers and events against the published examples, field by field.

mod support;

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::Client;
use support::private::Trader;
use support::shapes::{example, has_shape};
use support::usdm::{listen_key, private, quiet};
use tradewire_simulator::Simulator;

const FOLDER: &str = "binance-usdm";
const SYMBOL: (&str, &str) = ("symbol", "BTCUSDT");

/// Fields that only trailing or conditional orders of before had, and those that examples mix in from errors.
const NOT_OURS: [&str; 6] = ["activatePrice", "priceRate", "code", "msg", "cumBase", "AP"];
/// Fields that are told beside the example's.
const BESIDE: [&str; 12] =
    ["st", "S", "n", "N", "er", "gtd", "M", "breakEvenPrice", "ps", "pair", "marginAvailable", "modifyId"];

fn compare(ours: &Value, name: &str) {
    let theirs = example(FOLDER, name).unwrap_or_else(|| panic!("the example {name}"));
    let less = [&NOT_OURS[..], &["cr", "n", "N", "si", "ss"]].concat();
    let more = [&BESIDE[..], &["pP", "si", "ss", "V", "pm", "cumBase", "type", "code"]].concat();
    has_shape(ours, &theirs, (&more, &less), name);
}

/// An account with an order, a position, and both in the past.
async fn lively() -> (Simulator, Trader) {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    for (side, more) in [("BUY", None), ("SELL", Some(("quantity", "0.005")))] {
        let quantity = more.unwrap_or(("quantity", "0.010"));
        let params = [SYMBOL, ("side", side), ("type", "MARKET"), quantity];
        assert_eq!(trader.ask("POST", "/fapi/v1/order", &params).await.status, 200);
    }
    (simulator, trader)
}

#[tokio::test(start_paused = true)]
async fn queries_have_the_published_fields() {
    if example(FOLDER, "rest_new_order").is_none() {
        println!("skipped: no examples of the exchange's answers are here");
        return;
    }
    let (simulator, trader) = lively().await;
    simulator.run_funding("BTC-USDT", None).unwrap();
    for (path, name) in [
        ("/fapi/v1/allOrders", "rest_all_orders"),
        ("/fapi/v1/userTrades", "rest_account_trade_list"),
        ("/fapi/v1/income", "rest_get_income_history"),
        ("/fapi/v2/balance", "rest_futures_account_balance_v2"),
        ("/fapi/v3/balance", "rest_futures_account_balance_v3"),
        ("/fapi/v2/account", "rest_account_information_v2"),
        ("/fapi/v3/account", "rest_account_information_v3"),
        ("/fapi/v2/positionRisk", "rest_position_information_v2"),
        ("/fapi/v3/positionRisk", "rest_position_information_v3"),
        ("/fapi/v1/accountConfig", "rest_futures_account_configuration"),
        ("/fapi/v1/symbolConfig", "rest_symbol_configuration"),
        ("/fapi/v1/commissionRate", "rest_user_commission_rate"),
        ("/fapi/v1/positionSide/dual", "rest_get_current_position_mode"),
        ("/fapi/v1/multiAssetsMargin", "rest_get_current_multi_assets_mode"),
        ("/fapi/v1/feeBurn", "rest_get_bnb_burn_status"),
        ("/fapi/v1/rateLimit/order", "rest_query_user_rate_limit"),
    ] {
        compare(&trader.get(path, &[SYMBOL]).await.json(), name);
    }
    let brackets = trader.get("/fapi/v1/leverageBracket", &[SYMBOL]).await.json();
    assert_eq!((&brackets[0]["symbol"], brackets[0]["brackets"].is_array()), (&json!("BTCUSDT"), true));
    compare(&listen_key(&trader, "POST").await.json(), "rest_start_user_data_stream");
    compare(&listen_key(&trader, "PUT").await.json(), "rest_keepalive_user_data_stream");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn commands_have_the_published_fields() {
    if example(FOLDER, "rest_new_order").is_none() {
        println!("skipped: no examples of the exchange's answers are here");
        return;
    }
    let (simulator, trader) = lively().await;
    let order = |id: &'static str| {
        [
            SYMBOL,
            ("side", "BUY"),
            ("type", "LIMIT"),
            ("timeInForce", "GTC"),
            ("quantity", "0.01"),
            ("price", "40000"),
            ("newClientOrderId", id),
        ]
    };
    compare(&trader.ask("POST", "/fapi/v1/order", &order("a")).await.json(), "rest_new_order");
    let one = [SYMBOL, ("origClientOrderId", "a")];
    compare(&trader.get("/fapi/v1/order", &one).await.json(), "rest_query_order");
    compare(&trader.get("/fapi/v1/openOrder", &one).await.json(), "rest_query_current_open_order");
    compare(&trader.get("/fapi/v1/openOrders", &[]).await.json(), "rest_current_all_open_orders");
    let change = [SYMBOL, one[1], ("side", "BUY"), ("quantity", "0.02"), ("price", "40000"), ("modifyId", "1")];
    compare(&trader.ask("PUT", "/fapi/v1/order", &change).await.json(), "rest_modify_order");
    compare(&trader.get("/fapi/v1/orderAmendment", &one).await.json(), "rest_get_order_modify_history");
    compare(&trader.delete("/fapi/v1/order", &one).await.json(), "rest_cancel_order");
    let none = trader.delete("/fapi/v1/allOpenOrders", &[SYMBOL]).await.json();
    compare(&none, "rest_cancel_all_open_orders");
    let arm = [SYMBOL, ("countdownTime", "100000")];
    let armed = trader.ask("POST", "/fapi/v1/countdownCancelAll", &arm).await.json();
    compare(&armed, "rest_auto_cancel_all_open_orders");
    let leverage = trader.ask("POST", "/fapi/v1/leverage", &[SYMBOL, ("leverage", "21")]).await.json();
    compare(&leverage, "rest_change_initial_leverage");
    let algo = [
        ("algoType", "CONDITIONAL"),
        SYMBOL,
        ("side", "SELL"),
        ("type", "TAKE_PROFIT"),
        ("quantity", "0.01"),
        ("price", "80000"),
        ("triggerPrice", "80000"),
        ("clientAlgoId", "t"),
    ];
    compare(&trader.ask("POST", "/fapi/v1/algoOrder", &algo).await.json(), "rest_new_algo_order");
    let named = [("clientAlgoId", "t")];
    compare(&trader.get("/fapi/v1/algoOrder", &named).await.json(), "rest_query_algo_order");
    compare(&trader.get("/fapi/v1/openAlgoOrders", &[]).await.json(), "rest_current_all_algo_open_orders");
    compare(&trader.get("/fapi/v1/allAlgoOrders", &[SYMBOL]).await.json(), "rest_query_all_algo_orders");
    compare(&trader.delete("/fapi/v1/algoOrder", &named).await.json(), "rest_cancel_algo_order");
    simulator.stop().await;
}

/// The events that come within a second, the first of each type.
async fn events(client: &mut Client) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::new();
    while let Ok(event) = tokio::time::timeout(Duration::from_secs(1), client.json()).await {
        let key = |event: &Value| (event["e"].clone(), event["o"]["x"].clone());
        if !seen.iter().any(|known| key(known) == key(&event)) {
            seen.push(event);
        }
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn events_have_the_published_fields() {
    if example(FOLDER, "uds_ACCOUNT_UPDATE").is_none() {
        println!("skipped: no examples of the exchange's events are here");
        return;
    }
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut client = private(&simulator, &trader).await;
    let market = [SYMBOL, ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.01")];
    trader.ask("POST", "/fapi/v1/order", &market).await;
    let above = (simulator.last_price("BTC-USDT").unwrap() * Decimal::from(2)).to_string();
    let algo = [
        ("algoType", "CONDITIONAL"),
        SYMBOL,
        ("side", "SELL"),
        ("type", "TAKE_PROFIT_MARKET"),
        ("quantity", "0.01"),
        ("triggerPrice", above.as_str()),
    ];
    trader.ask("POST", "/fapi/v1/algoOrder", &algo).await;
    trader.ask("POST", "/fapi/v1/leverage", &[SYMBOL, ("leverage", "25")]).await;
    trader.ask("POST", "/fapi/v1/multiAssetsMargin", &[("multiAssetsMargin", "true")]).await;
    let seen = events(&mut client).await;
    let find = |name: &str, kind: Value| {
        let found = seen.iter().find(|event| event["e"] == name && event["o"]["x"] == kind);
        found.unwrap_or_else(|| panic!("no {name} {kind} in {seen:?}"))
    };
    compare(find("ORDER_TRADE_UPDATE", json!("NEW")), "uds_ORDER_TRADE_UPDATE");
    let trade = find("ORDER_TRADE_UPDATE", json!("TRADE"));
    compare(trade, "uds_ORDER_TRADE_UPDATE_partial_fill");
    assert!(trade["o"]["n"].is_string() && trade["o"]["N"].is_string());
    compare(find("TRADE_LITE", Value::Null), "uds_TRADE_LITE");
    compare(find("ACCOUNT_UPDATE", Value::Null), "uds_ACCOUNT_UPDATE");
    compare(find("ALGO_UPDATE", Value::Null), "uds_ALGO_UPDATE");
    compare(find("ACCOUNT_CONFIG_UPDATE", Value::Null), "uds_ACCOUNT_CONFIG_UPDATE_leverage");
    simulator.stop().await;
}
