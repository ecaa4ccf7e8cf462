use tradewire_core::{Amendment, Amount, EndReason, ExecutionReport, OrderState, Price, ReportedStatus, Trigger};

use super::desk::*;
use crate::NewOrder;

fn trigger() -> Trigger {
    Trigger { price: Some(Price::from_scaled(101, 0)), ..Trigger::default() }
}

/// A conditional order that waits as `algo-7`.
fn waiting() -> Desk {
    let mut desk = Desk::new();
    let mut order = limit("a", 5);
    order.request.trigger = Some(trigger());
    desk.submit(NewOrder { request: order.request, ..limit("a", 5) });
    desk.sent("a");
    desk.placed("a", Ok(of(report("a", "algo-7", ReportedStatus::Open, 10), Some(trigger()))));
    desk
}

fn of(report: ExecutionReport, trigger: Option<Trigger>) -> ExecutionReport {
    ExecutionReport { trigger, ..report }
}

#[test]
fn a_triggered_order_takes_the_id_of_the_engine_once() {
    let mut desk = waiting();
    assert!(desk.order("a").trigger.is_some());
    desk.stream(report("a", "77", ReportedStatus::Open, 20));
    let order = desk.order("a");
    assert_eq!((order.exchange_order_id, order.trigger), (Some("77".into()), None));
    desk.fill(trade("77", "1", 2, 30));
    desk.stream(of(report("a", "algo-7", ReportedStatus::Expired, 21), Some(trigger())));
    assert_eq!(desk.story("a"), "Pending Open Fill", "what became of the one that waited is over");
    desk.stream(report("a", "78", ReportedStatus::Open, 40));
    assert_eq!(desk.inconsistent.len(), 1, "a third id is told");
    desk.stream(filled("a", "77", ReportedStatus::Filled, 5, vec![trade("77", "2", 3, 50)], 50));
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
}

#[test]
fn a_fill_under_the_new_id_alone_waits_for_the_report_that_names_it() {
    let mut desk = waiting();
    desk.fill(trade("77", "1", 2, 30));
    assert_eq!(desk.story("a"), "Pending Open");
    desk.stream(filled("a", "77", ReportedStatus::PartiallyFilled, 2, Vec::new(), 30));
    assert_eq!(desk.story("a"), "Pending Open Fill");
    assert!(desk.inconsistent.is_empty(), "{:?}", desk.inconsistent);
}

#[test]
fn a_list_that_shows_the_triggered_order_raises_no_doubt() {
    let mut desk = waiting();
    desk.pass(20_000);
    let open = vec![report("a", "77", ReportedStatus::Open, 20)];
    assert!(desk.orders.unlisted(&open, desk.now).is_empty());
    let batch = crate::Reconciliation {
        open,
        asked: desk.now,
        queried: Vec::new(),
        fills: Vec::new(),
        source: tradewire_core::Source::Rest,
    };
    let effects = desk.orders.reconcile(batch, desk.now);
    desk.take(effects);
    assert_eq!(desk.order("a").exchange_order_id, Some("77".into()));
    assert!(desk.needed().is_empty());
}

#[test]
fn a_reduce_only_order_that_the_position_shrinks_says_so() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let smaller =
        ExecutionReport { amount: Some(Amount::Base(quantity(3))), ..report("a", "X", ReportedStatus::Open, 20) };
    desk.stream(smaller);
    let reason = Some(EndReason::ReduceOnly);
    desk.stream(ExecutionReport { reason, ..report("a", "X", ReportedStatus::Cancelled, 30) });
    assert_eq!(desk.story("a"), "Pending Open Amended Expired(ReduceOnly)");
}

#[test]
fn an_order_that_was_received_can_be_refused_by_the_stream() {
    for (reason, told) in [
        (EndReason::PostOnlyWouldTake, "Pending Rejected(PostOnlyWouldTake)"),
        (EndReason::ReduceOnly, "Pending Open Expired(ReduceOnly)"),
    ] {
        let mut desk = Desk::new();
        desk.place("a");
        desk.placed("a", Ok(report("a", "X", ReportedStatus::Received, 10)));
        desk.stream(ExecutionReport { reason: Some(reason), ..report("a", "X", ReportedStatus::Cancelled, 20) });
        assert_eq!(desk.story("a"), told);
    }
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Ok(report("a", "X", ReportedStatus::Received, 10)));
    let kind = tradewire_core::ErrorKind::InsufficientBalance;
    desk.stream(report("a", "X", ReportedStatus::Rejected(kind), 20));
    assert_eq!(desk.story("a"), "Pending Rejected(Refused(InsufficientBalance))");
}

#[test]
fn a_change_that_was_received_waits_for_a_report() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let wanted = Amendment { quantity: Some(quantity(9)), price: None };
    desk.orders.amend(&"a".into(), wanted, desk.now).expect("live");
    let received = ExecutionReport { amount: None, price: None, ..report("a", "X", ReportedStatus::Received, 20) };
    let effects = desk.orders.amended(&"a".into(), Ok(received), desk.now);
    desk.take(effects);
    desk.stream(filled("a", "X", ReportedStatus::PartiallyFilled, 5, vec![trade("X", "1", 5, 21)], 21));
    assert_eq!(desk.order("a").state, OrderState::PartiallyFilled, "it may be for more by now");
    let larger = ExecutionReport {
        amount: Some(Amount::Base(quantity(9))),
        filled: Some(quantity(5)),
        ..report("a", "X", ReportedStatus::PartiallyFilled, 22)
    };
    desk.stream(larger);
    assert_eq!(desk.story("a"), "Pending Open Fill Amended");
    desk.stream(filled("a", "X", ReportedStatus::Filled, 9, vec![trade("X", "2", 4, 30)], 30));
    assert_eq!(desk.order("a").state, OrderState::Filled);
}

#[test]
fn a_change_that_no_report_shows_is_asked_for() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let wanted = Amendment { quantity: Some(quantity(9)), price: None };
    desk.orders.amend(&"a".into(), wanted, desk.now).expect("live");
    let effects = desk.orders.amended(&"a".into(), Ok(report("a", "X", ReportedStatus::Received, 20)), desk.now);
    desk.take(effects);
    desk.pass(4_999);
    assert!(desk.needed().is_empty());
    desk.pass(1);
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    desk.pass(20_000);
    assert_eq!(desk.needed(), ["Query"], "not yet decided");
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    desk.orders.amend(&"a".into(), wanted, desk.now).expect("the first change is given up");
}
