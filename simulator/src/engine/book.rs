//! Resting orders by price and time.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rust_decimal::Decimal;

use super::order::{OrderId, OwnerId, Side};

/// One resting order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resting {
    pub(super) id: OrderId,
    pub(super) owner: OwnerId,
    pub(super) remaining: Decimal,
}

/// The queue at one price, oldest first.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub(super) total: Decimal,
    pub(super) queue: VecDeque<Resting>,
}

/// All resting orders of one instrument.
#[derive(Debug, Default)]
pub struct OrderBook {
    pub(super) bids: BTreeMap<Decimal, Level>,
    pub(super) asks: BTreeMap<Decimal, Level>,
    places: HashMap<OrderId, (Side, Decimal)>,
}

impl OrderBook {
    /// Price and quantity of the highest bid.
    pub fn best_bid(&self) -> Option<(Decimal, Decimal)> {
        self.bids.last_key_value().map(|(price, level)| (*price, level.total))
    }

    /// Price and quantity of the lowest ask.
    pub fn best_ask(&self) -> Option<(Decimal, Decimal)> {
        self.asks.first_key_value().map(|(price, level)| (*price, level.total))
    }

    /// Price and quantity of the best level of `side`.
    pub fn best(&self, side: Side) -> Option<(Decimal, Decimal)> {
        match side {
            Side::Buy => self.best_bid(),
            Side::Sell => self.best_ask(),
        }
    }

    /// Bids from high to low.
    pub fn bids(&self) -> impl Iterator<Item = (Decimal, Decimal)> + '_ {
        self.bids.iter().rev().map(|(price, level)| (*price, level.total))
    }

    /// Asks from low to high.
    pub fn asks(&self) -> impl Iterator<Item = (Decimal, Decimal)> + '_ {
        self.asks.iter().map(|(price, level)| (*price, level.total))
    }

    /// Quantity at `price`; zero without a level there.
    pub fn quantity_at(&self, side: Side, price: Decimal) -> Decimal {
        self.side(side).get(&price).map_or(Decimal::ZERO, |level| level.total)
    }

    /// Number of levels of `side`.
    pub fn depth(&self, side: Side) -> usize {
        self.side(side).len()
    }

    /// Side and price of a resting order.
    pub fn place_of(&self, id: OrderId) -> Option<(Side, Decimal)> {
        self.places.get(&id).copied()
    }

    /// What a resting order still has to trade.
    pub fn remaining(&self, id: OrderId) -> Option<Decimal> {
        let (side, price) = self.place_of(id)?;
        let level = self.side(side).get(&price)?;
        level.queue.iter().find(|order| order.id == id).map(|order| order.remaining)
    }

    /// Resting orders of `side` at `price` or better, best price and oldest first.
    pub fn orders_reached(&self, side: Side, price: Decimal) -> Vec<(OrderId, OwnerId, Decimal)> {
        let ids = |level: &Level| level.queue.iter().map(|o| (o.id, o.owner, o.remaining)).collect::<Vec<_>>();
        match side {
            Side::Buy => self.bids.range(price..).rev().flat_map(|(_, level)| ids(level)).collect(),
            Side::Sell => self.asks.range(..=price).flat_map(|(_, level)| ids(level)).collect(),
        }
    }

    pub(super) fn side(&self, side: Side) -> &BTreeMap<Decimal, Level> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<Decimal, Level> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// Adds an order at the end of its level's queue; returns the level's quantity before and after.
    pub(super) fn add(&mut self, side: Side, price: Decimal, order: Resting) -> (Decimal, Decimal) {
        self.places.insert(order.id, (side, price));
        let level = self.side_mut(side).entry(price).or_default();
        let before = level.total;
        level.total += order.remaining;
        level.queue.push_back(order);
        (before, level.total)
    }

    /// Takes an order out; returns side, price, what it had left, and the level before and after.
    pub(super) fn remove(&mut self, id: OrderId) -> Option<(Side, Decimal, Decimal, Decimal, Decimal)> {
        let (side, price) = self.places.remove(&id)?;
        let level = self.side_mut(side).get_mut(&price)?;
        let at = level.queue.iter().position(|order| order.id == id)?;
        let order = level.queue.remove(at)?;
        let before = level.total;
        level.total -= order.remaining;
        let after = level.total;
        self.drop_if_empty(side, price);
        Some((side, price, order.remaining, before, after))
    }

    /// Trades up to `quantity` with the oldest order of a level. `None` if there is no such level.
    pub(super) fn take(&mut self, side: Side, price: Decimal, quantity: Decimal) -> Option<(Resting, Decimal)> {
        let level = self.side_mut(side).get_mut(&price)?;
        let oldest = level.queue.front_mut()?;
        let traded = oldest.remaining.min(quantity);
        oldest.remaining -= traded;
        let maker = *oldest;
        level.total -= traded;
        if maker.remaining.is_zero() {
            level.queue.pop_front();
            self.places.remove(&maker.id);
        }
        self.drop_if_empty(side, price);
        Some((maker, traded))
    }

    fn drop_if_empty(&mut self, side: Side, price: Decimal) {
        let levels = self.side_mut(side);
        if levels.get(&price).is_some_and(|level| level.queue.is_empty()) {
            levels.remove(&price);
        }
    }
}
