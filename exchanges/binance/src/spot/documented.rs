//! The private payloads that the exchange's documentation shows, where they are at hand.

use tradewire_core::{ErrorKind, OrderRequest, PrivateMessage, Side};
use tradewire_tracking::{FillQuery, NewOrder, PrivateFrame, Target};
use tradewire_transport::{CallDialect, CommandFailure, Endpoint, Outcome, SocketEndpoint};

use super::account_reads::{Account, Commission, MyTrades};
use super::cancel_replace::{CancelReplace, replaced};
use super::order_arguments::OrderArguments;
use super::order_arguments::tests::{instrument, order, target};
use super::order_commands::{AmendOrder, CancelAllOrders, CancelOrder, PlaceOrder};
use super::order_reads::{OpenOrders, QueryOrder};
use super::{Spot, decode_private};
use crate::calls::Calls;

fn example(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/protocols/examples/binance-spot");
    let read = std::fs::read(format!("{folder}/{name}.json")).ok();
    if read.is_none() {
        println!("skipped: no example {name}");
    }
    read
}

fn new_order() -> NewOrder {
    let pair = "BTC-USDT".parse().expect("a pair");
    order(OrderRequest::limit(pair, Side::Buy, "1".parse().expect("a number"), "2".parse().expect("a number")))
}

fn named(id: &str) -> Target {
    target(None, Some(id))
}

