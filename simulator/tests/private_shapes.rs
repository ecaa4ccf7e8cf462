//! Private answers and events have the fields of the published examples, in their order.

mod support;

use std::path::PathBuf;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::private::{Api, Trader, limit};
use support::quiet;
use tradewire_simulator::{Limits, Side, Simulator, TraderOrder};

/// How strictly fields are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    /// The same fields in the same order.
    Same,
    /// The same fields; the documents do not agree with each other on the order.
    AnyOrder,
    /// Ours are among the example's, in the same order: it shows fields of several kinds of orders at once.
    Part,
    /// Ours are among the example's.
    PartInAnyOrder,
}

fn example(name: &str) -> Option<Value> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocols/examples/binance-spot");
    let text = std::fs::read_to_string(root.join(format!("{name}.json"))).ok()?;
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn differences(ours: &Value, theirs: &Value, likeness: Likeness, at: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(mine), Value::Object(other)) => {
            let names = |fields: &serde_json::Map<String, Value>| fields.keys().cloned().collect::<Vec<_>>();
            let (mut had, mut wanted) = (names(mine), names(other));
            match likeness {
                Likeness::Same => {}
                Likeness::AnyOrder => {
                    had.sort();
                    wanted.sort();
                }
                Likeness::Part => wanted.retain(|name| mine.contains_key(name)),
                Likeness::PartInAnyOrder => {
                    wanted.retain(|name| mine.contains_key(name));
                    had.sort();
                    wanted.sort();
                }
            }
            if had != wanted {
                found.push(format!("{at}: {had:?}, not {wanted:?}"));
            }
            for (name, value) in mine {
                if let Some(wanted) = other.get(name) {
                    differences(value, wanted, likeness, &format!("{at}.{name}"), found);
                }
            }
        }
        (Value::Array(mine), Value::Array(other)) => {
            for (index, (value, wanted)) in mine.iter().zip(other).enumerate() {
                differences(value, wanted, likeness, &format!("{at}[{index}]"), found);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ if std::mem::discriminant(ours) != std::mem::discriminant(theirs) => {
            found.push(format!("{at}: {ours}, like {theirs}?"));
        }
        _ => {}
    }
}

/// Compares many answers, then tells all that differs.
#[derive(Default)]
struct Comparison {
    compared: usize,
    found: Vec<String>,
}

impl Comparison {
    fn check(&mut self, name: &str, ours: &Value, likeness: Likeness) {
        if let Some(example) = example(name) {
            self.compared += 1;
            differences(ours, &example, likeness, name, &mut self.found);
        }
    }

    fn same(&mut self, name: &str, ours: &Value) {
        self.check(name, ours, Likeness::Same);
    }

    fn done(self) {
        if self.compared == 0 {
            println!("skipped: the published examples are not here");
        }
        assert!(self.found.is_empty(), "{}", self.found.join("\n"));
    }
}

const OCO: [(&str, &str); 11] = [
    ("symbol", "BTCUSDT"),
    ("side", "SELL"),
    ("quantity", "0.005"),
    ("newOrderRespType", "RESULT"),
    ("aboveType", "LIMIT_MAKER"),
    ("abovePrice", "80000"),
    ("belowType", "STOP_LOSS_LIMIT"),
    ("belowStopPrice", "50000"),
    ("belowPrice", "49900"),
    ("belowTimeInForce", "GTC"),
    ("belowIcebergQty", "0.001"),
];
const OTO: [(&str, &str); 11] = [
    ("symbol", "BTCUSDT"),
    ("newOrderRespType", "RESULT"),
    ("workingType", "LIMIT"),
    ("workingSide", "SELL"),
    ("workingPrice", "80000"),
    ("workingQuantity", "0.005"),
    ("workingTimeInForce", "GTC"),
    ("pendingType", "MARKET"),
    ("pendingSide", "BUY"),
    ("pendingQuantity", "0.005"),
    ("pendingClientOrderId", "waits"),
];

fn plus<'a>(params: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [params, more].concat()
}

fn without_iceberg() -> Vec<(&'static str, &'static str)> {
    OCO.into_iter().filter(|(name, _)| *name != "belowIcebergQty").collect()
}

fn object(params: &[(&str, &str)]) -> Value {
    Value::Object(params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect())
}

const BTC: (&str, &str) = ("symbol", "BTCUSDT");
const ORDER: &str = "/api/v3/order";

