//! Resting orders by price and time.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rust_decimal::Decimal;

use super::order::{OrderId, OwnerId, Side};

/// One resting order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resting {
    pub(super) id: OrderId,
    pub(super) owner: OwnerId,
    /// What the book shows of it.
    pub(super) remaining: Decimal,
    /// What it keeps back.
    pub(super) hidden: Decimal,
    /// How much of that is shown at a time.
    pub(super) peak: Decimal,
}

impl Resting {
    /// An order of which `visible` is shown at a time, or all of it.
    pub(super) fn new(id: OrderId, owner: OwnerId, quantity: Decimal, visible: Option<Decimal>) -> Resting {
        let peak = visible.unwrap_or(quantity).min(quantity);
        Resting { id, owner, remaining: peak, hidden: quantity - peak, peak }
    }

    /// Shown and kept back.
    pub(super) fn whole(&self) -> Decimal {
        self.remaining + self.hidden
    }

    /// Shows the next part once the shown one is gone.
    fn refill(&mut self) {
        self.remaining = self.hidden.min(self.peak);
        self.hidden -= self.remaining;
    }
}

/// A level's quantity before and after a change.
pub(super) type BeforeAfter = (Decimal, Decimal);

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

    /// What a resting order still has to trade, shown or not.
    pub fn remaining(&self, id: OrderId) -> Option<Decimal> {
        let (side, price) = self.place_of(id)?;
        let level = self.side(side).get(&price)?;
        level.queue.iter().find(|order| order.id == id).map(Resting::whole)
    }

    /// What an order of the other side would find: price and quantity, shown or not, of resting orders of
    /// `side`, best price first. Orders of `except` are left out.
    pub fn offers(&self, side: Side, except: Option<OwnerId>) -> impl Iterator<Item = (Decimal, Decimal)> + '_ {
        let levels: Box<dyn Iterator<Item = (&Decimal, &Level)>> = match side {
            Side::Buy => Box::new(self.bids.iter().rev()),
            Side::Sell => Box::new(self.asks.iter()),
        };
        let counts = move |order: &&Resting| Some(order.owner) != except;
        levels.map(move |(price, level)| (*price, level.queue.iter().filter(counts).map(Resting::whole).sum()))
    }

    /// Price of the level `offset` levels behind the best of `side`.
    pub fn level_price(&self, side: Side, offset: usize) -> Option<Decimal> {
        match side {
            Side::Buy => self.bids.keys().rev().nth(offset).copied(),
            Side::Sell => self.asks.keys().nth(offset).copied(),
        }
    }

    /// Resting orders of `side` at `price` or better, best price and oldest first.
    pub fn orders_reached(&self, side: Side, price: Decimal) -> Vec<(OrderId, OwnerId, Decimal)> {
        let ids = |level: &Level| level.queue.iter().map(|o| (o.id, o.owner, o.whole())).collect::<Vec<_>>();
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
    pub(super) fn add(&mut self, side: Side, price: Decimal, order: Resting) -> BeforeAfter {
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
        Some((side, price, order.whole(), before, after))
    }

    /// The oldest order of a level.
    pub(super) fn oldest(&self, side: Side, price: Decimal) -> Option<Resting> {
        self.side(side).get(&price)?.queue.front().copied()
    }

    /// Takes up to `quantity` of what the oldest order of a level shows; returns the order as it was, and how
    /// much. An order that has more behind shows it at the end of the queue. `None` if there is no such level.
    pub(super) fn take(&mut self, side: Side, price: Decimal, quantity: Decimal) -> Option<(Resting, Decimal)> {
        let level = self.side_mut(side).get_mut(&price)?;
        let mut oldest = level.queue.pop_front()?;
        let maker = oldest;
        let taken = oldest.remaining.min(quantity);
        oldest.remaining -= taken;
        level.total -= taken;
        if !oldest.remaining.is_zero() {
            level.queue.push_front(oldest);
        } else if oldest.hidden.is_zero() {
            self.places.remove(&maker.id);
        } else {
            oldest.refill();
            level.total += oldest.remaining;
            level.queue.push_back(oldest);
        }
        self.drop_if_empty(side, price);
        Some((maker, taken))
    }

    /// Makes a resting order smaller by `quantity` at most, first what it keeps back; its place in the queue
    /// stays. Returns side, price, by how much, and the level before and after.
    pub(super) fn shrink(&mut self, id: OrderId, quantity: Decimal) -> Option<(Side, Decimal, Decimal, BeforeAfter)> {
        let (side, price) = self.place_of(id)?;
        let level = self.side_mut(side).get_mut(&price)?;
        let at = level.queue.iter().position(|order| order.id == id)?;
        let order = level.queue.get_mut(at)?;
        let taken = order.whole().min(quantity);
        let behind = order.hidden.min(taken);
        let before = level.total;
        order.hidden -= behind;
        order.remaining -= taken - behind;
        level.total -= taken - behind;
        let after = level.total;
        if order.remaining.is_zero() {
            level.queue.remove(at);
            self.places.remove(&id);
        }
        self.drop_if_empty(side, price);
        Some((side, price, taken, (before, after)))
    }

    fn drop_if_empty(&mut self, side: Side, price: Decimal) {
        let levels = self.side_mut(side);
        if levels.get(&price).is_some_and(|level| level.queue.is_empty()) {
            levels.remove(&price);
        }
    }
}
