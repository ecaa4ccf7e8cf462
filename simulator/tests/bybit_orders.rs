//! Orders on the simulated Bybit spot, by REST and by socket, and what private topics tell.

mod support;

use serde_json::{Value, json};
use support::bybit::{Owner, Private, absent, code, example, limit, quiet, socket};
use support::send;
use tradewire_simulator::{AccountSetup, Fault, FaultKind, KeyType, OrderRef, Side, Simulator, TraderOrder};

const CREATE: &str = "/v5/order/create";
const CANCEL: &str = "/v5/order/cancel";
const AMEND: &str = "/v5/order/amend";
const REALTIME: &str = "/v5/order/realtime";

fn buy(price: &str, quantity: &str, id: &str) -> Value {
    limit("spot", "Buy", price, quantity, id)
}

fn with(order: &Value, name: &str, value: Value) -> Value {
    let mut changed = order.clone();
    changed[name] = value;
    changed
}

/// Symbol and client id, to name an order.
fn named(id: &str) -> Value {
    json!({ "category": "spot", "symbol": "BTCUSDT", "orderLinkId": id })
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_seen_changed_and_cancelled() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order", "wallet"]).await;
    let placed = owner.change(CREATE, buy("50000", "0.002", "first")).await;
    assert_eq!(placed["orderLinkId"], "first");
    let told = private.row("order").await;
    assert_eq!((&told["orderStatus"], &told["orderId"]), (&json!("New"), &placed["orderId"]));
    let wallet = private.row("wallet").await;
    assert_eq!((&wallet["coin"][0]["coin"], &wallet["coin"][0]["locked"]), (&json!("USDT"), &json!("100")));
    let open = owner.read(REALTIME, &[("category", "spot"), ("symbol", "BTCUSDT")]).await;
    assert_eq!((&open["list"][0]["orderId"], open["list"].as_array().map(Vec::len)), (&placed["orderId"], Some(1)));
    let change = with(&with(&named("first"), "price", json!("50001")), "qty", json!("0.003"));
    assert_eq!(owner.change(AMEND, change.clone()).await, placed, "it keeps its number");
    let told = private.row("order").await;
    assert_eq!((&told["price"], &told["qty"], &told["orderStatus"]), (&json!("50001"), &json!("0.003"), &json!("New")));
    assert_eq!(owner.refused(AMEND, change).await, 10001, "nothing to change");
    owner.change(CANCEL, named("first")).await;
    let told = private.row("order").await;
    assert_eq!((&told["orderStatus"], &told["cancelType"]), (&json!("Cancelled"), &json!("CancelByUser")));
    assert_eq!((&told["leavesQty"], &told["rejectReason"]), (&json!("0"), &json!("EC_PerCancelRequest")));
    assert_eq!(owner.refused(CANCEL, named("first")).await, 170_213);
    assert_eq!(owner.refused(CREATE, buy("50000", "0.002", "first")).await, 170_141, "an id is good once");
    let open = owner.read(REALTIME, &[("category", "spot")]).await;
    assert_eq!(open["list"], json!([]));
    let by_id = owner.read(REALTIME, &[("category", "spot"), ("orderLinkId", "first")]).await;
    assert_eq!(by_id["list"][0]["orderStatus"], "Cancelled");
    let history = owner.read("/v5/order/history", &[("category", "spot")]).await;
    assert_eq!(history["list"][0]["orderLinkId"], "first");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn market_orders_of_spot_count_in_the_quote_asset_when_they_buy() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order", "execution", "execution.fast"]).await;
    let order = json!({ "category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "1000" });
    let placed = owner.change(CREATE, order.clone()).await;
    assert_eq!(placed["orderLinkId"], "", "no id was given");
    let fast = private.row("execution.fast").await;
    let fill = private.row("execution").await;
    assert_eq!((&fast["execId"], &fast["execQty"]), (&fill["execId"], &fill["execQty"]));
    assert_eq!((&fill["feeCurrency"], &fill["isMaker"]), (&json!("BTC"), &json!(false)));
    let listed = owner.read("/v5/execution/list", &[("category", "spot")]).await;
    assert_eq!(listed["list"].as_array().unwrap().last().unwrap()["execId"], fill["execId"]);
    let mut told = private.row("order").await;
    while told["orderStatus"] != "Filled" {
        told = private.row("order").await;
    }
    assert_eq!((&told["qty"], &told["marketUnit"]), (&json!("1000"), &json!("quoteCoin")));
    let spent: f64 = told["cumExecValue"].as_str().unwrap().parse().unwrap();
    assert!((990.0..=1000.0).contains(&spent), "{told}");
    assert!(told["cumFeeDetail"]["BTC"].is_string(), "{told}");
    for (side, unit, quantity) in
        [("Buy", "baseCoin", "0.01"), ("Sell", "baseCoin", "0.01"), ("Sell", "quoteCoin", "500")]
    {
        let order = with(&with(&with(&order, "side", json!(side)), "marketUnit", json!(unit)), "qty", json!(quantity));
        let placed = owner.change(CREATE, order).await;
        let id = placed["orderId"].as_str().unwrap();
        let row = owner.read(REALTIME, &[("category", "spot"), ("orderId", id)]).await["list"][0].clone();
        assert_eq!((&row["orderStatus"], &row["qty"]), (&json!("Filled"), &json!(quantity)), "{row}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_ends_by_its_own_rules_is_told_by_the_topic() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order.spot"]).await;
    for (time, reason) in [("IOC", "EC_NoImmediateQtyToFill"), ("FOK", "EC_NoEnoughQtyToFill")] {
        owner.change(CREATE, with(&buy("50000", "0.002", time), "timeInForce", json!(time))).await;
        let mut told = private.row("order.spot").await;
        while told["orderStatus"] == "New" {
            told = private.row("order.spot").await;
        }
        assert_eq!((&told["orderStatus"], &told["rejectReason"]), (&json!("Cancelled"), &json!(reason)), "{told}");
        assert_eq!(told["category"], "spot");
    }
    let taking = with(&buy("70000", "0.002", "taking"), "timeInForce", json!("PostOnly"));
    assert_eq!(owner.refused(CREATE, taking).await, 170_218, "spot says so in the reply");
    let resting = with(&buy("50000", "0.002", "resting"), "timeInForce", json!("PostOnly"));
    owner.change(CREATE, resting).await;
    assert_eq!(private.row("order.spot").await["timeInForce"], "PostOnly");
    simulator
        .fill_order("main", "BTC-USDT", &OrderRef::Client("resting".to_owned()), Some("0.001".parse().unwrap()))
        .unwrap();
    assert_eq!(private.row("order.spot").await["orderStatus"], "PartiallyFilled");
    owner.change(CANCEL, named("resting")).await;
    assert_eq!(private.row("order.spot").await["orderStatus"], "PartiallyFilledCanceled");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn conditional_orders_wait_and_work() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order"]).await;
    let stop = |id: &str, filter: &str| {
        json!({ "category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.01",
            "price": "63000", "triggerPrice": "62000", "orderFilter": filter, "orderLinkId": id })
    };
    let locked = async || {
        owner.read("/v5/account/wallet-balance", &[("accountType", "UNIFIED"), ("coin", "USDT")]).await
        ["list"][0]["coin"][0]["locked"].clone()
    };
    owner.change(CREATE, stop("waits", "StopOrder")).await;
    assert_eq!((&private.row("order").await["orderStatus"], locked().await), (&json!("Untriggered"), json!("0")));
    owner.change(CREATE, stop("holds", "tpslOrder")).await;
    assert_eq!((&private.row("order").await["stopOrderType"], locked().await), (&json!("tpslOrder"), json!("630")));
    assert_eq!(owner.refused(CANCEL, named("holds")).await, 170_213, "no filter means plain orders");
    owner.change(CANCEL, with(&named("holds"), "orderFilter", json!("tpslOrder"))).await;
    assert_eq!(private.row("order").await["orderStatus"], "Deactivated");
    let open = owner.read(REALTIME, &[("category", "spot"), ("orderFilter", "StopOrder")]).await;
    assert_eq!(open["list"][0]["orderLinkId"], "waits");
    simulator.move_price("BTC-USDT", "62100".parse().unwrap()).unwrap();
    simulator.place("BTC-USDT", TraderOrder::market(Side::Buy, "0.001".parse().unwrap())).unwrap();
    assert_eq!(private.row("order").await["orderStatus"], "New", "it works");
    let mut told = private.row("order").await;
    while told["orderStatus"] == "PartiallyFilled" {
        told = private.row("order").await;
    }
    assert_eq!(told["orderStatus"], "Filled");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn refusals_have_the_documented_codes() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let good = buy("50000", "0.002", "x");
    let cases = [
        ("category", json!("nothing"), 10001),
        ("category", json!("linear"), 10001),
        ("symbol", json!("NOSUCH"), 170_121),
        ("side", json!("buy"), 10001),
        ("orderType", json!("Stop"), 10001),
        ("timeInForce", json!("GTX"), 10001),
        ("qty", Value::Null, 10001),
        ("price", Value::Null, 10001),
        ("price", json!("50000.001"), 170_134),
        ("qty", json!("0.0000001"), 170_137),
        ("qty", json!("0.00001"), 170_140),
        ("qty", json!("90"), 170_131),
        ("orderLinkId", json!("not/legal"), 10001),
        ("smpType", json!("Maybe"), 10001),
    ];
    for (name, value, wanted) in cases {
        assert_eq!(owner.refused(CREATE, with(&good, name, value.clone())).await, wanted, "{name}={value}");
    }
    assert_eq!(code(&owner.get("/v5/order/realtime", &[]).await), 10001);
    assert_eq!(owner.read(REALTIME, &[("category", "spot")]).await["list"], json!([]));
    for other in ["linear", "inverse", "option"] {
        let open = owner.read(REALTIME, &[("category", other), ("settleCoin", "USDT")]).await;
        assert_eq!(open["list"], json!([]), "nothing is listed there");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn who_asks_must_prove_it() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let path = "/v5/account/info";
    let ask = async |headers: String| code(&send(&owner.rest, "GET", path, &headers, "").await.expect("an answer"));
    let now = owner.now();
    assert_eq!(ask(owner.headers("", now)).await, 0);
    assert_eq!(ask(String::new()).await, 10001);
    assert_eq!(ask(owner.headers("", now - 5_001)).await, 10002);
    assert_eq!(ask(owner.headers("", now + 1_000)).await, 10002);
    assert_eq!(ask(owner.headers("other", now)).await, 10004);
    let mut stranger = owner.clone();
    stranger.key.api_key = "nobody".to_owned();
    assert_eq!(ask(stranger.headers("", now)).await, 10003);
    let body = send(&owner.rest, "GET", path, &owner.headers("", now), "{}").await.expect("an answer");
    assert_eq!(body.status, 403, "a GET has no body");
    let rsa = Owner::new(&simulator, simulator.add_key("main", KeyType::Rsa).unwrap());
    assert_eq!(rsa.read("/v5/user/query-api", &[]).await["readOnly"], 0);
    rsa.change(CREATE, buy("50000", "0.002", "rsa")).await;
    simulator.revoke_key(&owner.key.api_key);
    assert_eq!(ask(owner.headers("", now)).await, 10003);
    let unknown = send(&owner.rest, "GET", "/v5/no/such", "", "").await.expect("an answer");
    assert_eq!((unknown.status, code(&unknown)), (404, 10017));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn limits_roll_over_a_second_and_are_told() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    for n in 0..20 {
        let answer = owner.post(CREATE, &buy("50000", "0.001", &format!("n{n}"))).await;
        assert_eq!((code(&answer), answer.header("x-bapi-limit")), (0, Some("20")));
        assert_eq!(answer.header("x-bapi-limit-status"), Some((19 - n).to_string().as_str()));
    }
    let refused = owner.post(CREATE, &buy("50000", "0.001", "over")).await;
    assert_eq!((refused.status, code(&refused)), (200, 10006));
    let reset: i64 = refused.header("x-bapi-limit-reset-timestamp").unwrap().parse().unwrap();
    assert!(reset > owner.now() && reset <= owner.now() + 1_000);
    assert_eq!(owner.refused(AMEND, with(&named("n1"), "qty", json!("0.002"))).await, 0, "other endpoints are free");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(owner.refused(CREATE, buy("50000", "0.001", "later")).await, 0);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn batches_answer_for_each_order() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let order = |id: &str, price: &str| json!({ "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.001", "price": price, "orderLinkId": id });
    let batch =
        json!({ "category": "spot", "request": [order("a", "50000"), order("b", "50000.001"), order("c", "50001")] });
    let answer = owner.post("/v5/order/create-batch", &batch).await.json();
    let codes: Vec<&Value> = answer["retExtInfo"]["list"].as_array().unwrap().iter().map(|row| &row["code"]).collect();
    assert_eq!(codes, [&json!(0), &json!(170_134), &json!(0)]);
    let failed = &answer["result"]["list"][1];
    assert_eq!(
        (&failed["orderId"], &failed["orderLinkId"], &failed["createAt"]),
        (&json!(""), &json!("b"), &json!(""))
    );
    if let Some(example) = example("order_batch_place") {
        assert_eq!(absent(&answer, &example, "batch"), Vec::<String>::new());
    }
    let ids = json!([{ "symbol": "BTCUSDT", "orderLinkId": "a" }, { "symbol": "BTCUSDT", "orderLinkId": "none" }]);
    let answer = owner.post("/v5/order/cancel-batch", &json!({ "category": "spot", "request": ids })).await.json();
    assert_eq!(
        answer["retExtInfo"]["list"],
        json!([{ "code": 0, "msg": "OK" }, { "code": 170_213, "msg": "Order does not exist." }])
    );
    let all = owner.change("/v5/order/cancel-all", json!({ "category": "spot" })).await;
    assert_eq!((&all["list"][0]["orderLinkId"], &all["success"]), (&json!("c"), &json!("1")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_socket_for_orders_takes_the_same() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let mut trade = socket(&simulator, "/v5/trade").await;
    let request = |id: &str, op: &str, args: Value, now: i64| json!({ "reqId": id, "op": op, "header": { "X-BAPI-TIMESTAMP": now.to_string(), "X-BAPI-RECV-WINDOW": 5000 }, "args": [args] });
    let now = owner.now();
    let early = trade.ask(request("0", "order.create", buy("50000", "0.001", "s"), now)).await;
    assert_eq!(early["retCode"], 10004, "nobody has logged on");
    let told = trade.ask(owner.logon()).await;
    assert_eq!((&told["retCode"], &told["op"], told.get("reqId")), (&json!(0), &json!("auth"), None));
    assert_eq!(trade.ask(owner.logon()).await["retCode"], 20001);
    let placed = trade.ask(request("1", "order.create", buy("50000", "0.001", "s"), now)).await;
    assert_eq!(
        (&placed["retCode"], &placed["reqId"], &placed["data"]["orderLinkId"]),
        (&json!(0), &json!("1"), &json!("s"))
    );
    assert_eq!(placed["header"]["X-Bapi-Limit"], "20");
    if let Some(example) = example("ws_trade_order_create_response") {
        assert_eq!(absent(&placed, &example, "reply"), Vec::<String>::new(), "{placed}");
    }
    let again = trade.ask(request("1", "order.cancel", named("s"), now)).await;
    assert_eq!(again["retCode"], 20006);
    let late = trade.ask(request("2", "order.cancel", named("s"), now - 6_000)).await;
    assert_eq!(late["retCode"], 10002);
    let change = with(&named("s"), "qty", json!("0.002"));
    assert_eq!(trade.ask(request("3", "order.amend", change, now)).await["retCode"], 0);
    let batch = json!({ "category": "spot", "request": [{ "symbol": "BTCUSDT", "orderLinkId": "s" }, { "symbol": "BTCUSDT", "orderLinkId": "t" }] });
    let cancelled = trade.ask(request("4", "order.cancel-batch", batch, now)).await;
    assert_eq!(cancelled["retExtInfo"]["list"][1]["code"], 170_213, "{cancelled}");
    assert_eq!(trade.ask(request("5", "order.none", json!({}), now)).await["retCode"], 10404);
    assert_eq!(trade.ask(json!({ "op": "ping" })).await["op"], "pong");
    assert_eq!(simulator.requests().places("s"), 2, "one of them before the logon");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn private_topics_need_a_logon_and_have_the_published_fields() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let mut stranger = socket(&simulator, "/v5/private").await;
    let told = stranger.ask(json!({ "op": "subscribe", "args": ["order"] })).await;
    assert_eq!(told["success"], false);
    let mut wrong = owner.logon();
    wrong["args"][2] = json!("00");
    assert_eq!(stranger.ask(wrong).await["success"], false);
    let mut private = Private::open(&simulator, &owner, &["order", "execution", "wallet"]).await;
    let mixed = private.ask(json!({ "op": "subscribe", "args": ["order", "execution.spot"] })).await;
    assert_eq!(mixed["success"], false);
    assert_eq!(private.ask(json!({ "op": "ping", "req_id": "p" })).await["op"], "pong");
    owner.change(CREATE, buy("62000", "0.01", "takes")).await;
    let mut seen = std::collections::BTreeMap::new();
    while seen.len() < 3 {
        let event = private.event().await;
        seen.insert(event["topic"].as_str().unwrap().to_owned(), event);
    }
    let published = [
        ("ws_private_order_push", "order"),
        ("ws_private_execution_push", "execution"),
        ("ws_private_wallet_push", "wallet"),
    ];
    for (name, topic) in published {
        let Some(example) = example(name) else { continue };
        let absent = absent(&seen[topic], &example, name);
        let of_contracts =
            |field: &&String| !field.ends_with(".tpslMode") && !field.contains("extraFees") && !field.ends_with(".MNT");
        assert_eq!(absent.iter().filter(of_contracts).collect::<Vec<_>>(), Vec::<&String>::new(), "{}", seen[topic]);
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn queries_have_the_published_fields() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    owner.change(CREATE, buy("62000", "0.01", "takes")).await;
    owner.change(CREATE, buy("50000", "0.01", "rests")).await;
    type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
    let cases: [Case; 9] = [
        ("order_open_order", REALTIME, &[("category", "spot")]),
        ("order_order_list", "/v5/order/history", &[("category", "spot")]),
        ("order_execution", "/v5/execution/list", &[("category", "spot")]),
        ("account_wallet_balance", "/v5/account/wallet-balance", &[("accountType", "UNIFIED")]),
        ("account_account_info", "/v5/account/info", &[]),
        ("account_fee_rate", "/v5/account/fee-rate", &[("category", "spot")]),
        ("account_transaction_log", "/v5/account/transaction-log", &[]),
        ("account_instrument_spot", "/v5/account/instruments-info", &[("category", "spot")]),
        ("account_unified_trans_amnt", "/v5/account/withdrawal", &[("coinName", "BTC,ETH,SOL,XRP")]),
    ];
    for (name, path, params) in cases {
        let made = owner.get(path, params).await.json();
        assert_eq!(made["retCode"], 0, "{made}");
        let Some(example) = example(name) else { continue };
        let absent = absent(&made, &example, name);
        // What contracts alone have, and fees in an asset of the example.
        let wanted =
            |field: &&String| !field.ends_with(".tpslMode") && !field.ends_with(".MNT") && !field.contains("cursor");
        assert_eq!(absent.iter().filter(wanted).collect::<Vec<_>>(), Vec::<&String>::new(), "{made}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn lists_come_by_pages() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    for n in 0..5 {
        owner.change(CREATE, buy("50000", "0.001", &format!("n{n}"))).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = owner.read(REALTIME, &[("category", "spot"), ("limit", "2"), ("cursor", &cursor)]).await;
        seen.extend(page["list"].as_array().unwrap().iter().map(|row| row["orderLinkId"].as_str().unwrap().to_owned()));
        page["nextPageCursor"].as_str().unwrap().clone_into(&mut cursor);
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["n4", "n3", "n2", "n1", "n0"], "newest first");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn faults_strike_requests_and_events() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order", "execution"]).await;
    simulator.inject(Fault::new(FaultKind::Code { code: 10016, message: None, status: 400 }).path(CREATE)).unwrap();
    assert_eq!(owner.refused(CREATE, buy("50000", "0.001", "a")).await, 10016);
    simulator.inject(Fault::new(FaultKind::LoseReply).path(CREATE).pair("BTC-USDT")).unwrap();
    let order = buy("50000", "0.001", "b");
    let lost = tokio::time::timeout(std::time::Duration::from_secs(5), owner.try_post(CREATE, &order));
    assert!(lost.await.is_err(), "no reply");
    assert_eq!(private.row("order").await["orderLinkId"], "b", "but it took effect");
    simulator.inject(Fault::new(FaultKind::LagQuery { ms: 5_000 })).unwrap();
    owner.change(CREATE, buy("50000", "0.001", "c")).await;
    assert_eq!(private.row("order").await["orderLinkId"], "c");
    let by_id = owner.read(REALTIME, &[("category", "spot"), ("orderLinkId", "c")]).await;
    assert_eq!(by_id["list"], json!([]), "not seen yet");
    simulator.clear_faults();
    simulator.inject(Fault::new(FaultKind::Understate { quantity: None }).event("order")).unwrap();
    simulator.inject(Fault::new(FaultKind::NoFee)).unwrap();
    simulator.fill_order("main", "BTC-USDT", &OrderRef::Client("c".to_owned()), None).unwrap();
    assert!(private.row("execution").await.get("execFee").is_none());
    let told = private.row("order").await;
    assert_eq!((&told["orderStatus"], &told["cumExecQty"]), (&json!("Filled"), &json!("0")));
    simulator.inject(Fault::new(FaultKind::Mute).stream("userData")).unwrap();
    owner.change(CANCEL, named("b")).await;
    simulator.clear_faults();
    owner.change(CREATE, buy("50000", "0.001", "d")).await;
    assert_eq!(private.row("order").await["orderLinkId"], "d", "the cancel was not told");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_are_cancelled_when_their_client_is_gone() {
    let simulator = quiet("bybit-spot").await;
    let owner = Owner::main(&simulator);
    let set = json!({ "product": "SPOT", "timeWindow": 10 });
    owner.change("/v5/order/disconnected-cancel-all", set).await;
    let info = owner.read("/v5/account/query-dcp-info", &[]).await;
    assert_eq!(info["dcpInfos"], json!([{ "product": "SPOT", "dcpStatus": "ON", "timeWindow": "10" }]));
    let private = Private::open(&simulator, &owner, &["dcp.spot"]).await;
    owner.change(CREATE, buy("50000", "0.001", "a")).await;
    drop(private);
    let status = async || {
        let row = owner.read(REALTIME, &[("category", "spot"), ("orderLinkId", "a")]).await["list"][0].clone();
        (row["orderStatus"].clone(), row["cancelType"].clone())
    };
    tokio::time::sleep(std::time::Duration::from_secs(9)).await;
    assert_eq!(status().await, (json!("New"), json!("UNKNOWN")));
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(status().await, (json!("Cancelled"), json!("CancelByDCP")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn accounts_are_apart() {
    let simulator: Simulator = quiet("bybit-spot").await;
    let keys = simulator.open_account(&AccountSetup::new("other").with("USDT", "1000".parse().unwrap())).unwrap();
    let other = Owner::new(&simulator, keys.into_iter().next().unwrap());
    let main = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &other, &["order"]).await;
    main.change(CREATE, buy("50000", "0.001", "same")).await;
    other.change(CREATE, buy("50001", "0.001", "same")).await;
    assert_eq!(private.row("order").await["price"], "50001", "of its own account only");
    let balance = other.read("/v5/account/wallet-balance", &[("accountType", "UNIFIED")]).await;
    assert_eq!(balance["list"][0]["coin"].as_array().map(Vec::len), Some(1), "what is zero is left out");
    simulator.stop().await;
}
