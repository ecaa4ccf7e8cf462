//! Background traders: seeded, so that the same seed makes the same tape.

mod tables;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::engine::{Engine, Instruction, NewOrder, OrderId, OwnerId, Side, TimeInForce};
use crate::listing::Listing;
use crate::market::name_seed;
use crate::numbers::{floor_to, notional};

/// The owner of all background orders.
pub(crate) const BACKGROUND: OwnerId = OwnerId(0);

/// Steps of the flow in one second.
pub(crate) const STEPS_PER_SECOND: u64 = 50;
/// Steps over which one draw of the activity is spread.
const STEPS_PER_DRAW: u64 = 5;

/// The background traders of one instrument.
#[derive(Debug)]
pub(crate) struct Traders {
    random: ChaCha8Rng,
    /// Activity in millionths of a lively market.
    pace: u64,
    /// Orders near the best price, which live for seconds.
    fast: Pool,
    /// The standing book, which lives for minutes.
    standing: Pool,
    /// Level changes still to be made in the present draw, in thousandths.
    due: u64,
    steps: u64,
}

#[derive(Debug, Default)]
struct Pool {
    orders: Vec<OrderId>,
    target: usize,
}

impl Traders {
    /// Traders for `listing` whose activity is `rate` thousandths of usual.
    pub(crate) fn new(seed: u64, listing: &Listing, rate: u32) -> Traders {
        let depth = listing.opening_depth;
        Traders {
            random: ChaCha8Rng::seed_from_u64(seed ^ name_seed(&listing.symbol).rotate_left(17)),
            pace: u64::from(listing.activity) * u64::from(rate),
            fast: Pool { orders: Vec::new(), target: depth / 6 + 4 },
            standing: Pool { orders: Vec::new(), target: depth * 2 },
            due: 0,
            steps: 0,
        }
    }

    /// Fills an empty book around the opening price.
    pub(crate) fn open_book(&mut self, engine: &mut Engine, listing: &Listing) {
        for side in [Side::Buy, Side::Sell] {
            let best = match side {
                Side::Buy => listing.opening_price - listing.tick,
                Side::Sell => listing.opening_price,
            };
            let mut next = 0;
            for n in 0..listing.opening_depth {
                let share = 1_000_000 * n as u64 / listing.opening_depth as u64;
                let ticks = self.ticks(tables::STANDING.at(share), best, listing).max(next);
                next = ticks + 1;
                let price = away(side, best, Decimal::from(ticks) * listing.tick);
                if price < listing.min_price {
                    break;
                }
                let amounts = if n == 0 { &tables::BEST_AMOUNT } else { &tables::AMOUNT };
                let order = self.add(engine, listing, side, price, amounts);
                self.standing.orders.extend(order);
            }
        }
    }

    /// What the traders do in one step (20 ms). Calls `acted` after each act that may have changed the book.
    pub(crate) fn step<M>(&mut self, market: &mut M, acted: &mut dyn FnMut(&mut M))
    where
        M: AsEngine,
    {
        if self.steps.is_multiple_of(STEPS_PER_DRAW) {
            self.due = tables::CHANGES.draw(&mut self.random) * self.pace / 1000;
        }
        let steps_left = STEPS_PER_DRAW - self.steps % STEPS_PER_DRAW;
        self.steps += 1;
        let mut budget = self.share_of_due(steps_left);
        if self.happens(tables::MOVES) {
            budget = budget.saturating_sub(self.act(market, acted, Traders::shift));
        }
        if self.happens(tables::TAKERS) {
            budget = budget.saturating_sub(self.act(market, acted, Traders::take));
        }
        while budget > 0 {
            budget = budget.saturating_sub(self.act(market, acted, Traders::make).max(1));
        }
    }

    /// Whole level changes for this step, of what is due; what is left over may add one by chance.
    fn share_of_due(&mut self, steps_left: u64) -> u64 {
        let share = self.due / steps_left;
        self.due -= share;
        let lucky = self.random.next_u64() % 1000 < share % 1000;
        share / 1000 + u64::from(lucky)
    }

    /// Whether something that comes `per_1000_seconds` times in a lively market comes in this step.
    fn happens(&mut self, per_1000_seconds: u64) -> bool {
        let chance = per_1000_seconds * self.pace / STEPS_PER_SECOND;
        self.random.next_u64() % 1_000_000_000 < chance
    }

