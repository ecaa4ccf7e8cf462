//! Perpetual contracts: margin, positions, settings, fundings, conditional orders, liquidation.

use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::{d, word};
use crate::accounts::{
    AccountId, AlgoRef, AlgoStatus, CancelRequest, ContractLedger, ExpiryReason, Filter, Leverage, MarginMode, Order,
    OrderError, OrderKind, OrderRef, OrderRequest, OrderStatus, Origin, PositionMode, PositionSide, RejectReason,
    Scope, SettingError, TriggerBy,
};
use crate::binance;
use crate::clock::Timestamp;
use crate::config::{AccountSetup, Config, Flow};
use crate::contract::Contract;
use crate::engine::{Instruction, NewOrder, Side, TimeInForce};
use crate::exchange::Exchange;
use crate::exchanges::{Product, Simulated};
use crate::listing::Listing;
use crate::market::Market;
use crate::policy::Policy;

/// An exchange with the contracts BTC-USDT at 30 000 (tick 0.1, step 0.001) and ETH-USDT at 2 000, books empty, at
/// 2023-11-14 22:13:20. `main` and `other` have 1 000 and 1 000 000 USDT and leverage 10.
pub(super) struct Contracts {
    pub(super) exchange: Exchange,
    pub(super) market: Arc<Mutex<Market>>,
    pub(super) main: AccountId,
    pub(super) other: AccountId,
}

impl Contracts {
    pub(super) fn new() -> Contracts {
        Contracts::with(Policy::BINANCE_USDM)
    }

    pub(super) fn with(policy: Policy) -> Contracts {
        let listing = |base: &str, price: &str| {
            let mut listing = Listing::new(base, "USDT").steps(d("0.1"), d("0.001")).opening(d(price), 0);
            listing.contract = Some(Contract::up_to(125));
            listing
        };
        let setup = |name, amount: &str| AccountSetup {
            keys: Vec::new(),
            leverage: Some(d("10")),
            ..AccountSetup::new(name).with("USDT", d(amount))
        };
        let config = Config {
            listings: vec![listing("BTC", "30000"), listing("ETH", "2000")],
            flow: Flow::Off,
            start_time: Some(Timestamp::from_millis(1_700_000_000_000)),
            accounts: Vec::new(),
            clock: crate::clock::ClockSource::Manual,
            ..Config::default()
        };
        let simulated = Simulated { product: Product::LinearPerpetual, policy, ..binance::spot::SIMULATED };
        let exchange = Exchange::new(config, &simulated);
        exchange.open_account(&setup("main", "1000")).unwrap();
        exchange.open_account(&setup("other", "1000000")).unwrap();
        let market = exchange.find("BTC-USDT").unwrap();
        let id = |name| exchange.accounts.lock().named(name).unwrap();
        let (main, other) = (id("main"), id("other"));
        Contracts { exchange, market, main, other }
    }

    pub(super) fn place(&self, account: AccountId, request: &OrderRequest) -> Result<Order, OrderError> {
        self.exchange.place_order(account, &self.market, request).map(|placed| placed.order)
    }

    /// A limit order of `main` that must be accepted.
    fn limit(&self, side: Side, price: &str, quantity: &str) -> Order {
        self.place(self.main, &OrderRequest::limit(side, d(price), d(quantity))).unwrap()
    }

    /// A limit order of `other` that must be accepted.
    fn against(&self, side: Side, price: &str, quantity: &str) -> Order {
        self.place(self.other, &OrderRequest::limit(side, d(price), d(quantity))).unwrap()
    }

    /// `main` trades with `other`.
    fn trade(&self, side: Side, price: &str, quantity: &str) {
        self.against(side.opposite(), price, quantity);
        assert_eq!(self.limit(side, price, quantity).status, OrderStatus::Filled);
    }

    pub(super) fn ledger(&self, account: AccountId) -> ContractLedger {
        let accounts = self.exchange.accounts.lock();
        ContractLedger::of(accounts.account(account).unwrap(), &self.exchange.prices.marks)
    }

    fn available(&self) -> Decimal {
        self.ledger(self.main).wallets["USDT"].available
    }

    fn size(&self, side: PositionSide) -> Decimal {
        let market = self.market.lock().id;
        self.exchange.accounts.lock().account(self.main).unwrap().margins.size(market, side)
    }

