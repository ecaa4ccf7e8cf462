use tradewire_core::{CommandError, ErrorKind, OrderState, Price, Quantity, ReportedStatus};

use super::desk::*;

#[test]
fn acceptance_opens_and_fills_of_the_reply_come_once() {
    let mut desk = Desk::new();
    desk.place("a");
    let fills = vec![trade("X", "1", 2, 10), trade("X", "2", 3, 10)];
    desk.placed("a", Ok(filled("a", "X", ReportedStatus::Filled, 5, fills.clone(), 10)));
    desk.stream(filled("a", "X", ReportedStatus::PartiallyFilled, 2, vec![fills[0].clone()], 10));
    desk.stream(filled("a", "X", ReportedStatus::Filled, 5, vec![fills[1].clone()], 10));
    desk.fill(fills[0].clone());
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
    let order = desk.order("a");
    assert_eq!(
        (order.filled, order.remaining(), order.average_price()),
        (quantity(5), Some(Quantity::ZERO), Some(Price::from_scaled(100, 0)))
    );
    assert_eq!(order.fees.len(), 1);
}

#[test]
fn a_reply_that_means_received_waits_for_a_report_and_is_asked_for() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Ok(report("a", "X", ReportedStatus::Received, 10)));
    assert_eq!(desk.order("a").state, OrderState::PendingSubmit);
    assert_eq!(desk.order("a").exchange_order_id, Some("X".into()));
    desk.pass(4_999);
    assert!(desk.needed().is_empty());
    desk.pass(1);
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    desk.stream(report("a", "X", ReportedStatus::Open, 10));
    assert_eq!(desk.story("a"), "Pending Open");
    assert_eq!(desk.orders.next_deadline(), None, "nothing is left to ask");
}

#[test]
fn a_fill_before_the_reply_opens_first_and_the_late_reply_adds_nothing() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.stream(filled("a", "X", ReportedStatus::PartiallyFilled, 2, vec![trade("X", "1", 2, 12)], 12));
    desk.placed("a", Ok(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending Open Fill");
    assert_eq!(desk.order("a").state, OrderState::PartiallyFilled);
    desk.placed("a", Ok(report("a", "Y", ReportedStatus::Open, 10)));
    assert_eq!(desk.order("a").exchange_order_id, Some("X".into()), "never replaced");
    assert_eq!(desk.inconsistent.len(), 1, "but told");
}

#[test]
fn refusals_end_with_their_kind_and_the_exchanges_words() {
    for (kind, end) in [
        (ErrorKind::InsufficientBalance, "Rejected(Refused(InsufficientBalance))"),
        (ErrorKind::PostOnlyWouldTake, "Rejected(PostOnlyWouldTake)"),
        (ErrorKind::ReduceOnly, "Rejected(ReduceOnly)"),
    ] {
        let mut desk = Desk::new();
        desk.place("a");
        desk.placed("a", Err(refused(kind)));
        assert_eq!(desk.story("a"), format!("Pending {end}"));
        assert_eq!(desk.order("a").word.as_deref(), Some("-1 told by the exchange"));
    }
}

#[test]
fn what_is_proved_unsent_ends_at_once_and_its_id_is_not_used_again() {
    let mut desk = Desk::new();
    desk.submit(limit("a", 5));
    desk.placed("a", Err(CommandError::NotSent(error(ErrorKind::Connection))));
    assert_eq!(desk.story("a"), "Pending Rejected(NotSent)");
    let again = desk.orders.submit(&limit("a", 5), desk.now).expect_err("used");
    assert_eq!(again.kind(), ErrorKind::Duplicate);
}

#[test]
fn a_refusal_of_an_order_that_is_seen_open_ends_nothing() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.stream(report("a", "X", ReportedStatus::Open, 10));
    desk.placed("a", Err(refused(ErrorKind::InsufficientBalance)));
    assert_eq!(desk.story("a"), "Pending Open");
    assert_eq!((desk.inconsistent.len(), desk.needed()), (1, vec!["Query"]));
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.orders.next_deadline(), None);
}

#[test]
fn an_unknown_word_changes_nothing_and_has_the_order_asked_for() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let novel = || ReportedStatus::Unknown("FROZEN".to_owned());
    desk.stream(report("a", "X", novel(), 20));
    assert_eq!((desk.story("a").as_str(), desk.order("a").word.as_deref()), ("Pending Open", Some("FROZEN")));
    assert_eq!(desk.needed(), ["Query"]);
    desk.answered(1, Some(report("a", "X", novel(), 20)));
    assert!(desk.needed().is_empty(), "not in a loop");
    assert_eq!(desk.wait().len(), 1, "but again");
    desk.pass(100);
    desk.answered(1, Some(report("a", "X", ReportedStatus::Open, 20)));
    assert_eq!(desk.orders.next_deadline(), None);
}
