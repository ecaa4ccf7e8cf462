//! What holds whatever accounts do.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::accounts::{AmendRequest, CommissionRates, ListRequest, ListShape, OrderStatus, Rates, SelfTradeMode};
use crate::engine::OwnerId;

/// One thing that somebody does. Prices are ticks of 0.5 above 90, quantities tenths.
#[derive(Clone, Debug)]
enum Act {
    Order { account: bool, side: bool, kind: usize, price: i64, quantity: i64, extra: usize },
    List { account: bool, shape: usize, price: i64, quantity: i64 },
    Cancel { account: bool, pick: usize },
    Amend { account: bool, pick: usize, quantity: i64 },
    Fill { account: bool, pick: usize, quantity: i64 },
    Others { side: bool, price: i64, quantity: i64 },
    Transfer { account: bool, asset: usize, amount: i64 },
    Expire { account: bool, pick: usize },
}

fn act() -> impl Strategy<Value = Act> {
    let (price, quantity) = (|| 0..40_i64, || 1..60_i64);
    prop_oneof![
        8 => (any::<bool>(), any::<bool>(), 0..9_usize, price(), quantity(), 0..12_usize).prop_map(
            |(account, side, kind, price, quantity, extra)| Act::Order { account, side, kind, price, quantity, extra }),
        2 => (any::<bool>(), 0..6_usize, price(), quantity())
            .prop_map(|(account, shape, price, quantity)| Act::List { account, shape, price, quantity }),
        2 => (any::<bool>(), any::<usize>()).prop_map(|(account, pick)| Act::Cancel { account, pick }),
        1 => (any::<bool>(), any::<usize>(), quantity())
            .prop_map(|(account, pick, quantity)| Act::Amend { account, pick, quantity }),
        1 => (any::<bool>(), any::<usize>(), quantity())
            .prop_map(|(account, pick, quantity)| Act::Fill { account, pick, quantity }),
        4 => (any::<bool>(), price(), quantity())
            .prop_map(|(side, price, quantity)| Act::Others { side, price, quantity }),
        1 => (any::<bool>(), 0..3_usize, -2000..2000_i64)
            .prop_map(|(account, asset, amount)| Act::Transfer { account, asset, amount }),
        1 => (any::<bool>(), any::<usize>()).prop_map(|(account, pick)| Act::Expire { account, pick }),
    ]
}

const KINDS: [OrderKind; 9] = [
    OrderKind::Limit,
    OrderKind::Limit,
    OrderKind::Limit,
    OrderKind::LimitMaker,
    OrderKind::Market,
    OrderKind::StopLoss,
    OrderKind::StopLossLimit,
    OrderKind::TakeProfit,
    OrderKind::TakeProfitLimit,
];
const MODES: [SelfTradeMode; 5] = [
    SelfTradeMode::ExpireMaker,
    SelfTradeMode::ExpireTaker,
    SelfTradeMode::ExpireBoth,
    SelfTradeMode::Decrement,
    SelfTradeMode::Transfer,
];
const ASSETS: [&str; 3] = ["USD", "AAA", "BNB"];

fn price(n: i64) -> Decimal {
    d("90") + Decimal::new(5 * n, 1)
}

fn request(side: bool, kind: usize, n: i64, quantity: i64, extra: usize) -> OrderRequest {
    let kind = KINDS[kind];
    let mut request = OrderRequest::new(if side { Side::Buy } else { Side::Sell }, kind);
    request.quantity = Some(Decimal::new(quantity, 1));
    if kind.has_price() {
        request.price = Some(price(n));
    }
    if kind.has_price() && kind != OrderKind::LimitMaker {
        request.time_in_force =
            Some([TimeInForce::Gtc, TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok][extra % 4]);
    }
    if kind.is_conditional() {
        match extra % 3 {
            0 => request.trailing_delta = Some(100),
            _ => request.stop_price = Some(price(n)),
        }
    }
    if kind == OrderKind::Market && extra.is_multiple_of(2) {
        request.quote_quantity = request.quantity.take().map(|quantity| quantity * d("100"));
    }
    if kind == OrderKind::Limit && extra % 5 == 4 && request.time_in_force == Some(TimeInForce::Gtc) {
        request.iceberg_quantity = request.quantity.map(|quantity| (quantity / d("3")).ceil().min(quantity));
    }
    request.self_trade = Some(MODES[extra % MODES.len()]);
    request
}

