use tradewire_core::{CommandError, ErrorKind, OrderState, ReportedStatus};

use super::desk::*;

#[test]
fn an_unknown_order_stays_marked_and_is_found_by_a_query() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    assert_eq!(desk.order("a").outcome_unknown_since, Some(desk.now));
    assert_eq!(desk.needed(), ["Query"], "at once");
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open");
    assert_eq!(desk.order("a").outcome_unknown_since, None);
}

#[test]
fn a_dropped_call_leaves_the_outcome_unknown_until_the_stream_or_a_late_reply_tells() {
    for late_reply in [false, true] {
        let mut desk = Desk::new();
        desk.place("a");
        let effects = desk.orders.place_dropped(&"a".into(), desk.now);
        desk.take(effects);
        desk.pass(20_000);
        if late_reply {
            desk.placed("a", Ok(report("a", "X", ReportedStatus::Open, 10)));
        } else {
            desk.stream(report("a", "X", ReportedStatus::Open, 10));
        }
        assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open");
    }
}

#[test]
fn a_late_refusal_is_still_used() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    desk.placed("a", Err(refused(ErrorKind::FilterFailure)));
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Rejected(Refused(FilterFailure))");
}

#[test]
fn a_duplicate_id_means_that_a_copy_has_landed() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(CommandError::Rejected(error(ErrorKind::Duplicate))));
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open");
}

#[test]
fn it_is_asked_for_at_once_then_at_growing_pauses_without_end() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    let mut asked = Vec::new();
    let hours = 6 * 3_600_000;
    let start = desk.now;
    while desk.now.since(start).as_millis() < hours {
        let needs = desk.wait();
        assert_eq!(needs.iter().map(need_word).collect::<Vec<_>>(), ["Query"]);
        asked.push(desk.now);
        assert!(desk.needed().is_empty(), "one at a time");
        desk.orders.unanswered(&needs[0], desk.now);
    }
    let pauses: Vec<u128> = asked.windows(2).map(|pair| pair[1].since(pair[0]).as_millis()).collect();
    for (pause, wanted) in pauses.iter().zip([1, 2, 4, 8, 16, 30, 30, 30, 30]) {
        assert!((wanted * 800..=wanted * 1200).contains(pause), "{pauses:?}");
    }
    assert!(pauses.iter().all(|pause| *pause <= 36_000));
    assert_eq!(desk.order("a").state, OrderState::PendingSubmit, "an outage ends nothing");
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown");
}

#[test]
fn an_amendment_that_a_report_has_shown_is_not_unknown_without_its_reply() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let amendment = tradewire_core::Amendment { quantity: Some(quantity(3)), price: None };
    desk.orders.amend(&"a".into(), amendment, desk.now).expect("live");
    // The order was last reported of this very moment: what was wanted is the younger.
    let mut amended = report("a", "X", ReportedStatus::Open, 10);
    amended.amount = Some(tradewire_core::Amount::Base(quantity(3)));
    desk.stream(amended);
    let effects = desk.orders.amended(&"a".into(), Err(unknown("a")), desk.now);
    desk.take(effects);
    assert_eq!(desk.story("a"), "Pending Open Amended");
    assert_eq!(desk.order("a").outcome_unknown_since, None);
}

#[test]
fn an_unknown_amendment_is_settled_by_what_a_late_enough_question_shows() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let amendment = tradewire_core::Amendment { quantity: Some(quantity(3)), price: None };
    desk.orders.amend(&"a".into(), amendment, desk.now).expect("live");
    let again = desk.orders.amend(&"a".into(), amendment, desk.now).expect_err("one at a time");
    assert_eq!(again.kind(), ErrorKind::StateConflict);
    let effects = desk.orders.amended(&"a".into(), Err(unknown("a")), desk.now);
    desk.take(effects);
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending Open OutcomeUnknown", "it may still land");
    desk.pass(16_000);
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending Open OutcomeUnknown OutcomeKnown");
    assert_eq!(desk.orders.next_deadline(), None);
}
