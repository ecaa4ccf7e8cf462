use tradewire_core::{CommandError, EndReason, ErrorKind, ExecutionReport, OrderState, ReportedStatus};

use super::desk::*;
use crate::orders::CancelStart;

fn ended(total: i64, status: ReportedStatus, millis: i64) -> ExecutionReport {
    filled("a", "X", status, total, Vec::new(), millis)
}

fn answer(word: &str) -> Vec<(String, String)> {
    vec![("a".to_owned(), word.to_owned())]
}

#[test]
fn a_reply_that_means_done_ends_the_order() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    assert_eq!(desk.cancel("a"), CancelStart::Send);
    assert_eq!(desk.cancel("a"), CancelStart::Joined, "one in flight");
    assert!(desk.order("a").cancel_requested);
    desk.cancelled("a", Ok(ended(0, ReportedStatus::Cancelled, 20)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested Cancelled(Requested)");
    assert_eq!(desk.answers(), answer("Done"));
    assert_eq!(desk.cancel("a"), CancelStart::Closed(OrderState::Cancelled));
    assert_eq!(desk.cancel("b"), CancelStart::NotTracked);
}

#[test]
fn a_reply_that_means_received_keeps_the_mark_until_a_report() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.cancelled("a", Ok(report("a", "X", ReportedStatus::Received, 20)));
    assert_eq!(desk.answers(), answer("Received"));
    assert!(desk.order("a").cancel_requested);
    desk.stream(ended(0, ReportedStatus::Cancelled, 21));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested Cancelled(Requested)");
}

#[test]
fn a_cancel_that_was_received_and_never_done_is_taken_back_when_the_order_is_found_live() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.cancelled("a", Ok(report("a", "X", ReportedStatus::Received, 20)));
    let start = desk.now;
    while desk.order("a").cancel_requested {
        assert!(!desk.wait().is_empty());
        desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    }
    assert!(desk.now.since(start).as_millis() >= 15_000, "it could still have landed before");
    assert_eq!(desk.story("a"), "Pending Open CancelRequested CancelRefused");
}

#[test]
fn a_cancel_before_acceptance_is_sent_again_once_the_order_is_seen_open() {
    let mut desk = Desk::new();
    desk.place("a");
    assert_eq!(desk.cancel("a"), CancelStart::Send);
    desk.cancelled("a", Err(refused(ErrorKind::NotFound)));
    assert!(desk.needed().is_empty());
    desk.placed("a", Ok(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.needed(), ["Cancel"]);
    assert_eq!(desk.cancel("a"), CancelStart::Joined);
    desk.cancelled("a", Ok(ended(0, ReportedStatus::Cancelled, 20)));
    assert_eq!(desk.story("a"), "Pending CancelRequested Open Cancelled(Requested)");
    assert_eq!(desk.answers(), answer("Done"));
}

#[test]
fn a_refusal_that_crosses_the_acceptance_is_repeated_too() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.cancel("a");
    desk.stream(report("a", "X", ReportedStatus::Open, 10));
    desk.cancelled("a", Err(refused(ErrorKind::NotFound)));
    assert_eq!(desk.needed(), ["Cancel"]);
}

#[test]
fn a_fill_while_the_cancel_is_on_its_way_is_counted_before_the_end() {
    for fill_first in [true, false] {
        let mut desk = Desk::new();
        desk.open("a", "X");
        desk.cancel("a");
        if fill_first {
            desk.fill(trade("X", "1", 2, 15));
        }
        desk.cancelled("a", Ok(ended(2, ReportedStatus::Cancelled, 20)));
        if !fill_first {
            assert_eq!(desk.order("a").missing_fills, Some(quantity(2)), "held back, and said so");
            desk.fill(trade("X", "1", 2, 15));
        }
        assert_eq!(desk.story("a"), "Pending Open CancelRequested Fill Cancelled(Requested)");
        assert_eq!(desk.answers(), answer("Done"));
    }
}

