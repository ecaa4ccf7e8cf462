//! Binance USD-M: positions, leverage, modes, isolated margin, fundings, liquidations.

mod support;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::Client;
use support::private::Trader;
use support::usdm::{event_of, private, quiet};
use tradewire_simulator::{PositionSide, Simulator};

const SYMBOL: (&str, &str) = ("symbol", "BTCUSDT");

/// Opens a position at the market.
async fn open(trader: &Trader, side: &str, quantity: &str, more: &[(&str, &str)]) {
    let mut params = vec![SYMBOL, ("side", side), ("type", "MARKET"), ("quantity", quantity)];
    params.extend(more);
    let answer = trader.ask("POST", "/fapi/v1/order", &params).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn set(trader: &Trader, what: &str, params: &[(&str, &str)]) -> Value {
    trader.ask("POST", &format!("/fapi/v1/{what}"), params).await.json()
}

fn number(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn leverage_is_set_and_told() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut events = private(&simulator, &trader).await;
    let answer = set(&trader, "leverage", &[SYMBOL, ("leverage", "50")]).await;
    assert_eq!(answer, json!({ "leverage": 50, "maxNotionalValue": "12000000", "symbol": "BTCUSDT" }));
    let told = event_of(&mut events, "ACCOUNT_CONFIG_UPDATE").await;
    assert_eq!(told["ac"], json!({ "s": "BTCUSDT", "l": 50 }));
    assert_eq!(set(&trader, "leverage", &[SYMBOL, ("leverage", "50")]).await["leverage"], 50, "again is no error");
    assert_eq!(set(&trader, "leverage", &[SYMBOL, ("leverage", "126")]).await["code"], -4028);
    let config = trader.get("/fapi/v1/symbolConfig", &[SYMBOL]).await.json();
    assert_eq!((&config[0]["leverage"], &config[0]["marginType"]), (&json!(50), &json!("CROSSED")));
    let tiers = trader.get("/fapi/v1/leverageBracket", &[SYMBOL]).await.json();
    let first = &tiers[0]["brackets"][0];
    assert_eq!(
        (&first["bracket"], &first["initialLeverage"], &first["notionalFloor"]),
        (&json!(1), &json!(125), &json!(0))
    );
    assert_eq!(first["maintMarginRatio"], json!(0.004));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn modes_change_only_while_nothing_is_open() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    assert_eq!(set(&trader, "marginType", &[SYMBOL, ("marginType", "CROSSED")]).await["code"], -4046);
    assert_eq!(set(&trader, "marginType", &[SYMBOL, ("marginType", "ISOLATED")]).await["msg"], "success");
    assert_eq!(set(&trader, "positionSide/dual", &[("dualSidePosition", "false")]).await["code"], -4059);
    assert_eq!(set(&trader, "multiAssetsMargin", &[("multiAssetsMargin", "true")]).await["code"], -4167);
    open(&trader, "BUY", "0.01", &[]).await;
    assert_eq!(set(&trader, "marginType", &[SYMBOL, ("marginType", "CROSSED")]).await["code"], -4048);
    assert_eq!(set(&trader, "positionSide/dual", &[("dualSidePosition", "true")]).await["code"], -4068);
    assert_eq!(set(&trader, "leverage", &[SYMBOL, ("leverage", "2")]).await["code"], -4161);
    open(&trader, "SELL", "0.01", &[("reduceOnly", "true")]).await;
    assert_eq!(set(&trader, "marginType", &[SYMBOL, ("marginType", "CROSSED")]).await["code"], 200);
    assert_eq!(set(&trader, "multiAssetsMargin", &[("multiAssetsMargin", "true")]).await["code"], 200);
    assert_eq!(set(&trader, "multiAssetsMargin", &[("multiAssetsMargin", "true")]).await["code"], -4171);
    assert_eq!(set(&trader, "marginType", &[SYMBOL, ("marginType", "ISOLATED")]).await["code"], -4168);
    assert_eq!(set(&trader, "positionSide/dual", &[("dualSidePosition", "true")]).await["code"], 200);
    assert_eq!(trader.get("/fapi/v1/positionSide/dual", &[]).await.json(), json!({ "dualSidePosition": true }));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn hedge_mode_has_two_positions() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    set(&trader, "positionSide/dual", &[("dualSidePosition", "true")]).await;
    let alone = [SYMBOL, ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.01")];
    assert_eq!(trader.ask("POST", "/fapi/v1/order", &alone).await.code(), -4061);
    open(&trader, "BUY", "0.02", &[("positionSide", "LONG")]).await;
    open(&trader, "SELL", "0.01", &[("positionSide", "SHORT")]).await;
    let rows = trader.get("/fapi/v3/positionRisk", &[SYMBOL]).await.json();
    let shown: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| (row["positionSide"].clone(), row["positionAmt"].clone())).collect();
    assert_eq!(shown, [(json!("LONG"), json!("0.020")), (json!("SHORT"), json!("-0.010"))]);
    let reducing = [
        SYMBOL,
        ("side", "SELL"),
        ("type", "MARKET"),
        ("quantity", "0.01"),
        ("positionSide", "LONG"),
        ("reduceOnly", "true"),
    ];
    assert_eq!(trader.ask("POST", "/fapi/v1/order", &reducing).await.code(), -1106, "not in hedge mode");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn isolated_margin_is_moved() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let add = [SYMBOL, ("amount", "100"), ("type", "1")];
    assert_eq!(set(&trader, "positionMargin", &add).await["code"], -4049);
    set(&trader, "marginType", &[SYMBOL, ("marginType", "ISOLATED")]).await;
    assert_eq!(set(&trader, "positionMargin", &add).await["code"], -4054);
    open(&trader, "BUY", "0.1", &[]).await;
    let mut events = private(&simulator, &trader).await;
    let answer = set(&trader, "positionMargin", &add).await;
    assert_eq!((&answer["code"], &answer["type"]), (&json!(200), &json!(1)));
    let told = event_of(&mut events, "ACCOUNT_UPDATE").await;
    assert_eq!((&told["a"]["m"], &told["a"]["P"][0]["mt"]), (&json!("MARGIN_TRANSFER"), &json!("isolated")));
    assert_eq!(set(&trader, "positionMargin", &[SYMBOL, ("amount", "0"), ("type", "1")]).await["code"], -4055);
    let much = [SYMBOL, ("amount", "90000000"), ("type", "1")];
    assert_eq!(set(&trader, "positionMargin", &much).await["code"], -4050);
    let history = trader.get("/fapi/v1/positionMargin/history", &[SYMBOL]).await.json();
    assert_eq!(history[0]["amount"], "100.00000000");
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn accounts_are_told_in_both_versions() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    open(&trader, "SELL", "0.05", &[]).await;
    let (old, new) =
        (trader.get("/fapi/v2/account", &[]).await.json(), trader.get("/fapi/v3/account", &[]).await.json());
    assert_eq!((old["positions"].as_array().unwrap().len(), new["positions"].as_array().unwrap().len()), (3, 1));
    assert_eq!(old["totalWalletBalance"], new["totalWalletBalance"]);
    let usdt = new["assets"].as_array().unwrap().iter().find(|row| row["asset"] == "USDT").unwrap();
    assert!(number(&usdt["availableBalance"]) < number(&usdt["walletBalance"]), "the position binds margin");
    let balance = trader.get("/fapi/v3/balance", &[]).await.json();
    let row = balance.as_array().unwrap().iter().find(|row| row["asset"] == "USDT").unwrap();
    assert_eq!(row["balance"], usdt["walletBalance"]);
    let risk = trader.get("/fapi/v3/positionRisk", &[]).await.json();
    assert_eq!((&risk[0]["positionAmt"], &risk[0]["positionSide"]), (&json!("-0.050"), &json!("BOTH")));
    assert!(number(&risk[0]["notional"]) < Decimal::ZERO && risk[0].get("leverage").is_none());
    let old = trader.get("/fapi/v2/positionRisk", &[SYMBOL]).await.json();
    assert_eq!((&old[0]["leverage"], &old[0]["isAutoAddMargin"]), (&json!("20"), &json!("false")), "as texts");
    for path in ["accountConfig", "apiTradingStatus", "rateLimit/order", "feeBurn", "multiAssetsMargin", "adlQuantile"]
    {
        assert_eq!(trader.get(&format!("/fapi/v1/{path}"), &[]).await.status, 200, "{path}");
    }
    let fees = trader.get("/fapi/v1/commissionRate", &[SYMBOL]).await.json();
    assert_eq!((&fees["makerCommissionRate"], &fees["takerCommissionRate"]), (&json!("0.0002"), &json!("0.0005")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fundings_are_paid_told_and_remembered() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    open(&trader, "BUY", "0.1", &[]).await;
    let mut events = private(&simulator, &trader).await;
    simulator.run_funding("BTC-USDT", None).unwrap();
    let told = event_of(&mut events, "ACCOUNT_UPDATE").await;
    assert_eq!((&told["a"]["m"], &told["a"]["S"]), (&json!("FUNDING_FEE"), &json!("BTCUSDT")));
    assert!(told["a"].get("P").is_none() && number(&told["a"]["B"][0]["bc"]) < Decimal::ZERO, "{told}");
    let income = trader.get("/fapi/v1/income", &[("incomeType", "FUNDING_FEE")]).await.json();
    assert_eq!(income[0]["income"], told["a"]["B"][0]["bc"]);
    let history = support::get(&simulator, "/fapi/v1/fundingRate?symbol=BTCUSDT").await.json();
    assert_eq!((&history[0]["symbol"], &history[0]["rateType"]), (&json!("BTCUSDT"), &json!("Regular")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_liquidation_is_told_to_the_account_and_to_the_market() {
    let simulator: Simulator = quiet().await;
    let trader = Trader::main(&simulator);
    set(&trader, "marginType", &[SYMBOL, ("marginType", "ISOLATED")]).await;
    open(&trader, "BUY", "0.1", &[]).await;
    let mut events = private(&simulator, &trader).await;
    let mut market = Client::open(&simulator, "/market/ws/btcusdt@forceOrder").await;
    market.ask(json!({ "method": "LIST_SUBSCRIPTIONS", "id": 1 })).await;
    simulator.liquidate("main", "BTC-USDT", PositionSide::Both).unwrap();
    let told = event_of(&mut events, "ORDER_TRADE_UPDATE").await;
    assert!(told["o"]["c"].as_str().unwrap().starts_with("autoclose-"), "{told}");
    assert_eq!(told["o"]["o"], "LIQUIDATION");
    let public = event_of(&mut market, "forceOrder").await;
    assert_eq!((&public["o"]["S"], &public["o"]["X"]), (&json!("SELL"), &json!("FILLED")));
    let forced = trader.get("/fapi/v1/forceOrders", &[("autoCloseType", "LIQUIDATION")]).await.json();
    assert_eq!(forced[0]["side"], "SELL");
    simulator.stop().await;
}
