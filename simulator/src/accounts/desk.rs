//! Where one market and all accounts meet: everything that changes both goes through a [`Desk`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::account::{Account, AccountId, Balance};
use super::error::OrderError;
use super::event::{AccountChange, OrderChange, OrderEvent};
use super::list::OrderListId;
use super::order::Order;
use super::perpetual::{AlgoId, PositionSide, TriggerBy};
use super::prices::Prices;
use super::registry::{Accounts, Sequences};
use super::waiting::{Reached, Waiter};
use crate::clock::{Clock, Timestamp};
use crate::engine::{Event, OrderId, OwnerId, Side};
use crate::faults::Faults;
use crate::market::{Market, MarketId};
use crate::policy::Policy;

/// The insurance fund, a trader without an account.
const INSURER: OwnerId = OwnerId(1 << 23);

/// One market and all accounts, both locked, for one step.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(super) market: &'a mut Market,
    pub(super) accounts: &'a mut Accounts,
    pub(super) prices: &'a Prices,
    pub(super) faults: &'a Faults,
    /// Who takes over what a liquidation leaves.
    pub(super) insurer: OwnerId,
    /// The time that the exchange reports.
    pub(super) now: Timestamp,
    /// The time by which its timers run.
    pub(super) true_now: Timestamp,
    /// Events of the engine that are dealt with.
    seen: usize,
    last: Decimal,
    due: VecDeque<Due>,
    touched: BTreeMap<AccountId, BTreeSet<Arc<str>>>,
}

/// What must happen once the engine's present step has been dealt with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Due {
    /// The price has reached an order's stop.
    Activate(AccountId, OrderId),
    /// The working order of a list is filled.
    Begin(AccountId, OrderListId),
    /// A position has changed, and with it what may rest to close it.
    Upkeep(AccountId, PositionSide),
    /// The price has reached a conditional order with a number of its own.
    Trigger(AccountId, AlgoId),
    /// The order that a conditional one has placed has ended.
    Finish(AccountId, OrderId),
}

impl<'a> Desk<'a> {
    pub(crate) fn new(
        market: &'a mut Market,
        accounts: &'a mut Accounts,
        prices: &'a Prices,
        faults: &'a Faults,
        clock: &Clock,
    ) -> Desk<'a> {
        let last = market.tape.last_price();
        Desk {
            market,
            accounts,
            prices,
            faults,
            insurer: INSURER,
            now: clock.server_now(),
            true_now: clock.now(),
            seen: 0,
            last,
            due: VecDeque::new(),
            touched: BTreeMap::new(),
        }
    }

    /// Deals with all that the engine did and all that follows from it, and tells the accounts their balances.
    pub(crate) fn settle(&mut self) {
        loop {
            self.absorb();
            match self.due.pop_front() {
                Some(Due::Activate(account, order)) => self.activate(account, order),
                Some(Due::Begin(account, list)) => self.begin(account, list),
                Some(Due::Upkeep(account, side)) => self.upkeep(account, side),
                Some(Due::Trigger(account, algo)) => self.trigger_algo(account, algo),
                Some(Due::Finish(account, order)) => self.finish_algo(account, order),
                None => break,
            }
        }
        for (id, assets) in std::mem::take(&mut self.touched) {
            let Ok(account) = self.accounts.account_mut(id) else { continue };
            account.updated = self.now;
            if self.market.contract {
                continue;
            }
            let balances = assets.into_iter().map(|asset| {
                let balance = account.balance(&asset);
                (asset, balance)
            });
            let balances: Vec<(Arc<str>, Balance)> = balances.collect();
            self.accounts.tell(id, self.now, AccountChange::Balances(balances));
        }
    }

    /// Deals with the engine's new events.
    pub(super) fn absorb(&mut self) {
        while let Some(event) = self.market.engine.events().get(self.seen).copied() {
            self.seen += 1;
            match event {
                Event::Level(_) => {}
                Event::Prevented(prevented) => self.prevented(&prevented),
                Event::Trade(trade) => {
                    self.traded(&trade);
                    self.last = trade.price;
                    if !self.market.waiting.is_empty() {
                        self.price_moved(TriggerBy::Last, trade.price);
                    }
                }
            }
        }
    }

    /// What waits for this kind of price and is reached by it.
    pub(super) fn price_moved(&mut self, by: TriggerBy, price: Decimal) {
        for reached in self.market.waiting.moved(by, price) {
            match reached {
                Reached::Stop(Waiter::Order(account, order)) => self.due.push_back(Due::Activate(account, order)),
                Reached::Stop(Waiter::Algo(account, algo)) => self.due.push_back(Due::Trigger(account, algo)),
                Reached::Follows(Waiter::Order(account, order)) => {
                    let now = self.now;
                    self.change(account, order, |order| order.trailing_time = Some(now));
                }
                Reached::Follows(Waiter::Algo(account, algo)) => self.algo_follows(account, algo),
            }
        }
    }

    /// What the exchange does differently from others.
    pub(super) fn policy(&self) -> Policy {
        self.accounts.policy
    }

    pub(super) fn later(&mut self, due: Due) {
        self.due.push_back(due);
    }

    /// Price of the last trade.
    pub(super) fn last_price(&self) -> Decimal {
        self.last
    }

    pub(super) fn market_id(&self) -> MarketId {
        self.market.id
    }

    pub(super) fn account(&self, id: AccountId) -> Result<&Account, OrderError> {
        self.accounts.account(id)
    }

    /// An order of this market; it exists, for nobody removes orders.
    pub(super) fn order(&self, account: AccountId, id: OrderId) -> Option<&Order> {
        self.accounts.account(account).ok()?.orders.get(&(self.market.id, id))
    }

    /// Changes an order in place.
    pub(super) fn change(&mut self, account: AccountId, id: OrderId, change: impl FnOnce(&mut Order)) {
        let key = (self.market.id, id);
        if let Ok(account) = self.accounts.account_mut(account)
            && let Some(order) = account.orders.get_mut(&key)
        {
            change(order);
        }
    }

    /// Adds to what an account has free of an asset and to what it has locked.
    pub(super) fn move_funds(&mut self, account: AccountId, asset: &Arc<str>, free: Decimal, locked: Decimal) {
        if let Ok(found) = self.accounts.account_mut(account) {
            let balance = match found.balances.get_mut(asset) {
                Some(balance) => balance,
                None => found.balances.entry(Arc::clone(asset)).or_default(),
            };
            balance.free += free;
            balance.locked += locked;
            self.touched.entry(account).or_default().insert(Arc::clone(asset));
        }
    }

    /// The asset that an order of this side holds and pays with.
    pub(super) fn paid_asset(&self, side: Side) -> Arc<str> {
        let names = &self.market.names;
        Arc::clone(if side == Side::Buy { &names.quote } else { &names.base })
    }

    pub(super) fn sequences(&mut self) -> &mut Sequences {
        self.accounts.sequences.entry(self.market.id).or_default()
    }

    /// Tells an account about one of its orders, as it stands; returns the execution id.
    pub(super) fn tell_order(&mut self, account: AccountId, id: OrderId, change: OrderChange) -> u64 {
        let sequences = self.sequences();
        sequences.execution += 1;
        let execution_id = sequences.execution;
        if let Some(order) = self.order(account, id).cloned() {
            let event = OrderEvent { change, execution_id, order };
            self.accounts.tell(account, self.now, AccountChange::Order(Box::new(event)));
        }
        execution_id
    }
}
