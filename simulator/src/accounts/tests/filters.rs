//! Every rule of an instrument and of the exchange.

use super::*;
use crate::accounts::{AmendRequest, Filter, ListRequest, ListShape};

fn refused(bench: &Bench, request: &OrderRequest) -> Filter {
    match bench.place(bench.main, request) {
        Err(OrderError::Filter(filter)) => filter,
        other => panic!("{request:?}: {other:?}"),
    }
}

fn limit(price: &str, quantity: &str) -> OrderRequest {
    OrderRequest::limit(Side::Buy, d(price), d(quantity))
}

#[test]
fn price_quantity_and_value() {
    let bench = Bench::with(|listing| {
        listing.max_quantity = d("500");
        listing.max_market_quantity = d("50");
        listing.max_notional = d("40000");
        listing.max_price = d("450");
    });
    assert_eq!(refused(&bench, &limit("100.001", "1")), Filter::PriceFilter);
    assert_eq!(refused(&bench, &limit("450.01", "1")), Filter::PriceFilter);
    assert_eq!(refused(&bench, &limit("19.99", "1")), Filter::PercentPriceBySide);
    assert_eq!(refused(&bench, &limit("100", "1.0001")), Filter::LotSize);
    assert_eq!(refused(&bench, &limit("100", "0.0001")), Filter::LotSize);
    assert_eq!(refused(&bench, &limit("100", "500.001")), Filter::LotSize);
    assert_eq!(refused(&bench, &OrderRequest::market(Side::Sell, d("50.001"))), Filter::MarketLotSize);
    assert_eq!(refused(&bench, &limit("100", "0.049")), Filter::Notional);
    assert_eq!(refused(&bench, &limit("100", "400.001")), Filter::Notional);
    assert_eq!(refused(&bench, &OrderRequest::market(Side::Sell, d("0.049"))), Filter::Notional);
    let mut stop = of_kind(Side::Sell, OrderKind::StopLoss);
    stop.stop_price = Some(d("90.005"));
    assert_eq!(refused(&bench, &stop), Filter::PriceFilter);
    assert!(bench.ledger(bench.main).orders.is_empty());
    assert!(bench.told().is_empty());
}

#[test]
fn icebergs_and_trailing_stops() {
    let bench = Bench::with(|listing| listing.rules.iceberg_parts = 10);
    let mut iceberg = limit("100", "1.001");
    iceberg.iceberg_quantity = Some(d("0.1"));
    assert_eq!(refused(&bench, &iceberg), Filter::IcebergParts);
    iceberg.iceberg_quantity = Some(d("2"));
    assert_eq!(bench.place(bench.main, &iceberg).unwrap_err(), OrderError::IcebergExceedsQuantity);
    iceberg.iceberg_quantity = Some(d("0.5"));
    iceberg.time_in_force = Some(TimeInForce::Ioc);
    assert_eq!(bench.place(bench.main, &iceberg).unwrap_err(), OrderError::IcebergNeedsGtc);
    for delta in [9, 2001] {
        let mut trailing = of_kind(Side::Sell, OrderKind::StopLoss);
        trailing.trailing_delta = Some(delta);
        assert_eq!(refused(&bench, &trailing), Filter::TrailingDelta);
    }
}

#[test]
fn counts_of_live_orders() {
    let bench = Bench::with(|listing| {
        listing.rules.max_orders = 3;
        listing.rules.max_algo_orders = 1;
        listing.rules.max_iceberg_orders = 1;
    });
    let mut stop = of_kind(Side::Sell, OrderKind::StopLoss);
    stop.stop_price = Some(d("90"));
    let first = bench.placed(bench.main, &stop);
    assert_eq!(refused(&bench, &stop), Filter::MaxNumAlgoOrders);
    let mut iceberg = limit("90", "2");
    iceberg.iceberg_quantity = Some(d("1"));
    bench.placed(bench.main, &iceberg);
    assert_eq!(refused(&bench, &iceberg), Filter::MaxNumIcebergOrders);
    bench.placed(bench.main, &limit("90", "1"));
    assert_eq!(refused(&bench, &limit("90", "1")), Filter::MaxNumOrders);
    bench.cancel(&first).unwrap();
    bench.placed(bench.main, &limit("90", "1"));
}

#[test]
fn position_and_amendments() {
    let bench = Bench::with(|listing| {
        listing.rules.max_position = Some(d("1005"));
        listing.rules.max_amends = 1;
    });
    let order = bench.placed(bench.main, &limit("90", "3"));
    assert_eq!(refused(&bench, &limit("90", "2.001")), Filter::MaxPosition);
    bench.limit(Side::Sell, "110", "500");
    let amend = |quantity: &str| {
        let request = AmendRequest::new(OrderRef::Id(order.id), d(quantity));
        bench.step(|desk| desk.amend(bench.main, &request)).map(|_| ())
    };
    amend("2").unwrap();
    assert_eq!(amend("1").unwrap_err(), OrderError::Filter(Filter::MaxNumOrderAmends));
}

#[test]
fn lists_are_counted() {
    let bench = Bench::with(|listing| listing.rules.max_order_lists = 1);
    let oco = || {
        let mut above = of_kind(Side::Sell, OrderKind::LimitMaker);
        above.price = Some(d("110"));
        let mut below = of_kind(Side::Sell, OrderKind::StopLoss);
        below.stop_price = Some(d("90"));
        bench.step(|desk| desk.place_list(bench.main, &ListRequest::new(ListShape::Oco { above, below })))
    };
    oco().unwrap();
    assert_eq!(oco().unwrap_err(), OrderError::Filter(Filter::MaxNumOrderLists));
}

#[test]
fn bounds_over_all_instruments() {
    let bench = Bench::new();
    bench.exchange.accounts.lock().rules.max_orders = Some(1);
    bench.placed(bench.main, &limit("90", "1"));
    assert_eq!(refused(&bench, &limit("90", "1")), Filter::ExchangeMaxNumOrders);
}

#[test]
fn a_test_changes_nothing() {
    let bench = Bench::new();
    bench.exchange.test_order(bench.main, &bench.market, &limit("100", "1")).unwrap();
    assert!(bench.exchange.test_order(bench.main, &bench.market, &limit("100", "1.0001")).is_err());
    assert!(bench.ledger(bench.main).orders.is_empty());
    assert_eq!(bench.has(bench.main, "USD").1, "0");
}