    fn act<M: AsEngine>(
        &mut self,
        market: &mut M,
        acted: &mut dyn FnMut(&mut M),
        act: fn(&mut Traders, &mut Engine, &Listing),
    ) -> u64 {
        let (engine, listing) = market.engine();
        let before = engine.update_id();
        act(self, engine, listing);
        let changes = engine.update_id() - before;
        if changes > 0 {
            acted(market);
        }
        changes
    }

    /// Places or cancels one order, or closes a spread that has opened.
    fn make(&mut self, engine: &mut Engine, listing: &Listing) {
        if self.close_spread(engine, listing) {
            return;
        }
        let standing = self.random.next_u64() % 100 < 6;
        let (held, target) = match standing {
            true => (self.standing.orders.len(), self.standing.target),
            false => (self.fast.orders.len(), self.fast.target),
        };
        if self.random.next_u64() % (2 * target as u64).max(1) < held as u64 {
            self.cancel(engine, standing);
        } else {
            self.quote(engine, listing, standing);
        }
    }

    /// A new order at a drawn distance behind the best of its side.
    fn quote(&mut self, engine: &mut Engine, listing: &Listing, standing: bool) {
        let side = self.any_side();
        let Some(best) = anchor(engine, listing, side) else { return };
        let distance = match standing {
            true => tables::STANDING.draw(&mut self.random),
            false => tables::NEW_LEVEL.draw(&mut self.random),
        };
        let ticks = self.ticks(distance, best, listing);
        let price = away(side, best, Decimal::from(ticks) * listing.tick);
        if price < listing.min_price {
            return;
        }
        let order = self.add(engine, listing, side, price, &tables::AMOUNT);
        if standing { &mut self.standing } else { &mut self.fast }.orders.extend(order);
    }

    fn cancel(&mut self, engine: &mut Engine, standing: bool) {
        let pool = if standing { &mut self.standing } else { &mut self.fast };
        while !pool.orders.is_empty() {
            let at = (self.random.next_u64() % pool.orders.len() as u64) as usize;
            let filled_before = engine.cancel(pool.orders.swap_remove(at)).is_none();
            if !filled_before {
                return;
            }
        }
    }

    /// Brings the spread back to one tick; false if it is.
    fn close_spread(&mut self, engine: &mut Engine, listing: &Listing) -> bool {
        let (Some((bid, _)), Some((ask, _))) = (engine.book().best_bid(), engine.book().best_ask()) else {
            return false;
        };
        if ask - bid <= listing.tick {
            return false;
        }
        let side = self.any_side();
        let price = if side == Side::Buy { ask - listing.tick } else { bid + listing.tick };
        self.post_best(engine, listing, side, price);
        true
    }

    /// Takes from the book with a limit a little way off.
    fn take(&mut self, engine: &mut Engine, listing: &Listing) {
        let side = self.any_side();
        let Some((best, _)) = engine.book().best(side.opposite()) else { return };
        let amount = tables::TAKER_AMOUNT.draw(&mut self.random);
        let quantity = quantity_of(amount, best, listing);
        let reach = self.ticks(500, best, listing).max(2);
        let price = away(side.opposite(), best, Decimal::from(reach) * listing.tick).max(listing.tick);
        immediate(engine, side, price, quantity);
    }

    /// Moves the best prices: the orders in the way are withdrawn or, if others own them, taken.
    fn shift(&mut self, engine: &mut Engine, listing: &Listing) {
        let side = self.any_side();
        let Some((best, _)) = engine.book().best(side) else { return };
        let distance = tables::MOVE.draw(&mut self.random);
        let ticks = self.ticks(distance, best, listing).max(1);
        let target = away(side.opposite(), best, Decimal::from(ticks) * listing.tick);
        if target >= listing.min_price {
            self.move_to(engine, listing, side, target);
        }
    }

