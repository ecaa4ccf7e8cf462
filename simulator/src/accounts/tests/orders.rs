//! Every kind of order and every time in force.

use super::*;
use crate::accounts::{
    AmendRequest, CancelReplaceRequest, CancelRestriction, ExpiryReason, OrderStatus, Peg, PegKind, RejectReason,
};
use crate::listing::TradingStatus;

#[test]
fn a_limit_buy_holds_its_value_and_gives_back_what_a_better_price_leaves() {
    let bench = Bench::new();
    let order = bench.limit(Side::Buy, "101", "2");
    assert_eq!(bench.has(bench.main, "USD"), ("99798".to_owned(), "202".to_owned()));
    bench.cancel(&order).unwrap();
    assert_eq!(bench.has(bench.main, "USD"), ("100000".to_owned(), "0".to_owned()));

    bench.against(Side::Sell, "100", "0.5");
    let order = bench.limit(Side::Buy, "101", "2");
    assert_eq!((order.status, order.executed, order.executed_quote), (OrderStatus::PartiallyFilled, d("0.5"), d("50")));
    assert_eq!(bench.has(bench.main, "USD"), ("99798.5".to_owned(), "151.5".to_owned()));
    assert_eq!(bench.has(bench.main, "AAA"), ("1000.4995".to_owned(), "0".to_owned()), "0.1 % of what is received");
    assert_eq!(
        bench.told(),
        ["new NEW", "cancelled CANCELED", "new NEW", "new NEW", "trade FILLED", "trade PARTIALLY_FILLED"]
    );
}

#[test]
fn ioc_and_fok_leave_nothing_behind() {
    let bench = Bench::new();
    bench.against(Side::Sell, "100", "1");
    let timed = |time_in_force| {
        let mut request = OrderRequest::limit(Side::Buy, d("100"), d("3"));
        request.time_in_force = Some(time_in_force);
        bench.placed(bench.main, &request)
    };
    let fok = timed(TimeInForce::Fok);
    assert_eq!((fok.status, fok.expiry), (OrderStatus::Expired, ExpiryReason::UnfilledFokOrderExpired));
    assert_eq!(fok.executed, d("0"));
    let ioc = timed(TimeInForce::Ioc);
    assert_eq!((ioc.status, ioc.expiry), (OrderStatus::Expired, ExpiryReason::UnfilledIocQuantityExpired));
    assert_eq!((ioc.executed, ioc.locked), (d("1"), d("0")));
    assert_eq!(bench.has(bench.main, "USD").1, "0");
}

#[test]
fn a_limit_maker_rests_or_is_refused() {
    let bench = Bench::new();
    bench.against(Side::Sell, "100", "1");
    let mut request = of_kind(Side::Buy, OrderKind::LimitMaker);
    request.price = Some(d("100"));
    assert_eq!(bench.place(bench.main, &request).unwrap_err(), OrderError::WouldTake);
    request.price = Some(d("99.99"));
    assert!(bench.placed(bench.main, &request).is_working);
    assert_eq!(bench.ledger(bench.main).orders.len(), 1, "a refused order leaves no trace");
}

#[test]
fn market_orders_by_quantity_and_by_amount() {
    let bench = Bench::new();
    bench.against(Side::Sell, "100", "1");
    bench.against(Side::Sell, "102", "1");
    let order = bench.placed(bench.main, &OrderRequest::market(Side::Buy, d("1.5")));
    assert_eq!((order.status, order.executed_quote), (OrderStatus::Filled, d("151")));
    let mut by_amount = OrderRequest::new(Side::Buy, OrderKind::Market);
    by_amount.quote_quantity = Some(d("20.45"));
    let order = bench.placed(bench.main, &by_amount);
    assert_eq!((order.status, order.executed, order.quantity), (OrderStatus::Filled, d("0.2"), d("0.2")));
    by_amount.quote_quantity = Some(d("500"));
    let cut = bench.placed(bench.main, &by_amount);
    assert_eq!((cut.status, cut.expiry), (OrderStatus::Expired, ExpiryReason::InsufficientLiquidity));
    assert_eq!((cut.executed, cut.quantity), (d("0.3"), d("0.3")));
    let empty = bench.placed(bench.main, &OrderRequest::market(Side::Buy, d("1")));
    assert_eq!((empty.status, empty.executed), (OrderStatus::Expired, d("0")));
    assert_eq!(bench.has(bench.main, "USD"), ("99798".to_owned(), "0".to_owned()));
}

