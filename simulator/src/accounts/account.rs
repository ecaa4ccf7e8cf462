//! One account: its keys, funds, orders and fills.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::fill::Fill;
use super::key::{ApiKey, Credentials};
use super::list::{OrderList, OrderListId};
use super::order::Order;
use super::perpetual::Margins;
use super::rates::CommissionRates;
use crate::clock::Timestamp;
use crate::engine::{OrderId, OwnerId};
use crate::market::MarketId;

/// Owners from here on are accounts; those below are traders without one.
const FIRST_OWNER: u32 = 1 << 24;

/// Number of an account within one simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub u32);

impl AccountId {
    /// As the engine knows it.
    pub(crate) fn owner(self) -> OwnerId {
        OwnerId(FIRST_OWNER + self.0)
    }

    /// The account that an owner stands for; `None` for traders without one.
    pub(crate) fn of_owner(owner: OwnerId) -> Option<AccountId> {
        owner.0.checked_sub(FIRST_OWNER).map(AccountId)
    }
}

/// What an account has of one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Balance {
    /// Can be spent.
    pub free: Decimal,
    /// Held by live orders or from outside.
    pub locked: Decimal,
}

impl Balance {
    /// Without trailing zeros.
    pub(super) fn normalized(self) -> Balance {
        Balance { free: self.free.normalize(), locked: self.locked.normalize() }
    }

    /// Free and locked.
    pub fn total(self) -> Decimal {
        self.free + self.locked
    }
}

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    pub(crate) keys: Vec<ApiKey>,
    /// What the owner of the keys holds.
    pub(crate) credentials: Vec<Credentials>,
    pub(crate) balances: BTreeMap<Arc<str>, Balance>,
    pub(crate) rates: CommissionRates,
    /// Rates that differ by instrument.
    pub(crate) rates_of: HashMap<MarketId, CommissionRates>,
    pub(crate) may_trade: bool,
    pub(crate) updated: Timestamp,
    pub(crate) orders: BTreeMap<(MarketId, OrderId), Order>,
    pub(crate) open: BTreeSet<(MarketId, OrderId)>,
    pub(crate) by_client_id: HashMap<(MarketId, String), OrderId>,
    pub(crate) fills: Vec<Fill>,
    pub(crate) fills_of: HashMap<(MarketId, OrderId), Vec<usize>>,
    pub(crate) lists: BTreeMap<OrderListId, OrderList>,
    pub(crate) open_lists: BTreeSet<OrderListId>,
    /// Locked from outside, by asset.
    pub(crate) external_locks: BTreeMap<Arc<str>, Decimal>,
    /// What it has of contracts.
    pub(crate) margins: Margins,
    /// How many orders are live, by market.
    pub(super) counts: HashMap<MarketId, Counts>,
}

/// Live orders of one kind and another.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) orders: usize,
    pub(super) algo: usize,
    pub(super) iceberg: usize,
}

impl Account {
    pub(super) fn new(id: AccountId, name: &str, now: Timestamp) -> Account {
        Account {
            id,
            name: name.to_owned(),
            keys: Vec::new(),
            credentials: Vec::new(),
            balances: BTreeMap::new(),
            rates: CommissionRates::default(),
            rates_of: HashMap::new(),
            may_trade: true,
            updated: now,
            orders: BTreeMap::new(),
            open: BTreeSet::new(),
            by_client_id: HashMap::new(),
            fills: Vec::new(),
            fills_of: HashMap::new(),
            lists: BTreeMap::new(),
            open_lists: BTreeSet::new(),
            external_locks: BTreeMap::new(),
            margins: Margins::default(),
            counts: HashMap::new(),
        }
    }

    /// What it has of an asset.
    pub(crate) fn balance(&self, asset: &str) -> Balance {
        self.balances.get(asset).copied().unwrap_or_default()
    }

    /// Takes in an accepted order.
    pub(super) fn enter(&mut self, order: Order) {
        let key = (order.market, order.id);
        self.by_client_id.insert((order.market, order.client_id.clone()), order.id);
        self.open.insert(key);
        self.counts.entry(order.market).or_default().count(&order, |n| n + 1);
        self.orders.insert(key, order);
    }

    /// An order is no longer live.
    pub(super) fn closed(&mut self, key: (MarketId, OrderId)) {
        if self.open.remove(&key)
            && let Some(order) = self.orders.get(&key)
        {
            self.counts.entry(order.market).or_default().count(order, |n| n.saturating_sub(1));
        }
    }
}

impl Counts {
    fn count(&mut self, order: &Order, change: fn(usize) -> usize) {
        self.orders = change(self.orders);
        if order.kind.is_conditional() {
            self.algo = change(self.algo);
        }
        if !order.iceberg_quantity.is_zero() {
            self.iceberg = change(self.iceberg);
        }
    }
}
