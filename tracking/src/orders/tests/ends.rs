use tradewire_core::{
    Amount, Decimal, EndReason, ErrorKind, ExecutionReport, OrderChange, OrderRequest, OrderState, Price, Quantity,
    ReportedStatus, Side, TimeInForce,
};

use super::desk::*;
use crate::NewOrder;

fn ended(status: ReportedStatus, reason: Option<EndReason>) -> ExecutionReport {
    ExecutionReport { reason, ..report("a", "X", status, 20) }
}

#[test]
fn an_end_has_one_meaning_whatever_the_exchanges_word() {
    let (cancelled, expired) = (|| ReportedStatus::Cancelled, || ReportedStatus::Expired);
    for (status, reason, end) in [
        (cancelled(), Some(EndReason::Exchange), "Cancelled(Exchange)"),
        (cancelled(), Some(EndReason::DeadMan), "Cancelled(DeadMan)"),
        (expired(), Some(EndReason::Liquidation), "Cancelled(Liquidation)"),
        (cancelled(), Some(EndReason::SelfTrade), "Expired(SelfTrade)"),
        (expired(), Some(EndReason::PriceBand), "Expired(PriceBand)"),
        (cancelled(), Some(EndReason::ReduceOnly), "Expired(ReduceOnly)"),
        (cancelled(), None, "Cancelled(Other)"),
        (expired(), None, "Expired(Other)"),
    ] {
        let mut desk = Desk::new();
        desk.open("a", "X");
        desk.stream(ended(status, reason));
        assert_eq!(desk.story("a"), format!("Pending Open {end}"));
        assert_eq!(desk.order("a").word.as_deref(), Some("WORD"));
    }
}

#[test]
fn a_cancel_that_nobody_asked_for_is_the_switchs_once_that_has_lapsed() {
    let requested = Some(EndReason::Requested);
    for (lapses, reason, end) in [
        (Some(15), requested, "Cancelled(DeadMan)"),
        (Some(20), None, "Cancelled(DeadMan)"),
        (Some(25), requested, "Cancelled(Requested)"),
        (Some(15), Some(EndReason::Liquidation), "Cancelled(Liquidation)"),
        (None, requested, "Cancelled(Requested)"),
    ] {
        let mut desk = Desk::new();
        desk.open("a", "X");
        desk.orders.dead_man_switch("BTCUSDT", lapses.map(at));
        desk.stream(ended(ReportedStatus::Cancelled, reason));
        assert_eq!(desk.story("a"), format!("Pending Open {end}"));
    }
}

#[test]
fn the_unfilled_rest_of_an_immediate_order_expires_by_its_terms() {
    let mut order = limit("a", 5);
    order.request.time_in_force = TimeInForce::Ioc;
    let mut desk = Desk::new();
    desk.submit(order);
    desk.stream(ended(ReportedStatus::Expired, None));
    assert_eq!(desk.story("a"), "Pending Open Expired(TimeInForce)", "opened first");
}

#[test]
fn post_only_is_rejected_unless_it_was_seen_open() {
    let would_take = || ended(ReportedStatus::Cancelled, Some(EndReason::PostOnlyWouldTake));
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Ok(report("a", "X", ReportedStatus::Received, 10)));
    desk.stream(would_take());
    assert_eq!(desk.story("a"), "Pending Rejected(PostOnlyWouldTake)");
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(would_take());
    assert_eq!(desk.story("a"), "Pending Open Expired(PostOnlyWouldTake)");
}

#[test]
fn a_refusal_by_report_ends_as_rejected_only_what_never_rested() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.stream(report("a", "X", ReportedStatus::Rejected(ErrorKind::InsufficientBalance), 20));
    assert_eq!(desk.story("a"), "Pending Rejected(Refused(InsufficientBalance))");
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(report("a", "X", ReportedStatus::Rejected(ErrorKind::InsufficientBalance), 20));
    assert_eq!(desk.story("a"), "Pending Open Cancelled(Exchange)");
}

