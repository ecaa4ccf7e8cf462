//! Orders by REST: happy paths, refusals, counts and weights.

mod support;

use serde_json::{Value, json};
use support::private::{Trader, limit};
use support::quiet;
use tradewire_simulator::{Config, Flow, Limits, Simulator, Timestamp};

const ORDER: &str = "/api/v3/order";

/// A simulator whose clock stands at the start of a day.
async fn at_midnight(limits: Limits) -> Simulator {
    let start_time = Some(Timestamp::from_millis(1_700_006_400_000));
    Simulator::start(Config { flow: Flow::Off, limits, start_time, ..Config::default() }).await.unwrap()
}

/// Status, code and text of a refusal.
async fn refused(trader: &Trader, method: &str, path: &str, params: &[(&str, &str)]) -> (u16, i64, String) {
    let answer = trader.ask(method, path, params).await;
    let told = answer.json();
    (answer.status, told["code"].as_i64().unwrap_or(0), told["msg"].as_str().unwrap_or(&answer.body).to_owned())
}

fn with<'a>(params: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut changed: Vec<_> = params.iter().copied().filter(|(known, _)| *known != name).collect();
    if !value.is_empty() {
        changed.push((name, value));
    }
    changed
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_seen_and_cancelled() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let placed = trader.limit("BUY", "50000", "0.002", "first").await;
    assert_eq!((&placed["status"], &placed["clientOrderId"]), (&json!("NEW"), &json!("first")));
    assert_eq!((&placed["fills"], &placed["orderListId"]), (&json!([]), &json!(-1)));
    let id = placed["orderId"].as_u64().unwrap().to_string();
    let found = trader.get(ORDER, &[("symbol", "BTCUSDT"), ("origClientOrderId", "first")]).await.json();
    assert_eq!((&found["orderId"], &found["isWorking"]), (&placed["orderId"], &json!(true)));
    let open = trader.get("/api/v3/openOrders", &[]).await.json();
    assert_eq!(open.as_array().map(Vec::len), Some(1));
    let params = [("symbol", "BTCUSDT"), ("orderId", &id), ("newClientOrderId", "bye")];
    let cancelled = trader.delete(ORDER, &params).await.json();
    assert_eq!((&cancelled["origClientOrderId"], &cancelled["clientOrderId"]), (&json!("first"), &json!("bye")));
    assert_eq!(cancelled["status"], "CANCELED");
    let again = refused(&trader, "DELETE", ORDER, &params).await;
    assert_eq!(again, (400, -2011, "Unknown order sent.".to_owned()));
    let found = trader.get(ORDER, &[("symbol", "BTCUSDT"), ("orderId", &id)]).await.json();
    assert_eq!((&found["status"], &found["clientOrderId"]), (&json!("CANCELED"), &json!("first")));
    assert_eq!(
        trader.get("/api/v3/allOrders", &[("symbol", "BTCUSDT")]).await.json().as_array().map(Vec::len),
        Some(1)
    );
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_market_order_fills_and_is_accounted_for() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let params = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.003")];
    let placed = trader.place(&params).await;
    assert_eq!((&placed["status"], &placed["executedQty"]), (&json!("FILLED"), &json!("0.00300000")));
    let fills = placed["fills"].as_array().unwrap();
    assert!(!fills.is_empty() && fills[0]["commissionAsset"] == "BTC", "{placed}");
    let trades = trader.get("/api/v3/myTrades", &[("symbol", "BTCUSDT")]).await.json();
    assert_eq!((&trades[0]["id"], &trades[0]["isMaker"]), (&fills[0]["tradeId"], &json!(false)));
    let by_amount = [("symbol", "BTCUSDT"), ("side", "SELL"), ("type", "MARKET"), ("quoteOrderQty", "200")];
    let placed = trader.place(&by_amount).await;
    assert_eq!((&placed["status"], &placed["origQuoteOrderQty"]), (&json!("FILLED"), &json!("200.00000000")));
    let result = with(&with(&params, "newOrderRespType", "RESULT"), "quantity", "0.001");
    assert!(trader.place(&result).await.get("fills").is_none());
    let ack = trader.place(&with(&result, "newOrderRespType", "ACK")).await;
    assert_eq!(ack.as_object().unwrap().len(), 5, "{ack}");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn wrong_parameters_are_told_apart() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let good = limit("BUY", "50000", "0.001", "x");
    let cases = [
        ("symbol", "", -1102),
        ("symbol", "NOSUCH", -1121),
        ("symbol", "btcusdt", -1100),
        ("side", "", -1102),
        ("side", "HOLD", -1117),
        ("type", "NOSUCH", -1116),
        ("timeInForce", "", -1102),
        ("timeInForce", "GTX", -1115),
        ("price", "", -1102),
        ("price", "1e3", -1100),
        ("price", "-1", -1100),
        ("price", "50000.123456789", -1111),
        ("price", "50000.001", -1013),
        ("quantity", "", -1102),
        ("quantity", "0.0000001", -1013),
        ("quantity", "0.00001", -1013),
        ("quoteOrderQty", "10", -1106),
        ("stopPrice", "10", -1106),
        ("newClientOrderId", "not/legal", -1100),
        ("newOrderRespType", "LOUD", -1130),
        ("strategyType", "999999", -1134),
        ("selfTradePreventionMode", "MAYBE", -1130),
        ("pegPriceType", "NEAR", -1210),
        ("neverHeardOf", "1", -1104),
    ];
    for (name, value, code) in cases {
        let params = with(&good, name, value);
        for path in [ORDER, "/api/v3/order/test"] {
            let told = refused(&trader, "POST", path, &params).await;
            assert_eq!((told.0, told.1), (400, code), "{path} {name}={value}: {told:?}");
        }
    }
    assert_eq!(trader.get("/api/v3/openOrders", &[]).await.json(), json!([]));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn refusals_have_the_exchanges_words() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let good = limit("BUY", "50000", "0.001", "taken");
    trader.place(&good).await;
    let told = async |params: &[(&str, &str)]| refused(&trader, "POST", ORDER, params).await;
    assert_eq!(told(&good).await, (400, -2010, "Duplicate order sent.".to_owned()));
    let rich = with(&with(&good, "quantity", "140"), "newClientOrderId", "rich");
    let funds = "Account has insufficient balance for requested action.";
    let rich = with(&rich, "price", "61000");
    assert_eq!(told(&rich).await, (400, -2010, funds.to_owned()));
    let taking =
        [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "LIMIT_MAKER"), ("quantity", "0.001"), ("price", "70000")];
    assert_eq!(told(&taking).await, (400, -2010, "Order would immediately match and take.".to_owned()));
    let reached =
        [("symbol", "BTCUSDT"), ("side", "SELL"), ("type", "STOP_LOSS"), ("quantity", "0.001"), ("stopPrice", "70000")];
    assert_eq!(told(&reached).await, (400, -2010, "Order would trigger immediately.".to_owned()));
    let small = with(&with(&good, "quantity", "0.00001"), "newClientOrderId", "");
    assert_eq!(told(&small).await, (400, -1013, "Filter failure: NOTIONAL".to_owned()));
    let off_grid = with(&with(&good, "price", "50000.001"), "newClientOrderId", "");
    assert_eq!(told(&off_grid).await, (400, -1013, "Filter failure: PRICE_FILTER".to_owned()));
    let unknown = refused(&trader, "GET", ORDER, &[("symbol", "BTCUSDT"), ("orderId", "1")]).await;
    assert_eq!(unknown, (400, -2013, "Order does not exist.".to_owned()));
    let neither = refused(&trader, "GET", ORDER, &[("symbol", "BTCUSDT")]).await;
    assert_eq!((neither.0, neither.1), (400, -1102));
    let none = refused(&trader, "DELETE", "/api/v3/openOrders", &[("symbol", "ETHUSDT")]).await;
    assert_eq!(none, (400, -2011, "Unknown order sent.".to_owned()));
    let restricted =
        [("symbol", "BTCUSDT"), ("origClientOrderId", "taken"), ("cancelRestrictions", "ONLY_PARTIALLY_FILLED")];
    let text = "Order was not canceled due to cancel restrictions.";
    assert_eq!(refused(&trader, "DELETE", ORDER, &restricted).await, (400, -2011, text.to_owned()));
    let wrong = with(&restricted, "cancelRestrictions", "SOMETIMES");
    assert_eq!(refused(&trader, "DELETE", ORDER, &wrong).await, (400, -1145, "Invalid cancelRestrictions".to_owned()));
    let method = refused(&trader, "PUT", ORDER, &good).await;
    assert_eq!(method.0, 405);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn successful_commands_weigh_nothing_failed_ones_something() {
    let simulator = at_midnight(Limits::default()).await;
    let trader = Trader::main(&simulator);
    let weigh = async |method: &str, path: &str, params: &[(&str, &str)]| {
        let before = simulator.used_weight();
        let answer = trader.ask(method, path, params).await;
        let spent = simulator.used_weight() - before;
        assert_eq!(simulator.requests().records.last().unwrap().weight, spent);
        (answer.status, spent)
    };
    let (good, symbol) = (limit("BUY", "50000", "0.001", "w"), ("symbol", "BTCUSDT"));
    let named = [symbol, ("origClientOrderId", "w")];
    assert_eq!(weigh("POST", ORDER, &good).await, (200, 0));
    assert_eq!(weigh("POST", ORDER, &good).await, (400, 1));
    assert_eq!(weigh("GET", ORDER, &named).await, (200, 4));
    assert_eq!(weigh("DELETE", ORDER, &named).await, (200, 0));
    assert_eq!(weigh("DELETE", ORDER, &named).await, (400, 1));
    assert_eq!(weigh("POST", "/api/v3/order/test", &good).await, (200, 1));
    let rates = with(&good, "computeCommissionRates", "true");
    assert_eq!(weigh("POST", "/api/v3/order/test", &rates).await, (200, 20));
    for (path, params, weight) in [
        ("/api/v3/openOrders", &[][..], 80),
        ("/api/v3/openOrders", &[symbol], 6),
        ("/api/v3/allOrders", &[symbol], 20),
        ("/api/v3/allOrderList", &[], 20),
        ("/api/v3/openOrderList", &[], 6),
        ("/api/v3/myTrades", &[symbol], 20),
        ("/api/v3/myTrades", &[symbol, ("orderId", "7")], 5),
        ("/api/v3/account", &[], 20),
        ("/api/v3/account/commission", &[symbol], 20),
        ("/api/v3/rateLimit/order", &[], 40),
        ("/api/v3/myFilters", &[symbol], 40),
        ("/api/v3/myAllocations", &[symbol], 20),
        ("/api/v3/myPreventedMatches", &[symbol, ("orderId", "7")], 20),
        ("/api/v3/myPreventedMatches", &[symbol, ("preventedMatchId", "7")], 2),
    ] {
        assert_eq!(weigh("GET", path, params).await, (200, weight), "{path} {params:?}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn order_counts_grow_are_limited_and_given_back() {
    let simulator = at_midnight(Limits { orders_per_10_seconds: 3, ..Limits::default() }).await;
    let trader = Trader::main(&simulator);
    for (at, id) in ["a", "b", "c"].into_iter().enumerate() {
        let answer = trader.ask("POST", ORDER, &limit("BUY", "50000", "0.001", id)).await;
        assert_eq!(answer.header("x-mbx-order-count-10s"), Some((at + 1).to_string().as_str()), "{}", answer.body);
        assert_eq!(answer.header("x-mbx-order-count-1d"), Some((at + 1).to_string().as_str()));
    }
    let over = refused(&trader, "POST", ORDER, &limit("BUY", "50000", "0.001", "d")).await;
    assert_eq!(over, (429, -1015, "Too many new orders; current limit is 3 orders per 10 SECOND.".to_owned()));
    let counts = trader.get("/api/v3/rateLimit/order", &[]).await.json();
    assert_eq!((&counts[0]["count"], &counts[1]["count"]), (&json!(3), &json!(3)));
    simulator.advance(std::time::Duration::from_secs(10));
    let refusal = trader.ask("POST", ORDER, &limit("BUY", "50000", "0.00001", "e")).await;
    assert_eq!(refusal.status, 400);
    let market = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.001")];
    let answer = trader.ask("POST", ORDER, &market).await;
    assert_eq!(answer.header("x-mbx-order-count-10s"), Some("0"), "its fill gave back what it took");
    assert_eq!(answer.header("x-mbx-order-count-1d"), Some("3"), "{}", answer.body);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_cancel_with_a_new_order_has_four_outcomes() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let path = "/api/v3/order/cancelReplace";
    let replace = async |cancel: &str, id: &str, price: &str, mode: &str| {
        let mut params = limit("BUY", price, "0.001", id).to_vec();
        params.extend([("cancelReplaceMode", mode), ("cancelOrigClientOrderId", cancel)]);
        if price == "70000" {
            params = with(&with(&params, "type", "LIMIT_MAKER"), "timeInForce", "");
        }
        trader.ask("POST", path, &params).await
    };
    let words = |data: &Value| (data["cancelResult"].clone(), data["newOrderResult"].clone());
    trader.limit("BUY", "50000", "0.001", "one").await;
    let both = replace("one", "two", "50100", "STOP_ON_FAILURE").await;
    assert_eq!((both.status, words(&both.json())), (200, (json!("SUCCESS"), json!("SUCCESS"))), "{}", both.body);
    assert_eq!(both.json()["cancelResponse"]["origClientOrderId"], "one");
    let stopped = replace("nosuch", "three", "50100", "STOP_ON_FAILURE").await;
    assert_eq!((stopped.status, stopped.code()), (400, -2022));
    assert_eq!(words(&stopped.json()["data"]), (json!("FAILURE"), json!("NOT_ATTEMPTED")));
    assert_eq!(stopped.json()["data"]["newOrderResponse"], json!(null));
    assert_eq!(stopped.json()["data"]["cancelResponse"]["code"], -2011);
    let placed = replace("nosuch", "four", "50200", "ALLOW_FAILURE").await;
    assert_eq!((placed.status, placed.code()), (409, -2021));
    assert_eq!(words(&placed.json()["data"]), (json!("FAILURE"), json!("SUCCESS")));
    let cancelled = replace("two", "five", "70000", "STOP_ON_FAILURE").await;
    assert_eq!((cancelled.status, cancelled.code()), (409, -2021), "{}", cancelled.body);
    assert_eq!(words(&cancelled.json()["data"]), (json!("SUCCESS"), json!("FAILURE")));
    let neither = replace("nosuch", "six", "70000", "ALLOW_FAILURE").await;
    assert_eq!((neither.status, neither.code()), (400, -2022));
    assert_eq!(words(&neither.json()["data"]), (json!("FAILURE"), json!("FAILURE")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn too_many_orders_stop_a_replacement_or_its_second_half() {
    let simulator = at_midnight(Limits { orders_per_10_seconds: 1, ..Limits::default() }).await;
    let trader = Trader::main(&simulator);
    trader.limit("BUY", "50000", "0.001", "one").await;
    let mut params = limit("BUY", "50100", "0.001", "two").to_vec();
    params.extend([("cancelReplaceMode", "STOP_ON_FAILURE"), ("cancelOrigClientOrderId", "one")]);
    let plain = trader.ask("POST", "/api/v3/order/cancelReplace", &params).await;
    assert_eq!((plain.status, plain.code()), (429, -1015));
    params.push(("orderRateLimitExceededMode", "CANCEL_ONLY"));
    let half = trader.ask("POST", "/api/v3/order/cancelReplace", &params).await;
    assert_eq!((half.status, half.code()), (429, -2021), "{}", half.body);
    assert_eq!(half.json()["data"]["newOrderResponse"]["code"], -1015);
    assert_eq!(half.json()["data"]["cancelResponse"]["status"], "CANCELED");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_is_made_smaller_and_keeps_its_place() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let placed = trader.limit("BUY", "50000", "0.004", "big").await;
    let path = "/api/v3/order/amend/keepPriority";
    let named = [("symbol", "BTCUSDT"), ("origClientOrderId", "big")];
    let amended = trader.ask("PUT", path, &with(&named, "newQty", "0.003")).await;
    let report = &amended.json()["amendedOrder"];
    assert_eq!(
        (&report["qty"], &report["origClientOrderId"]),
        (&json!("0.00300000"), &json!("big")),
        "{}",
        amended.body
    );
    assert_ne!(report["clientOrderId"], "big", "a new id is made");
    let id = placed["orderId"].to_string();
    let params = [("symbol", "BTCUSDT"), ("orderId", id.as_str())];
    let larger = refused(&trader, "PUT", path, &with(&params, "newQty", "0.005")).await;
    assert_eq!(larger, (400, -2038, "Order amend (quantity increase) is not supported.".to_owned()));
    let log = trader.get("/api/v3/order/amendments", &params).await.json();
    assert_eq!((&log[0]["origQty"], &log[0]["newQty"]), (&json!("0.00400000"), &json!("0.00300000")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn lists_are_placed_queried_and_cancelled() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let oco = [
        ("symbol", "BTCUSDT"),
        ("side", "SELL"),
        ("quantity", "0.002"),
        ("listClientOrderId", "pair"),
        ("aboveType", "LIMIT_MAKER"),
        ("abovePrice", "80000"),
        ("belowType", "STOP_LOSS_LIMIT"),
        ("belowStopPrice", "50000"),
        ("belowPrice", "49900"),
        ("belowTimeInForce", "GTC"),
    ];
    let placed = trader.ask("POST", "/api/v3/orderList/oco", &with(&oco, "newOrderRespType", "RESULT")).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert_eq!(placed.header("x-mbx-order-count-10s"), Some("2"));
    let placed = placed.json();
    assert_eq!((&placed["contingencyType"], &placed["listOrderStatus"]), (&json!("OCO"), &json!("EXECUTING")));
    assert_eq!(placed["orderReports"].as_array().map(Vec::len), Some(2));
    let found = trader.get("/api/v3/orderList", &[("origClientOrderId", "pair")]).await.json();
    assert_eq!((&found["orderListId"], found.get("orderReports")), (&placed["orderListId"], None));
    assert_eq!(trader.get("/api/v3/openOrderList", &[]).await.json().as_array().map(Vec::len), Some(1));
    let cancel = [("symbol", "BTCUSDT"), ("listClientOrderId", "pair")];
    let cancelled = trader.delete("/api/v3/orderList", &cancel).await.json();
    assert_eq!(cancelled["listOrderStatus"], "ALL_DONE", "{cancelled}");
    assert_eq!(cancelled["orderReports"][0]["status"], "CANCELED");
    assert_eq!(refused(&trader, "DELETE", "/api/v3/orderList", &cancel).await.1, -2011);
    assert_eq!(trader.get("/api/v3/allOrderList", &[]).await.json().as_array().map(Vec::len), Some(1));
    let crossed = with(&oco, "abovePrice", "55000");
    let told = refused(&trader, "POST", "/api/v3/orderList/oco", &crossed).await;
    assert_eq!(told.1, -2010, "{told:?}");
    let wrong = with(&with(&with(&oco, "belowType", "LIMIT_MAKER"), "belowStopPrice", ""), "belowTimeInForce", "");
    assert_eq!(refused(&trader, "POST", "/api/v3/orderList/oco", &wrong).await.1, -1168);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn chains_of_orders_wait_for_their_first() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let working = [
        ("symbol", "BTCUSDT"),
        ("workingType", "LIMIT"),
        ("workingSide", "BUY"),
        ("workingPrice", "50000"),
        ("workingQuantity", "0.002"),
        ("workingTimeInForce", "GTC"),
    ];
    let pending = [("pendingType", "MARKET"), ("pendingSide", "SELL"), ("pendingQuantity", "0.002")];
    let pair = [
        ("pendingSide", "SELL"),
        ("pendingAboveType", "LIMIT_MAKER"),
        ("pendingAbovePrice", "80000"),
        ("pendingBelowType", "STOP_LOSS"),
        ("pendingBelowStopPrice", "40000"),
    ];
    let cases = [
        ("oto", [&working[..], &pending].concat(), 2),
        ("opo", [&working[..], &pending[..2]].concat(), 2),
        ("otoco", [&working[..], &pair, &[("pendingQuantity", "0.002")]].concat(), 3),
        ("opoco", [&working[..], &pair].concat(), 3),
    ];
    for (kind, params, count) in cases {
        let path = format!("/api/v3/orderList/{kind}");
        let placed = trader.ask("POST", &path, &with(&params, "newOrderRespType", "RESULT")).await;
        assert_eq!(placed.status, 200, "{kind}: {}", placed.body);
        let placed = placed.json();
        let reports = placed["orderReports"].as_array().unwrap();
        assert_eq!((reports.len(), &placed["contingencyType"]), (count, &json!("OTO")), "{kind}");
        assert_eq!((&reports[0]["status"], &reports[1]["status"]), (&json!("NEW"), &json!("PENDING_NEW")), "{kind}");
        let id = placed["orderListId"].to_string();
        let cancelled = trader.delete("/api/v3/orderList", &[("symbol", "BTCUSDT"), ("orderListId", &id)]).await;
        assert_eq!(cancelled.status, 200, "{kind}: {}", cancelled.body);
    }
    let selling = with(&cases_opo(&working, &pending), "workingSide", "SELL");
    assert_eq!(refused(&trader, "POST", "/api/v3/orderList/opo", &selling).await.1, -1222);
    let own = [&working[..], &pending].concat();
    assert_eq!(refused(&trader, "POST", "/api/v3/orderList/opo", &own).await.1, -1225);
    simulator.stop().await;
}

fn cases_opo<'a>(working: &[(&'a str, &'a str)], pending: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [working, &pending[..2]].concat()
}

#[tokio::test(start_paused = true)]
async fn the_account_tells_what_it_has_and_pays() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let account = trader.get("/api/v3/account", &[("omitZeroBalances", "true")]).await.json();
    let usdt = account["balances"].as_array().unwrap().iter().find(|row| row["asset"] == "USDT").unwrap().clone();
    assert_eq!((&account["canTrade"], &usdt["locked"]), (&json!(true), &json!("0.00000000")));
    trader.limit("BUY", "50000", "0.002", "held").await;
    let after = trader.get("/api/v3/account", &[]).await.json();
    let held = after["balances"].as_array().unwrap().iter().find(|row| row["asset"] == "USDT").unwrap().clone();
    assert_eq!(held["locked"], "100.00000000");
    let commission = trader.get("/api/v3/account/commission", &[("symbol", "BTCUSDT")]).await.json();
    assert_eq!(commission["standardCommission"]["maker"], "0.00100000");
    let filters = trader.get("/api/v3/myFilters", &[("symbol", "BTCUSDT")]).await.json();
    assert!(filters["symbolFilters"].as_array().unwrap().len() > 5);
    let day = 86_400_000;
    let (start, end) = (trader.now() - day - 1, trader.now());
    let (start, end) = (start.to_string(), end.to_string());
    let long = [("symbol", "BTCUSDT"), ("startTime", start.as_str()), ("endTime", &end)];
    assert_eq!(refused(&trader, "GET", "/api/v3/allOrders", &long).await.1, -1127);
    assert_eq!(refused(&trader, "POST", "/api/v3/sor/order", &limit("BUY", "50000", "0.002", "s")).await.1, -1013);
    simulator.stop().await;
}