#[test]
fn filled_while_the_cancel_is_on_its_way_is_already_closed() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.cancelled("a", Err(refused(ErrorKind::NotFound)));
    assert_eq!(desk.needed(), ["Query"], "neither alive nor dead");
    desk.answered(1, Some(filled("a", "X", ReportedStatus::Filled, 5, vec![trade("X", "1", 5, 15)], 15)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested Fill Completed");
    assert_eq!(desk.answers(), answer("AlreadyClosed(Filled)"));
    let second = ExecutionReport { reason: Some(EndReason::Requested), ..ended(5, ReportedStatus::Filled, 16) };
    desk.stream(second);
    assert_eq!(desk.story("a"), "Pending Open CancelRequested Fill Completed", "a second end changes nothing");
}

#[test]
fn a_refused_cancel_of_a_live_order_takes_the_mark_back() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.pass(10);
    desk.cancelled("a", Err(refused(ErrorKind::NotFound)));
    assert!(desk.answers().is_empty(), "not before the order is asked for");
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested CancelRefused");
    assert_eq!(desk.answers(), answer("Refused"));
    assert!(!desk.order("a").cancel_requested);
    assert_eq!(desk.orders.next_deadline().filter(|at| *at > desk.now), None, "nothing is repeated by itself");
    assert_eq!(desk.cancel("a"), CancelStart::Send, "but by a caller");
}

#[test]
fn an_answer_that_is_older_than_the_refusal_decides_nothing() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    let before = desk.now;
    desk.pass(10);
    desk.cancelled("a", Err(refused(ErrorKind::Exchange)));
    desk.needs();
    let effects = desk.orders.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)), before, desk.now);
    desk.take(effects);
    assert_eq!(desk.story("a"), "Pending Open CancelRequested");
    assert!(!desk.wait().is_empty(), "it is asked for again");
}

#[test]
fn a_cancel_without_answer_is_sent_three_times_then_unknown() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    for _ in 0..2 {
        desk.cancelled("a", Err(unknown("a")));
        assert!(desk.answers().is_empty());
        assert_eq!(desk.needed(), ["Cancel"]);
    }
    desk.cancelled("a", Err(unknown("a")));
    assert_eq!(desk.answers(), answer("Unknown"));
    assert!(desk.order("a").cancel_requested, "the mark stays");
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(ended(0, ReportedStatus::Cancelled, 20)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested OutcomeUnknown OutcomeKnown Cancelled(Requested)");
}

#[test]
fn a_lost_cancel_that_worked_is_found_by_the_refusal_of_the_second() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.cancelled("a", Err(unknown("a")));
    assert_eq!(desk.needed(), ["Cancel"]);
    desk.cancelled("a", Err(refused(ErrorKind::NotFound)));
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(ended(0, ReportedStatus::Cancelled, 20)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested Cancelled(Requested)");
    assert_eq!(desk.answers(), answer("Done"));
}

#[test]
fn a_cancel_that_was_never_seen_to_work_is_taken_back_by_a_late_enough_look() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    for _ in 0..3 {
        desk.needs();
        desk.cancelled("a", Err(unknown("a")));
    }
    desk.needs();
    desk.pass(16_000);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested OutcomeUnknown OutcomeKnown CancelRefused");
    assert_eq!(desk.orders.next_deadline(), None);
}

#[test]
fn an_unsent_cancel_is_told_and_the_mark_taken_back() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.cancelled("a", Err(CommandError::NotSent(error(ErrorKind::Connection))));
    assert_eq!(desk.answers(), answer("NotSent"));
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending Open CancelRequested CancelRefused");
}

#[test]
fn a_needed_cancel_that_could_not_be_sent_is_needed_again() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.cancel("a");
    desk.cancelled("a", Err(unknown("a")));
    let needs = desk.needs();
    desk.orders.unanswered(&needs[0], desk.now);
    assert_eq!(desk.wait().iter().map(need_word).collect::<Vec<_>>(), ["Cancel"]);
}
