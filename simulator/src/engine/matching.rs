//! Matching of incoming orders with the book.

use rust_decimal::Decimal;

use super::book::{OrderBook, Resting};
use super::event::{Event, LevelChange, Prevented, Trade};
use super::order::{
    Instruction, NewOrder, OrderId, OwnerId, PlaceError, Placement, PlacementStatus, SelfTrade, Side, Terms,
    TimeInForce,
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

    /// What happened since the events were last taken out.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Takes out what happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Gives out the next number, for an order that is to be placed later.
    pub fn reserve(&mut self) -> OrderId {
        let id = OrderId(self.next_order_id);
        self.next_order_id += 1;
        id
    }

    /// Executes an order.
    ///
    /// # Errors
    /// [`PlaceError`]; the book is unchanged then.
    pub fn place(&mut self, order: NewOrder) -> Result<Placement, PlaceError> {
        self.place_with(order, Terms::default())
    }

    /// Executes an order on terms of its own.
    ///
    /// # Errors
    /// [`PlaceError`]; the book is unchanged then.
    pub fn place_with(&mut self, order: NewOrder, terms: Terms) -> Result<Placement, PlaceError> {
        check(&order)?;
        if let Instruction::PostOnly { price, .. } = order.instruction
            && self.would_take(order.side, price)
        {
            return Err(PlaceError::WouldTake);
        }
        let id = terms.id.unwrap_or_else(|| self.reserve());
        let taker = Taker { id, owner: order.owner, side: order.side, terms };
        Ok(self.execute(taker, order.instruction))
    }

    /// Whether a limit order at `price` would trade at once.
    pub fn would_take(&self, side: Side, price: Decimal) -> bool {
        self.book.best(side.opposite()).is_some_and(|(best, _)| side.reaches(price, best))
    }

    /// Takes a resting order out; returns what it had left, or `None` if it does not rest here.
    pub fn cancel(&mut self, id: OrderId) -> Option<Decimal> {
        let (side, price, remaining, before, after) = self.book.remove(id)?;
        self.level_changed(side, price, before, after);
        Some(remaining)
    }

    /// Makes a resting order smaller by `quantity`; its place in the queue stays. Returns by how much, or `None`
    /// if it does not rest here.
    pub fn shrink(&mut self, id: OrderId, quantity: Decimal) -> Option<Decimal> {
        let (side, price, taken, (before, after)) = self.book.shrink(id, quantity)?;
        if before != after {
            self.level_changed(side, price, before, after);
        }
        Some(taken)
    }

    /// Fills up to `quantity` of a resting order at its own price by an order of `owner` that nobody else meets,
    /// whatever stands before it in the book. Returns how much, or `None` if it does not rest here.
    pub fn fill(&mut self, id: OrderId, quantity: Decimal, maker_owner: OwnerId, owner: OwnerId) -> Option<Decimal> {
        let (side, price, taken, (before, after)) = self.book.shrink(id, quantity)?;
        let terms = Terms::default();
        let taker = Taker { id: self.reserve(), owner, side: side.opposite(), terms };
        self.traded(taker, (id, maker_owner), price, taken);
        if before != after {
            self.level_changed(side, price, before, after);
        }
        Some(taken)
    }

    /// Trades an order that is not in the book with a trader who has none, beside the book.
    pub fn trade_beside(
        &mut self,
        (id, owner, side): (OrderId, OwnerId, Side),
        with: OwnerId,
        price: Decimal,
        quantity: Decimal,
    ) {
        let maker = self.reserve();
        self.traded(Taker { id, owner, side, terms: Terms::default() }, (maker, with), price, quantity);
    }

    fn execute(&mut self, taker: Taker, instruction: Instruction) -> Placement {
        match instruction {
            Instruction::PostOnly { price, quantity } => self.limit(taker, price, quantity, TimeInForce::Gtc),
            Instruction::Limit { price, quantity, time_in_force } => self.limit(taker, price, quantity, time_in_force),
            Instruction::Market { quantity } => {
                let filled = self.sweep(taker, None, Budget::base(quantity).within(taker));
                let whole = filled.base + filled.prevented == quantity;
                self.placement(taker.id, filled, if whole { Rest::None } else { Rest::Dropped })
            }
            Instruction::MarketQuote { quote_quantity } => {
                let filled = self.sweep(taker, None, Budget::quote(quote_quantity).within(taker));
                let short = filled.stopped_by_book;
                self.placement(taker.id, filled, if short { Rest::Dropped } else { Rest::None })
            }
        }
    }

    fn limit(&mut self, taker: Taker, price: Decimal, quantity: Decimal, time_in_force: TimeInForce) -> Placement {
        if time_in_force == TimeInForce::Fok && !self.can_fill(taker, price, quantity) {
            return self.placement(taker.id, Filled::default(), Rest::Dropped);
        }
        let filled = self.sweep(taker, Some(price), Budget::base(quantity));
        let remaining = quantity - filled.base - filled.prevented;
        if remaining.is_zero() {
            return self.placement(taker.id, filled, Rest::None);
        }
        if time_in_force != TimeInForce::Gtc {
            return self.placement(taker.id, filled, Rest::Dropped);
        }
        let resting = Resting::new(taker.id, taker.owner, remaining, taker.terms.visible);
        let (before, after) = self.book.add(taker.side, price, resting);
        self.level_changed(taker.side, price, before, after);
        self.placement(taker.id, filled, Rest::Kept)
    }

    /// Whether others offer enough up to `limit`.
    fn can_fill(&self, taker: Taker, limit: Decimal, quantity: Decimal) -> bool {
        let except = (taker.terms.self_trade != SelfTrade::Allow).then_some(taker.owner);
        let mut missing = quantity;
        let offers = self.book.offers(taker.side.opposite(), except);
        for (_, offered) in offers.take_while(|(price, _)| taker.side.reaches(limit, *price)) {
            missing -= offered;
            if missing <= Decimal::ZERO {
                return true;
            }
        }
        false
    }

    /// Walks the opposite side until the budget, the limit or the side ends.
    fn sweep(&mut self, taker: Taker, limit: Option<Decimal>, budget: Budget) -> Filled {
        let opposite = taker.side.opposite();
        let mut filled = Filled::default();
        while !filled.ended {
            let Some((price, before)) = self.book.best(opposite) else {
                filled.stopped_by_book = true;
                return filled;
            };
            if limit.is_some_and(|limit| !taker.side.reaches(limit, price)) {
                return filled;
            }
            let wanted = budget.wanted(&filled, price, self.step);
            if wanted <= Decimal::ZERO {
                return filled;
            }
            self.sweep_level(taker, price, wanted, &mut filled);
            let after = self.book.quantity_at(opposite, price);
            if before != after {
                self.level_changed(opposite, price, before, after);
            }
        }
        filled
    }

    fn sweep_level(&mut self, taker: Taker, price: Decimal, wanted: Decimal, filled: &mut Filled) {
        let mut left = wanted;
        let side = taker.side.opposite();
        while !left.is_zero() && !filled.ended {
            let Some(oldest) = self.book.oldest(side, price) else { return };
            if oldest.owner == taker.owner && taker.terms.self_trade != SelfTrade::Allow {
                left -= self.prevent(taker, oldest, price, left, filled);
                continue;
            }
            let Some((maker, traded)) = self.book.take(side, price, left) else { return };
            left -= traded;
            filled.base += traded;
            filled.quote += notional(price, traded);
            self.traded(taker, (maker.id, maker.owner), price, traded);
        }
    }

    /// Does what the taker wants instead of a trade with its own order; returns what the taker lost.
    fn prevent(&mut self, taker: Taker, maker: Resting, price: Decimal, left: Decimal, filled: &mut Filled) -> Decimal {
        let side = taker.side.opposite();
        let common = maker.remaining.min(left);
        let (taker_lost, maker_lost) = match taker.terms.self_trade {
            SelfTrade::Allow => (Decimal::ZERO, Decimal::ZERO),
            SelfTrade::ExpireMaker => (Decimal::ZERO, maker.whole()),
            SelfTrade::ExpireTaker => (left, Decimal::ZERO),
            SelfTrade::ExpireBoth => (left, maker.whole()),
            SelfTrade::Decrement => (common, common),
        };
        if maker_lost == maker.whole() {
            self.book.remove(maker.id);
        } else if !maker_lost.is_zero() {
            self.book.take(side, price, maker_lost);
        }
        filled.prevented += taker_lost;
        filled.ended = taker_lost == left;
        self.events.push(Event::Prevented(Prevented {
            taker: taker.id,
            maker: maker.id,
            owner: taker.owner,
            price,
            taker_lost,
            maker_lost,
            maker_gone: maker_lost == maker.whole(),
        }));
        taker_lost
    }

    fn traded(&mut self, taker: Taker, (maker, maker_owner): (OrderId, OwnerId), price: Decimal, quantity: Decimal) {
        self.events.push(Event::Trade(Trade {
            id: self.next_trade_id,
            price,
            quantity,
            taker_side: taker.side,
            maker,
            maker_owner,
            taker: taker.id,
            taker_owner: taker.owner,
        }));
        self.next_trade_id += 1;
    }

    fn level_changed(&mut self, side: Side, price: Decimal, before: Decimal, after: Decimal) {
        self.update_id += 1;
        self.events.push(Event::Level(LevelChange { update_id: self.update_id, side, price, before, after }));
    }

    fn placement(&self, order_id: OrderId, filled: Filled, rest: Rest) -> Placement {
        let status = match rest {
            Rest::None if filled.ended => PlacementStatus::Prevented,
            Rest::None => PlacementStatus::Filled,
            Rest::Dropped => PlacementStatus::Expired,
            Rest::Kept if filled.base.is_zero() => PlacementStatus::Resting,
            Rest::Kept => PlacementStatus::PartlyFilled,
        };
        let Filled { base, quote, prevented, .. } = filled;
        Placement { order_id, status, filled: base, filled_quote: quote, prevented, update_id: self.update_id }
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
    terms: Terms,
}

#[derive(Clone, Copy, Default)]
struct Filled {
    base: Decimal,
    quote: Decimal,
    /// Lost by self-trade prevention.
    prevented: Decimal,
    /// Whether self-trade prevention took the last of it.
    ended: bool,
    stopped_by_book: bool,
}

#[derive(Clone, Copy)]
enum Rest {
    None,
    Kept,
    Dropped,
}

/// What may be traded at most, in base and in quote units.
#[derive(Clone, Copy)]
struct Budget {
    base: Option<Decimal>,
    quote: Option<Decimal>,
}

impl Budget {
    fn base(quantity: Decimal) -> Budget {
        Budget { base: Some(quantity), quote: None }
    }

    fn quote(amount: Decimal) -> Budget {
        Budget { base: None, quote: Some(amount) }
    }

    /// Not more than the taker's purse.
    fn within(mut self, taker: Taker) -> Budget {
        let bound = match taker.side {
            Side::Buy => &mut self.quote,
            Side::Sell => &mut self.base,
        };
        *bound = match (*bound, taker.terms.purse) {
            (Some(bound), Some(purse)) => Some(bound.min(purse)),
            (bound, purse) => bound.or(purse),
        };
        self
    }

    /// What may still be traded at `price`, in base units.
    fn wanted(self, filled: &Filled, price: Decimal, step: Decimal) -> Decimal {
        let left = self.base.map(|quantity| quantity - filled.base - filled.prevented);
        let affordable = self.quote.map(|amount| {
            let affordable = (amount - filled.quote).checked_div(price).unwrap_or_default();
            floor_to(affordable, step) - filled.prevented
        });
        match (left, affordable) {
            (Some(left), Some(affordable)) => left.min(affordable),
            (left, affordable) => left.or(affordable).unwrap_or_default(),
        }
    }
}
