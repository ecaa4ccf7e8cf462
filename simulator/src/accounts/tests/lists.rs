//! OCO, OTO, OTOCO, OPO and OPOCO.

use super::*;
use crate::accounts::{
    AmendRequest, ExpiryReason, ListRef, ListReport, ListRequest, ListShape, OrderStatus, RejectReason,
};

/// Sells 1 AAA: a post-only leg at 110, a stop-limit leg at 90.
fn legs() -> (OrderRequest, OrderRequest) {
    let mut above = of_kind(Side::Sell, OrderKind::LimitMaker);
    above.price = Some(d("110"));
    let mut below = of_kind(Side::Sell, OrderKind::StopLossLimit);
    below.stop_price = Some(d("90"));
    below.price = Some(d("89"));
    (above, below)
}

fn place(bench: &Bench, shape: ListShape) -> Result<ListReport, OrderError> {
    bench.step(|desk| desk.place_list(bench.main, &ListRequest::new(shape)))
}

fn oco(bench: &Bench) -> ListReport {
    let (above, below) = legs();
    place(bench, ListShape::Oco { above, below }).unwrap()
}

/// The orders of a list as they are now.
fn orders(bench: &Bench, report: &ListReport) -> Vec<Order> {
    report.orders.iter().map(|placed| bench.now(&placed.order)).collect()
}

fn statuses(bench: &Bench, report: &ListReport) -> Vec<OrderStatus> {
    orders(bench, report).iter().map(|order| order.status).collect()
}

#[test]
fn the_legs_of_an_oco_hold_once_and_one_ends_the_other() {
    let bench = Bench::new();
    let list = oco(&bench);
    assert_eq!(bench.has(bench.main, "AAA").1, "1");
    assert_eq!(bench.told(), ["list EXEC_STARTED", "new NEW", "new NEW"]);
    bench.against(Side::Buy, "110", "0.4");
    assert_eq!(statuses(&bench, &list), [OrderStatus::Expired, OrderStatus::PartiallyFilled]);
    assert_eq!(orders(&bench, &list)[0].expiry, ExpiryReason::OcoTrigger);
    assert_eq!(bench.told(), ["new NEW", "trade PARTIALLY_FILLED", "expired EXPIRED", "trade FILLED"]);
    assert_eq!(bench.has(bench.main, "AAA").1, "0.6");
    bench.against(Side::Buy, "110", "0.6");
    assert_eq!(bench.told(), ["new NEW", "trade FILLED", "list ALL_DONE", "trade FILLED"]);
}

#[test]
fn a_triggered_stop_ends_the_limit_leg() {
    let bench = Bench::new();
    let list = oco(&bench);
    bench.told();
    bench.trade_at("90");
    assert_eq!(statuses(&bench, &list), [OrderStatus::New, OrderStatus::Expired]);
    assert_eq!(bench.told(), ["expired EXPIRED", "activated NEW"]);
    assert_eq!(bench.has(bench.main, "AAA").1, "1");
    bench.against(Side::Buy, "89", "1");
    assert_eq!(statuses(&bench, &list)[0], OrderStatus::Filled);
    assert_eq!(bench.has(bench.main, "AAA"), ("999".to_owned(), "0".to_owned()));
}

#[test]
fn a_buying_oco_holds_what_the_dearer_leg_needs() {
    let bench = Bench::new();
    let mut above = of_kind(Side::Buy, OrderKind::StopLossLimit);
    (above.stop_price, above.price) = (Some(d("110")), Some(d("111")));
    let mut below = of_kind(Side::Buy, OrderKind::LimitMaker);
    below.price = Some(d("90"));
    let list = place(&bench, ListShape::Oco { above, below }).unwrap();
    assert_eq!(bench.has(bench.main, "USD").1, "111");
    bench.against(Side::Sell, "90", "0.5");
    assert_eq!(statuses(&bench, &list), [OrderStatus::Expired, OrderStatus::PartiallyFilled]);
    assert_eq!(bench.has(bench.main, "USD"), ("99910".to_owned(), "45".to_owned()));
}