    fn order(&self, order: &Order) -> Order {
        self.exchange.accounts.lock().account(order.account).unwrap().orders[&(order.market, order.id)].clone()
    }

    fn mark(&self, price: &str) {
        let market = self.market.lock().id;
        self.exchange.prices.marks.set_mark(market, Some(d(price)));
        self.exchange.follow_marks();
    }

    /// What `main` is told by what `act` does.
    fn told(&self, act: impl FnOnce(&mut crate::accounts::desk::Desk<'_>)) -> Vec<String> {
        let Exchange { prices, faults, clock, .. } = &self.exchange;
        let mut market = self.market.lock();
        let mut accounts = self.exchange.accounts.lock();
        let mut desk = crate::accounts::desk::Desk::new(&mut market, &mut accounts, prices, faults, clock);
        act(&mut desk);
        desk.settle();
        let told = accounts.take_events();
        told.iter().filter(|event| event.account == self.main).map(word).collect()
    }
}

/// The figures of the protocol's example: leverage 10, flat, 1 000 available.
#[test]
fn margins_follow_orders_and_fills() {
    let bench = Contracts::new();
    let buy = bench.limit(Side::Buy, "30000", "0.1");
    assert_eq!(bench.available(), d("700"));
    let sell = OrderRequest::market(Side::Sell, d("0.1"));
    bench.place(bench.other, &sell).unwrap();
    // As a maker it would pay less; the example takes.
    assert_eq!(bench.order(&buy).status, OrderStatus::Filled);
    assert_eq!(bench.available(), d("1000") - d("300") - d("0.6"));
}

#[test]
fn margins_of_a_taker() {
    let bench = Contracts::new();
    bench.trade(Side::Buy, "30000", "0.1");
    assert_eq!(bench.available(), d("698.5"));
    bench.against(Side::Buy, "31000", "0.1");
    let close = OrderRequest::limit(Side::Sell, d("31000"), d("0.1")).reduce_only();
    assert_eq!(bench.place(bench.main, &close).unwrap().status, OrderStatus::Filled);
    assert_eq!(bench.available(), d("1096.95"));
    let ledger = bench.ledger(bench.main);
    assert_eq!((ledger.closed.len(), ledger.closed[0].realised), (1, d("100")));
    let moved: Decimal = ledger.transactions.iter().map(|row| row.amount).sum();
    assert_eq!(moved, d("1096.95"));
}

#[test]
fn an_order_needs_margin_and_a_tier() {
    let bench = Contracts::new();
    let refused = |quantity| bench.place(bench.main, &OrderRequest::limit(Side::Buy, d("30000"), d(quantity)));
    assert_eq!(refused("0.334").unwrap_err(), OrderError::InsufficientMargin);
    let market = bench.market.lock().id;
    bench.exchange.set_leverage(bench.other, market, Leverage::of(d("125"))).unwrap();
    let large = OrderRequest::limit(Side::Buy, d("30000"), d("2"));
    assert_eq!(bench.place(bench.other, &large).unwrap_err(), OrderError::Filter(Filter::MaxPosition));
}

#[test]
fn reduce_only_needs_a_position_and_ends_with_it() {
    let bench = Contracts::new();
    let close = OrderRequest::limit(Side::Sell, d("31000"), d("0.1")).reduce_only();
    assert_eq!(bench.place(bench.main, &close).unwrap_err(), OrderError::ReduceOnly);
    bench.trade(Side::Buy, "30000", "0.1");
    let resting = bench.place(bench.main, &close).unwrap();
    assert_eq!(bench.available(), d("698.5"), "it binds nothing");
    bench.trade(Side::Sell, "30000", "0.1");
    let ended = bench.order(&resting);
    assert_eq!((ended.status, ended.expiry), (OrderStatus::Expired, ExpiryReason::ReduceOnly));
}

#[test]
fn reduce_only_is_cut_where_the_exchange_cuts() {
    let bench = Contracts::with(Policy::BYBIT_LINEAR);
    bench.trade(Side::Buy, "30000", "0.1");
    let close = OrderRequest::limit(Side::Sell, d("31000"), d("0.3")).reduce_only();
    let resting = bench.place(bench.main, &close).unwrap();
    assert_eq!(resting.quantity, d("0.1"));
    bench.trade(Side::Sell, "30000", "0.04");
    assert_eq!(bench.order(&resting).quantity, d("0.06"));
    bench.against(Side::Buy, "29999", "1");
    let market = bench.place(bench.main, &OrderRequest::market(Side::Sell, d("5")).reduce_only()).unwrap();
    assert_eq!((market.status, market.executed), (OrderStatus::Filled, d("0.06")));
    assert_eq!(bench.size(PositionSide::Both), Decimal::ZERO);
}

#[test]
fn a_reduce_only_taker_never_turns_the_position() {
    let bench = Contracts::new();
    bench.trade(Side::Buy, "30000", "0.1");
    bench.against(Side::Buy, "29999", "1");
    let taker = bench.place(bench.main, &OrderRequest::market(Side::Sell, d("0.3")).reduce_only()).unwrap();
    assert_eq!((taker.status, taker.expiry), (OrderStatus::Expired, ExpiryReason::ReduceOnly));
    assert_eq!((taker.executed, bench.size(PositionSide::Both)), (d("0.1"), Decimal::ZERO));
}

#[test]
fn hedge_mode_keeps_two_positions() {
    let bench = Contracts::new();
    bench.exchange.set_position_mode(bench.main, &Scope::Account, PositionMode::Hedge).unwrap();
    let plain = OrderRequest::limit(Side::Buy, d("30000"), d("0.1"));
    assert_eq!(bench.place(bench.main, &plain).unwrap_err(), OrderError::PositionSide);
    bench.against(Side::Sell, "30000", "0.1");
    bench.place(bench.main, &plain.clone().position_side(PositionSide::Long)).unwrap();
    bench.against(Side::Buy, "30000", "0.2");
    let short = OrderRequest::limit(Side::Sell, d("30000"), d("0.05")).position_side(PositionSide::Short);
    bench.place(bench.main, &short).unwrap();
    assert_eq!((bench.size(PositionSide::Long), bench.size(PositionSide::Short)), (d("0.1"), d("-0.05")));
    let close = OrderRequest::limit(Side::Sell, d("30000"), d("0.1")).position_side(PositionSide::Long);
    bench.place(bench.main, &close).unwrap();
    assert_eq!((bench.size(PositionSide::Long), bench.size(PositionSide::Short)), (Decimal::ZERO, d("-0.05")));
}

#[test]
fn modes_change_only_while_nothing_is_open() {
    let bench = Contracts::new();
    let hedge = |scope: &Scope| bench.exchange.set_position_mode(bench.main, scope, PositionMode::Hedge);
    let order = bench.limit(Side::Buy, "29000", "0.01");
    assert_eq!(hedge(&Scope::Account), Err(SettingError::OrdersOpen));
    let isolated = |scope: &Scope| bench.exchange.set_margin_mode(bench.main, scope, MarginMode::Isolated);
    assert_eq!(isolated(&Scope::Contract("BTCUSDT".to_owned())), Err(SettingError::OrdersOpen));
    assert_eq!(isolated(&Scope::Contract("ETHUSDT".to_owned())), Ok(()));
    bench.exchange.cancel_order(bench.main, &bench.market, &CancelRequest::new(OrderRef::Id(order.id))).unwrap();
    bench.trade(Side::Buy, "30000", "0.01");
    assert_eq!(hedge(&Scope::Account), Err(SettingError::PositionOpen));
    assert_eq!(hedge(&Scope::Settle("USDT".into())), Ok(()));
    let mode = |name: &str| {
        let market = bench.exchange.find(name).unwrap().lock().id;
        bench.exchange.settings(bench.main, market)
    };
    assert_eq!((mode("BTC-USDT").1, mode("ETH-USDT").1), (PositionMode::OneWay, PositionMode::Hedge));
    assert_eq!((mode("BTC-USDT").2, mode("ETH-USDT").2), (MarginMode::Cross, MarginMode::Isolated));
}

#[test]
fn leverage_is_bounded_by_contract_position_and_margin() {
    let bench = Contracts::new();
    let market = bench.market.lock().id;
    let set = |leverage: &str| bench.exchange.set_leverage(bench.main, market, Leverage::of(d(leverage)));
    assert_eq!(set("126"), Err(SettingError::LeverageRange));
    assert_eq!(set("10"), Err(SettingError::Unchanged));
    bench.trade(Side::Buy, "30000", "0.3");
    assert_eq!(set("5"), Err(SettingError::InsufficientMargin));
    assert_eq!(set("20"), Ok(()));
    assert_eq!(bench.available(), d("1000") - d("450") - d("4.5"));
}

#[test]
fn funding_is_paid_once_at_its_time() {
    let bench = Contracts::new();
    bench.trade(Side::Buy, "30000", "0.1");
    let market = bench.market.lock().id;
    bench.exchange.prices.marks.set_rate(market, Some(d("0.0002")));
    bench.exchange.clock.advance(std::time::Duration::from_secs(10 * 3600));
    bench.exchange.pass_time(true);
    bench.exchange.pass_time(true);
    let ledger = bench.ledger(bench.main);
    assert_eq!(ledger.funding.iter().map(|paid| paid.amount).collect::<Vec<_>>(), [d("-0.6"), d("-0.6")]);
    assert_eq!(ledger.funding[0].time.millis(), 1_700_006_400_000, "midnight");
    assert_eq!(bench.ledger(bench.other).funding[0].amount, d("0.6"));
    assert_eq!(bench.exchange.prices.marks.history(market).len(), 2);
    assert_eq!(ledger.wallets["USDT"].balance, d("998.5") - d("1.2"));
}

#[test]
fn a_conditional_order_waits_for_the_mark_price() {
    let bench = Contracts::with(Policy::BYBIT_LINEAR);
    bench.trade(Side::Buy, "30000", "0.1");
    bench.against(Side::Buy, "29000", "1");
    let mut stop = OrderRequest::new(Side::Sell, OrderKind::StopLoss);
    stop.stop_price = Some(d("29500"));
    (stop.trigger.by, stop.position.close_position) = (TriggerBy::Mark, true);
    let order = bench.place(bench.main, &stop).unwrap();
    bench.mark("30000");
    let trader = bench.exchange.owner("trader");
    let instruction = Instruction::Market { quantity: d("0.01") };
    bench.exchange.place(&bench.market, NewOrder { owner: trader, side: Side::Sell, instruction }).unwrap();
    assert_eq!(bench.order(&order).status, OrderStatus::New, "the last price does not count");
    bench.mark("29400");
    let done = bench.order(&order);
    assert_eq!((done.status, done.executed), (OrderStatus::Filled, d("0.1")));
}

#[test]
fn an_algo_order_places_an_order() {
    let bench = Contracts::new();
    bench.trade(Side::Buy, "30000", "0.1");
    bench.against(Side::Buy, "29000", "1");
    let mut stop = OrderRequest::new(Side::Sell, OrderKind::StopLoss).reduce_only().client_id("stop");
    (stop.stop_price, stop.quantity, stop.trigger.by) = (Some(d("29500")), Some(d("0.04")), TriggerBy::Mark);
    let algo = bench.exchange.place_algo(bench.main, &bench.market, &stop, false).unwrap();
    let again = bench.exchange.place_algo(bench.main, &bench.market, &stop, false);
    assert_eq!(again.unwrap_err(), OrderError::DuplicateClientId);
    bench.mark("29400");
    let found = || {
        let accounts = bench.exchange.accounts.lock();
        accounts.account(bench.main).unwrap().margins.algos.find(&AlgoRef::Id(algo.id)).unwrap().clone()
    };
    assert_eq!(found().status, AlgoStatus::Finished);
    assert!(found().placed.is_some());
    assert_eq!(bench.size(PositionSide::Both), d("0.06"));
    let gone = bench.exchange.cancel_algo(bench.main, &AlgoRef::Client("stop".to_owned()));
    assert_eq!(gone.unwrap_err(), OrderError::UnknownOrder);
}

#[test]
fn a_position_without_margin_is_liquidated() {
    let bench = Contracts::new();
    bench.trade(Side::Buy, "30000", "0.3");
    let resting = bench.limit(Side::Buy, "20000", "0.01");
    bench.against(Side::Buy, "26800", "0.1");
    bench.mark("27000");
    assert_eq!(bench.size(PositionSide::Both), d("0.3"), "warned only");
    bench.mark("26750");
    assert_eq!(bench.size(PositionSide::Both), Decimal::ZERO);
    let ended = bench.order(&resting);
    assert_eq!((ended.status, ended.expiry), (OrderStatus::Expired, ExpiryReason::Liquidation));
    let accounts = bench.exchange.accounts.lock();
    let account = accounts.account(bench.main).unwrap();
    let own: Vec<&Order> = account.orders.values().filter(|order| order.origin == Origin::Liquidation).collect();
    assert_eq!((own.len(), own[0].status), (1, OrderStatus::Filled));
    assert!(own[0].client_id.starts_with("autoclose-"), "{}", own[0].client_id);
    assert!(account.balance("USDT").total() >= Decimal::ZERO);
}

#[test]
fn liquidation_is_told_in_order() {
    let bench = Contracts::new();
    bench.trade(Side::Buy, "30000", "0.3");
    let market = bench.market.lock().id;
    bench.exchange.prices.marks.set_mark(market, Some(d("26700")));
    let told = bench.told(|desk| desk.liquidate(bench.main, PositionSide::Both));
    assert_eq!(told, ["new NEW", "trade FILLED", "margin Order", "margin Insurance"]);
}

#[test]
fn others_close_positions_by_force() {
    let bench = Contracts::new();
    bench.trade(Side::Buy, "30000", "0.3");
    let (main, both) = (bench.main, PositionSide::Both);
    bench.exchange.at_desk(&bench.market, |desk| {
        desk.close_by_force(main, both, d("30100"), Some(d("0.1")), Origin::Adl).unwrap()
    });
    assert_eq!(bench.size(both), d("0.2"));
    bench.exchange.settle("BTC-USDT", Some(d("30200"))).unwrap();
    assert_eq!(bench.size(both), Decimal::ZERO);
    let ledger = bench.ledger(bench.main);
    assert_eq!(ledger.wallets["USDT"].balance, d("1000") - d("4.5") + d("10") + d("40"));
    let late = bench.place(bench.main, &OrderRequest::limit(Side::Buy, d("30000"), d("0.01")));
    assert_eq!(late.unwrap_err(), OrderError::MarketClosed);
}

#[test]
fn an_isolated_position_loses_no_more_than_its_margin() {
    let bench = Contracts::new();
    let scope = Scope::Contract("BTC-USDT".to_owned());
    bench.exchange.set_margin_mode(bench.main, &scope, MarginMode::Isolated).unwrap();
    bench.trade(Side::Buy, "30000", "0.1");
    let position = bench.ledger(bench.main).positions.remove(0);
    assert_eq!((position.isolated, bench.available()), (d("300"), d("698.5")));
    assert_eq!(bench.exchange.add_margin(bench.main, position.market, PositionSide::Both, d("100")), Ok(()));
    assert_eq!(bench.available(), d("598.5"));
    bench.mark("20000");
    let wallet = bench.ledger(bench.main).wallets["USDT"].clone();
    assert_eq!((bench.size(PositionSide::Both), wallet.balance), (Decimal::ZERO, d("598.5")));
}

#[test]
fn post_only_through_the_book_is_rejected_late_where_the_exchange_does_so() {
    let bench = Contracts::with(Policy::BYBIT_LINEAR);
    bench.against(Side::Sell, "30000", "1");
    let mut maker = OrderRequest::new(Side::Buy, OrderKind::LimitMaker);
    (maker.price, maker.quantity) = (Some(d("30001")), Some(d("0.01")));
    let told = bench.told(|desk| {
        let placed = desk.place(bench.main, &maker).unwrap().order;
        assert_eq!((placed.status, placed.reject), (OrderStatus::Rejected, RejectReason::WouldMatchImmediately));
    });
    assert_eq!(told, ["rejected REJECTED"]);
    let refusing = Contracts::new();
    refusing.against(Side::Sell, "30000", "1");
    assert_eq!(refusing.place(refusing.main, &maker).unwrap_err(), OrderError::WouldTake);
    let mut kill = OrderRequest::limit(Side::Buy, d("30000"), d("0.2"));
    kill.time_in_force = Some(TimeInForce::Fok);
    assert_eq!(refusing.place(refusing.main, &kill).unwrap().status, OrderStatus::Filled);
    refusing.exchange.cancel_all(refusing.other, &refusing.market).unwrap();
    kill.price = Some(d("29999"));
    assert_eq!(refusing.place(refusing.main, &kill).unwrap_err(), OrderError::FokUnfilled);
}
