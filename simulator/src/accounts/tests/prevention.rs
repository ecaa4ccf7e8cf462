//! Self-trade prevention in every mode.

use super::*;
use crate::accounts::{OrderStatus, SelfTradeMode};

/// A resting sell of 2, then a buy of 3 in this mode, both of `main`, and a sell of `other` behind; how each ends.
fn run(mode: SelfTradeMode) -> (Bench, Order, Order) {
    let bench = Bench::new();
    let maker = bench.limit(Side::Sell, "100", "2");
    bench.against(Side::Sell, "101", "1");
    bench.told();
    let mut request = OrderRequest::limit(Side::Buy, d("101"), d("3"));
    request.self_trade = Some(mode);
    let taker = bench.placed(bench.main, &request);
    let (maker, taker) = (bench.now(&maker), bench.now(&taker));
    (bench, maker, taker)
}

#[test]
fn without_prevention_they_trade_under_one_id() {
    let (bench, maker, taker) = run(SelfTradeMode::None);
    assert_eq!((maker.status, taker.status), (OrderStatus::Filled, OrderStatus::Filled));
    let fills = bench.fills(bench.main);
    assert_eq!((fills[0].trade_id, fills[0].side, fills[1].side), (fills[1].trade_id, Side::Sell, Side::Buy));
}

#[test]
fn the_maker_expires() {
    let (bench, maker, taker) = run(SelfTradeMode::ExpireMaker);
    assert_eq!((maker.status, maker.prevented_quantity), (OrderStatus::ExpiredInMatch, d("2")));
    assert_eq!(
        (taker.status, taker.executed, taker.prevented_quantity),
        (OrderStatus::PartiallyFilled, d("1"), d("0"))
    );
    assert_eq!(bench.told(), ["new NEW", "prevented EXPIRED_IN_MATCH", "trade FILLED", "trade PARTIALLY_FILLED"]);
    assert_eq!(bench.has(bench.main, "AAA").1, "0");
    assert_eq!(taker.prevented[0].maker_prevented, d("2"));
}

#[test]
fn the_taker_expires() {
    let (bench, maker, taker) = run(SelfTradeMode::ExpireTaker);
    assert_eq!((maker.status, maker.prevented_quantity), (OrderStatus::New, d("0")));
    assert_eq!((taker.status, taker.prevented_quantity), (OrderStatus::ExpiredInMatch, d("3")));
    assert_eq!(bench.has(bench.main, "USD").1, "0");
    assert_eq!(bench.fills(bench.main).len(), 0);
}

#[test]
fn both_expire() {
    let (bench, maker, taker) = run(SelfTradeMode::ExpireBoth);
    assert_eq!((maker.status, taker.status), (OrderStatus::ExpiredInMatch, OrderStatus::ExpiredInMatch));
    assert_eq!(bench.told(), ["new NEW", "prevented EXPIRED_IN_MATCH", "prevented EXPIRED_IN_MATCH"]);
    assert_eq!((bench.has(bench.main, "USD").1, bench.has(bench.main, "AAA").1), ("0".to_owned(), "0".to_owned()));
}

#[test]
fn both_are_decremented() {
    for mode in [SelfTradeMode::Decrement, SelfTradeMode::Transfer] {
        let (bench, maker, taker) = run(mode);
        assert_eq!((maker.status, maker.prevented_quantity), (OrderStatus::ExpiredInMatch, d("2")));
        assert_eq!((taker.prevented_quantity, taker.executed, taker.remaining()), (d("2"), d("1"), d("0")));
        assert_eq!(bench.has(bench.main, "USD").1, "0");
    }
}

#[test]
fn a_market_order_goes_past_its_own_account() {
    let bench = Bench::new();
    let own = bench.limit(Side::Sell, "100", "1");
    bench.against(Side::Sell, "102", "1");
    let taker = bench.placed(bench.main, &OrderRequest::market(Side::Buy, d("1")));
    assert_eq!((taker.status, taker.executed_quote), (OrderStatus::Filled, d("102")));
    assert_eq!(bench.now(&own).status, OrderStatus::ExpiredInMatch);
}