#[tokio::test(start_paused = true)]
async fn orders_by_rest() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut comparison = Comparison::default();
    let order = limit("BUY", "50000", "0.001", "one");
    let market = [BTC, ("side", "SELL"), ("type", "MARKET"), ("quantity", "0.01")];
    let ack = trader.place(&plus(&market, &[("newOrderRespType", "ACK")])).await;
    comparison.same("rest_new_order_ack", &ack);
    comparison.same("rest_new_order_result", &trader.place(&plus(&market, &[("newOrderRespType", "RESULT")])).await);
    comparison.same("rest_new_order_full", &trader.place(&market).await);
    comparison.same("rest_account_trade_list", &trader.get("/api/v3/myTrades", &[BTC]).await.json());
    let test = trader.ask("POST", "/api/v3/order/test", &order).await.json();
    comparison.same("rest_test_new_order", &test);
    let rates = plus(&order, &[("computeCommissionRates", "true")]);
    comparison.same("rest_test_new_order_2", &trader.ask("POST", "/api/v3/order/test", &rates).await.json());
    trader.place(&order).await;
    let named = [BTC, ("origClientOrderId", "one")];
    comparison.same("rest_query_order", &trader.get(ORDER, &named).await.json());
    comparison.same("rest_current_open_orders", &trader.get("/api/v3/openOrders", &[BTC]).await.json());
    comparison.same("rest_all_orders", &trader.get("/api/v3/allOrders", &[BTC]).await.json());
    let restricted = plus(&named, &[("cancelRestrictions", "ONLY_PARTIALLY_FILLED")]);
    comparison.same("rest_cancel_order_error_2", &trader.delete(ORDER, &restricted).await.json());
    let wrong = plus(&named, &[("cancelRestrictions", "NEVER")]);
    comparison.same("rest_cancel_order_error", &trader.delete(ORDER, &wrong).await.json());
    let amend = plus(&named, &[("newQty", "0.0005"), ("newClientOrderId", "one")]);
    let path = "/api/v3/order/amend/keepPriority";
    let amended = trader.ask("PUT", path, &amend).await.json();
    comparison.same("rest_order_amend_keep_priority", &amended);
    let id = amended["amendedOrder"]["orderId"].to_string();
    let log = trader.get("/api/v3/order/amendments", &[BTC, ("orderId", &id)]).await.json();
    comparison.same("rest_query_order_amendments", &log);
    comparison.same("rest_cancel_order", &trader.delete(ORDER, &named).await.json());
    comparison.done();
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn lists_and_the_account_by_rest() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut comparison = Comparison::default();
    let oco = trader.ask("POST", "/api/v3/orderList/oco", &OCO).await.json();
    comparison.same("rest_new_order_list_oco", &oco);
    let id = oco["orderListId"].to_string();
    comparison.same("rest_query_order_list", &trader.get("/api/v3/orderList", &[("orderListId", &id)]).await.json());
    comparison.same("rest_query_open_order_lists", &trader.get("/api/v3/openOrderList", &[]).await.json());
    let cancelled = trader.ask("POST", "/api/v3/orderList/oco", &without_iceberg()).await.json();
    let params = [BTC, ("orderListId", &cancelled["orderListId"].to_string())];
    comparison.same("rest_cancel_order_list", &trader.delete("/api/v3/orderList", &params).await.json());
    trader.delete("/api/v3/openOrders", &[BTC]).await;
    for id in ["a", "b"] {
        trader.limit("BUY", "50000", "0.001", id).await;
    }
    let icebergs = plus(&OCO, &[("aboveIcebergQty", "0.001")]);
    assert_eq!(trader.ask("POST", "/api/v3/orderList/oco", &icebergs).await.status, 200);
    let all = trader.delete("/api/v3/openOrders", &[BTC]).await.json();
    assert_eq!(all.as_array().map(Vec::len), Some(3), "{all}");
    comparison.same("rest_cancel_all_open_orders_on_a_symbol", &all);
    comparison.same("rest_new_order_list_oto", &trader.ask("POST", "/api/v3/orderList/oto", &OTO).await.json());
    let amend = [BTC, ("origClientOrderId", "waits"), ("newQty", "0.004")];
    let amended = trader.ask("PUT", "/api/v3/order/amend/keepPriority", &amend).await.json();
    comparison.same("rest_order_amend_keep_priority_2", &amended);
    comparison.same("rest_account_information", &trader.get("/api/v3/account", &[]).await.json());
    let commission = trader.get("/api/v3/account/commission", &[BTC]).await.json();
    comparison.same("rest_query_commission_rates", &commission);
    comparison.same("rest_query_unfilled_order_count", &trader.get("/api/v3/rateLimit/order", &[]).await.json());
    let mut filters = trader.get("/api/v3/myFilters", &[BTC]).await.json();
    filters["symbolFilters"] = json!([]);
    comparison.same("rest_query_relevant_filters", &filters);
    comparison.done();
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn prevented_matches_by_rest() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut comparison = Comparison::default();
    simulator.move_price("BTCUSDT", Decimal::from(61_000)).unwrap();
    let bid = simulator.book("BTCUSDT").unwrap().bids[0].0.to_string();
    trader.limit("BUY", &bid, "0.002", "own").await;
    let taker = trader.place(&limit("SELL", &bid, "50", "taker")).await;
    let id = taker["orderId"].to_string();
    let matches = trader.get("/api/v3/myPreventedMatches", &[BTC, ("orderId", &id)]).await.json();
    assert_eq!(matches.as_array().map(Vec::len), Some(1), "{taker}");
    comparison.same("rest_query_prevented_matches", &matches);
    comparison.done();
    simulator.stop().await;
}

