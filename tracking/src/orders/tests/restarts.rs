use tradewire_core::{OrderState, ReportedStatus};

use super::desk::*;
use crate::orders::Orders;

#[test]
fn an_order_that_was_on_its_way_is_unknown_and_asked_for() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.restart();
    assert_eq!((desk.story("a").as_str(), desk.needed()), ("Pending OutcomeUnknown", vec!["Query"]));
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open");
}

#[test]
fn an_order_that_was_unknown_still_is() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    desk.restart();
    assert_eq!((desk.story("a").as_str(), desk.needed()), ("Pending OutcomeUnknown", vec!["Query"]));
    desk.stream(report("a", "X", ReportedStatus::Open, 10));
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open");
}

#[test]
fn fills_that_are_recorded_are_not_counted_again() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.fill(trade("X", "1", 2, 12));
    desk.restart();
    desk.fill(trade("X", "1", 2, 12));
    desk.rest(filled("a", "X", ReportedStatus::Filled, 5, vec![trade("X", "2", 3, 13)], 13));
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
    assert_eq!(desk.order("a").filled, quantity(5));
}

#[test]
fn an_end_that_was_held_back_is_asked_for_again() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let end = || filled("a", "X", ReportedStatus::Cancelled, 3, Vec::new(), 20);
    desk.stream(end());
    desk.restart();
    assert_eq!(desk.order("a").missing_fills, Some(quantity(3)));
    assert_eq!(desk.needed(), ["Query", "Trades"]);
    desk.trades(1, vec![trade("X", "1", 3, 15)]);
    desk.answered(1, Some(end()));
    assert_eq!(desk.story("a"), "Pending Open Fill Cancelled(Other)");
}

#[test]
fn what_is_missing_of_a_held_end_is_right_after_any_number_of_restarts() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(filled("a", "X", ReportedStatus::Cancelled, 3, Vec::new(), 20));
    desk.restart();
    desk.fill(trade("X", "1", 2, 15));
    assert_eq!(desk.order("a").missing_fills, Some(quantity(1)));
    desk.restart();
    desk.fill(trade("X", "2", 1, 15));
    assert_eq!(desk.order("a").missing_fills, None);
    desk.restart();
    desk.rest(filled("a", "X", ReportedStatus::Cancelled, 3, Vec::new(), 20));
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Cancelled(Other)");
}

#[test]
fn a_cancel_that_was_asked_for_is_not_lost() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.restart();
    assert!(desk.needed().is_empty(), "not before the order is seen");
    desk.rest(report("a", "X", ReportedStatus::Open, 10));
    assert_eq!(desk.needed(), ["Cancel"]);
    desk.cancelled("a", Ok(report("a", "X", ReportedStatus::Cancelled, 20)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested Cancelled(Requested)");
}

#[test]
fn numbers_go_on_and_orders_of_others_are_not_told_again() {
    let mut desk = Desk::new();
    desk.stream(report("theirs", "Z", ReportedStatus::Open, 10));
    desk.recall();
    desk.restart();
    desk.rest(report("theirs", "Z", ReportedStatus::Open, 10));
    desk.place("a");
    assert_eq!((desk.story("theirs").as_str(), desk.number("a")), ("External(External)", 2));
}

#[test]
fn nothing_saved_is_nothing_to_do() {
    let (mut orders, effects) = Orders::restore(settings(), crate::Saved::default(), at(0));
    assert!(effects.is_empty());
    assert_eq!((orders.next_deadline(), orders.live().count()), (None, 0));
}

#[test]
fn a_received_order_is_asked_for_at_once() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Ok(report("a", "X", ReportedStatus::Received, 10)));
    desk.restart();
    assert_eq!(desk.order("a").state, OrderState::PendingSubmit);
    assert_eq!(desk.needed(), ["Query"]);
}

#[test]
fn a_clock_that_was_set_back_between_two_runs_hides_no_order() {
    let mut desk = Desk::new();
    desk.pass(60_000);
    desk.open("a", "X");
    desk.now = at(1_000);
    desk.restart();
    let unlisted = desk.orders.unlisted(&[], desk.now);
    assert_eq!(unlisted.len(), 1, "a list that is asked for now should show it");
}