    /// Makes `target` the best price of `side`, with the other side one tick behind it.
    pub(crate) fn move_to(&mut self, engine: &mut Engine, listing: &Listing, side: Side, target: Decimal) {
        for (id, owner, _) in engine.book().orders_reached(side.opposite(), target) {
            if owner == BACKGROUND && !self.random.next_u64().is_multiple_of(32) {
                engine.cancel(id);
            }
        }
        let in_the_way = engine.book().orders_reached(side.opposite(), target);
        let quantity: Decimal = in_the_way.iter().map(|(_, _, remaining)| *remaining).sum();
        if quantity > Decimal::ZERO {
            immediate(engine, side, target, quantity);
        }
        let behind = away(side.opposite(), target, listing.tick);
        for (side, price) in [(side, target), (side.opposite(), behind)] {
            self.post_best(engine, listing, side, price);
        }
    }

    /// Several small orders and a large one behind them, as they stand at a best price.
    fn post_best(&mut self, engine: &mut Engine, listing: &Listing, side: Side, price: Decimal) {
        for _ in 0..self.random.next_u64() % 8 {
            let order = self.add(engine, listing, side, price, &tables::TAKER_AMOUNT);
            self.fast.orders.extend(order);
        }
        let order = self.add(engine, listing, side, price, &tables::BEST_AMOUNT);
        self.fast.orders.extend(order);
    }

    fn add(
        &mut self,
        engine: &mut Engine,
        listing: &Listing,
        side: Side,
        price: Decimal,
        amounts: &tables::Quantiles,
    ) -> Option<OrderId> {
        let price = on_grid(side, price, listing.tick);
        let quantity = quantity_of(amounts.draw(&mut self.random), price, listing);
        let instruction = Instruction::PostOnly { price, quantity };
        engine.place(NewOrder { owner: BACKGROUND, side, instruction }).ok().map(|placement| placement.order_id)
    }

    fn any_side(&mut self) -> Side {
        if self.random.next_u64().is_multiple_of(2) { Side::Buy } else { Side::Sell }
    }

    /// A distance in millionths of `price` as a number of ticks, rounded by chance.
    fn ticks(&mut self, millionths: u64, price: Decimal, listing: &Listing) -> u64 {
        let distance = notional(price, Decimal::from(millionths)).checked_div(listing.tick).unwrap_or_default();
        let distance = distance.trunc().to_u64().unwrap_or(0);
        distance / 1_000_000 + u64::from(self.random.next_u64() % 1_000_000 < distance % 1_000_000)
    }
}

/// Something that has an engine and says what is listed.
pub(crate) trait AsEngine {
    /// Both at once.
    fn engine(&mut self) -> (&mut Engine, &Listing);
}

fn immediate(engine: &mut Engine, side: Side, price: Decimal, quantity: Decimal) {
    let instruction = Instruction::Limit { price, quantity, time_in_force: TimeInForce::Ioc };
    let placed = engine.place(NewOrder { owner: BACKGROUND, side, instruction });
    debug_assert!(placed.is_ok(), "background orders are valid");
}

/// The best price of `side`; without one, a tick away from the other side.
fn anchor(engine: &Engine, listing: &Listing, side: Side) -> Option<Decimal> {
    let book = engine.book();
    let own = book.best(side).map(|(price, _)| price);
    own.or_else(|| book.best(side.opposite()).map(|(price, _)| away(side, price, listing.tick)))
        .or_else(|| Some(away(side, listing.opening_price, listing.tick)))
        .filter(|price| *price > Decimal::ZERO)
}

/// A price `distance` worse for a resting order of `side`: lower for a bid, higher for an ask.
fn away(side: Side, price: Decimal, distance: Decimal) -> Decimal {
    match side {
        Side::Buy => price - distance,
        Side::Sell => price + distance,
    }
}

/// The nearest multiple of `tick` that is not more aggressive.
fn on_grid(side: Side, price: Decimal, tick: Decimal) -> Decimal {
    let below = floor_to(price, tick);
    if side == Side::Sell && below < price { below + tick } else { below }
}

/// Quantity worth `amount` thousandths of the minimum notional, at least one step.
fn quantity_of(amount: u64, price: Decimal, listing: &Listing) -> Decimal {
    let value = notional(listing.min_notional, Decimal::new(i64::try_from(amount).unwrap_or(i64::MAX), 3));
    let quantity = value.checked_div(price).unwrap_or(listing.step);
    floor_to(quantity, listing.step).max(listing.step)
}
