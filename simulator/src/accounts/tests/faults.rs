//! What faults do to accounts.

use super::*;
use crate::accounts::{ExpiryReason, OrderStatus, SelfTradeMode};
use crate::faults::{ExternalOrder, FaultKind, Occasion, parse_faults};

#[test]
fn hidden_counterparties_fill_at_the_order_s_own_price() {
    let bench = Bench::new();
    bench.against(Side::Sell, "99", "5");
    let order = bench.limit(Side::Buy, "90", "1");
    let best = bench.market.lock().engine.book().best_ask();
    bench.inject(Fault::new(FaultKind::PartialFill { quantity: None }));
    let half = bench.now(&order);
    assert_eq!((half.status, half.executed, half.executed_quote), (OrderStatus::PartiallyFilled, d("0.5"), d("45")));
    assert_eq!(bench.market.lock().engine.book().best_ask(), best, "others are not touched");
    assert_eq!(bench.market.lock().tape.last_price(), d("90"), "the trade is public");
    bench.inject(Fault::new(FaultKind::FillWhileDown { count: Some(3), quantity: Some(d("0.1")) }));
    assert_eq!((bench.now(&order).executed, bench.fills(bench.main).len()), (d("0.8"), 4));
    bench.inject(Fault::new(FaultKind::FillWhileDown { count: None, quantity: None }).order(&order.client_id));
    assert_eq!(bench.now(&order).status, OrderStatus::Filled);
}

#[test]
fn others_act_on_the_account() {
    let bench = Bench::new();
    let external = ExternalOrder::limit(Side::Buy, d("95"), d("2"));
    bench.inject(Fault::new(FaultKind::ExternalOrder(external)).pair("AAA-USD"));
    let order = bench.ledger(bench.main).orders[0].clone();
    bench.inject(Fault::new(FaultKind::ExternalAmend { quantity: None }));
    assert_eq!(bench.now(&order).quantity, d("1"));
    bench.inject(Fault::new(FaultKind::SelfCross { mode: Some(SelfTradeMode::ExpireMaker), quantity: None }));
    assert_eq!(bench.now(&order).status, OrderStatus::ExpiredInMatch);
    let order = bench.limit(Side::Buy, "95", "1");
    bench.inject(Fault::new(FaultKind::ExternalCancel).order(&order.id.0.to_string()));
    assert_eq!(bench.now(&order).status, OrderStatus::Canceled);
    bench.inject(Fault::new(FaultKind::Transfer { asset: "USD".to_owned(), amount: d("-5000000") }));
    assert_eq!(bench.has(bench.main, "USD"), ("0".to_owned(), "0".to_owned()), "never below zero");
    bench.inject(Fault::new(FaultKind::ExternalLock { asset: "AAA".to_owned(), amount: d("3") }));
    assert_eq!(bench.has(bench.main, "AAA"), ("997".to_owned(), "3".to_owned()));
}

#[test]
fn the_exchange_ends_orders() {
    let bench = Bench::new();
    let order = bench.limit(Side::Buy, "95", "1");
    bench.inject(Fault::new(FaultKind::ExchangeCancelAll));
    let ended = bench.now(&order);
    assert_eq!((ended.status, ended.expiry), (OrderStatus::Expired, ExpiryReason::ExchangeCanceled));
    let order = bench.limit(Side::Buy, "95", "1");
    bench.inject(Fault::new(FaultKind::Delist).pair("AAA-USD"));
    assert_eq!(bench.now(&order).expiry, ExpiryReason::ExchangeCanceled);
    assert_eq!(bench.has(bench.main, "USD").1, "0");
}

#[test]
fn archived_orders_are_not_found() {
    let bench = Bench::new();
    let order = bench.limit(Side::Buy, "95", "1");
    bench.inject(Fault::new(FaultKind::ForgetOrder));
    assert!(!bench.now(&order).archived, "live orders are known");
    bench.cancel(&order).unwrap();
    bench.inject(Fault::new(FaultKind::ForgetOrder).order(&order.client_id));
    let accounts = bench.exchange.accounts.lock();
    let asked = accounts.account(bench.main).unwrap().order(order.market, &OrderRef::Id(order.id)).map(|_| ());
    assert_eq!(asked.unwrap_err(), OrderError::Archived);
}

#[test]
fn acts_wait_for_the_request_that_they_name() {
    let bench = Bench::new();
    let order = bench.limit(Side::Buy, "95", "1");
    bench.inject(Fault::new(FaultKind::PartialFill { quantity: None }).method("DELETE"));
    let request = |method| {
        let occasion = Occasion { method: Some(method), path: Some("/api/v3/order"), ..Occasion::default() };
        bench.exchange.faults_on_request(occasion, Some("AAAUSD"))
    };
    assert!(request("POST").is_empty());
    assert_eq!(bench.now(&order).executed, d("0"));
    assert!(request("DELETE").is_empty(), "it is done, not handed on");
    assert_eq!(bench.now(&order).executed, d("0.5"));
    request("DELETE");
    assert_eq!(bench.now(&order).executed, d("0.5"), "once");
}

#[test]
fn they_are_read_from_json() {
    let faults = parse_faults(
        r#"[{"kind":"partial-fill","quantity":"0.1","account":"main","order":"x1","method":"DELETE"},
            {"kind":"external-order","pair":"AAA-USD","side":"buy","price":"95","quantity":"1"},
            {"kind":"external-order","pair":"AAA-USD","side":"sell","type":"MARKET","quantity":"1"},
            {"kind":"transfer","asset":"USD","amount":"-5"},{"kind":"forget-order"},
            {"kind":"no-fee","event":"executionReport"},{"kind":"lag-query","ms":5},{"kind":"understate"},
            {"kind":"self-cross","mode":"NONE"},{"kind":"fill-while-down","count":3}]"#,
    )
    .unwrap();
    let external = ExternalOrder::limit(Side::Buy, d("95"), d("1"));
    assert_eq!(faults[1], Fault::new(FaultKind::ExternalOrder(external)).pair("AAA-USD"));
    for fault in faults {
        let written = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&written).unwrap(), fault, "{written}");
    }
    let problem = |json: &str| parse_faults(json).unwrap_err().problem;
    assert!(problem(r#"{"kind":"transfer","asset":"USD"}"#).contains("missing field `amount`"));
    assert!(problem(r#"{"kind":"partial-fill","colour":1}"#).contains("unknown field `colour`"));
}

#[test]
fn a_fault_for_an_unknown_account_is_refused() {
    let bench = Bench::new();
    let refused = bench.exchange.inject(Fault::new(FaultKind::ForgetOrder).account("nobody"));
    assert!(refused.unwrap_err().contains("nobody"));
}
