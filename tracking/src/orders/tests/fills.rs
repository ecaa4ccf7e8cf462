use tradewire_core::{Asset, Decimal, ExecutionReport, Fee, ReportedStatus, Side};

use super::desk::*;
use crate::orders::Need;

#[test]
fn one_trade_id_on_two_orders_is_two_fills() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.place("b");
    desk.placed("b", Ok(report("b", "Y", ReportedStatus::Open, 10)));
    desk.fill(trade("X", "1", 1, 12));
    desk.fill(trade("Y", "1", 1, 12));
    desk.fill(trade("Y", "1", 1, 12));
    assert_eq!((desk.story("a"), desk.story("b")), ("Pending Open Fill".into(), "Pending Open Fill".into()));
    assert_eq!(desk.fills.len(), 2);
}

#[test]
fn one_trade_id_and_one_order_id_on_two_symbols_are_two_fills() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let other = instrument("ETHUSDT", "ETH-USDT");
    let mut order = limit("b", 5);
    order.request.pair = other.pair.clone();
    order.instrument = other;
    desk.submit(order);
    let on_other = || ExecutionReport { symbol: "ETHUSDT".into(), ..report("b", "X", ReportedStatus::Open, 10) };
    desk.placed("b", Ok(on_other()));
    desk.fill(trade("X", "1", 1, 12));
    let mut same_name = trade("X", "1", 1, 12);
    same_name.symbol = "ETHUSDT".into();
    desk.fill(same_name);
    assert_eq!((desk.order("a").filled, desk.order("b").filled), (quantity(1), quantity(1)));
}

#[test]
fn a_fill_after_the_end_is_late_and_corrects_the_sum() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(filled("a", "X", ReportedStatus::Cancelled, 1, vec![trade("X", "1", 1, 12)], 20));
    desk.pass(300_000);
    desk.fill(trade("X", "2", 2, 13));
    assert_eq!(desk.story("a"), "Pending Open Fill Cancelled(Other) Fill(late)");
    assert_eq!(desk.order("a").filled, quantity(3));
    let understated = filled("a", "X", ReportedStatus::Cancelled, 4, Vec::new(), 20);
    desk.rest(understated);
    assert_eq!(desk.needed(), ["Trades"], "what a later word counts more is fetched");
    desk.trades(1, vec![trade("X", "3", 1, 14)]);
    assert_eq!(desk.story("a"), "Pending Open Fill Cancelled(Other) Fill(late) Fill(late)");
}

#[test]
fn a_closed_order_that_left_memory_is_found_in_the_journal() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.stream(filled("a", "X", ReportedStatus::Cancelled, 1, vec![trade("X", "1", 1, 12)], 20));
    desk.pass(3_600_000);
    desk.needs();
    assert!(desk.orders.by_client_id(&"a".into()).is_none(), "forgotten");
    desk.fill(trade("X", "1", 1, 12));
    desk.fill(trade("X", "2", 2, 13));
    assert_eq!(desk.orders.parked(), 1);
    desk.recall();
    assert_eq!(desk.story("a"), "Pending Open Fill Cancelled(Other) Fill(late)");
    assert_eq!((desk.order("a").filled, desk.orders.parked()), (quantity(3), 0));
}

#[test]
fn a_fill_without_our_id_waits_for_its_order() {
    let mut desk = Desk::new();
    desk.place("a");
    desk.placed("a", Err(unknown("a")));
    desk.needs();
    desk.fill(trade("X", "1", 2, 12));
    desk.recall();
    assert_eq!((desk.story("a").as_str(), desk.orders.parked()), ("Pending OutcomeUnknown", 1));
    desk.answered(1, Some(filled("a", "X", ReportedStatus::PartiallyFilled, 2, Vec::new(), 12)));
    assert_eq!(desk.story("a"), "Pending OutcomeUnknown OutcomeKnown Open Fill");
    assert_eq!(desk.orders.parked(), 0);
}

