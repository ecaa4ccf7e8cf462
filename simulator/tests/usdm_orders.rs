//! Binance USD-M: the life of orders by REST, batches, modifications, codes and words.

mod support;

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::private::Trader;
use support::usdm::{event_of, private, quiet};
use tradewire_simulator::{OrderCommand, Side, Simulator, TraderOrder};

const ORDER: &str = "/fapi/v1/order";

/// A price far below the market, on the tick.
fn below(simulator: &Simulator) -> String {
    let last = simulator.last_price("BTC-USDT").unwrap();
    format!("{:.1}", (last * Decimal::new(8, 1)).trunc())
}

fn limit<'a>(price: &'a str, id: &'a str) -> [(&'a str, &'a str); 7] {
    [
        ("symbol", "BTCUSDT"),
        ("side", "BUY"),
        ("type", "LIMIT"),
        ("timeInForce", "GTC"),
        ("quantity", "0.010"),
        ("price", price),
        ("newClientOrderId", id),
    ]
}

async fn place(trader: &Trader, params: &[(&str, &str)]) -> Value {
    let answer = trader.ask("POST", ORDER, params).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_modified_and_cancelled() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut events = private(&simulator, &trader).await;
    let price = below(&simulator);
    let placed = place(&trader, &limit(&price, "one")).await;
    assert_eq!((&placed["status"], &placed["executedQty"]), (&json!("NEW"), &json!("0.000")));
    assert_eq!((&placed["timeInForce"], &placed["positionSide"]), (&json!("GTC"), &json!("BOTH")));
    assert_eq!(placed["selfTradePreventionMode"], "EXPIRE_MAKER", "the default here");
    assert!(placed.get("avgPrice").is_none() && placed.get("cumQuote").is_none(), "they have left this answer");
    let told = event_of(&mut events, "ORDER_TRADE_UPDATE").await;
    assert_eq!((&told["o"]["x"], &told["o"]["X"], &told["o"]["i"]), (&json!("NEW"), &json!("NEW"), &placed["orderId"]));
    let id = placed["orderId"].to_string();
    let one = [("symbol", "BTCUSDT"), ("orderId", id.as_str())];
    let queried = trader.get(ORDER, &one).await.json();
    assert_eq!((&queried["avgPrice"], &queried["cumQuote"]), (&json!("0.00000"), &json!("0")));
    let change = [one[0], one[1], ("side", "BUY"), ("quantity", "0.02"), ("price", &price), ("modifyId", "7")];
    let modified = trader.ask("PUT", ORDER, &change).await.json();
    assert_eq!((&modified["origQty"], &modified["modifyId"]), (&json!("0.020"), &json!(7)));
    assert_eq!((&modified["pair"], &modified["orderId"]), (&json!("BTCUSDT"), &placed["orderId"]));
    let told = event_of(&mut events, "ORDER_TRADE_UPDATE").await;
    assert_eq!(
        (&told["o"]["x"], &told["o"]["M"], &told["o"]["q"]),
        (&json!("AMENDMENT"), &json!("7"), &json!("0.020"))
    );
    assert_eq!(trader.ask("PUT", ORDER, &change).await.code(), -5027, "nothing would change");
    let log = trader.get("/fapi/v1/orderAmendment", &one).await.json();
    assert_eq!(log[0]["amendment"]["origQty"], json!({ "before": "0.010", "after": "0.020" }));
    let cancelled = trader.delete(ORDER, &[one[0], ("origClientOrderId", "one")]).await.json();
    assert_eq!((&cancelled["status"], &cancelled["clientOrderId"]), (&json!("CANCELED"), &json!("one")));
    assert_eq!(event_of(&mut events, "ORDER_TRADE_UPDATE").await["o"]["x"], "CANCELED");
    let again = trader.delete(ORDER, &one).await;
    assert_eq!((again.code(), &again.json()["msg"]), (-2011, &json!("Unknown order sent.")));
    assert_eq!(trader.get("/fapi/v1/openOrder", &one).await.code(), -2013, "it is not open");
    assert_eq!(trader.get("/fapi/v1/allOrders", &[one[0]]).await.json()[0]["status"], "CANCELED");
    assert_eq!(simulator.requests().commands(OrderCommand::Amend), 2);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn refusals_come_in_the_exchanges_codes() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let price = below(&simulator);
    let good = limit(&price, "good");
    place(&trader, &good).await;
    let with = |name: &'static str, value: &'static str| {
        let mut params: Vec<(&str, &str)> = good.into_iter().filter(|(known, _)| *known != name).collect();
        params.retain(|(known, _)| *known != "newClientOrderId");
        if !value.is_empty() {
            params.push((name, value));
        }
        params
    };
    for (params, code) in [
        (good.to_vec(), -4116),
        (with("symbol", "NOSUCH"), -1121),
        (with("side", "HOLD"), -1117),
        (with("type", "STOP_MARKET"), -4120),
        (with("type", "LIMIT_MAKER"), -1116),
        (with("timeInForce", ""), -1102),
        (with("timeInForce", "DAY"), -1115),
        (with("quantity", "0.0001"), -1111),
        (with("quantity", "0.000"), -4003),
        (with("quantity", "5000"), -4005),
        (with("price", "50000.123"), -1111),
        (with("price", "50000.05"), -4014),
        (with("price", "0.05"), -4013),
        (with("price", "200000"), -4016),
        (with("newClientOrderId", "not good"), -4015),
        (with("positionSide", "LONG"), -4061),
        (with("positionSide", "UP"), -4060),
        (with("reduceOnly", "true"), -2022),
        (with("priceMatch", "OPPONENT"), -1106),
        (with("selfTradePreventionMode", "SOMEHOW"), -5038),
        (with("newOrderRespType", "FULL"), -1130),
    ] {
        let answer = trader.ask("POST", ORDER, &params).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{params:?}: {}", answer.body);
    }
    let minimum = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "LIMIT"), ("timeInForce", "GTC")];
    let rich = [minimum.to_vec(), vec![("quantity", "900"), ("price", &price)]].concat();
    assert_eq!(trader.ask("POST", ORDER, &rich).await.code(), -2019);
    let high = simulator.last_price("BTC-USDT").unwrap() * Decimal::new(105, 2);
    let high = format!("{:.1}", high.trunc());
    let mut taking = vec![minimum[0], minimum[1], minimum[2], ("timeInForce", "GTX"), ("quantity", "0.01")];
    taking.push(("price", high.as_str()));
    let answer = trader.ask("POST", ORDER, &taking).await;
    assert_eq!(answer.code(), -5022, "post-only: {}", answer.body);
    (taking[3], taking[5]) = (("timeInForce", "FOK"), ("price", price.as_str()));
    assert_eq!(trader.ask("POST", ORDER, &taking).await.code(), -5021);
    assert_eq!(trader.get("/fapi/v1/openOrders", &[]).await.json().as_array().unwrap().len(), 1);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn batches_mix_orders_and_errors() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let price = below(&simulator);
    let order = |id: &str, quantity: Value| {
        json!({ "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": price,
            "quantity": quantity, "newClientOrderId": id })
    };
    let list = json!([order("a", json!("0.01")), order("b", json!(0.0001)), order("c", json!(0.02))]).to_string();
    let answer = trader.ask("POST", "/fapi/v1/batchOrders", &[("batchOrders", &list)]).await;
    let rows = answer.json();
    assert_eq!((answer.status, &rows[0]["clientOrderId"], &rows[1]["code"]), (200, &json!("a"), &json!(-1111)));
    assert_eq!(answer.header("x-mbx-order-count-10s"), Some("5"));
    assert_eq!(answer.header("x-mbx-order-count-1m"), Some("1"));
    let many = json!(vec![order("x", json!("0.01")); 6]).to_string();
    assert_eq!(trader.ask("POST", "/fapi/v1/batchOrders", &[("batchOrders", &many)]).await.code(), -4082);
    let names = [("symbol", "BTCUSDT"), ("origClientOrderIdList", "[\"a\",\"nobody\",\"c\"]")];
    let rows = trader.delete("/fapi/v1/batchOrders", &names).await.json();
    assert_eq!(
        (&rows[0]["status"], &rows[1]["code"], &rows[2]["status"]),
        (&json!("CANCELED"), &json!(-2011), &json!("CANCELED"))
    );
    place(&trader, &limit(&price, "d")).await;
    let all = trader.delete("/fapi/v1/allOpenOrders", &[("symbol", "BTCUSDT")]).await.json();
    assert_eq!(all["code"], 200);
    assert_eq!(trader.get("/fapi/v1/openOrders", &[]).await.json(), json!([]));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_end_by_time() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let price = below(&simulator);
    let soon = (trader.now() + 601_000).to_string();
    let mut params = limit(&price, "until").to_vec();
    params[3] = ("timeInForce", "GTD");
    params.push(("goodTillDate", soon.as_str()));
    let placed = place(&trader, &params).await;
    assert_eq!((&placed["timeInForce"], placed["goodTillDate"].as_i64().unwrap() % 1000), (&json!("GTD"), 0));
    let too_soon = (trader.now() + 1000).to_string();
    let last = params.len() - 1;
    params[last] = ("goodTillDate", too_soon.as_str());
    params[6] = ("newClientOrderId", "sooner");
    assert_eq!(trader.ask("POST", ORDER, &params).await.code(), -5040);
    let mut events = private(&simulator, &trader).await;
    simulator.advance(Duration::from_secs(602));
    let ended = event_of(&mut events, "ORDER_TRADE_UPDATE").await;
    assert_eq!((&ended["o"]["x"], &ended["o"]["f"]), (&json!("EXPIRED"), &json!("GTD")));
    place(&trader, &limit(&price, "guarded")).await;
    let arm = [("symbol", "BTCUSDT"), ("countdownTime", "5000")];
    let armed = trader.ask("POST", "/fapi/v1/countdownCancelAll", &arm).await.json();
    assert_eq!(armed, json!({ "symbol": "BTCUSDT", "countdownTime": "5000" }));
    loop {
        let told = event_of(&mut events, "ORDER_TRADE_UPDATE").await;
        if told["o"]["x"] == "CANCELED" {
            assert_eq!(told["o"]["c"], "guarded");
            break;
        }
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fills_change_orders_positions_and_wallets() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut events = private(&simulator, &trader).await;
    let market = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.01")];
    let acknowledged = place(&trader, &market).await;
    assert_eq!((&acknowledged["status"], &acknowledged["executedQty"]), (&json!("NEW"), &json!("0.000")));
    assert_eq!(event_of(&mut events, "ORDER_TRADE_UPDATE").await["o"]["x"], "NEW");
    let lite = event_of(&mut events, "TRADE_LITE").await;
    let trade = event_of(&mut events, "ORDER_TRADE_UPDATE").await;
    assert_eq!((&trade["o"]["x"], &trade["o"]["t"]), (&json!("TRADE"), &lite["t"]));
    assert!(trade["o"]["n"].is_string() && trade["o"]["N"] == "USDT");
    let update = event_of(&mut events, "ACCOUNT_UPDATE").await;
    assert_eq!((&update["a"]["m"], &update["a"]["P"][0]["pa"]), (&json!("ORDER"), &json!("0.010")));
    assert_eq!(update["a"]["B"][0]["bc"], "0.00000000", "profit and fees are no change of their own");
    let mut result = market.to_vec();
    result.extend([("newOrderRespType", "RESULT"), ("reduceOnly", "False")]);
    result[1] = ("side", "SELL");
    let closed = place(&trader, &result).await;
    assert_eq!((&closed["status"], &closed["executedQty"]), (&json!("FILLED"), &json!("0.010")));
    let fills = trader.get("/fapi/v1/userTrades", &[("symbol", "BTCUSDT")]).await.json();
    let traded = |row: &Value| row["qty"].as_str().unwrap().parse::<Decimal>().unwrap();
    assert_eq!(fills.as_array().unwrap().iter().map(traded).sum::<Decimal>(), Decimal::new(2, 2));
    assert!(fills[0].get("clientOrderId").is_none() && fills[0]["realizedPnl"].is_string());
    let kinds: Vec<String> = trader
        .get("/fapi/v1/income", &[])
        .await
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["incomeType"].as_str().unwrap().to_owned())
        .collect();
    assert!(kinds.contains(&"COMMISSION".to_owned()) && kinds.contains(&"REALIZED_PNL".to_owned()), "{kinds:?}");
    assert_eq!(trader.get("/fapi/v3/positionRisk", &[]).await.json(), json!([]), "only what is open");
    assert_eq!(trader.get("/fapi/v2/positionRisk", &[]).await.json().as_array().unwrap().len(), 3, "all of them");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_price_can_be_taken_from_the_book() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let best = simulator.book("BTC-USDT").unwrap().bids[4].0;
    let params = [
        ("symbol", "BTCUSDT"),
        ("side", "BUY"),
        ("type", "LIMIT"),
        ("timeInForce", "GTX"),
        ("quantity", "0.01"),
        ("priceMatch", "QUEUE_5"),
    ];
    let placed = place(&trader, &params).await;
    assert_eq!(placed["price"].as_str().unwrap().parse::<Decimal>().unwrap(), best);
    assert_eq!((&placed["priceMatch"], &placed["timeInForce"]), (&json!("QUEUE_5"), &json!("GTX")));
    simulator.place("BTC-USDT", TraderOrder::market(Side::Sell, Decimal::new(1, 3))).unwrap();
    simulator.stop().await;
}
