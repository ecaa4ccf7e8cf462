//! Conditional orders that wait for a price.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::account::AccountId;
use super::order::Order;
use crate::clock::Timestamp;
use crate::engine::OrderId;
use crate::numbers::notional;

type Place = (Decimal, OrderId, AccountId);

/// All conditional orders of one market that do not work yet.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// Begin when the price is as high.
    above: BTreeSet<Place>,
    /// Begin when the price is as low.
    below: BTreeSet<Place>,
    trailing: Vec<Trailing>,
    places: HashMap<OrderId, (bool, Place)>,
}

/// An order whose stop follows the price.
#[derive(Debug)]
struct Trailing {
    order: OrderId,
    account: AccountId,
    above: bool,
    /// Distance in basis points.
    delta: u32,
    /// Price at which it begins to follow, and whether that lies above; absent once it follows.
    begins: Option<(Decimal, bool)>,
    /// Lowest price seen if it waits above, else the highest.
    extreme: Decimal,
}

/// What a price has done to a conditional order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// It is to work now.
    Stop(AccountId, OrderId),
    /// Its stop follows the price from now on.
    Follows(AccountId, OrderId),
}

impl Waiting {
    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.trailing.is_empty() && self.places.is_empty()
    }

    /// Whether `price` already reaches the stop of `order`.
    pub(super) fn reached(order: &Order, price: Decimal) -> bool {
        let stop = order.stop_price;
        order.trailing_delta.is_none() && if order.waits_above() { price >= stop } else { price <= stop }
    }

    /// Adds an order as of the last price. Returns when its stop began to follow the price, if it does so at once.
    pub(super) fn add(&mut self, order: &Order, last: Decimal, now: Timestamp) -> Option<Timestamp> {
        let above = order.waits_above();
        if let Some(delta) = order.trailing_delta {
            let begins = (!order.stop_price.is_zero()).then_some((order.stop_price, order.stop_price > last));
            let (order, account) = (order.id, order.account);
            self.trailing.push(Trailing { order, account, above, delta, begins, extreme: last });
            return begins.is_none().then_some(now);
        }
        let place = (order.stop_price, order.id, order.account);
        if above { &mut self.above } else { &mut self.below }.insert(place);
        self.places.insert(order.id, (above, place));
        None
    }

    /// Takes an order out, if it waits.
    pub(super) fn remove(&mut self, order: OrderId) {
        if let Some((above, place)) = self.places.remove(&order) {
            if above { &mut self.above } else { &mut self.below }.remove(&place);
        }
        self.trailing.retain(|trailing| trailing.order != order);
    }

    /// A trade at `price`: what it reaches, taken out.
    pub(super) fn traded(&mut self, price: Decimal) -> Vec<Reached> {
        let mut reached = Vec::new();
        while let Some(place) = self.above.first().copied().filter(|place| place.0 <= price) {
            self.above.remove(&place);
            reached.push(place);
        }
        while let Some(place) = self.below.last().copied().filter(|place| place.0 >= price) {
            self.below.remove(&place);
            reached.push(place);
        }
        let mut told: Vec<Reached> = Vec::with_capacity(reached.len());
        for (_, order, account) in reached {
            self.places.remove(&order);
            told.push(Reached::Stop(account, order));
        }
        self.trailing.retain_mut(|trailing| {
            let outcome = trailing.traded(price);
            told.extend(outcome);
            !matches!(outcome, Some(Reached::Stop(..)))
        });
        told
    }
}

impl Trailing {
    fn traded(&mut self, price: Decimal) -> Option<Reached> {
        if let Some((stop, rising)) = self.begins {
            if (rising && price < stop) || (!rising && price > stop) {
                return None;
            }
            self.begins = None;
            self.extreme = price;
            return Some(Reached::Follows(self.account, self.order));
        }
        self.extreme = if self.above { self.extreme.min(price) } else { self.extreme.max(price) };
        let distance = notional(self.extreme, Decimal::new(i64::from(self.delta), 4));
        let reached = if self.above { price >= self.extreme + distance } else { price <= self.extreme - distance };
        reached.then_some(Reached::Stop(self.account, self.order))
    }
}