#[test]
fn a_fill_that_comes_without_the_exchanges_id_waits_for_that() {
    let mut desk = Desk::new();
    desk.place("a");
    let mut early = trade("", "1", 2, 12);
    early.client_order_id = Some("a".into());
    desk.fill(early.clone());
    desk.fill(early);
    assert_eq!((desk.story("a").as_str(), desk.needed()), ("Pending", vec!["Query"]));
    desk.placed("a", Ok(report("a", "X", ReportedStatus::Open, 10)));
    assert_eq!(desk.story("a"), "Pending Open Fill");
}

#[test]
fn a_fill_of_an_order_never_seen_makes_it_known() {
    let mut desk = Desk::new();
    desk.fill(trade("Z", "1", 2, 12));
    desk.recall();
    let needs = desk.needs();
    let [Need::Identify(stranger)] = needs.as_slice() else { panic!("{needs:?}") };
    let answer = filled("theirs", "Z", ReportedStatus::PartiallyFilled, 2, Vec::new(), 12);
    let effects = desk.orders.identified(stranger.number, Some(answer), desk.now);
    desk.take(effects);
    assert_eq!(desk.story("theirs"), "External(External) Fill");
}

#[test]
fn a_fee_that_is_not_told_is_estimated_and_corrected_once() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let bare = || tradewire_core::FillReport { fee: None, ..trade("X", "1", 2, 12) };
    desk.fill(bare());
    let fee = Fee { amount: Decimal::new(4, 3), asset: Asset::from("BTC") };
    let order = desk.order("a");
    assert_eq!(order.fees.get(&fee.asset), Some(&fee.amount), "a taker's, of what is received");
    let estimated = desk.orders.fills_of(1).next().cloned().expect("a fill");
    assert!(estimated.fee_estimated);
    desk.fill(bare());
    desk.fill(trade("X", "1", 2, 12));
    desk.fill(trade("X", "1", 2, 12));
    assert_eq!(desk.story("a"), "Pending Open Fill FeeCorrected");
    let order = desk.order("a");
    assert_eq!(order.fees.into_iter().collect::<Vec<_>>(), [(Asset::from("USDT"), Decimal::new(1, 1))]);
}

#[test]
fn a_fee_that_no_report_tells_is_asked_for_a_few_times() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let bare = || tradewire_core::FillReport { fee: None, side: Side::Sell, ..trade("X", "1", 2, 12) };
    desk.fill(bare());
    let mut asked = 0;
    while desk.orders.next_deadline().is_some() {
        for need in desk.wait() {
            assert!(matches!(need, Need::Trades(_)));
            asked += 1;
            desk.trades(1, vec![bare()]);
        }
    }
    assert_eq!(asked, 3);
    assert_eq!(desk.order("a").fees.keys().cloned().collect::<Vec<_>>(), [Asset::from("USDT")], "of a sale");
}

#[test]
fn a_fee_of_nothing_is_a_fee_and_a_rebate_keeps_its_sign() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    let with_fee = |id: &str, amount: Decimal| tradewire_core::FillReport {
        fee: Some(Fee { amount, asset: Asset::from("BNB") }),
        ..trade("X", id, 1, 12)
    };
    desk.fill(with_fee("1", Decimal::ZERO));
    assert!(desk.orders.fills_of(1).all(|fill| !fill.fee_estimated));
    assert_eq!(desk.order("a").fees.get(&Asset::from("BNB")), Some(&Decimal::ZERO));
    desk.fill(with_fee("2", Decimal::new(-5, 4)));
    assert_eq!(desk.order("a").fees.get(&Asset::from("BNB")), Some(&Decimal::new(-5, 4)));
}

#[test]
fn a_trade_that_is_told_with_other_figures_is_told_and_counted_once() {
    let mut desk = Desk::new();
    desk.open("a", "X");
    desk.fill(trade("X", "1", 1, 12));
    desk.fill(trade("X", "1", 2, 12));
    assert_eq!((desk.order("a").filled, desk.inconsistent.len()), (quantity(1), 1));
}
