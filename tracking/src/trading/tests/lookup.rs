use std::collections::BTreeMap;
use std::time::Duration;

use tradewire_core::{ExecutionReport, OrderState, ReportedStatus};

use super::account::{Known, ScriptedAccount};
use super::desk::Desk;
use crate::orders::tests::desk::{instrument, limit, report};
use crate::trading::lookup::{Lookup, ask_all};
use crate::{Need, NewOrder, Subject};

/// After this an answer "no such order" counts.
const GRACE: Duration = Duration::from_secs(20);
/// After this another counts as a second one.
const SPACING: Duration = Duration::from_secs(5);

fn open(id: &str, exchange_id: &str) -> ExecutionReport {
    report(id, exchange_id, ReportedStatus::Open, 10)
}

fn cancelled(id: &str, exchange_id: &str) -> ExecutionReport {
    report(id, exchange_id, ReportedStatus::Cancelled, 20)
}

fn on_ether(id: &str) -> NewOrder {
    let instrument = instrument("ETHUSDT", "ETH-USDT");
    let mut order = limit(id, 5);
    order.request.pair = instrument.pair.clone();
    NewOrder { instrument, ..order }
}

/// Orders that the exchange has denied twice: an end is near.
async fn denied(ids: &[&str]) -> Desk {
    let desk = Desk::new();
    ids.iter().for_each(|id| desk.lose(id));
    for pause in [GRACE, SPACING] {
        desk.pass(pause).await;
        desk.look_up(Known::default()).await.expect("lists");
    }
    desk.account.asked();
    desk
}

#[tokio::test(start_paused = true)]
async fn an_order_alone_is_asked_for_by_itself() {
    let desk = Desk::new();
    desk.lose("a");
    desk.look_up(Known { open: vec![open("a", "X")], ..Known::default() }).await.expect("an answer");
    assert_eq!(desk.account.asked(), ["order a"]);
    assert_eq!(desk.state("a"), OrderState::Open);
}

#[tokio::test(start_paused = true)]
async fn several_orders_are_found_in_one_reading_of_the_lists() {
    let desk = Desk::new();
    ["a", "b", "c"].iter().for_each(|id| desk.lose(id));
    let known = Known { open: vec![open("a", "X")], history: vec![cancelled("b", "Y")], ..Known::default() };
    desk.look_up(known).await.expect("lists");
    assert_eq!(desk.account.asked(), ["open orders", "orders"]);
    assert_eq!(desk.state("a"), OrderState::Open);
    assert_eq!(desk.state("b"), OrderState::Cancelled);
    assert!(desk.is_unknown("c"), "that it is in no list says nothing yet");
}

#[tokio::test(start_paused = true)]
async fn an_open_order_counts_before_an_ended_one_that_had_its_id() {
    let desk = Desk::new();
    ["a", "b"].iter().for_each(|id| desk.lose(id));
    let known = Known { open: vec![open("a", "X")], history: vec![cancelled("a", "W")], ..Known::default() };
    desk.look_up(known).await.expect("lists");
    assert_eq!(desk.state("a"), OrderState::Open, "not as the one before it");
}

#[tokio::test(start_paused = true)]
async fn the_exchanges_id_decides_where_it_is_known() {
    let desk = Desk::new();
    desk.lose("a");
    desk.look_up(Known { open: vec![open("a", "X")], ..Known::default() }).await.expect("an answer");
    let subject = desk.subject("a");
    desk.account.knows(Known { open: vec![open("a", "Z")], history: vec![cancelled("", "X")], ..Known::default() });
    let beside = Subject { number: 2, client_order_id: "b".into(), exchange_order_id: None, ..subject.clone() };
    let queried = ask_all(&desk.keeper, vec![subject, beside]).await.expect("lists");
    let found: Vec<_> = queried.iter().map(|queried| queried.answer.as_ref().map(|report| &report.status)).collect();
    assert_eq!(found, [Some(&ReportedStatus::Cancelled), None]);
}

