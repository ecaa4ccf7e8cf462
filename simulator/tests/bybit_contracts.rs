//! Linear contracts of the simulated Bybit: orders, positions, settings, fundings.

mod support;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::bybit::{Owner, Private, absent, code, example, granted, limit, quiet, socket};
use support::get;
use tradewire_simulator::{Fault, FaultKind, PositionSide, Simulator};

const CREATE: &str = "/v5/order/create";
const POSITIONS: &str = "/v5/position/list";
const BTC: [(&str, &str); 2] = [("category", "linear"), ("symbol", "BTCUSDT")];

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn market_order(side: &str, quantity: &str) -> Value {
    json!({ "category": "linear", "symbol": "BTCUSDT", "side": side, "orderType": "Market", "qty": quantity })
}

fn with(order: &Value, name: &str, value: Value) -> Value {
    let mut changed = order.clone();
    changed[name] = value;
    changed
}

async fn position(owner: &Owner) -> Value {
    owner.read(POSITIONS, &BTC).await["list"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_position_is_opened_shown_and_closed() {
    let simulator = quiet("bybit-linear").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order", "execution", "position", "wallet"]).await;
    let flat = position(&owner).await;
    assert_eq!((&flat["size"], &flat["side"], &flat["seq"]), (&json!("0.000"), &json!(""), &json!(-1)));
    owner.change(CREATE, with(&market_order("Buy", "0.1"), "orderLinkId", json!("open"))).await;
    let fill = private.row("execution").await;
    assert_eq!(
        (&fill["category"], &fill["feeCurrency"], &fill["execType"]),
        (&json!("linear"), &json!("USDT"), &json!("Trade"))
    );
    assert_eq!(fill["orderId"].as_str().map(str::len), Some(36), "{fill}");
    let open = position(&owner).await;
    assert_eq!((&open["size"], &open["side"], &open["positionIdx"]), (&json!("0.100"), &json!("Buy"), &json!(0)));
    let told = loop {
        let row = private.row("position").await;
        if row["size"] == "0.100" {
            break row;
        }
    };
    assert_eq!((&told["entryPrice"], &told["category"]), (&open["avgPrice"], &json!("linear")));
    let wallet = private.row("wallet").await;
    assert_eq!(wallet["coin"][0]["coin"], "USDT");
    let listed = owner.read(POSITIONS, &[("category", "linear"), ("settleCoin", "USDT")]).await;
    assert_eq!(listed["list"].as_array().map(Vec::len), Some(1), "flat ones are left out");
    let close = with(&market_order("Sell", "0.1"), "reduceOnly", json!(true));
    owner.change(CREATE, close.clone()).await;
    assert_eq!(position(&owner).await["size"], "0.000");
    assert_eq!(owner.refused(CREATE, close).await, 110_017, "nothing to reduce");
    let closed = owner.read("/v5/position/closed-pnl", &BTC).await;
    assert_eq!((&closed["list"][0]["closedSize"], &closed["list"][0]["side"]), (&json!("0.100"), &json!("Sell")));
    let log = owner.read("/v5/account/transaction-log", &[("accountType", "UNIFIED")]).await;
    assert_eq!(log["list"][0]["type"], "TRADE");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_post_only_order_that_would_take_is_received_and_ended() {
    let simulator = quiet("bybit-linear").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order.linear"]).await;
    let taking = with(&limit("linear", "Buy", "70000", "0.01", "taking"), "timeInForce", json!("PostOnly"));
    owner.change(CREATE, taking).await;
    let told = private.row("order.linear").await;
    assert_eq!((&told["orderStatus"], &told["cancelType"]), (&json!("Cancelled"), &json!("UNKNOWN")), "{told}");
    assert_eq!(told["rejectReason"], "EC_PostOnlyWillTakeLiquidity");
    let ioc = with(&limit("linear", "Buy", "50000", "0.01", "ioc"), "timeInForce", json!("IOC"));
    owner.change(CREATE, ioc).await;
    let mut told = private.row("order.linear").await;
    while told["orderStatus"] == "New" {
        told = private.row("order.linear").await;
    }
    assert_eq!((&told["orderStatus"], &told["rejectReason"]), (&json!("Cancelled"), &json!("EC_NoImmediateQtyToFill")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn settings_change_and_say_what_is_wrong() {
    let simulator = quiet("bybit-linear").await;
    let owner = Owner::main(&simulator);
    let leverage =
        |value: &str| json!({ "category": "linear", "symbol": "BTCUSDT", "buyLeverage": value, "sellLeverage": value });
    owner.change("/v5/position/set-leverage", leverage("20")).await;
    assert_eq!(position(&owner).await["leverage"], "20");
    assert_eq!(owner.refused("/v5/position/set-leverage", leverage("20")).await, 110_043);
    assert_eq!(owner.refused("/v5/position/set-leverage", leverage("1000")).await, 10001);
    let mode = |mode: u8| json!({ "category": "linear", "symbol": "BTCUSDT", "mode": mode });
    assert_eq!(owner.refused("/v5/position/switch-mode", mode(0)).await, 110_025);
    owner.change("/v5/position/switch-mode", mode(3)).await;
    let both = owner.read(POSITIONS, &BTC).await;
    let indices: Vec<&Value> = both["list"].as_array().unwrap().iter().map(|row| &row["positionIdx"]).collect();
    assert_eq!(indices, [&json!(1), &json!(2)]);
    assert_eq!(owner.refused(CREATE, market_order("Buy", "0.01")).await, 10001, "the index does not match");
    owner.change(CREATE, with(&market_order("Buy", "0.01"), "positionIdx", json!(1))).await;
    owner.change(CREATE, with(&market_order("Sell", "0.02"), "positionIdx", json!(2))).await;
    let both = owner.read(POSITIONS, &BTC).await;
    assert_eq!((&both["list"][0]["size"], &both["list"][1]["side"]), (&json!("0.010"), &json!("Sell")));
    assert_eq!(owner.refused("/v5/position/switch-mode", mode(0)).await, 110_024);
    assert_eq!(
        owner.refused("/v5/account/set-margin-mode", json!({ "setMarginMode": "PORTFOLIO_MARGIN" })).await,
        3_400_045
    );
    assert_eq!(
        owner.refused("/v5/account/set-margin-mode", json!({ "setMarginMode": "ISOLATED_MARGIN" })).await,
        3_400_045
    );
    owner.change(CREATE, with(&market_order("Sell", "0.01"), "positionIdx", json!(1))).await;
    owner.change(CREATE, with(&market_order("Buy", "0.02"), "positionIdx", json!(2))).await;
    owner.change("/v5/account/set-margin-mode", json!({ "setMarginMode": "ISOLATED_MARGIN" })).await;
    assert_eq!(owner.read("/v5/account/info", &[]).await["marginMode"], "ISOLATED_MARGIN");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn conditional_orders_follow_the_price_that_they_name() {
    let simulator = quiet("bybit-linear").await;
    let owner = Owner::main(&simulator);
    let mut private = Private::open(&simulator, &owner, &["order"]).await;
    let stop = json!({ "category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "0.01",
        "triggerPrice": "63000", "triggerDirection": 1, "triggerBy": "MarkPrice", "orderLinkId": "stop" });
    assert_eq!(owner.refused(CREATE, with(&stop, "triggerDirection", json!(2))).await, 110_093);
    owner.change(CREATE, stop).await;
    let told = private.row("order").await;
    assert_eq!((&told["orderStatus"], &told["stopOrderType"]), (&json!("Untriggered"), &json!("Stop")));
    assert_eq!((&told["triggerBy"], &told["triggerDirection"]), (&json!("MarkPrice"), &json!(1)));
    simulator.set_mark_price("BTC-USDT", Some(d("63001"))).unwrap();
    let mut told = private.row("order").await;
    while told["orderStatus"] != "Filled" {
        told = private.row("order").await;
    }
    simulator.set_mark_price("BTC-USDT", None).unwrap();
    let stops = json!({ "category": "linear", "symbol": "BTCUSDT", "tpslMode": "Full", "positionIdx": 0,
        "takeProfit": "70000", "stopLoss": "50000" });
    owner.change("/v5/position/trading-stop", stops.clone()).await;
    let open = position(&owner).await;
    assert_eq!((&open["takeProfit"], &open["stopLoss"]), (&json!("70000.0"), &json!("50000.0")));
    owner.change("/v5/position/trading-stop", with(&stops, "takeProfit", json!("0"))).await;
    assert_eq!(position(&owner).await["takeProfit"], "");
    owner.change(CREATE, market_order("Sell", "0.01")).await;
    let open = owner.read("/v5/order/realtime", &BTC).await;
    assert_eq!(open["list"], json!([]), "they end with the position");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_bring_the_ends_of_their_position_with_them() {
    let simulator = quiet("bybit-linear").await;
    let owner = Owner::main(&simulator);
    let order = with(&with(&market_order("Buy", "0.01"), "takeProfit", json!("70000")), "stopLoss", json!("50000"));
    let mut private = Private::open(&simulator, &owner, &["order"]).await;
    owner.change(CREATE, order).await;
    let mut kinds = Vec::new();
    while kinds.len() < 2 {
        let told = private.row("order").await;
        if told["orderStatus"] == "Untriggered" {
            kinds.push(told["stopOrderType"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(kinds, ["TakeProfit", "StopLoss"]);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fundings_and_liquidations_are_told() {
    let simulator = quiet("bybit-linear").await;
    let owner = Owner::main(&simulator);
    let mut public = socket(&simulator, "/v5/public/linear").await;
    public.ask(json!({ "op": "subscribe", "args": ["allLiquidation.BTCUSDT"] })).await;
    let mut private = Private::open(&simulator, &owner, &["execution", "position"]).await;
    owner.change(CREATE, market_order("Buy", "0.1")).await;
    private.row("execution").await;
    simulator.run_funding("BTC-USDT", Some(d("0.001"))).unwrap();
    let funding = loop {
        let row = private.row("execution").await;
        if row["execType"] == "Funding" {
            break row;
        }
    };
    assert!(funding["execFee"].as_str().unwrap().parse::<Decimal>().unwrap() > Decimal::ZERO, "a long one pays");
    let log = owner.read("/v5/account/transaction-log", &[("accountType", "UNIFIED"), ("type", "SETTLEMENT")]).await;
    assert!(log["list"][0]["funding"].as_str().unwrap().starts_with('-'), "{log}");
    let rates = granted(&get(&simulator, "/v5/market/funding/history?category=linear&symbol=BTCUSDT").await);
    assert_eq!(rates["list"][0]["fundingRate"], "0.001");
    let listed = owner.read("/v5/execution/list", &[("category", "linear"), ("execType", "Funding")]).await;
    assert_eq!(listed["list"].as_array().map(Vec::len), Some(1));
    simulator.liquidate("main", "BTC-USDT", PositionSide::Both).unwrap();
    let bust = loop {
        let row = private.row("execution").await;
        if row["execType"] == "BustTrade" {
            break row;
        }
    };
    assert_eq!((&bust["createType"], &bust["side"]), (&json!("CreateByLiq"), &json!("Sell")));
    let told = public.json().await;
    assert_eq!((&told["data"][0]["S"], &told["topic"]), (&json!("Buy"), &json!("allLiquidation.BTCUSDT")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn answers_have_the_fields_of_the_published_examples() {
    let simulator = quiet("bybit-linear").await;
    let owner = Owner::main(&simulator);
    owner.change(CREATE, market_order("Buy", "0.1")).await;
    owner.change(CREATE, market_order("Sell", "0.05")).await;
    owner.change(CREATE, limit("linear", "Buy", "50000", "0.01", "rests")).await;
    let linear = [("category", "linear")];
    let unified = [("accountType", "UNIFIED")];
    let open_interest = [("category", "linear"), ("symbol", "BTCUSDT"), ("intervalTime", "1h")];
    let candles = [("category", "linear"), ("symbol", "BTCUSDT"), ("interval", "60")];
    let cases = [
        ("market_instrument_linear", "/v5/market/instruments-info", &linear[..]),
        ("market_tickers_inverse", "/v5/market/tickers", &BTC[..]),
        ("market_open_interest", "/v5/market/open-interest", &open_interest[..]),
        ("market_risk_limit", "/v5/market/risk-limit", &BTC[..]),
        ("market_mark_kline", "/v5/market/mark-price-kline", &candles[..]),
        ("market_premium_index_kline", "/v5/market/premium-index-price-kline", &candles[..]),
        ("order_open_order", "/v5/order/realtime", &BTC[..]),
        ("order_execution", "/v5/execution/list", &linear[..]),
        ("position_position", POSITIONS, &BTC[..]),
        ("position_close_pnl", "/v5/position/closed-pnl", &linear[..]),
        ("position_batch_lvg", "/v5/position/symbol-info", &linear[..]),
        ("account_wallet_balance", "/v5/account/wallet-balance", &unified[..]),
        ("account_transaction_log", "/v5/account/transaction-log", &unified[..]),
        ("account_fee_rate", "/v5/account/fee-rate", &linear[..]),
        ("account_instrument_linear", "/v5/account/instruments-info", &linear[..]),
    ];
    for (name, path, params) in cases {
        let made = owner.get(path, params).await.json();
        assert_eq!(made["retCode"], 0, "{made}");
        let Some(example) = example(name) else { continue };
        let absent = absent(&made, &example, name);
        let ours: Vec<&String> = absent.iter().filter(|field| !field.ends_with(".MNT")).collect();
        assert_eq!(ours, Vec::<&String>::new(), "{made}");
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn tickers_tell_the_whole_first_and_then_what_changes() {
    let simulator = quiet("bybit-linear").await;
    let mut client = socket(&simulator, "/v5/public/linear").await;
    let told = client.ask(json!({ "op": "subscribe", "args": ["tickers.BTCUSDT"], "req_id": "" })).await;
    assert_eq!((&told["success"], &told["ret_msg"]), (&json!(true), &json!("")));
    let whole = client.json().await;
    assert_eq!(whole["type"], "snapshot");
    if let Some(example) = example("ws_public_ticker_linear_push") {
        assert_eq!(absent(&whole, &example, "ticker"), Vec::<String>::new(), "{whole}");
    }
    simulator.set_funding_rate("BTC-USDT", Some(d("0.00042"))).unwrap();
    let change = client.json().await;
    assert_eq!((&change["type"], &change["data"]["fundingRate"]), (&json!("delta"), &json!("0.00042")));
    assert!(change["data"].get("highPrice24h").is_none(), "{change}");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn contracts_are_listed_by_pages_and_other_products_are_empty() {
    let simulator: Simulator = quiet("bybit-linear").await;
    let page = |cursor: &str| format!("/v5/market/instruments-info?category=linear&limit=2&cursor={cursor}");
    let first = granted(&get(&simulator, &page("")).await);
    assert_eq!(first["list"].as_array().map(Vec::len), Some(2));
    let second = granted(&get(&simulator, &page(first["nextPageCursor"].as_str().unwrap())).await);
    assert_eq!((second["list"].as_array().map(Vec::len), &second["nextPageCursor"]), (Some(1), &json!("")));
    assert_eq!(granted(&get(&simulator, "/v5/market/instruments-info?category=spot").await)["list"], json!([]));
    let owner = Owner::main(&simulator);
    let missing = owner.get("/v5/order/realtime", &[("category", "linear")]).await;
    assert_eq!(code(&missing), 10001, "one of symbol, base and settlement asset is needed");
    assert_eq!(owner.refused(CREATE, limit("spot", "Buy", "50000", "0.01", "x")).await, 170_121);
    simulator.inject(Fault::new(FaultKind::Code { code: 10016, message: None, status: 400 }).path(POSITIONS)).unwrap();
    assert_eq!(code(&owner.get(POSITIONS, &BTC).await), 10016);
    simulator.stop().await;
}