fn list(shape: usize, n: i64, quantity: i64) -> ListShape {
    let side = shape.is_multiple_of(2);
    let quantity = Decimal::new(quantity, 1);
    let sells = !side || shape >= 4;
    let leg = |kind| {
        let mut leg = OrderRequest::new(if sells { Side::Sell } else { Side::Buy }, kind);
        leg.quantity = (shape < 4).then_some(quantity);
        leg
    };
    let mut limit = leg(OrderKind::LimitMaker);
    let mut stop = leg(OrderKind::StopLossLimit);
    stop.time_in_force = Some(TimeInForce::Gtc);
    let (high, low) = (price(n + 4), price(n - 4));
    limit.price = Some(if sells { high } else { low });
    stop.stop_price = Some(if sells { low } else { high });
    stop.price = stop.stop_price;
    let (above, below) = if sells { (limit.clone(), stop) } else { (stop, limit.clone()) };
    let working_side = if shape >= 4 || !side { Side::Buy } else { Side::Sell };
    let working = OrderRequest::limit(working_side, price(n), quantity);
    match shape {
        0 | 1 => ListShape::Oco { above, below },
        2 => ListShape::Oto { working, pending: limit, pays_off: false },
        3 => ListShape::Otoco { working, above, below, pays_off: false },
        4 => ListShape::Oto { working, pending: limit, pays_off: true },
        _ => ListShape::Otoco { working, above, below, pays_off: true },
    }
}

impl Bench {
    fn either(&self, main: bool) -> AccountId {
        if main { self.main } else { self.other }
    }

    /// One of the account's live orders.
    fn pick(&self, account: AccountId, pick: usize) -> Option<Order> {
        let live: Vec<Order> = self.ledger(account).orders.into_iter().filter(Order::is_live).collect();
        (!live.is_empty()).then(|| live[pick % live.len()].clone())
    }

    /// Does it; what is refused is refused.
    fn act(&self, act: &Act) {
        let refused_or_not = match *act {
            Act::Order { account, side, kind, price, quantity, extra } => {
                self.place(self.either(account), &request(side, kind, price, quantity, extra)).is_ok()
            }
            Act::List { account, shape, price, quantity } => {
                let request = ListRequest::new(list(shape, price, quantity));
                self.step(|desk| desk.place_list(self.either(account), &request)).is_ok()
            }
            Act::Cancel { account, pick } => {
                self.pick(self.either(account), pick).is_some_and(|order| self.cancel(&order).is_ok())
            }
            Act::Amend { account, pick, quantity } => self.pick(self.either(account), pick).is_some_and(|order| {
                let request = AmendRequest::new(OrderRef::Id(order.id), Decimal::new(quantity, 1));
                self.step(|desk| desk.amend(order.account, &request)).is_ok()
            }),
            Act::Fill { account, pick, quantity } => self.pick(self.either(account), pick).is_some_and(|order| {
                let quantity = Some(Decimal::new(quantity, 1));
                self.step(|desk| desk.fill_part(order.account, order.id, quantity, OwnerId(9))).is_some()
            }),
            Act::Others { side, price: n, quantity } => {
                let (price, quantity) = (price(n), Decimal::new(quantity, 1));
                let instruction = Instruction::Limit { price, quantity, time_in_force: TimeInForce::Gtc };
                let side = if side { Side::Buy } else { Side::Sell };
                self.step(|desk| desk.market.engine.place(NewOrder { owner: OwnerId(9), side, instruction })).is_ok()
            }
            Act::Transfer { account, asset, amount } => {
                let (account, now) = (self.either(account), self.exchange.clock.server_now());
                let mut accounts = self.exchange.accounts.lock();
                accounts.deposit(account, ASSETS[asset], Decimal::new(amount, 1), now).is_some()
            }
            Act::Expire { account, pick } => self.pick(self.either(account), pick).is_some_and(|order| {
                self.step(|desk| desk.expire_by_exchange(order.account, order.id));
                true
            }),
        };
        let _ = refused_or_not;
    }

    /// Everything that must hold at any time.
    fn check(&self) {
        for account in [self.main, self.other] {
            let ledger = self.ledger(account);
            let mut locked: BTreeMap<&str, Decimal> = BTreeMap::new();
            for order in ledger.orders.iter().filter(|order| !order.locked.is_zero()) {
                assert!(order.is_live(), "a dead order holds: {order:?}");
                *locked.entry(if order.side == Side::Buy { "USD" } else { "AAA" }).or_default() += order.locked;
            }
            for (asset, balance) in &ledger.balances {
                assert!(balance.free >= Decimal::ZERO && balance.locked >= Decimal::ZERO, "{asset}: {balance:?}");
                assert_eq!(balance.locked, locked.get(asset.as_str()).copied().unwrap_or_default(), "{asset}");
            }
            check_orders(&ledger);
            check_lists(&ledger);
        }
        self.check_sums();
        self.check_book();
    }