#[tokio::test(start_paused = true)]
async fn orders_of_each_instrument_are_looked_for_apart() {
    let desk = Desk::new();
    ["a", "b"].iter().for_each(|id| desk.lose(id));
    desk.lose_order(&on_ether("c"));
    let known = Known { open: vec![open("a", "X"), open("b", "Y"), open("c", "Z")], ..Known::default() };
    desk.look_up(known).await.expect("lists");
    assert_eq!(desk.account.asked(), ["open orders", "orders", "order c"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_says_nothing_of_any_order() {
    for fails in ["open orders", "orders"] {
        let desk = Desk::new();
        ["a", "b"].iter().for_each(|id| desk.lose(id));
        desk.pass(GRACE).await;
        for _ in 0..5 {
            let known = Known { open: vec![open("a", "X")], fails: Some(fails), ..Known::default() };
            desk.look_up(known).await.expect_err("half of the lists");
            assert!(desk.is_unknown("a") && desk.is_unknown("b"), "{fails}");
            assert!(desk.needs().is_empty(), "asked again after a pause only");
            desk.pass(Duration::from_secs(40)).await;
        }
        desk.look_up(Known { open: vec![open("a", "X")], ..Known::default() }).await.expect("lists");
        assert_eq!(desk.state("a"), OrderState::Open, "{fails}");
        assert!(desk.is_unknown("b"), "denied once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_fails_says_nothing_of_its_order() {
    let desk = Desk::new();
    desk.lose("a");
    desk.pass(GRACE).await;
    for _ in 0..5 {
        desk.look_up(Known { fails: Some("order"), ..Known::default() }).await.expect_err("no answer");
        assert!(desk.is_unknown("a"));
        desk.pass(Duration::from_secs(40)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn orders_end_as_absent_when_all_lists_show_nothing_of_them() {
    let desk = denied(&["a", "b"]).await;
    desk.look_up(Known::default()).await.expect("lists and fills");
    assert_eq!(desk.account.asked(), ["open orders", "orders", "fills"], "once for both");
    assert_eq!([desk.state("a"), desk.state("b")], [OrderState::Rejected; 2]);
}

#[tokio::test(start_paused = true)]
async fn no_order_ends_as_absent_without_every_list() {
    for fails in ["open orders", "orders", "fills"] {
        let desk = denied(&["a", "b"]).await;
        desk.look_up(Known { fails: Some(fails), ..Known::default() }).await.expect_err("not all lists");
        assert!(desk.is_unknown("a") && desk.is_unknown("b"), "{fails}");
        desk.pass(Duration::from_secs(2)).await;
        desk.look_up(Known::default()).await.expect("lists and fills");
        assert_eq!([desk.state("a"), desk.state("b")], [OrderState::Rejected; 2], "{fails}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_a_search_shows_does_not_end() {
    let desk = denied(&["a", "b"]).await;
    desk.look_up(Known { open: vec![open("b", "Y")], ..Known::default() }).await.expect("lists and fills");
    assert_eq!([desk.state("a"), desk.state("b")], [OrderState::Rejected, OrderState::Open]);
}

#[tokio::test(start_paused = true)]
async fn a_renamed_order_is_asked_for_once_however_many_are_searched_for() {
    let desk = denied(&["a", "b", "c"]).await;
    let renamed = BTreeMap::from([("Y".to_owned(), "b".into())]);
    desk.look_up(Known { open: vec![open("new", "Y")], renamed, ..Known::default() }).await.expect("lists and fills");
    assert_eq!(desk.account.asked(), ["open orders", "orders", "placed as Y", "fills"]);
    let states = ["a", "b", "c"].map(|id| desk.state(id));
    assert_eq!(states, [OrderState::Rejected, OrderState::Open, OrderState::Rejected]);
}

#[tokio::test(start_paused = true)]
async fn none_ends_while_it_is_not_known_whose_an_order_is() {
    let desk = denied(&["a", "b"]).await;
    let known = Known { open: vec![open("new", "Y")], fails: Some("placed as"), ..Known::default() };
    desk.look_up(known).await.expect_err("no answer");
    assert!(desk.is_unknown("a") && desk.is_unknown("b"));
}

#[tokio::test(start_paused = true)]
async fn what_a_query_and_a_search_want_is_read_once() {
    let desk = denied(&["a"]).await;
    desk.lose("b");
    desk.look_up(Known { open: vec![open("b", "Y")], ..Known::default() }).await.expect("lists and fills");
    assert_eq!(desk.account.asked(), ["open orders", "orders", "fills"]);
    assert_eq!([desk.state("a"), desk.state("b")], [OrderState::Rejected, OrderState::Open]);
}

#[tokio::test(start_paused = true)]
async fn orders_of_long_ago_and_exchanges_with_a_question_for_each_need_no_lists() {
    let (lists, questions) = (Desk::new(), Desk::on(ScriptedAccount::new(false)));
    for (desk, hours) in [(&lists, 2), (&questions, 0)] {
        desk.lose("a");
        desk.pass(Duration::from_hours(hours)).await;
        let need = Need::Query(desk.subject("a"));
        assert_eq!(Lookup::default().take(&desk.keeper, need.clone()), Some(need));
        ask_all(&desk.keeper, vec![desk.subject("a"); 2]).await.expect("answers");
        assert_eq!(desk.account.asked(), ["order a", "order a"]);
    }
}

#[tokio::test(start_paused = true)]
async fn orders_that_cannot_be_named_to_the_exchange_are_left_out() {
    let desk = Desk::new();
    desk.lose("a");
    let delisted = Subject { symbol: "LUNAUSDT".into(), pair: None, ..desk.subject("a") };
    assert!(ask_all(&desk.keeper, vec![delisted]).await.expect("nothing to ask").is_empty());
    assert!(desk.account.asked().is_empty());
}
