//! Accounts on the simulated Kraken: orders by REST and on the private socket, and what that tells.

mod support;

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::get;
use support::kraken::{Owner, PRIVATE, Private, error, granted, limit, quiet};
use tradewire_simulator::{Fault, FaultKind, OrderRef, Side, Simulator, TraderOrder};

const UUID: &str = "6d1b345e-2821-40e2-ad83-4ecb18a06876";

fn d(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn with<'a>(order: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [order, more].concat()
}

#[tokio::test(start_paused = true)]
async fn keys_signatures_and_nonces_are_checked() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    assert_eq!(owner.call("Balance", &[]).await["USDT"], "1000000.0000000000");
    let again = owner.post_at(5, "Balance", &[]).await.expect("an answer");
    assert_eq!(error(&again), "EAPI:Invalid nonce", "it is smaller than the last");
    let unsigned = get(&simulator, "/0/private/Balance").await;
    assert_eq!(error(&unsigned), "EGeneral:Unknown method", "it must be posted");
    let bare = support::send(&simulator.addresses().rest, "POST", "/0/private/Balance", "", "nonce=9").await;
    assert_eq!(error(&bare.expect("an answer")), "EAPI:Invalid key");
    let key = simulator.credentials("main")[0].api_key.clone();
    let headers = format!("API-Key: {key}\r\nAPI-Sign: bm8=\r\n");
    let forged = support::send(&simulator.addresses().rest, "POST", "/0/private/Balance", &headers, "nonce=9").await;
    assert_eq!(error(&forged.expect("an answer")), "EAPI:Invalid signature");
    simulator.revoke_key(&key);
    assert_eq!(owner.refused("Balance", &[]).await, "EAPI:Invalid key");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_seen_amended_and_cancelled() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let order = with(&limit("buy", "50000", "0.002"), &[("cl_ord_id", UUID)]);
    let checked = owner.call("AddOrder", &with(&order, &[("validate", "true")])).await;
    assert_eq!(checked, json!({ "descr": { "order": "buy 0.00200 XBTUSDT @ limit 50000.00" } }));
    let placed = owner.call("AddOrder", &order).await;
    let id = placed["txid"][0].as_str().expect("an id");
    assert_eq!(owner.refused("AddOrder", &order).await, "EOrder:Duplicate cl_ord_id");
    let open = owner.call("OpenOrders", &[]).await;
    let row = &open["open"][id];
    assert_eq!([&row["status"], &row["vol"], &row["cl_ord_id"]], ["open", "0.00200", UUID]);
    assert_eq!(
        [&row["descr"]["pair"], &row["descr"]["ordertype"], &row["descr"]["price"]],
        ["XBTUSDT", "limit", "50000.00"]
    );
    let funds = owner.call("BalanceEx", &[]).await;
    assert_eq!(funds["USDT"], json!({ "balance": "1000000.0000000000", "hold_trade": "100.0000000000" }));
    let change = [("cl_ord_id", UUID), ("order_qty", "0.003"), ("limit_price", "50001")];
    assert!(owner.call("AmendOrder", &change).await["amend_id"].is_string());
    let known = owner.call("QueryOrders", &[("txid", id)]).await;
    assert_eq!([&known[id]["vol"], &known[id]["descr"]["price"]], ["0.00300", "50001.00"]);
    assert_eq!(owner.call("CancelOrder", &[("txid", id)]).await, json!({ "count": 1 }));
    assert_eq!(owner.refused("CancelOrder", &[("txid", id)]).await, "EOrder:Unknown order");
    let closed = owner.call("ClosedOrders", &[]).await;
    assert_eq!([&closed["closed"][id]["status"], &closed["closed"][id]["reason"]], ["canceled", "User requested"]);
    assert_eq!(closed["count"], 1);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_that_break_a_rule_are_refused() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let order = |price, volume| limit("buy", price, volume);
    let cases = [
        (order("50000", "100"), "EOrder:Insufficient funds"),
        (order("50000", "0.00001"), "EOrder:Order minimum not met"),
        (order("50000", "0.00006"), "EOrder:Cost minimum not met"),
        (order("50000.001", "0.01"), "EOrder:Tick size check failed"),
        (order("50000", "0.0100001"), "EGeneral:Invalid arguments:volume"),
        (with(&order("70000", "0.01"), &[("oflags", "post")]), "EOrder:Post only order"),
        (
            with(&order("50000", "0.01"), &[("cl_ord_id", "much too long for a text")]),
            "EGeneral:Invalid arguments:cl_ord_id",
        ),
        (with(&order("50000", "0.01"), &[("deadline", "2020-01-01T00:00:00Z")]), "EService:Deadline elapsed"),
        (vec![("pair", "NOSUCH")], "EQuery:Unknown asset pair"),
    ];
    for (order, refusal) in cases {
        assert_eq!(owner.refused("AddOrder", &order).await, refusal, "{order:?}");
    }
    assert!(simulator.orders("main").is_empty());
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn trades_cost_fees_in_the_quote_asset_and_are_paged() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let market = [("pair", "XBTUSDT"), ("type", "buy"), ("ordertype", "market"), ("volume", "0.01")];
    let id = owner.call("AddOrder", &market).await["txid"][0].as_str().expect("an id").to_owned();
    let order = owner.call("QueryOrders", &[("txid", &id), ("trades", "true")]).await[&id].clone();
    assert_eq!([&order["status"], &order["vol_exec"]], ["closed", "0.01000"]);
    let number = |value: &Value| d(value.as_str().expect("a number"));
    assert_eq!(number(&order["fee"]), (number(&order["cost"]) * d("0.004")).trunc_with_scale(8));
    let fills = simulator.fills("main");
    assert!(fills.iter().all(|fill| *fill.commission_asset == *"USDT"));
    let trade = order["trades"][0].as_str().expect("an id");
    let known = owner.call("QueryTrades", &[("txid", trade)]).await;
    assert_eq!([&known[trade]["ordertxid"], &known[trade]["pair"]], [&json!(id), &json!("XBTUSDT")]);
    for _ in 0..60 {
        simulator.fill_order("main", "BTC-USDT", &resting(&simulator).await, Some(d("0.001"))).expect("it is filled");
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    let first = owner.call("TradesHistory", &[]).await;
    let count = first["count"].as_u64().expect("a count");
    assert_eq!((first["trades"].as_object().map(serde_json::Map::len), count), (Some(50), 60 + fills.len() as u64));
    let second = owner.call("TradesHistory", &[("ofs", "50")]).await;
    assert_eq!(second["trades"].as_object().map(serde_json::Map::len), Some(count as usize - 50));
    simulator.stop().await;
}

