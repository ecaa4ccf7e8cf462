//! Binance USD-M: conditional orders with a number of their own.

mod support;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::private::Trader;
use support::usdm::{event_of, private, quiet};
use tradewire_simulator::Simulator;

const ALGO: &str = "/fapi/v1/algoOrder";
const SYMBOL: (&str, &str) = ("symbol", "BTCUSDT");

/// A price so many percent of the last one, on the tick.
fn percent(simulator: &Simulator, percent: i64) -> String {
    let last = simulator.last_price("BTC-USDT").unwrap();
    format!("{:.1}", (last * Decimal::new(percent, 2)).trunc())
}

fn stop<'a>(trigger: &'a str, id: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("algoType", "CONDITIONAL"),
        SYMBOL,
        ("side", "SELL"),
        ("type", "STOP_MARKET"),
        ("quantity", "0.01"),
        ("triggerPrice", trigger),
        ("clientAlgoId", id),
    ]
}

async fn algo_state(events: &mut support::Client, state: &str) -> Value {
    loop {
        let told = event_of(events, "ALGO_UPDATE").await;
        if told["o"]["X"] == state {
            return told["o"].clone();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_placed_queried_and_cancelled() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut events = private(&simulator, &trader).await;
    let trigger = percent(&simulator, 90);
    let placed = trader.ask("POST", ALGO, &stop(&trigger, "s1")).await.json();
    assert_eq!((&placed["algoStatus"], &placed["orderType"]), (&json!("NEW"), &json!("STOP_MARKET")));
    assert_eq!((&placed["clientAlgoId"], &placed["selfTradePreventionMode"]), (&json!("s1"), &json!("NONE")));
    let told = algo_state(&mut events, "NEW").await;
    assert_eq!((&told["aid"], &told["caid"], &told["ai"]), (&placed["algoId"], &json!("s1"), &json!("")));
    assert_eq!(trader.get("/fapi/v1/openOrders", &[]).await.json(), json!([]), "it is no order yet");
    let open = trader.get("/fapi/v1/openAlgoOrders", &[]).await.json();
    assert_eq!((&open[0]["algoId"], &open[0]["actualOrderId"]), (&placed["algoId"], &json!("")));
    let id = placed["algoId"].to_string();
    let cancelled = trader.delete(ALGO, &[("algoId", &id)]).await.json();
    assert_eq!((&cancelled["code"], &cancelled["msg"]), (&json!("200"), &json!("success")), "a text, and no symbol");
    algo_state(&mut events, "CANCELED").await;
    assert_eq!(trader.delete(ALGO, &[("clientAlgoId", "s1")]).await.code(), -2011);
    assert_eq!(trader.get(ALGO, &[("clientAlgoId", "s1")]).await.json()["algoStatus"], "CANCELED");
    trader.ask("POST", ALGO, &stop(&trigger, "s2")).await;
    assert_eq!(trader.delete("/fapi/v1/algoOpenOrders", &[SYMBOL]).await.json()["code"], 200);
    let all = trader.get("/fapi/v1/allAlgoOrders", &[SYMBOL]).await.json();
    assert_eq!(all.as_array().unwrap().len(), 2);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_places_its_order_when_it_is_triggered() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let buy = [SYMBOL, ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.01")];
    assert_eq!(trader.ask("POST", "/fapi/v1/order", &buy).await.status, 200);
    let mut events = private(&simulator, &trader).await;
    let trigger = percent(&simulator, 99);
    let mut params = stop(&trigger, "whole");
    params.retain(|(name, _)| *name != "quantity");
    params.extend([("closePosition", "true"), ("workingType", "MARK_PRICE")]);
    let placed = trader.ask("POST", ALGO, &params).await;
    assert_eq!(placed.json()["closePosition"], true, "{}", placed.body);
    let below = percent(&simulator, 98).parse().unwrap();
    simulator.set_mark_price("BTC-USDT", Some(below)).unwrap();
    let triggered = algo_state(&mut events, "TRIGGERED").await;
    let order = triggered["ai"].as_str().unwrap().to_owned();
    assert!(!order.is_empty() && triggered["tt"].as_i64().unwrap() > 0, "{triggered}");
    algo_state(&mut events, "FINISHED").await;
    let queried = trader.get(ALGO, &[("clientAlgoId", "whole")]).await.json();
    assert_eq!((&queried["actualOrderId"], &queried["algoStatus"]), (&json!(order), &json!("FINISHED")));
    let filled = trader.get("/fapi/v1/order", &[SYMBOL, ("orderId", &order)]).await.json();
    assert_eq!((&filled["status"], &filled["clientOrderId"]), (&json!("FILLED"), &json!("whole")));
    assert_eq!(trader.get("/fapi/v3/positionRisk", &[]).await.json(), json!([]), "the position is closed");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn wrong_conditions_are_refused() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let (below, above) = (percent(&simulator, 90), percent(&simulator, 110));
    let good = stop(&below, "x");
    let changed = |name: &'static str, value: &str| {
        let mut params: Vec<(String, String)> =
            good.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        params.retain(|(known, _)| known != name);
        if !value.is_empty() {
            params.push((name.to_owned(), value.to_owned()));
        }
        params
    };
    let mut whole = changed("closePosition", "true");
    whole.push(("reduceOnly".into(), "false".into()));
    let mut trailing = changed("type", "TRAILING_STOP_MARKET");
    trailing.push(("callbackRate".into(), "30".into()));
    for (params, code) in [
        (changed("triggerPrice", &above), -2021),
        (changed("triggerPrice", ""), -1102),
        (changed("algoType", "VP"), -1130),
        (changed("type", "LIMIT"), -1116),
        (whole, -4137),
        (trailing, -2007),
        (changed("clientAlgoId", "no good"), -4015),
    ] {
        let borrowed: Vec<(&str, &str)> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = trader.ask("POST", ALGO, &borrowed).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{params:?}: {}", answer.body);
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_trailing_stop_tells_when_it_follows() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut events = private(&simulator, &trader).await;
    let above = percent(&simulator, 105);
    let params = [
        ("algoType", "CONDITIONAL"),
        SYMBOL,
        ("side", "SELL"),
        ("type", "TRAILING_STOP_MARKET"),
        ("quantity", "0.01"),
        ("callbackRate", "1.5"),
        ("activatePrice", above.as_str()),
    ];
    let placed = trader.ask("POST", ALGO, &params).await.json();
    assert_eq!((&placed["callbackRate"], &placed["orderType"]), (&json!("1.5"), &json!("TRAILING_STOP_MARKET")));
    let told = algo_state(&mut events, "NEW").await;
    assert_eq!((&told["ia"], &told["o"]), (&json!(false), &json!("TRAILING_STOP_MARKET")));
    simulator.stop().await;
}
