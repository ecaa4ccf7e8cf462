//! Orders that are named and cancelled from the shell, on exchanges that keep conditional orders apart or say 'received'.
#![cfg(unix)]

mod common;

use common::trader::{Trader, all_told, told};
use serde_json::Value;
use tradewire::Decimal;

/// What both kinds of an order have in common: neither can trade while the test runs.
const STOP: &str = "BTC-USDT buy 0.01 --type stop-loss --trigger-price 90000";
const LIMIT: &str = "BTC-USDT buy 0.01 --price 30000";

/// Places an order under an id of ours, and tells the exchange's.
fn placed(trader: &Trader, exchange: &str, order: &str, id: &str) -> String {
    let lines = trader.json(&format!("order place {exchange} {order} --client-order-id {id}"));
    assert_eq!(lines.last().expect("an outcome")["outcome"], "accepted");
    let open = trader.json(&format!("order list {exchange}"));
    let open = open.iter().find(|order| order["client_order_id"] == id).expect("open");
    open["exchange_order_id"].as_str().expect("an id").to_owned()
}

/// Cancels orders of both kinds by our id and by the exchange's, and shows them before and afterwards.
fn both_kinds_are_named_by_both_ids(exchange: &str) {
    let trader = Trader::at(exchange, "");
    for (order, kind) in [(STOP, "stop"), (LIMIT, "limit")] {
        for (at, of_exchange) in [false, true].into_iter().enumerate() {
            let ours = format!("{kind}-{at}");
            let theirs = placed(&trader, exchange, order, &ours);
            let id = if of_exchange { &theirs } else { &ours };
            // A journal of its own knows nothing of the order.
            let journal = trader.user.home.path().join(format!("{ours}.db"));
            let show = format!("order show {exchange} {id} --pair BTC-USDT --journal {}", journal.display());
            let shown = &trader.json(&show)[0];
            assert_eq!((&shown["client_order_id"], &shown["state"]), (&ours.as_str().into(), &"open".into()), "{id}");
            let cancelled = &trader.json(&format!("order cancel {exchange} BTC-USDT {id}"))[0];
            assert_eq!(
                (&cancelled["outcome"], &cancelled["order"]["state"]),
                (&"accepted".into(), &"cancelled".into()),
                "{id}"
            );
            assert_eq!(trader.json(&show)[0]["state"], "cancelled", "{id}");
        }
    }
    assert!(trader.json(&format!("order list {exchange}")).is_empty());
    let nobody = trader.run(&format!("order cancel {exchange} BTC-USDT nobody"));
    assert_eq!(nobody.status, Some(1));
    assert!(told(&nobody).contains("nobody") && told(&nobody).contains("no such order"), "{}", told(&nobody));
}

#[test]
fn orders_of_both_kinds_on_binance_usdm_are_named_by_both_ids() {
    both_kinds_are_named_by_both_ids("binance-usdm");
}

#[test]
fn orders_of_both_kinds_on_bybit_spot_are_named_by_both_ids() {
    both_kinds_are_named_by_both_ids("bybit-spot");
}

#[test]
fn the_fills_of_an_order_are_shown_oldest_first_also_where_pages_go_back() {
    let trader = Trader::at("bybit-spot", "");
    trader.json("order place bybit-spot BTC-USDT sell 80 --type market --client-order-id big-1");
    let shown = &trader.json("order show bybit-spot big-1")[0];
    let fills = shown["fills"].as_array().expect("fills");
    assert!(fills.len() > 100, "more than a page: {}", fills.len());
    // A sell takes the best bids first.
    let price = |fill: &Value| fill["price"].as_str().expect("a price").parse::<Decimal>().expect("a number");
    assert!(fills.iter().map(price).is_sorted_by(|earlier, later| earlier >= later));
}

#[test]
fn a_cancel_of_which_no_end_is_told_is_no_success() {
    let trader = Trader::at("bybit-spot", "");
    placed(&trader, "bybit-spot", LIMIT, "mine-1");
    let silent = |path: &str| format!(r#"{{"kind":"status","status":500,"path":"{path}","times":1000}}"#);
    trader.simulated.inject(&format!("[{},{}]", silent("/v5/order/realtime"), silent("/v5/order/history")));
    let run = trader.run("order cancel bybit-spot BTC-USDT mine-1 --wait 1 --json");
    assert_eq!(run.status, Some(1), "{}", run.stdout);
    let outcome = &run.json()[0];
    assert_eq!((&outcome["outcome"], &outcome["client_order_id"]), (&"unknown".into(), &"mine-1".into()), "{outcome}");
    for words in ["cancel received", "not known to have ended", "order show bybit-spot mine-1 --pair BTC-USDT"] {
        assert!(told(&run).contains(words), "{}", told(&run));
    }
}

/// Cancels all orders, of both kinds, and tells each as it ended.
fn every_order_is_told_as_it_ended(exchange: &str) {
    let trader = Trader::at(exchange, "");
    placed(&trader, exchange, LIMIT, "limit-1");
    placed(&trader, exchange, STOP, "stop-1");
    let lines = trader.json(&format!("order cancel-all {exchange}"));
    let mut ids: Vec<_> = lines.iter().map(|line| line["client_order_id"].as_str().expect("an id")).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["limit-1", "stop-1"]);
    for line in &lines {
        assert_eq!((&line["outcome"], &line["order"]["state"]), (&"accepted".into(), &"cancelled".into()), "{line}");
    }
    assert!(trader.json(&format!("order list {exchange}")).is_empty());
}

#[test]
fn all_orders_on_binance_usdm_are_told_as_they_ended() {
    every_order_is_told_as_it_ended("binance-usdm");
}

#[test]
fn all_orders_on_bybit_spot_are_told_as_they_ended() {
    every_order_is_told_as_it_ended("bybit-spot");
}

#[test]
fn every_instrument_whose_orders_were_not_cancelled_is_told() {
    let lost = r#"[{"kind":"cut","path":"/api/v3/openOrders","method":"DELETE","times":1000}]"#;
    let trader = Trader::at("binance-spot", lost);
    placed(&trader, "binance-spot", LIMIT, "mine-1");
    placed(&trader, "binance-spot", "ETH-USDT buy 1 --price 1500", "mine-2");
    let run = trader.run("order cancel-all binance-spot --json");
    assert_eq!(run.status, Some(1));
    let told = all_told(&run);
    assert_eq!(told.len(), 2, "{told:?}");
    for (line, pair) in told.iter().zip(["BTC-USDT", "ETH-USDT"]) {
        assert!(line.contains(pair) && line.contains("cancel again") && !line.contains("do not send"), "{line}");
    }
    let outcomes: Vec<_> = run.json().iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["unknown", "unknown"]);
}

#[test]
fn a_cancel_without_an_answer_may_be_sent_again() {
    let trader = Trader::at("binance-spot", r#"[{"kind":"cut","path":"/api/v3/order","method":"DELETE"}]"#);
    placed(&trader, "binance-spot", LIMIT, "mine-1");
    let run = trader.run("order cancel binance-spot BTC-USDT mine-1 --json");
    assert_eq!((run.status, &run.json()[0]["outcome"]), (Some(1), &"unknown".into()));
    let told = told(&run);
    assert!(told.contains("whether 'mine-1' was cancelled is not known") && !told.contains("do not send"), "{told}");
    assert!(told.contains("tradewire order show binance-spot mine-1 --pair BTC-USDT"), "{told}");
}