#[test]
fn nobody_spends_what_he_does_not_have() {
    let bench = Bench::new();
    bench.against(Side::Sell, "100", "999");
    let refused = |request: &OrderRequest| bench.place(bench.main, request).unwrap_err();
    assert_eq!(refused(&OrderRequest::limit(Side::Buy, d("100"), d("1001"))), OrderError::InsufficientBalance);
    assert_eq!(refused(&OrderRequest::limit(Side::Sell, d("100"), d("1001"))), OrderError::InsufficientBalance);
    assert_eq!(refused(&OrderRequest::market(Side::Sell, d("1001"))), OrderError::InsufficientBalance);
    bench.limit(Side::Buy, "99", "1000");
    assert_eq!(refused(&OrderRequest::market(Side::Buy, d("11"))), OrderError::InsufficientBalance);
    assert_eq!(bench.placed(bench.main, &OrderRequest::market(Side::Buy, d("10"))).status, OrderStatus::Filled);
}

#[test]
fn stops_wait_for_the_last_price() {
    let bench = Bench::new();
    let stop = |side, kind, stop_price: &str| {
        let mut request = of_kind(side, kind);
        request.stop_price = Some(d(stop_price));
        request.price = kind.has_price().then(|| d(stop_price));
        bench.place(bench.main, &request).map(|placed| placed.order)
    };
    use OrderKind::{StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit};
    assert_eq!(stop(Side::Sell, StopLossLimit, "100").unwrap_err(), OrderError::WouldTrigger);
    assert_eq!(stop(Side::Buy, StopLoss, "99").unwrap_err(), OrderError::WouldTrigger);
    assert_eq!(stop(Side::Sell, TakeProfit, "99").unwrap_err(), OrderError::WouldTrigger);
    let stop_loss = stop(Side::Sell, StopLossLimit, "98").unwrap();
    let take_profit = stop(Side::Buy, TakeProfitLimit, "97").unwrap();
    let market = stop(Side::Buy, StopLoss, "103").unwrap();
    assert!(!stop_loss.is_working && stop_loss.status == OrderStatus::New);
    assert_eq!(bench.has(bench.main, "USD").1, "200", "97 and 103 are held");
    bench.told();

    bench.trade_at("98");
    assert!(bench.now(&stop_loss).is_working && !bench.now(&take_profit).is_working);
    bench.trade_at("97");
    assert_eq!(bench.now(&stop_loss).status, OrderStatus::New, "above the price: it rests");
    assert!(bench.now(&take_profit).is_working);
    assert_eq!(bench.told(), ["activated NEW", "activated NEW"]);

    bench.cancel(&bench.now(&stop_loss)).unwrap();
    bench.against(Side::Sell, "104", "2");
    bench.trade_at("103");
    let market = bench.now(&market);
    assert_eq!((market.status, market.executed_quote), (OrderStatus::Filled, d("104")));
    assert_eq!(bench.has(bench.main, "USD"), ("99799".to_owned(), "97".to_owned()));
}

#[test]
fn a_triggered_market_order_that_cannot_be_paid_expires() {
    let bench = Bench::new();
    let mut request = of_kind(Side::Buy, OrderKind::StopLoss);
    request.stop_price = Some(d("101"));
    request.quantity = Some(d("990"));
    let order = bench.placed(bench.main, &request);
    bench.against(Side::Sell, "120", "1000");
    bench.trade_at("101");
    let order = bench.now(&order);
    assert_eq!((order.status, order.reject), (OrderStatus::Expired, RejectReason::InsufficientBalances));
    assert_eq!(bench.has(bench.main, "USD"), ("100000".to_owned(), "0".to_owned()));
}