async fn limited(orders: u64) -> Simulator {
    let limits = Limits { orders_per_10_seconds: orders, ..Limits::default() };
    let config = tradewire_simulator::Config { flow: tradewire_simulator::Flow::Off, limits, ..Default::default() };
    Simulator::start(config).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn replacements_by_both_interfaces() {
    let mut comparison = Comparison::default();
    let stop = [("cancelReplaceMode", "STOP_ON_FAILURE")];
    let allow = [("cancelReplaceMode", "ALLOW_FAILURE")];
    let new = |id| plus(&limit("SELL", "80000", "0.001", id), &[]);
    let taking = [BTC, ("side", "SELL"), ("type", "LIMIT_MAKER"), ("quantity", "0.001"), ("price", "50000")];
    let full = [("newOrderRespType", "FULL")];
    for (api_number, prefix) in
        ["rest_cancel_an_existing_order_and_send_a_new_order", "wsapi_cancel_and_replace_order"].iter().enumerate()
    {
        let simulator = quiet().await;
        let trader = Trader::main(&simulator);
        let mut api = Api::open(&simulator).await;
        trader.limit("SELL", "80000", "0.001", "a").await;
        let ack = if api_number == 0 { [("newOrderRespType", "ACK")] } else { full };
        let cases = [
            ("", plus(&plus(&new("b"), &stop), &[("cancelOrigClientOrderId", "a"), full[0]])),
            ("_error", plus(&plus(&new("c"), &stop), &[("cancelOrigClientOrderId", "none")])),
            ("_error_2", plus(&plus(&taking, &stop), &[("cancelOrigClientOrderId", "b")])),
            ("_error_3", plus(&plus(&new("d"), &allow), &[("cancelOrigClientOrderId", "none"), ack[0]])),
            ("_error_4", plus(&plus(&taking, &allow), &[("cancelOrigClientOrderId", "none")])),
        ];
        for (suffix, params) in cases {
            let answer = replace(&trader, &mut api, api_number, &params).await;
            if !(suffix.is_empty() && api_number == 1) {
                // That one example leaves out what all others have.
                comparison.check(&format!("{prefix}{suffix}"), &answer, Likeness::AnyOrder);
            }
        }
        simulator.stop().await;
        let simulator = limited(1).await;
        let trader = Trader::main(&simulator);
        let mut api = Api::open(&simulator).await;
        trader.limit("SELL", "80000", "0.001", "a").await;
        let params = plus(&plus(&new("b"), &allow), &[("cancelOrigClientOrderId", "a")]);
        comparison.same(&format!("{prefix}_error_5"), &replace(&trader, &mut api, api_number, &params).await);
        let params = plus(&params, &[("orderRateLimitExceededMode", "CANCEL_ONLY")]);
        comparison.same(&format!("{prefix}_error_6"), &replace(&trader, &mut api, api_number, &params).await);
        simulator.stop().await;
    }
    comparison.done();
}

async fn replace(trader: &Trader, api: &mut Api, api_number: usize, params: &[(&str, &str)]) -> Value {
    if api_number == 0 {
        trader.ask("POST", "/api/v3/order/cancelReplace", params).await.json()
    } else {
        strip_id(api.call("order.cancelReplace", trader.signed(object(params))).await)
    }
}

#[tokio::test(start_paused = true)]
async fn replies_of_the_socket() {
    let simulator = quiet().await;
    let trader = Trader::ed25519(&simulator);
    let mut api = Api::open(&simulator).await;
    let mut comparison = Comparison::default();
    let unlimited = |params: Value| {
        let mut params = params;
        params["returnRateLimits"] = json!(false);
        params
    };
    let logon = api.call("session.logon", trader.signed(unlimited(json!({})))).await;
    comparison.same("wsapi_log_in_with_api_key", &strip_id(logon));
    let subscribed = api.call("userDataStream.subscribe", unlimited(json!({}))).await;
    comparison.same("wsapi_subscribe_to_user_data_stream", &strip_id(subscribed));
    comparison.same("wsapi_query_session_status", &strip_id(api.call("session.status", unlimited(json!({}))).await));
    let listed = api.call("session.subscriptions", unlimited(json!({}))).await;
    comparison.same("wsapi_listing_all_subscriptions", &strip_id(listed));
    let ended = api.call("userDataStream.unsubscribe", unlimited(json!({}))).await;
    comparison.same("wsapi_unsubscribe_from_user_data_stream", &strip_id(ended));
    let own = api.call("userDataStream.subscribe.signature", trader.signed(unlimited(json!({})))).await;
    comparison.same("wsapi_subscribe_to_user_data_stream_through_signature_subscription", &strip_id(own));
    comparison.same("wsapi_log_out_of_the_session", &strip_id(api.call("session.logout", unlimited(json!({}))).await));
    let mut call = async |method: &str, params: Value| strip_id(api.call(method, trader.signed(params)).await);
    let order =
        |kind: &str, id: &str| object(&plus(&limit("SELL", "80000", "0.004", id), &[("newOrderRespType", kind)]));
    comparison.same("wsapi_place_new_order", &call("order.place", order("ACK", "a")).await);
    comparison.same("wsapi_place_new_order_2", &call("order.place", order("RESULT", "b")).await);
    comparison.same("wsapi_response_format", &call("order.place", order("RESULT", "c")).await);
    comparison.same("wsapi_unfilled_order_count", &call("order.place", order("RESULT", "d")).await);
    comparison.same("wsapi_response_format_error", &call("order.place", order("RESULT", "d")).await);
    let named = json!({ "symbol": "BTCUSDT", "origClientOrderId": "a" });
    comparison.check("wsapi_query_order", &call("order.status", named.clone()).await, Likeness::Part);
    let open = call("openOrders.status", json!({})).await;
    comparison.check("wsapi_current_open_orders", &open, Likeness::PartInAnyOrder);
    comparison.check("wsapi_cancel_order", &call("order.cancel", named).await, Likeness::Part);
    let amend = json!({ "symbol": "BTCUSDT", "origClientOrderId": "b", "newQty": "0.003" });
    comparison.same("wsapi_order_amend_keep_priority", &call("order.amend.keepPriority", amend).await);
    comparison.check("wsapi_account_information", &call("account.status", json!({})).await, Likeness::AnyOrder);
    let symbol = json!({ "symbol": "BTCUSDT" });
    comparison.same("wsapi_account_commission_rates", &call("account.commission", symbol.clone()).await);
    comparison.same("wsapi_unfilled_order_count_2", &call("account.rateLimits.orders", json!({})).await);
    let market = json!({ "symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.01" });
    call("order.place", market).await;
    comparison.same("wsapi_account_trade_history", &call("myTrades", symbol.clone()).await);
    let all = call("openOrders.cancelAll", symbol.clone()).await;
    comparison.check("wsapi_cancel_open_orders", &first_only(all), Likeness::Part);
    let oco = call("orderList.place.oco", object(&without_iceberg())).await;
    let leg = json!({ "symbol": "BTCUSDT", "orderId": oco["result"]["orders"][0]["orderId"] });
    comparison.check("wsapi_cancel_order_2", &call("order.cancel", leg).await, Likeness::AnyOrder);
    comparison.done();
    simulator.stop().await;
}

/// Ids are numbers here and texts in the examples.
fn strip_id(mut reply: Value) -> Value {
    reply["id"] = json!("x");
    reply
}

fn first_only(mut reply: Value) -> Value {
    let first = reply["result"][0].clone();
    reply["result"] = json!([first]);
    reply
}

#[tokio::test(start_paused = true)]
async fn events() {
    let simulator = quiet().await;
    let trader = Trader::main(&simulator);
    let mut api = Api::open(&simulator).await;
    let mut comparison = Comparison::default();
    api.subscribe(&trader).await;
    trader.limit("BUY", "50000", "0.001", "one").await;
    comparison.check("uds_executionReport", &api.event().await, Likeness::Part);
    let position = api.event().await;
    comparison.same("uds_outboundAccountPosition", &position);
    comparison.same("wsapi_event_format", &position);
    simulator.deposit("main", "BTC", Decimal::ONE).unwrap();
    comparison.same("uds_balanceUpdate", &next(&mut api, "balanceUpdate").await);
    trader.ask("POST", "/api/v3/orderList/oco", &OCO).await;
    comparison.same("uds_listStatus", &next(&mut api, "listStatus").await);
    simulator.place("BTCUSDT", TraderOrder::market(Side::Buy, Decimal::new(1, 3))).unwrap();
    api.call("userDataStream.unsubscribe", json!({})).await;
    comparison.same("uds_eventStreamTerminated", &next(&mut api, "eventStreamTerminated").await);
    comparison.done();
    simulator.stop().await;
}

/// The next event of this type, with its wrapping.
async fn next(api: &mut Api, kind: &str) -> Value {
    loop {
        let event = api.event().await;
        if event["event"]["e"] == kind {
            return event;
        }
    }
}
