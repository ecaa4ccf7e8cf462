//! Matching of incoming orders with the book.

use rust_decimal::Decimal;

use super::book::{OrderBook, Resting};
use super::event::{Event, LevelChange, Trade};
use super::order::{
    Instruction, NewOrder, OrderId, OwnerId, PlaceError, Placement, PlacementStatus, Side, TimeInForce,
};
use crate::numbers::{floor_to, notional};

/// The matching engine of one instrument.
#[derive(Debug)]
pub struct Engine {
    book: OrderBook,
    step: Decimal,
    update_id: u64,
    next_trade_id: u64,
    next_order_id: u64,
    events: Vec<Event>,
}

impl Engine {
    /// An empty book. Update ids continue after `update_id`; the first trade has `first_trade_id`;
    /// `step` is the smallest quantity, to which a market order by quote amount is cut.
    pub fn new(step: Decimal, update_id: u64, first_trade_id: u64) -> Engine {
        Engine {
            book: OrderBook::default(),
            step,
            update_id,
            next_trade_id: first_trade_id,
            next_order_id: 1,
            events: Vec::new(),
        }
    }

    /// The resting orders.
    pub fn book(&self) -> &OrderBook {
        &self.book
    }

    /// Id of the last level change.
    pub fn update_id(&self) -> u64 {
        self.update_id
    }

    /// Takes out what happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Executes an order.
    ///
    /// # Errors
    /// [`PlaceError`]; the book is unchanged then.
    pub fn place(&mut self, order: NewOrder) -> Result<Placement, PlaceError> {
        check(&order)?;
        if let Instruction::PostOnly { price, .. } = order.instruction {
            let opposite = self.book.best(order.side.opposite());
            if opposite.is_some_and(|(best, _)| order.side.reaches(price, best)) {
                return Err(PlaceError::WouldTake);
            }
        }
        let id = OrderId(self.next_order_id);
        self.next_order_id += 1;
        let taker = Taker { id, owner: order.owner, side: order.side };
        Ok(self.execute(taker, order.instruction))
    }

    /// Takes a resting order out; returns what it had left, or `None` if it does not rest here.
    pub fn cancel(&mut self, id: OrderId) -> Option<Decimal> {
        let (side, price, remaining, before, after) = self.book.remove(id)?;
        self.level_changed(side, price, before, after);
        Some(remaining)
    }

    fn execute(&mut self, taker: Taker, instruction: Instruction) -> Placement {
        match instruction {
            Instruction::PostOnly { price, quantity } => self.limit(taker, price, quantity, TimeInForce::Gtc),
            Instruction::Limit { price, quantity, time_in_force } => self.limit(taker, price, quantity, time_in_force),
            Instruction::Market { quantity } => {
                let filled = self.sweep(taker, None, Budget::Base(quantity));
                self.placement(taker.id, filled, if filled.base == quantity { Rest::None } else { Rest::Dropped })
            }
            Instruction::MarketQuote { quote_quantity } => {
                let filled = self.sweep(taker, None, Budget::Quote(quote_quantity));
                let short = filled.stopped_by_book;
                self.placement(taker.id, filled, if short { Rest::Dropped } else { Rest::None })
            }
        }
    }

    fn limit(&mut self, taker: Taker, price: Decimal, quantity: Decimal, time_in_force: TimeInForce) -> Placement {
        if time_in_force == TimeInForce::Fok && !self.can_fill(taker.side, price, quantity) {
            return self.placement(taker.id, Filled::default(), Rest::Dropped);
        }
        let filled = self.sweep(taker, Some(price), Budget::Base(quantity));
        let remaining = quantity - filled.base;
        if remaining.is_zero() {
            return self.placement(taker.id, filled, Rest::None);
        }
        if time_in_force != TimeInForce::Gtc {
            return self.placement(taker.id, filled, Rest::Dropped);
        }
        let resting = Resting { id: taker.id, owner: taker.owner, remaining };
        let (before, after) = self.book.add(taker.side, price, resting);
        self.level_changed(taker.side, price, before, after);
        self.placement(taker.id, filled, Rest::Kept)
    }

