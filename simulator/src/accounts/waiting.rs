//! Conditional orders that wait for a price.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::account::AccountId;
use super::order::Order;
use super::perpetual::{AlgoId, TriggerBy};
use crate::clock::Timestamp;
use crate::engine::OrderId;
use crate::numbers::notional;

/// Who waits for a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Waiter {
    /// An order that keeps its number when it works.
    Order(AccountId, OrderId),
    /// A conditional order that places one.
    Algo(AccountId, AlgoId),
}

type Place = (Decimal, Waiter);

/// All conditional orders of one market that do not work yet, by the price that they wait for.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    by: BTreeMap<TriggerBy, Ladder>,
}

/// Those that wait for one kind of price.
#[derive(Debug, Default)]
struct Ladder {
    /// Begin when the price is as high.
    above: BTreeSet<Place>,
    /// Begin when the price is as low.
    below: BTreeSet<Place>,
    trailing: Vec<Trailing>,
    places: HashMap<Waiter, (bool, Place)>,
}

/// An order whose stop follows the price.
#[derive(Debug)]
struct Trailing {
    waiter: Waiter,
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
    Stop(Waiter),
    /// Its stop follows the price from now on.
    Follows(Waiter),
}

impl Waiting {
    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.by.values().all(Ladder::is_empty)
    }

    /// Whether anything waits for this kind of price.
    pub(crate) fn waits_for(&self, by: TriggerBy) -> bool {
        self.by.get(&by).is_some_and(|ladder| !ladder.is_empty())
    }

    /// Whether `price` already reaches the stop of `order`.
    pub(super) fn reached(order: &Order, price: Decimal) -> bool {
        let stop = order.stop_price;
        order.trailing_delta.is_none() && if order.waits_above() { price >= stop } else { price <= stop }
    }

    /// Adds an order as of the present price. Returns when its stop began to follow the price, if it does so at once.
    pub(super) fn add(&mut self, waiter: Waiter, order: &Order, price: Decimal, now: Timestamp) -> Option<Timestamp> {
        let ladder = self.by.entry(order.trigger.by).or_default();
        let above = order.waits_above();
        if let Some(delta) = order.trailing_delta {
            let begins = (!order.stop_price.is_zero()).then_some((order.stop_price, order.stop_price > price));
            ladder.trailing.push(Trailing { waiter, above, delta, begins, extreme: price });
            return begins.is_none().then_some(now);
        }
        let place = (order.stop_price, waiter);
        if above { &mut ladder.above } else { &mut ladder.below }.insert(place);
        ladder.places.insert(waiter, (above, place));
        None
    }

    /// Takes an order out, if it waits.
    pub(super) fn remove(&mut self, waiter: Waiter) {
        for ladder in self.by.values_mut() {
            if let Some((above, place)) = ladder.places.remove(&waiter) {
                if above { &mut ladder.above } else { &mut ladder.below }.remove(&place);
            }
            ladder.trailing.retain(|trailing| trailing.waiter != waiter);
        }
    }

    /// The price is `price` now: what that reaches, taken out.
    pub(super) fn moved(&mut self, by: TriggerBy, price: Decimal) -> Vec<Reached> {
        self.by.get_mut(&by).map(|ladder| ladder.moved(price)).unwrap_or_default()
    }
}

impl Ladder {
    fn is_empty(&self) -> bool {
        self.trailing.is_empty() && self.places.is_empty()
    }

    fn moved(&mut self, price: Decimal) -> Vec<Reached> {
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
        for (_, waiter) in reached {
            self.places.remove(&waiter);
            told.push(Reached::Stop(waiter));
        }
        self.trailing.retain_mut(|trailing| {
            let outcome = trailing.moved(price);
            told.extend(outcome);
            !matches!(outcome, Some(Reached::Stop(..)))
        });
        told
    }
}

impl Trailing {
    fn moved(&mut self, price: Decimal) -> Option<Reached> {
        if let Some((stop, rising)) = self.begins {
            if (rising && price < stop) || (!rising && price > stop) {
                return None;
            }
            self.begins = None;
            self.extreme = price;
            return Some(Reached::Follows(self.waiter));
        }
        self.extreme = if self.above { self.extreme.min(price) } else { self.extreme.max(price) };
        let distance = notional(self.extreme, Decimal::new(i64::from(self.delta), 4));
        let reached = if self.above { price >= self.extreme + distance } else { price <= self.extreme - distance };
        reached.then_some(Reached::Stop(self.waiter))
    }
}