#[test]
fn cancelling_one_order_cancels_the_list() {
    let bench = Bench::new();
    let list = oco(&bench);
    bench.told();
    let cancelled = bench.cancel(&list.orders[1].order).unwrap();
    assert_eq!(
        cancelled.orders.iter().map(|order| order.id).collect::<Vec<_>>(),
        [list.orders[1].order.id, list.orders[0].order.id]
    );
    assert!(cancelled.list.unwrap().done);
    assert_eq!(bench.told(), ["cancelled CANCELED", "cancelled CANCELED", "list ALL_DONE"]);
    assert_eq!(bench.has(bench.main, "AAA").1, "0");
    let again = bench.step(|desk| desk.cancel_list(bench.main, &ListRef::Id(list.list.id), None));
    assert_eq!(again.unwrap_err(), OrderError::UnknownList);
    let other = oco(&bench);
    let report = bench.step(|desk| desk.cancel_list(bench.main, &ListRef::Client(other.list.client_id.clone()), None));
    assert_eq!(report.unwrap().orders.len(), 2);
    assert!(bench.ledger(bench.main).orders.iter().all(|order| !order.is_live()));
}

#[test]
fn prices_and_kinds_of_legs_must_fit() {
    let bench = Bench::new();
    let (above, below) = legs();
    let refused = |above: &OrderRequest, below: &OrderRequest| {
        place(&bench, ListShape::Oco { above: above.clone(), below: below.clone() }).unwrap_err()
    };
    assert_eq!(refused(&below, &above), OrderError::ListLegs, "the stop of a sell belongs below");
    let low = OrderRequest { price: Some(d("99")), ..above.clone() };
    assert_eq!(refused(&low, &below), OrderError::ListPrices);
    let high = OrderRequest { stop_price: Some(d("101")), ..below.clone() };
    assert_eq!(refused(&above, &high), OrderError::ListPrices);
    let more = OrderRequest { quantity: Some(d("2")), ..below.clone() };
    assert_eq!(refused(&above, &more), OrderError::ListLegs);
    let same = OrderRequest { client_id: Some("same".to_owned()), ..above.clone() };
    let id = OrderRequest { client_id: Some("same".to_owned()), ..below };
    assert_eq!(refused(&same, &id), OrderError::DuplicateClientId);
    assert!(bench.ledger(bench.main).orders.is_empty() && bench.told().is_empty());
}

#[test]
fn a_pending_order_begins_when_its_working_order_is_filled() {
    let bench = Bench::new();
    let working = OrderRequest::limit(Side::Buy, d("99"), d("2"));
    let pending = OrderRequest::limit(Side::Sell, d("105"), d("1.5"));
    let list = place(&bench, ListShape::Oto { working, pending, pays_off: false }).unwrap();
    assert_eq!(statuses(&bench, &list), [OrderStatus::New, OrderStatus::PendingNew]);
    assert_eq!(bench.has(bench.main, "AAA").1, "0", "a pending order holds nothing");
    bench.against(Side::Sell, "99", "1");
    assert_eq!(statuses(&bench, &list), [OrderStatus::PartiallyFilled, OrderStatus::PendingNew]);
    bench.told();
    bench.against(Side::Sell, "99", "1");
    assert_eq!(statuses(&bench, &list), [OrderStatus::Filled, OrderStatus::New]);
    assert_eq!(bench.told(), ["new NEW", "trade FILLED", "trade FILLED", "activated NEW"]);
    assert_eq!(bench.has(bench.main, "AAA").1, "1.5");
}

#[test]
fn a_pending_order_ends_with_its_working_order() {
    let bench = Bench::new();
    let mut working = OrderRequest::limit(Side::Buy, d("99"), d("2"));
    working.time_in_force = Some(TimeInForce::Ioc);
    let pending = OrderRequest::market(Side::Sell, d("2"));
    let list = place(&bench, ListShape::Oto { working, pending, pays_off: false }).unwrap();
    assert_eq!(statuses(&bench, &list), [OrderStatus::Expired, OrderStatus::Expired]);
    assert_eq!(orders(&bench, &list)[1].expiry, ExpiryReason::OtoPhaseOneExpired);
    assert!(bench.ledger(bench.main).lists[0].done);
}