/// Reads an answer over REST.
fn rest<E: Endpoint>(endpoint: &E, name: &str) -> Option<E::Response> {
    Some(endpoint.decode(&example(name)?).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Reads the result of a reply.
fn reply<E: SocketEndpoint>(endpoint: &E, name: &str) -> Option<E::Response> {
    let frame = example(name)?;
    let answer = calls().answer(&frame).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(answer.error.is_none() && !answer.used.is_empty(), "{name}");
    Some(endpoint.decode_result(answer.body).unwrap_or_else(|error| panic!("{name}: {error}")))
}

fn calls() -> Calls {
    Calls::of::<Spot>(String::new())
}

#[test]
fn events_decode() {
    for (name, messages) in [
        ("uds_executionReport", 1),
        ("uds_outboundAccountPosition", 1),
        ("wsapi_event_format", 1),
        ("uds_balanceUpdate", 1),
        ("uds_externalLockUpdate", 1),
        ("uds_listStatus", 0),
    ] {
        let Some(frame) = example(name) else { continue };
        match decode_private(&frame) {
            Ok(PrivateFrame::Messages(told, errors)) => assert_eq!((told.len(), errors.len()), (messages, 0), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    if let Some(frame) = example("uds_executionReport") {
        let Ok(PrivateFrame::Messages(told, _)) = decode_private(&frame) else { panic!("messages") };
        let [PrivateMessage::Order(report)] = told.as_slice() else { panic!("{told:?}") };
        assert!(report.fills.is_empty() && report.reason.is_none());
    }
    for (name, expected) in [
        ("uds_eventStreamTerminated", "SubscriptionEnded"),
        ("wsapi_authenticate_after_connection_error", "SubscriptionEnded"),
        ("wsapi_server_shutdown", "ShutdownNotice"),
    ] {
        let Some(frame) = example(name) else { continue };
        assert_eq!(format!("{:?}", decode_private(&frame).expect(name)), expected, "{name}");
    }
}

#[test]
fn commands_decode() {
    let placing = new_order();
    let place = PlaceOrder(OrderArguments::of(&placing).expect("words"));
    for name in ["rest_new_order_ack", "rest_new_order_result", "rest_new_order_full", "rest_new_order_using_sor"] {
        rest(&place, name);
    }
    for name in ["wsapi_place_new_order", "wsapi_place_new_order_2", "wsapi_place_new_order_3"] {
        reply(&place, name);
    }
    rest(&CancelOrder(&named("4")), "rest_cancel_order");
    rest(&CancelOrder(&named("3")), "rest_cancel_order_list");
    reply(&CancelOrder(&named("0")), "wsapi_cancel_order");
    reply(&CancelOrder(&named("12569099454")), "wsapi_cancel_order_2");
    let all = CancelAllOrders { symbol: "BTCUSDT" };
    if let Some(ended) = rest(&all, "rest_cancel_all_open_orders_on_a_symbol") {
        assert_eq!(ended.len(), 4, "two alone and two of a list");
    }
    reply(&all, "wsapi_cancel_open_orders");
    let target = named("33");
    let amend = AmendOrder { target: &target, quantity: "5".parse().expect("a number") };
    for name in ["rest_order_amend_keep_priority", "rest_order_amend_keep_priority_2"] {
        rest(&amend, name);
    }
    for name in ["wsapi_order_amend_keep_priority", "wsapi_order_amend_keep_priority_2"] {
        reply(&amend, name);
    }
}

#[test]
fn both_halves_of_a_cancel_replace_decode() {
    let (target, order) = (named("9"), new_order());
    let command = CancelReplace { target: &target, order: OrderArguments::of(&order).expect("words") };
    for answer in [
        rest(&command, "rest_cancel_an_existing_order_and_send_a_new_order"),
        reply(&command, "wsapi_cancel_and_replace_order"),
    ] {
        let Some(halves) = answer else { continue };
        let told = replaced(Ok(halves), &target, &order);
        assert!(told.cancelled.is_ok() && told.placed.is_ok(), "{told:?}");
    }
    for (number, cancelled, placed) in
        [("", false, false), ("_2", true, false), ("_3", false, true), ("_4", false, false), ("_6", true, false)]
    {
        let name = format!("wsapi_cancel_and_replace_order_error{number}");
        let Some(frame) = example(&name) else { continue };
        let answer = calls().answer(&frame).expect(&name);
        let error = answer.error.expect("an error").with_status(answer.status);
        let failure = CommandFailure { outcome: Outcome::Unknown, error, body: Some(answer.body.to_vec().into()) };
        let told = replaced(Err(failure), &target, &order);
        assert_eq!((told.cancelled.is_ok(), told.placed.is_ok()), (cancelled, placed), "{name}");
        let name = format!("rest_cancel_an_existing_order_and_send_a_new_order_error{number}");
        let Some(body) = example(&name) else { continue };
        let error = tradewire_core::Error::new(ErrorKind::Exchange, "").with_status(409);
        let failure = CommandFailure { outcome: Outcome::Unknown, error, body: Some(body.into()) };
        let told = replaced(Err(failure), &target, &order);
        assert_eq!((told.cancelled.is_ok(), told.placed.is_ok()), (cancelled, placed), "{name}");
    }
}

#[test]
fn reads_decode() {
    rest(&QueryOrder(&named("1")), "rest_query_order");
    let open = OpenOrders { symbol: None };
    rest(&open, "rest_current_open_orders");
    rest(&open, "rest_all_orders");
    let (instrument, order) = (instrument("BTCUSDT"), "100234".into());
    let query = FillQuery::Order { instrument: &instrument, order: &order, page: None };
    if let Some(page) = rest(&MyTrades::of(&query).expect("a page"), "rest_account_trade_list") {
        assert!(page.next.is_none() && page.rows[0].fee.is_some());
    }
    if let Some(read) = rest(&Account, "rest_account_information") {
        assert_eq!(read.balances.len(), 2);
    }
    rest(&Commission { symbol: "BTCUSDT" }, "rest_query_commission_rates");
}

#[test]
fn refusals_decode() {
    for (name, kind) in [
        ("wsapi_response_format_error", ErrorKind::InsufficientBalance),
        ("wsapi_ip_limits_error", ErrorKind::RateLimited),
        ("wsapi_cancel_and_replace_order_error_5", ErrorKind::RateLimited),
    ] {
        let Some(frame) = example(name) else { continue };
        let answer = calls().answer(&frame).expect(name);
        assert_eq!(answer.error.map(|error| error.kind()), Some(kind), "{name}");
        assert_eq!(answer.refusal.is_some(), kind == ErrorKind::RateLimited, "{name}");
    }
}