#[test]
fn an_end_absorbs_whatever_comes_after_it() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(ended(ReportedStatus::Cancelled, Some(EndReason::Requested)));
    desk.stream(report("a", "X", ReportedStatus::Open, 15));
    desk.rest(report("a", "X", ReportedStatus::Open, 30));
    desk.stream(ended(ReportedStatus::Expired, None));
    desk.placed("a", Err(unknown("a")));
    desk.cancelled("a", Err(unknown("a")));
    assert_eq!(desk.story("a"), "Pending Open Cancelled(Requested)");
    assert_eq!(desk.orders.next_deadline(), None);
}

#[test]
fn all_filled_ends_without_a_word_of_it() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.fill(trade("X", "1", 2, 12));
    desk.fill(trade("X", "2", 3, 13));
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
}

#[test]
fn more_than_the_quantity_is_counted_and_told() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.fill(trade("X", "1", 4, 12));
    desk.fill(trade("X", "2", 3, 13));
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
    assert_eq!((desk.order("a").filled, desk.inconsistent.len()), (quantity(7), 1));
}

#[test]
fn an_end_is_held_back_until_its_fills_are_counted() {
    let mut desk = Desk::new();
    desk.orders.stream(true, desk.now);
    desk.open("a", "X");
    desk.stream(filled("a", "X", ReportedStatus::Cancelled, 3, vec![trade("X", "1", 1, 12)], 20));
    assert_eq!(desk.story("a"), "Pending Open Fill");
    let order = desk.order("a");
    assert_eq!((order.state, order.missing_fills), (OrderState::PartiallyFilled, Some(quantity(2))));
    desk.pass(4_999);
    assert!(desk.needed().is_empty(), "the stream gets its time");
    desk.pass(1);
    assert_eq!(desk.needed(), ["Trades"]);
    desk.trades(1, vec![trade("X", "1", 1, 12)]);
    assert_eq!(desk.story("a"), "Pending Open Fill");
    assert_eq!(desk.wait().len(), 1, "and is asked again");
    desk.trades(1, vec![trade("X", "1", 1, 12), trade("X", "2", 2, 13)]);
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Cancelled(Other)");
    assert_eq!(desk.order("a").missing_fills, None);
}

#[test]
fn without_a_stream_missing_fills_are_fetched_at_once() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.rest(filled("a", "X", ReportedStatus::Filled, 5, Vec::new(), 20));
    assert_eq!(desk.needed(), ["Trades"]);
    let mut desk = Desk::new();
    desk.orders.stream(true, desk.now);
    desk.open("a", "X");
    desk.stream(filled("a", "X", ReportedStatus::PartiallyFilled, 2, Vec::new(), 20));
    assert!(desk.needed().is_empty());
    desk.orders.stream(false, desk.now);
    assert_eq!(desk.needed(), ["Trades"], "a stream that goes down brings nothing more");
}

#[test]
fn an_end_that_does_not_say_what_was_filled_is_asked_for() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(ExecutionReport { filled: None, ..ended(ReportedStatus::Cancelled, None) });
    assert_eq!((desk.story("a").as_str(), desk.needed()), ("Pending Open", vec!["Query"]));
    desk.answered(1, Some(filled("a", "X", ReportedStatus::Cancelled, 1, vec![trade("X", "1", 1, 12)], 20)));
    assert_eq!(desk.story("a"), "Pending Open Fill Cancelled(Other)");
}

#[test]
fn self_trade_prevention_shortens_an_order_and_is_no_fill() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let shortened = ExecutionReport { prevented: Some(quantity(2)), ..report("a", "X", ReportedStatus::Open, 20) };
    desk.stream(shortened.clone());
    desk.stream(shortened);
    let order = desk.order("a");
    assert_eq!(desk.story("a"), "Pending Open Amended");
    assert_eq!((order.prevented, order.filled, order.remaining()), (quantity(2), Quantity::ZERO, Some(quantity(3))));
    desk.stream(ended(ReportedStatus::Expired, Some(EndReason::SelfTrade)));
    assert_eq!(desk.story("a"), "Pending Open Amended Expired(SelfTrade)");
}

#[test]
fn what_prevention_took_off_an_order_that_ends_is_known_with_its_end() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let over = ended(ReportedStatus::Expired, Some(EndReason::SelfTrade));
    desk.stream(ExecutionReport { prevented: Some(quantity(5)), ..over });
    assert_eq!(desk.story("a"), "Pending Open Expired(SelfTrade)");
    assert_eq!(desk.order("a").prevented, quantity(5));
}