#[test]
fn a_trailing_stop_follows_the_price() {
    let bench = Bench::new();
    let mut request = of_kind(Side::Sell, OrderKind::StopLossLimit);
    request.trailing_delta = Some(200);
    request.price = Some(d("90"));
    let order = bench.placed(bench.main, &request);
    assert!(order.trailing_time.is_some() && !order.is_working);
    for price in ["98.01", "110", "107.81"] {
        bench.trade_at(price);
        assert!(!bench.now(&order).is_working, "{price}");
    }
    bench.trade_at("107.80");
    assert!(bench.now(&order).is_working, "2 % below 110");

    bench.cancel(&order).unwrap();
    request.stop_price = Some(d("112"));
    let order = bench.placed(bench.main, &request);
    bench.trade_at("105");
    assert!(bench.now(&order).trailing_time.is_none(), "it follows from 112 on");
    bench.trade_at("113");
    assert!(bench.now(&order).trailing_time.is_some() && !bench.now(&order).is_working);
    bench.trade_at("110.74");
    assert!(bench.now(&order).is_working);
}

#[test]
fn an_iceberg_shows_a_part_and_loses_its_place_with_each() {
    let bench = Bench::new();
    let mut request = OrderRequest::limit(Side::Sell, d("100"), d("3"));
    request.iceberg_quantity = Some(d("1"));
    let iceberg = bench.placed(bench.main, &request);
    let behind = bench.against(Side::Sell, "100", "1");
    let shown = || bench.market.lock().engine.book().quantity_at(Side::Sell, d("100"));
    assert_eq!(shown(), d("2"));
    bench.exchange.deposit(bench.other, "USD", d("1000"));
    let buyer = OrderRequest::limit(Side::Buy, d("100"), d("2"));
    let mut buyer = OrderRequest { self_trade: Some(crate::accounts::SelfTradeMode::None), ..buyer };
    bench.placed(bench.other, &buyer);
    assert_eq!((bench.now(&iceberg).executed, bench.now(&behind).executed, shown()), (d("1"), d("1"), d("1")));
    buyer.quantity = Some(d("1.5"));
    bench.placed(bench.other, &buyer);
    assert_eq!((bench.now(&iceberg).executed, shown()), (d("2.5"), d("0.5")));
}

#[test]
fn pegs_take_their_price_from_the_book() {
    let bench = Bench::new();
    bench.against(Side::Sell, "101", "1");
    bench.against(Side::Sell, "102", "1");
    let mut request = of_kind(Side::Sell, OrderKind::Limit);
    request.peg = Some(Peg::new(PegKind::PrimaryPeg, Some(1)));
    assert_eq!(bench.placed(bench.main, &request).price, d("102"));
    request.side = Side::Buy;
    assert_eq!(bench.place(bench.main, &request).unwrap_err(), OrderError::NoLiquidity);
    request.peg = Some(Peg::new(PegKind::MarketPeg, None));
    assert_eq!(bench.placed(bench.main, &request).status, OrderStatus::Filled);
}

#[test]
fn client_ids_are_unique_among_live_orders() {
    let bench = Bench::new();
    let request = OrderRequest::limit(Side::Buy, d("90"), d("1")).client_id("mine");
    let first = bench.placed(bench.main, &request);
    assert_eq!(bench.place(bench.main, &request).unwrap_err(), OrderError::DuplicateClientId);
    assert!(bench.place(bench.other, &request).is_ok(), "another account has ids of its own");
    bench.cancel(&first).unwrap();
    let second = bench.placed(bench.main, &request);
    let accounts = bench.exchange.accounts.lock();
    let account = accounts.account(bench.main).unwrap();
    let market = first.market;
    assert_eq!(account.order(market, &OrderRef::Client("mine".to_owned())).unwrap().id, second.id);
    assert_eq!(account.order(market, &OrderRef::Id(first.id)).unwrap().status, OrderStatus::Canceled);
    let mixed = OrderRef::Both(first.id, "other".to_owned());
    assert_eq!(account.order(market, &mixed).unwrap_err(), OrderError::IdMismatch);
    assert_eq!(account.order(market, &OrderRef::Id(OrderId(999))).unwrap_err(), OrderError::NoSuchOrder);
}