/// A resting order of the account, at a price of its own.
async fn resting(simulator: &Simulator) -> OrderRef {
    let request = tradewire_simulator::OrderRequest::limit(Side::Buy, d("50000"), d("0.002"));
    OrderRef::Id(simulator.place_as("main", "BTC-USDT", &request).expect("it rests").order.id)
}

#[tokio::test(start_paused = true)]
async fn calls_and_trading_are_counted_and_fall_with_time() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    for _ in 0..20 {
        granted(&owner.post("Balance", &[]).await);
    }
    assert_eq!(owner.refused("Balance", &[]).await, "EAPI:Rate limit exceeded");
    let id = owner.place("buy", "50000", "0.001").await;
    owner.call("CancelOrder", &[("txid", &id)]).await;
    tokio::time::advance(Duration::from_secs(2)).await;
    owner.call("TradesHistory", &[]).await;
    assert_eq!(owner.refused("Balance", &[]).await, "EAPI:Rate limit exceeded", "it counted twice");
    tokio::time::advance(Duration::from_secs(60)).await;
    for _ in 0..20 {
        let id = owner.place("buy", "50000", "0.001").await;
        owner.call("CancelOrder", &[("txid", &id)]).await;
    }
    assert_eq!(owner.refused("AddOrder", &limit("buy", "50000", "0.001")).await, "EOrder:Rate limit exceeded");
    let other = [("pair", "ETHUSDT"), ("type", "buy"), ("ordertype", "limit"), ("price", "2000"), ("volume", "0.01")];
    owner.call("AddOrder", &other).await;
    assert_eq!(owner.call("CancelAll", &[]).await, json!({ "count": 1 }));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_end_when_their_client_does_not_report_again() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    owner.place("buy", "50000", "0.001").await;
    assert_ne!(owner.call("CancelAllOrdersAfter", &[("timeout", "5")]).await["triggerTime"], "0");
    assert_eq!(owner.call("CancelAllOrdersAfter", &[("timeout", "0")]).await["triggerTime"], "0");
    simulator.clock().sleep(Duration::from_secs(6)).await;
    assert_eq!(owner.call("OpenOrders", &[]).await["open"].as_object().map(serde_json::Map::len), Some(1));
    owner.call("CancelAllOrdersAfter", &[("timeout", "5")]).await;
    simulator.clock().sleep(Duration::from_secs(6)).await;
    assert_eq!(owner.call("OpenOrders", &[]).await["open"], json!({}));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_private_socket_tells_the_life_of_an_order() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner).await;
    let first = private.subscribe(json!({ "channel": "executions" })).await;
    assert_eq!((&first["type"], &first["data"], &first["sequence"]), (&json!("snapshot"), &json!([]), &json!(1)));
    let order = json!({ "order_type": "limit", "side": "buy", "symbol": "BTC/USDT", "order_qty": 0.002,
        "limit_price": 50_000, "cl_ord_id": UUID });
    let placed = private.ask("add_order", order.clone()).await;
    assert_eq!(placed["result"]["cl_ord_id"], UUID);
    let id = placed["result"]["order_id"].clone();
    let whole = private.row().await;
    assert_eq!(
        [&whole["exec_type"], &whole["order_status"], &whole["time_in_force"]],
        ["pending_new", "pending_new", "GTC"]
    );
    assert_eq!((&whole["order_qty"], &whole["limit_price"]), (&json!(0.002), &json!(50_000.0)));
    let told = private.row().await;
    assert_eq!((&told["exec_type"], &told["order_id"]), (&json!("new"), &id));
    let refused = private.ask("add_order", order).await;
    assert_eq!((&refused["success"], &refused["error"]), (&json!(false), &json!("EOrder:Duplicate cl_ord_id")));
    let amended = private.ask("amend_order", json!({ "order_id": id, "order_qty": 0.003 })).await;
    assert_eq!((&amended["success"], &amended["result"]["order_id"]), (&json!(true), &id));
    let told = private.row().await;
    assert_eq!((&told["exec_type"], &told["order_qty"]), (&json!("amended"), &json!(0.003)));
    simulator.fill_order("main", "BTC-USDT", &OrderRef::Client(UUID.to_owned()), Some(d("0.001"))).expect("a fill");
    let trade = private.row().await;
    assert_eq!(
        [&trade["exec_type"], &trade["order_status"], &trade["liquidity_ind"]],
        ["trade", "partially_filled", "m"]
    );
    assert_eq!((&trade["fees"][0]["asset"], &trade["fees"][0]["qty"]), (&json!("USDT"), &json!(0.125)));
    let cancelled = private.ask("cancel_order", json!({ "cl_ord_id": [UUID] })).await;
    assert_eq!(cancelled["result"]["order_id"], id);
    let end = private.row().await;
    assert_eq!([&end["exec_type"], &end["order_status"], &end["reason"]], ["canceled", "canceled", "User requested"]);
    assert_eq!((&end["cum_qty"], &end["avg_price"]), (&json!(0.001), &json!(50_000.0)));
    let refused = private.ask("cancel_order", json!({ "order_id": [id] })).await;
    assert_eq!(refused["error"], "EOrder:Unknown order");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fills_and_balances_are_told_together() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner).await;
    let held = owner.place("sell", "70000", "0.001").await;
    let first = private.subscribe(json!({ "channel": "executions", "snap_trades": true })).await;
    assert_eq!([&first["data"][0]["order_id"], &first["data"][0]["exec_type"]], [held.as_str(), "new"]);
    let first = private.subscribe(json!({ "channel": "balances" })).await;
    let assets = first["data"].as_array().expect("assets");
    let row = assets.iter().find(|row| row["asset"] == "BTC").expect("BTC");
    assert_eq!((&row["balance"], &row["wallets"][0]["type"]), (&json!(100), &json!("spot")));
    let bought = json!({ "order_type": "market", "side": "buy", "symbol": "BTC/USDT", "order_qty": 0.001 });
    let id = private.ask("add_order", bought).await["result"]["order_id"].clone();
    let mut types = Vec::new();
    let mut entries = Vec::new();
    while entries.len() < 2 {
        let told = private.next().await;
        match told["channel"].as_str() {
            Some("executions") => types.push(told["data"][0]["exec_type"].as_str().unwrap_or_default().to_owned()),
            _ => entries.extend(told["data"].as_array().expect("rows").clone()),
        }
    }
    assert_eq!(types, ["pending_new", "new", "trade", "filled"]);
    let entry = |asset: &str| entries.iter().find(|row| row["asset"] == asset).expect("an entry").clone();
    let (coin, cash) = (entry("BTC"), entry("USDT"));
    assert_eq!((&coin["amount"], &coin["balance"], &coin["type"]), (&json!(0.001), &json!(100.001), &json!("trade")));
    let fill = &simulator.fills("main")[0];
    assert_eq!(
        (cash["fee"].to_string(), cash["amount"].to_string()),
        (fill.commission.normalize().to_string(), (-fill.quote).normalize().to_string())
    );
    let known = owner.call("QueryOrders", &[("txid", id.as_str().expect("an id"))]).await;
    assert_eq!(known[id.as_str().expect("an id")]["status"], "closed");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn stops_wait_for_their_price() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner).await;
    private.subscribe(json!({ "channel": "executions" })).await;
    let stop = json!({ "order_type": "stop-loss-limit", "side": "sell", "symbol": "BTC/USDT", "order_qty": 0.001,
        "limit_price": 55_000, "triggers": { "reference": "last", "price": 60_000 } });
    let id = private.ask("add_order", stop).await["result"]["order_id"].clone();
    let whole = private.row().await;
    assert_eq!((&whole["triggers"]["status"], &whole["triggers"]["price"]), (&json!("untriggered"), &json!(60_000.0)));
    assert_eq!(private.row().await["exec_type"], "new");
    simulator.move_price("BTC-USDT", d("59999")).expect("it moves");
    simulator.place("BTC-USDT", TraderOrder::market(Side::Sell, d("0.001"))).expect("it trades");
    let status = private.row().await;
    assert_eq!((&status["exec_type"], &status["triggers"]["status"]), (&json!("status"), &json!("triggered")));
    assert_eq!(status["order_id"], id);
    assert_eq!(private.row().await["exec_type"], "trade");
    assert_eq!(private.row().await["exec_type"], "filled");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn tokens_are_checked_and_go_with_their_key() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner).await;
    private.subscribe(json!({ "channel": "balances" })).await;
    let good = std::mem::replace(&mut private.token, "nobody's".to_owned());
    let refused = private.ask("cancel_all", json!({})).await;
    assert_eq!(refused["error"], "ESession:Invalid session");
    private.token = good;
    simulator.advance(Duration::from_secs(1000));
    assert_eq!(private.ask("cancel_all", json!({})).await["result"]["count"], 0, "it was used in time");
    let mut late = support::bybit::socket(&simulator, PRIVATE).await;
    late.json().await;
    let request = json!({ "method": "cancel_all", "params": { "token": private.token } });
    assert_eq!(late.ask(request).await["error"], "ESession:Invalid session", "it is too old");
    let key = simulator.credentials("main")[0].api_key.clone();
    simulator.inject(Fault::new(FaultKind::RevokeKey { key: Some(key) }).account("main")).expect("a fault");
    loop {
        if private.client.text().await.is_none() {
            break;
        }
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn faults_strike_replies_and_private_messages() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner).await;
    private.subscribe(json!({ "channel": "executions" })).await;
    simulator.inject(Fault::new(FaultKind::LoseReply).method("add_order")).expect("a fault");
    simulator.inject(Fault::new(FaultKind::Duplicate).event("pending_new")).expect("a fault");
    let order = json!({ "order_type": "limit", "side": "buy", "symbol": "BTC/USDT", "order_qty": 0.002,
        "limit_price": 50_000, "token": private.token });
    private.client.say(&json!({ "method": "add_order", "params": order, "req_id": 1 })).await;
    let told = [private.next().await, private.next().await, private.next().await];
    let seen = told.map(|told| (told["data"][0]["exec_type"].clone(), told["sequence"].as_u64()));
    assert_eq!(seen, [(json!("pending_new"), Some(2)), (json!("pending_new"), Some(2)), (json!("new"), Some(3))]);
    assert_eq!(simulator.orders("main").len(), 1);
    let code = FaultKind::Code { status: 400, code: 0, message: Some("EService:Busy".to_owned()) };
    simulator.inject(Fault::new(code).path("/0/private/AddOrder")).expect("a fault");
    assert_eq!(owner.refused("AddOrder", &limit("buy", "50000", "0.01")).await, "EService:Busy");
    simulator.inject(Fault::new(FaultKind::ExternalAmend { quantity: Some(d("0.001")) })).expect("a fault");
    let amended = private.row().await;
    assert_eq!((&amended["exec_type"], &amended["order_qty"]), (&json!("amended"), &json!(0.001)));
    simulator.inject(Fault::new(FaultKind::ExternalCancel).account("main")).expect("a fault");
    assert_eq!(private.row().await["exec_type"], "canceled");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn only_the_beginning_and_the_end_of_an_order_may_be_wanted() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner).await;
    private.subscribe(json!({ "channel": "executions", "order_status": false })).await;
    let id = owner.place("buy", "50000", "0.002").await;
    owner.call("AmendOrder", &[("txid", &id), ("order_qty", "0.001")]).await;
    simulator.fill_order("main", "BTC-USDT", &resting_one(&simulator), None).expect("it is filled");
    let types = [private.row().await, private.row().await, private.row().await].map(|row| row["exec_type"].clone());
    assert_eq!(types, ["new", "trade", "filled"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_checked_as_a_whole_and_placed_one_by_one() {
    let simulator = quiet().await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner).await;
    let order = |price: &str, quantity: &str| json!({ "order_type": "limit", "side": "buy", "limit_price": price, "order_qty": quantity });
    let batch = |orders: [Value; 2]| json!({ "symbol": "BTC/USDT", "orders": orders });
    let refused = private.ask("batch_add", batch([order("50000", "0.001"), order("50000", "0.00001")])).await;
    assert_eq!(refused["error"], "EOrder:Order minimum not met");
    assert!(simulator.orders("main").is_empty());
    let done = private.ask("batch_add", batch([order("50000", "0.001"), order("50000", "100")])).await;
    assert!(done["result"][0]["order_id"].is_string(), "{done}");
    assert_eq!(done["result"][1]["error"], "EOrder:Insufficient funds");
    assert_eq!(simulator.orders("main").len(), 1);
    simulator.stop().await;
}

/// The only order of the account.
fn resting_one(simulator: &Simulator) -> OrderRef {
    OrderRef::Id(simulator.orders("main")[0].id)
}