#[test]
fn a_pending_order_that_cannot_begin_is_rejected() {
    let bench = Bench::new();
    let working = OrderRequest::limit(Side::Buy, d("99"), d("1"));
    let pending = OrderRequest::limit(Side::Sell, d("105"), d("1500"));
    let list = place(&bench, ListShape::Oto { working: working.clone(), pending, pays_off: false }).unwrap();
    bench.against(Side::Sell, "99", "1");
    let order = &orders(&bench, &list)[1];
    assert_eq!((order.status, order.reject), (OrderStatus::Rejected, RejectReason::InsufficientBalances));
    assert!(bench.ledger(bench.main).lists[0].done);
    let mut stop = of_kind(Side::Sell, OrderKind::StopLoss);
    stop.stop_price = Some(d("99.5"));
    let list = place(&bench, ListShape::Oto { working, pending: stop, pays_off: false }).unwrap();
    bench.against(Side::Sell, "99", "1");
    assert_eq!(orders(&bench, &list)[1].reject, RejectReason::StopPriceWouldTriggerImmediately);
}

#[test]
fn an_otoco_begins_as_an_oco() {
    let bench = Bench::new();
    let (above, below) = legs();
    let working = OrderRequest::limit(Side::Buy, d("99"), d("1"));
    let list = place(&bench, ListShape::Otoco { working, above, below, pays_off: false }).unwrap();
    bench.against(Side::Sell, "99", "1");
    assert_eq!(statuses(&bench, &list), [OrderStatus::Filled, OrderStatus::New, OrderStatus::New]);
    assert_eq!(bench.has(bench.main, "AAA").1, "1");
    bench.against(Side::Buy, "110", "1");
    assert_eq!(statuses(&bench, &list), [OrderStatus::Filled, OrderStatus::Expired, OrderStatus::Filled]);
}

#[test]
fn an_opo_sells_what_was_bought_less_the_fee() {
    let bench = Bench::new();
    let working = OrderRequest::limit(Side::Buy, d("99"), d("2"));
    let mut pending = OrderRequest::limit(Side::Sell, d("105"), d("2"));
    let shape = |working: &OrderRequest, pending: &OrderRequest| ListShape::Oto {
        working: working.clone(),
        pending: pending.clone(),
        pays_off: true,
    };
    assert_eq!(place(&bench, shape(&working, &pending)).unwrap_err(), OrderError::PendingQuantity);
    pending.quantity = None;
    let sold = OrderRequest { side: Side::Sell, ..working.clone() };
    assert_eq!(place(&bench, shape(&sold, &pending)).unwrap_err(), OrderError::WorkingMustBuy);
    let bought = OrderRequest { side: Side::Buy, ..pending.clone() };
    assert_eq!(place(&bench, shape(&working, &bought)).unwrap_err(), OrderError::PendingMustSell);
    let list = place(&bench, shape(&working, &pending)).unwrap();
    bench.against(Side::Sell, "99", "2");
    let order = &orders(&bench, &list)[1];
    assert_eq!((order.status, order.quantity), (OrderStatus::New, d("1.998")));
}

#[test]
fn amending_one_leg_amends_both() {
    let bench = Bench::new();
    let list = oco(&bench);
    bench.told();
    let request = AmendRequest::new(OrderRef::Id(list.orders[0].order.id), d("0.7"));
    let amended = bench.step(|desk| desk.amend(bench.main, &request)).unwrap();
    let now = orders(&bench, &list);
    assert_eq!((now[0].quantity, now[1].quantity), (d("0.7"), d("0.7")));
    assert_eq!(amended.list.unwrap().orders[0].1, now[0].client_id);
    assert_eq!(bench.told(), ["replaced NEW", "replaced NEW", "list UPDATED"]);
    assert_eq!(bench.has(bench.main, "AAA").1, "0.7");
}

#[test]
fn cancel_all_answers_one_entry_per_order_or_list() {
    let bench = Bench::new();
    oco(&bench);
    bench.limit(Side::Buy, "90", "1");
    let all = bench.step(|desk| desk.cancel_all(bench.main)).unwrap();
    assert_eq!(all.iter().map(|one| one.orders.len()).collect::<Vec<_>>(), [2, 1]);
    let none = bench.step(|desk| desk.cancel_all(bench.main));
    assert_eq!(none.unwrap_err(), OrderError::UnknownOrder);
}