#[test]
fn cancels_may_be_restricted_and_end_once() {
    let bench = Bench::new();
    let order = bench.limit(Side::Buy, "90", "2");
    let mut request = CancelRequest::new(OrderRef::Id(order.id));
    request.restriction = CancelRestriction::OnlyPartiallyFilled;
    let cancel = |request: &CancelRequest| bench.step(|desk| desk.cancel(bench.main, request));
    assert_eq!(cancel(&request).unwrap_err(), OrderError::CancelRestricted);
    bench.against(Side::Sell, "90", "0.5");
    request.client_id = Some("the cancel".to_owned());
    let cancelled = cancel(&request).unwrap();
    assert_eq!((cancelled.client_id.as_str(), cancelled.orders[0].executed), ("the cancel", d("0.5")));
    assert_eq!(cancel(&request).unwrap_err(), OrderError::UnknownOrder);
}

#[test]
fn an_amended_order_keeps_its_place() {
    let bench = Bench::new();
    let first = bench.limit(Side::Sell, "100", "3");
    let second = bench.limit(Side::Sell, "100", "1");
    let amend = |quantity: &str| {
        let request = AmendRequest::new(OrderRef::Id(first.id), d(quantity));
        bench.step(|desk| desk.amend(bench.main, &request))
    };
    let amended = amend("2").unwrap();
    assert_eq!(amended.old_client_id, first.client_id);
    assert_ne!(amended.order.client_id, first.client_id);
    assert_eq!(bench.has(bench.main, "AAA").1, "3");
    bench.against(Side::Buy, "100", "1");
    assert_eq!((bench.now(&first).executed, bench.now(&second).executed), (d("1"), d("0")));
    assert_eq!(amend("2").unwrap_err(), OrderError::AmendNotSmaller);
    assert_eq!(amend("0.5").unwrap_err(), OrderError::AmendBelowExecuted);
    assert_eq!(amend("1").unwrap().order.status, OrderStatus::Expired, "nothing is left of it");
    assert_eq!(bench.now(&first).amendments.len(), 2);
    assert_eq!(bench.has(bench.main, "AAA").1, "1");
}

#[test]
fn cancel_replace_knows_three_outcomes() {
    let bench = Bench::new();
    let order = bench.limit(Side::Buy, "90", "1");
    let run = |cancel: &Order, quantity: &str, allow_failure| {
        let request = CancelReplaceRequest {
            cancel: CancelRequest::new(OrderRef::Id(cancel.id)),
            order: OrderRequest::limit(Side::Buy, d("91"), d(quantity)),
            allow_failure,
            may_place: true,
        };
        bench.step(|desk| desk.cancel_replace(bench.main, &request))
    };
    assert!(run(&order, "0.0001", false).is_err(), "rules of the new order come first");
    assert!(bench.now(&order).is_live());
    let both = run(&order, "1", false).unwrap();
    let new = both.order.unwrap().unwrap().order;
    assert!(both.cancel.is_ok() && new.is_live());
    let none = run(&order, "1", false).unwrap();
    assert!(none.cancel.is_err() && none.order.is_none());
    let second = run(&order, "1", true).unwrap();
    assert!(second.cancel.is_err() && second.order.unwrap().is_ok());
    let first = run(&new, "5000", false).unwrap();
    assert_eq!((first.cancel.is_ok(), first.order.unwrap().unwrap_err()), (true, OrderError::InsufficientBalance));
}

#[test]
fn a_halted_market_takes_cancels_only() {
    let bench = Bench::new();
    let order = bench.limit(Side::Buy, "90", "1");
    for status in [TradingStatus::Halt, TradingStatus::CancelOnly, TradingStatus::Break] {
        bench.market.lock().listing.status = status;
        let request = OrderRequest::limit(Side::Buy, d("90"), d("1"));
        assert_eq!(bench.place(bench.main, &request).unwrap_err(), OrderError::MarketClosed);
    }
    bench.cancel(&order).unwrap();
}
