use tradewire_core::{Amount, ErrorKind, ExecutionReport, OrderState, Origin, ReportedStatus};

use super::desk::*;
use crate::orders::{CancelStart, Need};

#[test]
fn an_order_of_others_is_told_of_once_followed_and_never_touched() {
    let mut desk = Desk::new();
    desk.stream(report("theirs", "Z", ReportedStatus::Open, 10));
    desk.stream(filled("theirs", "Z", ReportedStatus::PartiallyFilled, 2, vec![trade("Z", "1", 2, 12)], 12));
    assert_eq!(desk.story("theirs"), "", "it may be an old one of ours");
    desk.recall();
    assert_eq!(desk.story("theirs"), "External(External) Fill");
    assert_eq!(desk.orders.own_live().count(), 0);
    assert_eq!(desk.cancel("theirs"), CancelStart::NotOwn);
    desk.stream(filled("theirs", "Z", ReportedStatus::Cancelled, 2, Vec::new(), 13));
    assert_eq!(desk.story("theirs"), "External(External) Fill Cancelled(Other)");
}

#[test]
fn a_report_without_an_instrument_belongs_to_the_order_that_its_id_names() {
    let unnamed = |status| ExecutionReport { symbol: String::new(), ..report("a", "X", status, 11) };
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(report("theirs", "Z", ReportedStatus::Open, 10));
    for (id, known) in [("X", "BTCUSDT"), ("Z", "BTCUSDT"), ("Y", "")] {
        let told = ExecutionReport { exchange_order_id: Some(id.into()), ..unnamed(ReportedStatus::Cancelled) };
        let mut completed = ExecutionReport { client_order_id: None, ..told };
        desk.orders.complete(&mut completed);
        assert_eq!(completed.symbol, known, "{id}");
        desk.stream(completed);
    }
    assert_eq!(desk.story("a"), "Pending Open Cancelled(Other)");
    assert_eq!(desk.inconsistent.len(), 1, "of an order that nobody knows nothing is made up");
}

#[test]
fn a_report_that_tells_no_terms_makes_none_of_the_same_moment_old() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let bare = ExecutionReport { amount: None, price: None, ..report("a", "X", ReportedStatus::Open, 20) };
    desk.stream(bare);
    desk.stream(ExecutionReport {
        amount: Some(Amount::Base(quantity(3))),
        ..report("a", "X", ReportedStatus::Open, 20)
    });
    assert_eq!(desk.story("a"), "Pending Open Amended");
}

#[test]
fn an_order_of_the_exchange_keeps_its_origin() {
    let mut desk = Desk::new();
    let order = ExecutionReport { origin: Origin::Liquidation, ..report("autoclose-1", "Z", ReportedStatus::Open, 10) };
    desk.stream(order);
    desk.recall();
    assert_eq!(desk.story("autoclose-1"), "External(Liquidation)");
    let refused = desk.orders.adopt("BTCUSDT", &"Z".into(), desk.now).expect_err("not anybody's");
    assert_eq!(refused.kind(), ErrorKind::StateConflict);
}

#[test]
fn an_adopted_order_loads_its_fills_and_is_treated_as_own() {
    let mut desk = Desk::new();
    desk.stream(filled("theirs", "Z", ReportedStatus::PartiallyFilled, 2, Vec::new(), 12));
    desk.recall();
    let effects = desk.orders.adopt("BTCUSDT", &"Z".into(), desk.now).expect("adopted");
    desk.take(effects);
    assert_eq!(desk.needed(), ["Query", "Trades"]);
    desk.trades(1, vec![trade("Z", "1", 2, 12)]);
    assert_eq!(desk.story("theirs"), "External(External) Adopted Fill");
    assert_eq!(desk.cancel("theirs"), CancelStart::Send);
    assert_eq!(desk.orders.own_live().count(), 1);
}

#[test]
fn a_foreign_order_under_our_id_is_told_and_tracked_apart() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(report("a", "Z", ReportedStatus::Open, 10));
    desk.stream(report("a", "Z", ReportedStatus::Open, 10));
    desk.recall();
    assert_eq!(desk.inconsistent.len(), 1, "once");
    assert_eq!(desk.orders.live().count(), 2);
    desk.stream(report("a", "Z", ReportedStatus::Cancelled, 20));
    let own = desk.orders.by_client_id(&"a".into()).expect("ours");
    assert_eq!(own.order.state, OrderState::Open, "ours is as it was");
}

#[test]
fn ids_that_others_use_again_name_another_order() {
    let mut desk = Desk::new();
    for (exchange_id, millis) in [("Y", 10), ("Z", 30)] {
        desk.stream(report("theirs", exchange_id, ReportedStatus::Open, millis));
        desk.recall();
        desk.stream(report("theirs", exchange_id, ReportedStatus::Cancelled, millis + 10));
    }
    assert_eq!(desk.story("theirs"), "External(External) Cancelled(Other) External(External) Cancelled(Other)");
    assert!(desk.inconsistent.is_empty());
}

#[test]
fn an_instrument_that_is_not_listed_is_tracked_by_its_symbol() {
    let mut desk = Desk::new();
    desk.stream(ExecutionReport { symbol: "旧合约".into(), ..report("theirs", "Z", ReportedStatus::Open, 10) });
    desk.recall();
    let order = desk.order("theirs");
    assert_eq!((&*order.symbol, order.pair), ("旧合约", None));
}

#[test]
fn a_report_that_names_no_order_is_told() {
    let mut desk = Desk::new();
    desk.stream(report("", "", ReportedStatus::Open, 10));
    assert_eq!(desk.inconsistent.len(), 1);
}

#[test]
fn an_order_of_ours_that_somebody_renamed_is_found_by_the_id_that_it_had_first() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    desk.rest(report("renamed", "X", ReportedStatus::Open, 12));
    let needs = desk.needs();
    let stranger = needs.iter().find_map(|need| match need {
        Need::Recall(stranger) => Some(stranger.number),
        _ => None,
    });
    assert!(desk.orders.awaits_exchange_id("BTCUSDT"));
    let effects = desk.orders.unmasked(stranger.expect("a stranger"), &"a".into(), desk.now);
    desk.take(effects);
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open");
    assert_eq!(desk.orders.live().count(), 1, "no order of others");
    assert!(!desk.orders.awaits_exchange_id("BTCUSDT"));
    desk.stream(report("renamed", "X", ReportedStatus::Cancelled, 20));
    assert_eq!(desk.order("a").state, OrderState::Cancelled);
}

#[test]
fn orders_that_nobody_can_tell_whose_they_are_do_not_pile_up() {
    let mut desk = Desk::new();
    for place in 0..100_010 {
        desk.fill(trade(&format!("Z{place}"), &place.to_string(), 1, 12));
    }
    assert_eq!(desk.orders.parked(), 100_000);
    assert_eq!(desk.inconsistent.len(), 10, "each that is given up is told");
}
