use tradewire_core::{OrderState, ReportedStatus, Timestamp};

use super::desk::*;
use crate::orders::{Need, Search};

/// Answers "no such order" until a proof is asked for; returns when that was.
fn deny_until_proof(desk: &mut Desk) -> Timestamp {
    for _ in 0..100 {
        for need in desk.wait() {
            match need {
                Need::Query(subject) => desk.answered(subject.number, None),
                Need::Proof(_) => return desk.now,
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("no proof is asked for");
}

fn nothing(desk: &Desk) -> Search {
    Search { asked: desk.now, ..Search::default() }
}

fn search(desk: &mut Desk, found: Search) {
    let effects = desk.orders.searched(1, &found, desk.now);
    desk.take(effects);
}

#[test]
fn an_order_never_seen_is_not_accepted_only_after_grace_two_denials_and_a_proof() {
    let mut desk = Desk::new();
    desk.place("a");
    let sent = desk.now;
    desk.placed("a", Err(unknown("a")));
    let proof = deny_until_proof(&mut desk);
    assert!(proof.since(sent).as_millis() >= 17_000, "grace, and two answers 2 s apart");
    assert_eq!(desk.order("a").state, OrderState::PendingSubmit);
    let found = nothing(&desk);
    search(&mut desk, found);
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Rejected(NotAccepted)");
}

#[test]
fn the_time_counts_from_the_record_where_nothing_is_known_of_sending() {
    let mut desk = Desk::new();
    desk.submit(limit("a", 5));
    desk.restart();
    let recorded = desk.now;
    let proof = deny_until_proof(&mut desk);
    assert!(proof.since(recorded).as_millis() >= 17_000);
    let found = nothing(&desk);
    search(&mut desk, found);
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Rejected(NotAccepted)");
}

#[test]
fn an_exchange_that_lags_ends_nothing() {
    let mut desk = Desk::new();
    desk.place("a");
    let sent = desk.now;
    desk.placed("a", Err(unknown("a")));
    while desk.now.since(sent).as_millis() < 10_000 {
        for _ in desk.wait() {
            desk.answered(1, None);
        }
    }
    desk.wait();
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open");
}

#[test]
fn what_the_history_shows_is_believed() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    deny_until_proof(&mut desk);
    let fills = vec![trade("X", "1", 5, 12)];
    let reports = vec![filled("a", "X", ReportedStatus::Filled, 5, Vec::new(), 12)];
    let found = Search { reports, fills, asked: desk.now };
    search(&mut desk, found);
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open Fill Completed");
}

#[test]
fn a_fill_that_nobody_can_place_keeps_the_verdict_back() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    deny_until_proof(&mut desk);
    let found = Search { fills: vec![trade("X", "1", 5, 12)], ..nothing(&desk) };
    search(&mut desk, found);
    assert_eq!(desk.order("a").state, OrderState::PendingSubmit);
    desk.recall();
    let needs = desk.needs();
    let Some(Need::Identify(stranger)) = needs.iter().find(|need| matches!(need, Need::Identify(_))) else {
        panic!("{needs:?}");
    };
    let answer = filled("a", "X", ReportedStatus::Filled, 5, Vec::new(), 12);
    let effects = desk.orders.identified(stranger.number, Some(answer), desk.now);
    desk.take(effects);
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open Fill Completed");
    assert_eq!(desk.orders.parked(), 0);
}

#[test]
fn an_order_seen_before_is_no_longer_listed_and_keeps_its_fills() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(filled("a", "X", ReportedStatus::PartiallyFilled, 2, vec![trade("X", "1", 2, 12)], 12));
    desk.pass(60_000);
    desk.stream(report("a", "X", ReportedStatus::Unknown("?".to_owned()), 11));
    let doubted = desk.now;
    let proof = deny_until_proof(&mut desk);
    assert!(proof.since(doubted).as_millis() >= 17_000, "grace counts from the last sighting");
    let found = Search { fills: vec![trade("X", "1", 2, 12), trade("X", "2", 1, 13)], ..nothing(&desk) };
    search(&mut desk, found);
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Cancelled(NoLongerListed)");
    assert_eq!(desk.order("a").filled, quantity(3));
}

#[test]
fn an_order_seen_before_whose_fills_are_whole_is_filled() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.pass(60_000);
    desk.stream(report("a", "X", ReportedStatus::Unknown("?".to_owned()), 11));
    deny_until_proof(&mut desk);
    let found = Search { fills: vec![trade("X", "1", 5, 12)], ..nothing(&desk) };
    search(&mut desk, found);
    assert_eq!(desk.story("a"), "Pending Open Fill Completed");
}
