//! The private payloads that the exchange's documentation shows, where they are at hand.

use tradewire_core::{ErrorKind, ExchangeOrderId};
use tradewire_tracking::{FillQuery, History, PrivateFrame};
use tradewire_transport::{CallDialect, Endpoint, SocketEndpoint};

use super::account_reads::{Balances, Commission, UserTrades};
use super::listen_key::TakeKey;
use super::order_arguments::OrderArguments;
use super::order_arguments::tests::{instrument, limit, order, target};
use super::order_commands::{
    CancelAlgoOrder, CancelAllAlgoOrders, CancelAllOrders, CancelOrder, ModifyOrder, PlaceAlgoOrder, PlaceOrder,
};
use super::order_reads::{OpenAlgoOrders, OpenOrders, OrdersPage, QueryAlgoOrder, QueryOrder};
use super::perpetual::SetLeverage;
use super::perpetual_reads::{FundingPayments, Positions, ReadPositionMode, Settings};
use super::{Usdm, decode_private};
use crate::calls::Calls;

fn example(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/protocols/examples/binance-usdm");
    let read = std::fs::read(format!("{folder}/{name}.json")).ok();
    if read.is_none() {
        println!("skipped: no example {name}");
    }
    read
}

/// Reads an answer over REST.
fn rest<E: Endpoint>(endpoint: &E, name: &str) -> Option<E::Response> {
    Some(endpoint.decode(&example(name)?).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Reads the result of a reply.
fn reply<E: SocketEndpoint>(endpoint: &E, name: &str) -> Option<E::Response> {
    let frame = example(name)?;
    let answer = Calls::of::<Usdm>(String::new());
    let answer = answer.answer(&frame).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(answer.error.is_none() && !answer.used.is_empty(), "{name}");
    Some(endpoint.decode_result(answer.body).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn events_decode() {
    for (name, messages) in [
        ("uds_ORDER_TRADE_UPDATE", 1),
        ("uds_ORDER_TRADE_UPDATE_partial_fill", 1),
        ("uds_ACCOUNT_UPDATE", 4),
        ("uds_ACCOUNT_CONFIG_UPDATE_leverage", 1),
        ("uds_ACCOUNT_CONFIG_UPDATE_multi_assets", 0),
        ("uds_ALGO_UPDATE", 1),
        ("uds_MARGIN_CALL", 1),
        ("uds_STRATEGY_UPDATE", 0),
        ("uds_TRADE_LITE", 0),
    ] {
        let Some(frame) = example(name) else { continue };
        match decode_private(&frame) {
            Ok(PrivateFrame::Messages(told, errors)) => assert_eq!((told.len(), errors.len()), (messages, 0), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    if let Some(frame) = example("uds_listenKeyExpired") {
        assert!(matches!(decode_private(&frame), Ok(PrivateFrame::SubscriptionEnded)));
    }
}

#[test]
fn commands_decode() {
    let placing = order(limit());
    let arguments = OrderArguments::of(&placing).expect("words");
    rest(&PlaceOrder(arguments), "rest_new_order");
    reply(&PlaceOrder(arguments), "wsapi_new_order");
    rest(&PlaceAlgoOrder(arguments), "rest_new_algo_order");
    reply(&PlaceAlgoOrder(arguments), "wsapi_new_algo_order");
    let target = target(Some("a"), None);
    rest(&CancelOrder(&target), "rest_cancel_order");
    reply(&CancelOrder(&target), "wsapi_cancel_order");
    rest(&CancelAlgoOrder(&target), "rest_cancel_algo_order");
    reply(&CancelAlgoOrder(&target), "wsapi_cancel_algo_order");
    rest(&CancelAllOrders { symbol: "BTCUSDT" }, "rest_cancel_all_open_orders");
    rest(&CancelAllAlgoOrders { symbol: "BTCUSDT" }, "rest_cancel_all_algo_open_orders");
    let (quantity, price) = ("1".parse().expect("a number"), "2".parse().expect("a number"));
    let modify = ModifyOrder { target: &target, side: tradewire_core::Side::Buy, quantity, price };
    rest(&modify, "rest_modify_order");
    reply(&modify, "wsapi_modify_order");
    rest(&SetLeverage { symbol: "BTCUSDT", leverage: 21.into() }, "rest_change_initial_leverage");
    for name in ["rest_change_margin_type", "rest_change_position_mode"] {
        assert!(example(name).is_none_or(|body| super::order_commands::decode_done(&body).is_ok()), "{name}");
    }
}

#[test]
fn reads_decode() {
    let target = target(Some("a"), None);
    for name in ["rest_query_order", "rest_query_current_open_order"] {
        rest(&QueryOrder(&target), name);
    }
    rest(&OpenOrders { symbol: None }, "rest_current_all_open_orders");
    rest(&QueryAlgoOrder(&target), "rest_query_algo_order");
    if let Some(waiting) = rest(&OpenAlgoOrders { symbol: None }, "rest_current_all_algo_open_orders") {
        assert_eq!(waiting.len(), 1);
    }
    let instrument = instrument();
    let (from, until) = (tradewire_core::Timestamp::default(), tradewire_core::Timestamp::from_nanos(i64::MAX));
    let of = |page| History { instrument: &instrument, from, until, page };
    for (page, name) in [(None, "rest_all_orders"), (Some("algo"), "rest_query_all_algo_orders")] {
        match OrdersPage::of(&of(page)).expect("a page") {
            OrdersPage::Engine(page) => drop(rest(&page, name)),
            OrdersPage::Waiting(page) => drop(rest(&page, name)),
        }
    }
    let order = ExchangeOrderId::from("25851813");
    let query = FillQuery::Order { instrument: &instrument, order: &order, page: None };
    if let Some(page) = rest(&UserTrades::of(&query).expect("a page"), "rest_account_trade_list") {
        assert!(page.next.is_none() && page.rows[0].fee.is_some() && page.rows[0].realised_profit.is_some());
    }
    rest(&Balances, "rest_futures_account_balance_v3");
    rest(&Commission { symbol: "BTCUSDT" }, "rest_user_commission_rate");
    rest(&TakeKey, "rest_start_user_data_stream");
    rest(&Positions { symbol: None }, "rest_position_information_v3");
    rest(&Settings { symbol: None }, "rest_symbol_configuration");
    rest(&ReadPositionMode, "rest_futures_account_configuration");
    rest(&FundingPayments::of(&of(None)).expect("a page"), "rest_get_income_history");
}

#[test]
fn refusals_decode() {
    let Some(body) = example("rest_error") else { return };
    let error: crate::error_codes::ErrorBody<'_> = serde_json::from_slice(&body).expect("an error");
    assert_eq!(error.into_error(|code, _| super::error_codes::kind(code)).kind(), ErrorKind::UnknownInstrument);
}