    /// What accounts have is what was brought in less what others and the exchange have won.
    fn check_sums(&self) {
        let accounts = self.exchange.accounts.lock();
        let totals = accounts.totals();
        for asset in ASSETS {
            let of = |amounts: &BTreeMap<Arc<str>, Decimal>| amounts.get(asset).copied().unwrap_or_default();
            let held: Decimal = accounts.all().iter().map(|account| account.balance(asset).total()).sum();
            assert_eq!(held + of(&totals.fees) + of(&totals.others), of(&totals.deposited), "{asset}");
        }
    }

    /// Working orders rest in the book with what they have left, others do not.
    fn check_book(&self) {
        let market = self.market.lock();
        for account in [self.main, self.other] {
            for order in self.ledger(account).orders {
                let rests = order.is_live() && order.is_working;
                let expected = rests.then(|| order.remaining());
                assert_eq!(market.engine.book().remaining(order.id), expected, "{order:?}");
            }
        }
    }
}

fn check_orders(ledger: &AccountLedger) {
    let mut fills: HashMap<OrderId, (Decimal, Decimal)> = HashMap::new();
    let mut sides: HashMap<u64, HashSet<OrderId>> = HashMap::new();
    for fill in &ledger.fills {
        let sum = fills.entry(fill.order).or_default();
        *sum = (sum.0 + fill.quantity, sum.1 + fill.quote);
        sides.entry(fill.trade_id).or_default().insert(fill.order);
    }
    assert!(sides.values().all(|orders| orders.len() == 1), "an account traded with itself");
    for order in &ledger.orders {
        let (executed, quote) = fills.get(&order.id).copied().unwrap_or_default();
        assert_eq!((order.executed, order.executed_quote), (executed, quote), "{order:?}");
        assert!(order.remaining() >= Decimal::ZERO, "{order:?}");
        match order.status {
            OrderStatus::Filled => assert!(order.remaining().is_zero() && !executed.is_zero(), "{order:?}"),
            OrderStatus::New | OrderStatus::PendingNew => assert!(executed.is_zero(), "{order:?}"),
            OrderStatus::PartiallyFilled => assert!(!executed.is_zero() && !order.remaining().is_zero(), "{order:?}"),
            _ => {}
        }
    }
}

fn check_lists(ledger: &AccountLedger) {
    for list in &ledger.lists {
        let of = |id: &OrderId| ledger.orders.iter().find(|order| order.id == *id).unwrap();
        let orders: Vec<&Order> = list.orders.iter().map(|(id, _)| of(id)).collect();
        assert_eq!(list.done, orders.iter().all(|order| !order.is_live()), "{list:?}");
        if let Some((one, other)) = list.pair() {
            let traded = |id: &OrderId| !of(id).executed.is_zero();
            assert!(!(traded(&one) && traded(&other)), "both legs traded: {list:?}");
        }
        if let Some(working) = list.working
            && of(&working).status != OrderStatus::Filled
        {
            let waits = |order: &&Order| order.id == working || order.executed.is_zero();
            assert!(orders.iter().all(waits), "a pending order traded first: {list:?}");
        }
    }
}

proptest! {
    #[test]
    fn the_ledger_is_consistent_after_every_step(acts in prop::collection::vec(act(), 1..70), discount: bool) {
        let bench = Bench::new();
        for account in [bench.main, bench.other] {
            let mut accounts = bench.exchange.accounts.lock();
            let mut rates = CommissionRates { standard: Rates::new(d("-0.00005"), d("0.00075")), ..CommissionRates::default() };
            rates.discount.enabled = discount;
            accounts.account_mut(account).unwrap().rates = rates;
            let now = bench.exchange.clock.server_now();
            accounts.deposit(account, "BNB", d("0.01"), now);
            accounts.deposit(account, "USD", d("-98000"), now);
            accounts.deposit(account, "AAA", d("-980"), now);
        }
        for act in &acts {
            bench.act(act);
            bench.check();
        }
    }

    #[test]
    fn told_events_rise_and_end_orders_once(acts in prop::collection::vec(act(), 1..70)) {
        let bench = Bench::new();
        acts.iter().for_each(|act| bench.act(act));
        let mut last = 0;
        let mut ended: HashSet<(AccountId, OrderId)> = HashSet::new();
        for event in bench.told.take() {
            let AccountChange::Order(told) = event.what else { continue };
            prop_assert!(told.execution_id > last);
            last = told.execution_id;
            let key = (event.account, told.order.id);
            prop_assert!(!ended.contains(&key), "an event after the end: {:?}", told);
            if !told.order.is_live() {
                ended.insert(key);
            }
        }
    }
}