    fn can_fill(&self, side: Side, limit: Decimal, quantity: Decimal) -> bool {
        let mut available = Decimal::ZERO;
        let opposite: Box<dyn Iterator<Item = (Decimal, Decimal)>> = match side {
            Side::Buy => Box::new(self.book.asks()),
            Side::Sell => Box::new(self.book.bids()),
        };
        for (price, at_level) in opposite.take_while(|(price, _)| side.reaches(limit, *price)) {
            debug_assert!(price > Decimal::ZERO);
            available += at_level;
            if available >= quantity {
                return true;
            }
        }
        false
    }

    /// Walks the opposite side until the budget, the limit or the side ends.
    fn sweep(&mut self, taker: Taker, limit: Option<Decimal>, budget: Budget) -> Filled {
        let opposite = taker.side.opposite();
        let mut filled = Filled::default();
        loop {
            let Some((price, before)) = self.book.best(opposite) else {
                filled.stopped_by_book = true;
                return filled;
            };
            if limit.is_some_and(|limit| !taker.side.reaches(limit, price)) {
                return filled;
            }
            let wanted = budget.wanted(&filled, price, self.step);
            if wanted.is_zero() {
                return filled;
            }
            self.sweep_level(taker, price, wanted, &mut filled);
            let after = self.book.quantity_at(opposite, price);
            self.level_changed(opposite, price, before, after);
        }
    }

    fn sweep_level(&mut self, taker: Taker, price: Decimal, wanted: Decimal, filled: &mut Filled) {
        let mut left = wanted;
        while !left.is_zero() {
            let Some((maker, traded)) = self.book.take(taker.side.opposite(), price, left) else { return };
            left -= traded;
            filled.base += traded;
            filled.quote += notional(price, traded);
            self.events.push(Event::Trade(Trade {
                id: self.next_trade_id,
                price,
                quantity: traded,
                taker_side: taker.side,
                maker: maker.id,
                maker_owner: maker.owner,
                taker: taker.id,
                taker_owner: taker.owner,
            }));
            self.next_trade_id += 1;
        }
    }

    fn level_changed(&mut self, side: Side, price: Decimal, before: Decimal, after: Decimal) {
        self.update_id += 1;
        self.events.push(Event::Level(LevelChange { update_id: self.update_id, side, price, before, after }));
    }

    fn placement(&self, order_id: OrderId, filled: Filled, rest: Rest) -> Placement {
        let status = match rest {
            Rest::None => PlacementStatus::Filled,
            Rest::Dropped => PlacementStatus::Expired,
            Rest::Kept if filled.base.is_zero() => PlacementStatus::Resting,
            Rest::Kept => PlacementStatus::PartlyFilled,
        };
        Placement { order_id, status, filled: filled.base, filled_quote: filled.quote, update_id: self.update_id }
    }
}

fn check(order: &NewOrder) -> Result<(), PlaceError> {
    let (price, quantity) = match order.instruction {
        Instruction::Limit { price, quantity, .. } | Instruction::PostOnly { price, quantity } => {
            (Some(price), quantity)
        }
        Instruction::Market { quantity } => (None, quantity),
        Instruction::MarketQuote { quote_quantity } => (None, quote_quantity),
    };
    if price.is_some_and(|price| price <= Decimal::ZERO) {
        return Err(PlaceError::Price);
    }
    if quantity <= Decimal::ZERO {
        return Err(PlaceError::Quantity);
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Taker {
    id: OrderId,
    owner: OwnerId,
    side: Side,
}

#[derive(Clone, Copy, Default)]
struct Filled {
    base: Decimal,
    quote: Decimal,
    stopped_by_book: bool,
}

#[derive(Clone, Copy)]
enum Rest {
    None,
    Kept,
    Dropped,
}

#[derive(Clone, Copy)]
enum Budget {
    Base(Decimal),
    Quote(Decimal),
}

impl Budget {
    /// What may still be traded at `price`, in base units.
    fn wanted(self, filled: &Filled, price: Decimal, step: Decimal) -> Decimal {
        match self {
            Budget::Base(quantity) => quantity - filled.base,
            Budget::Quote(amount) => {
                let affordable = (amount - filled.quote).checked_div(price).unwrap_or_default();
                floor_to(affordable, step)
            }
        }
    }
}
