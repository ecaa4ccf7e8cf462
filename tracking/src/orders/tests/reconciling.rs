use tradewire_core::{ExecutionReport, OrderState, ReportedStatus, Source};

use super::desk::*;
use crate::orders::{Need, Queried, Reconciliation};

fn batch(desk: &Desk) -> Reconciliation {
    Reconciliation { open: Vec::new(), asked: desk.now, queried: Vec::new(), fills: Vec::new(), source: Source::Rest }
}

fn reconcile(desk: &mut Desk, batch: Reconciliation) {
    let (needs, effects) = desk.orders.strangers(&batch, desk.now);
    desk.take(effects);
    for need in needs {
        desk.recalled(&need, None);
    }
    let effects = desk.orders.reconcile(batch, desk.now);
    desk.take(effects);
}

#[test]
fn what_happened_while_down_is_let_out_by_the_exchanges_time() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.open("b", "Y");
    desk.place("c");
    desk.pass(60_000);
    let missing: Vec<_> = {
        let open = [report("c", "C", ReportedStatus::Open, 40)];
        let missing = desk.orders.unlisted(&open, desk.now);
        missing.iter().map(|subject| subject.client_order_id.to_string()).collect()
    };
    assert_eq!(missing, ["a", "b"]);
    let mut mine = report("c", "C", ReportedStatus::Open, 40);
    mine.created = Some(at(40));
    let mut theirs = filled("theirs", "Z", ReportedStatus::PartiallyFilled, 1, Vec::new(), 34);
    theirs.created = Some(at(32));
    let queried = [
        filled("a", "X", ReportedStatus::Filled, 5, Vec::new(), 35),
        filled("b", "Y", ReportedStatus::Cancelled, 1, Vec::new(), 33),
    ];
    let queried = (1..).zip(queried).map(|(number, answer)| Queried { number, answer: Some(answer), asked: desk.now });
    let found = Reconciliation {
        open: vec![mine, theirs],
        queried: queried.collect(),
        fills: vec![trade("X", "1", 2, 31), trade("Y", "2", 1, 32), trade("Z", "3", 1, 34), trade("X", "4", 3, 35)],
        ..batch(&desk)
    };
    reconcile(&mut desk, found);
    let times: Vec<_> = desk.times.iter().map(|time| time.map(|time| time.as_millis())).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
    assert_eq!(desk.story("b"), "Pending Open Fill Cancelled(Other)");
    assert_eq!(desk.story("c"), "Pending Open");
    assert_eq!(desk.story("theirs"), "External(External) Fill");
    assert_eq!(desk.orders.parked(), 0);
}

#[test]
fn fills_of_an_order_whose_acceptance_was_missed_come_after_its_acceptance() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    desk.needs();
    desk.pass(1);
    let answer = filled("a", "X", ReportedStatus::Filled, 5, Vec::new(), 30);
    let found = Reconciliation {
        queried: vec![Queried { number: 1, answer: Some(answer), asked: desk.now }],
        fills: vec![trade("X", "1", 5, 30)],
        ..batch(&desk)
    };
    reconcile(&mut desk, found);
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open Fill Completed");
}

#[test]
fn an_order_that_vanished_from_a_poll_is_asked_for_and_no_other() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.open("b", "Y");
    desk.place("c");
    desk.pass(1_000);
    let found = Reconciliation { open: vec![report("a", "X", ReportedStatus::Open, 10)], ..batch(&desk) };
    reconcile(&mut desk, found);
    let needs = desk.needs();
    let [Need::Query(subject)] = needs.as_slice() else { panic!("{needs:?}") };
    assert_eq!(subject.client_order_id.as_str(), "b");
    desk.answered(2, Some(report("b", "Y", ReportedStatus::Cancelled, 20)));
    assert_eq!(desk.story("b"), "Pending Open Cancelled(Other)");
}

#[test]
fn a_list_says_nothing_of_orders_that_are_younger() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let before = batch(&desk);
    desk.pass(20);
    reconcile(&mut desk, before);
    assert_eq!(desk.orders.next_deadline(), None);
    assert!(desk.orders.unlisted(&[], at(0)).is_empty());
}

#[test]
fn a_stream_that_keeps_silent_about_what_is_known_is_distrusted() {
    for shown in [true, false] {
        let mut desk = Desk::new();
        desk.orders.stream(true, desk.now);
        desk.open("a", "X");
        if shown {
            desk.pass(3_000);
            desk.stream(report("a", "X", ReportedStatus::Open, 10));
        }
        desk.pass(5_000);
        let wanted: &[&str] = if shown { &[] } else { &["DistrustStream"] };
        assert_eq!(desk.needed(), wanted);
        desk.pass(60_000);
        assert!(desk.needed().is_empty(), "once");
        desk.orders.stream(false, desk.now);
        desk.orders.stream(true, desk.now);
        desk.rest(report("a", "X", ReportedStatus::Cancelled, 20));
        desk.pass(5_000);
        assert_eq!(desk.needed(), ["DistrustStream"], "a change that only REST knows");
    }
}

#[test]
fn what_happened_before_the_stream_was_whole_is_not_owed_by_it() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.stream(report("z", "Z", ReportedStatus::Open, 50));
    desk.recall();
    desk.orders.stream(true, desk.now);
    desk.rest(ExecutionReport { ..report("a", "X", ReportedStatus::Open, 40) });
    desk.pass(5_000);
    assert!(desk.needed().is_empty());
    assert_eq!(desk.order("a").state, OrderState::Open);
}