#[test]
fn of_reports_of_one_moment_the_one_that_changes_the_order_rules() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let before = report("a", "X", ReportedStatus::Open, 20);
    let changed = ExecutionReport {
        new_client_order_id: Some("b".into()),
        amount: Some(Amount::Base(quantity(3))),
        ..before.clone()
    };
    desk.stream(before.clone());
    desk.stream(changed);
    desk.stream(before);
    assert_eq!((desk.story("a").as_str(), desk.order("a").amount), ("Pending Open Amended", Amount::Base(quantity(3))));
}

#[test]
fn a_market_order_by_quote_amount_is_complete_by_the_exchanges_word() {
    let instrument = instrument("BTCUSDT", "BTC-USDT");
    let request = OrderRequest::market_for_quote(instrument.pair.clone(), Side::Buy, Decimal::from(350));
    let mut desk = Desk::new();
    desk.submit(NewOrder { request, client_order_id: "a".into(), instrument });
    let told = ExecutionReport {
        amount: Some(Amount::Quote(Decimal::from(350))),
        price: None,
        ..filled("a", "X", ReportedStatus::Filled, 3, vec![trade("X", "1", 1, 10)], 10)
    };
    desk.placed("a", Ok(told));
    assert_eq!(desk.story("a"), "Pending Open Fill");
    desk.fill(trade("X", "2", 2, 10));
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
    assert_eq!((desk.order("a").filled, desk.order("a").quote_filled), (quantity(3), Decimal::from(300)));
}

#[test]
fn an_order_changed_at_the_exchange_is_amended_and_keeps_its_fills() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.fill(trade("X", "1", 1, 12));
    let changed = ExecutionReport {
        new_client_order_id: Some("b".into()),
        amount: Some(Amount::Base(quantity(3))),
        price: Some(Price::from_scaled(101, 0)),
        ..filled("a", "X", ReportedStatus::PartiallyFilled, 1, Vec::new(), 20)
    };
    desk.stream(changed);
    desk.rest(filled("a", "X", ReportedStatus::PartiallyFilled, 1, Vec::new(), 15));
    let order = desk.order("a");
    assert_eq!(desk.story("a"), "Pending Open Fill Amended", "an older report changes nothing");
    assert_eq!((order.amount, order.price), (Amount::Base(quantity(3)), Some(Price::from_scaled(101, 0))));
    let mut later = filled("b", "", ReportedStatus::Cancelled, 1, Vec::new(), 30);
    later.amount = Some(Amount::Base(quantity(3)));
    later.price = None;
    desk.stream(later);
    assert_eq!(desk.story("a"), "Pending Open Fill Amended Cancelled(Other)", "found by its new id too");
}

#[test]
fn while_a_change_is_under_way_the_old_quantity_does_not_end_the_order() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let more = tradewire_core::Amendment { quantity: Some(quantity(8)), price: None };
    desk.orders.amend(&"a".into(), more, desk.now).expect("live");
    desk.fill(trade("X", "1", 5, 12));
    assert_eq!(desk.story("a"), "Pending Open Fill");
    let mut amended = filled("a", "X", ReportedStatus::PartiallyFilled, 5, Vec::new(), 20);
    amended.amount = Some(Amount::Base(quantity(8)));
    let effects = desk.orders.amended(&"a".into(), Ok(amended), desk.now);
    assert!(effects.told.iter().any(|told| matches!(
        &told.change,
        tradewire_core::AccountChange::Order(event)
            if event.change == OrderChange::Amended { quantity: Some(quantity(8)), price: None }
    )));
    desk.take(effects);
    desk.fill(trade("X", "2", 3, 30));
    assert_eq!(desk.story("a"), "Pending Open Fill Amended Fill Completed");
}

#[test]
fn filled_means_wholly_whatever_figure_stands_beside_it() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(filled("a", "X", ReportedStatus::Filled, 3, vec![trade("X", "1", 3, 20)], 20));
    assert_eq!(desk.order("a").missing_fills, Some(quantity(2)), "the order is for 5");
    assert_eq!(desk.story("a"), "Pending Open Fill");
    desk.fill(trade("X", "2", 2, 19));
    assert_eq!(desk.story("a"), "Pending Open Fill Fill Completed");
}
