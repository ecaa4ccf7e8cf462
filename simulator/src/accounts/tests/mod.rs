//! Tests of accounts on an exchange without wires: one instrument, an empty book, nobody but the accounts.

mod contract_properties;
mod contracts;
mod faults;
mod fees;
mod filters;
mod lists;
mod orders;
mod prevention;
mod properties;

use std::cell::RefCell;
use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::desk::Desk;
use super::{
    AccountChange, AccountEvent, AccountId, AccountLedger, Balance, CancelRequest, Fill, Order, OrderChange,
    OrderError, OrderKind, OrderRef, OrderRequest, Placed,
};
use crate::binance;
use crate::clock::Timestamp;
use crate::config::{AccountSetup, Config, Flow};
use crate::engine::{Instruction, NewOrder, OrderId, Side, TimeInForce};
use crate::exchange::Exchange;
use crate::faults::Fault;
use crate::listing::Listing;
use crate::market::Market;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An exchange with AAA-USD at 100 (tick 0.01, step 0.001, minimum value 5) and BNB-USD at 500. `main` and `other`
/// have 100 000 USD and 1 000 AAA each.
struct Bench {
    exchange: Exchange,
    market: Arc<Mutex<Market>>,
    main: AccountId,
    other: AccountId,
    told: RefCell<Vec<AccountEvent>>,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(|_| ())
    }

    fn with(change: impl FnOnce(&mut Listing)) -> Bench {
        let mut listing = Listing::new("AAA", "USD").opening(d("100"), 0);
        change(&mut listing);
        let setup = |name| AccountSetup { keys: Vec::new(), ..AccountSetup::new(name) };
        let funded = |name| setup(name).with("USD", d("100000")).with("AAA", d("1000"));
        let config = Config {
            listings: vec![listing, Listing::new("BNB", "USD").opening(d("500"), 0)],
            flow: Flow::Off,
            start_time: Some(Timestamp::from_millis(1_700_000_000_000)),
            accounts: Vec::new(),
            ..Config::default()
        };
        let exchange = Exchange::new(config, &binance::spot::SIMULATED);
        for name in ["main", "other"] {
            exchange.open_account(&funded(name)).unwrap();
        }
        let market = exchange.find("AAA-USD").unwrap();
        let id = |name| exchange.accounts.lock().named(name).unwrap();
        let (main, other) = (id("main"), id("other"));
        Bench { exchange, market, main, other, told: RefCell::default() }
    }

    /// As [`Exchange::at_desk`], but what accounts are told is kept for [`Bench::told`].
    fn step<T>(&self, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
        let Exchange { prices, faults, clock, .. } = &self.exchange;
        let mut market = self.market.lock();
        let mut accounts = self.exchange.accounts.lock();
        let mut desk = Desk::new(&mut market, &mut accounts, prices, faults, clock);
        let done = act(&mut desk);
        desk.settle();
        market.settle(clock.server_now());
        self.told.borrow_mut().extend(accounts.take_events());
        done
    }

    fn place(&self, account: AccountId, request: &OrderRequest) -> Result<Placed, OrderError> {
        self.step(|desk| desk.place(account, request))
    }

    /// Places an order that must be accepted; returns it as answered.
    fn placed(&self, account: AccountId, request: &OrderRequest) -> Order {
        self.place(account, request).unwrap().order
    }

    /// A limit order of `main`.
    fn limit(&self, side: Side, price: &str, quantity: &str) -> Order {
        self.placed(self.main, &OrderRequest::limit(side, d(price), d(quantity)))
    }

    /// A limit order of `other`.
    fn against(&self, side: Side, price: &str, quantity: &str) -> Order {
        self.placed(self.other, &OrderRequest::limit(side, d(price), d(quantity)))
    }

    /// A trade of 0.001 at `price` by two traders without an account, beside the book.
    fn trade_at(&self, price: &str) {
        let owner = self.exchange.owner("trader");
        let (price, quantity) = (d(price), d("0.001"));
        let instruction = Instruction::Limit { price, quantity, time_in_force: TimeInForce::Gtc };
        self.step(|desk| {
            for side in [Side::Sell, Side::Buy] {
                desk.market.engine.place(NewOrder { owner, side, instruction }).unwrap();
            }
        });
    }

    fn ledger(&self, account: AccountId) -> AccountLedger {
        let accounts = self.exchange.accounts.lock();
        let name = accounts.account(account).unwrap().name.clone();
        accounts.ledger(&name, &self.exchange.prices.marks).unwrap()
    }

    fn order(&self, account: AccountId, id: OrderId) -> Order {
        self.ledger(account).orders.into_iter().find(|order| order.id == id).unwrap()
    }

    /// The order of `main` as it is now.
    fn now(&self, order: &Order) -> Order {
        self.order(order.account, order.id)
    }

    fn fills(&self, account: AccountId) -> Vec<Fill> {
        self.ledger(account).fills
    }

    /// Free and locked, as text.
    fn has(&self, account: AccountId, asset: &str) -> (String, String) {
        let Balance { free, locked } = self.ledger(account).balances[asset];
        (free.normalize().to_string(), locked.normalize().to_string())
    }

    fn cancel(&self, order: &Order) -> Result<super::Cancelled, OrderError> {
        self.step(|desk| desk.cancel(order.account, &CancelRequest::new(OrderRef::Id(order.id))))
    }

    fn inject(&self, fault: Fault) {
        self.exchange.inject(fault).unwrap();
    }

    /// What accounts were told since the last call, balances left out.
    fn told(&self) -> Vec<String> {
        let told = self.told.take();
        told.iter().map(word).filter(|word| word != "balances").collect()
    }
}

fn word(event: &AccountEvent) -> String {
    match &event.what {
        AccountChange::Balances(_) => "balances".to_owned(),
        AccountChange::Delta { asset, delta } => format!("delta {asset} {delta}"),
        AccountChange::ExternalLock { asset, delta } => format!("lock {asset} {delta}"),
        AccountChange::Margin(told) => format!("margin {:?}", told.cause),
        AccountChange::Funding(payment) => format!("funding {}", payment.amount),
        AccountChange::MarginCall { positions, .. } => format!("margin call {}", positions.len()),
        AccountChange::Algo(algo) => format!("algo {}", algo.status.as_str()),
        AccountChange::Leverage { leverage, .. } => format!("leverage {} {}", leverage.buy, leverage.sell),
        AccountChange::List(list) => format!("list {}", list.change.as_str()),
        AccountChange::Order(told) => {
            let change = match &told.change {
                OrderChange::New => "new",
                OrderChange::Activated => "activated",
                OrderChange::Trade(_) => "trade",
                OrderChange::Cancelled { .. } => "cancelled",
                OrderChange::Expired => "expired",
                OrderChange::Rejected => "rejected",
                OrderChange::Replaced { .. } => "replaced",
                OrderChange::Prevented { .. } => "prevented",
                OrderChange::Modified => "modified",
                OrderChange::Cut => "cut",
            };
            format!("{change} {}", told.order.status.as_str())
        }
    }
}

/// An order of this kind for 1 AAA.
fn of_kind(side: Side, kind: OrderKind) -> OrderRequest {
    let mut request = OrderRequest::new(side, kind);
    request.quantity = Some(d("1"));
    request.time_in_force = (kind.has_price() && kind != OrderKind::LimitMaker).then_some(TimeInForce::Gtc);
    request
}
