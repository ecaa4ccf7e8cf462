//! Changes of the price, the quantity or the stop price of a live order, which keeps its number.

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::error::OrderError;
use super::event::OrderChange;
use super::order::{ExpiryReason, Order, OrderKind};
use super::request::{ModifyRequest, Placed};
use super::waiting::Waiter;

/// Where an order is that is to be changed, and what becomes of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It waits for its price.
    Waits,
    /// It rests, and keeps its place in the queue.
    Kept,
    /// It rests, and is brought to the book anew, where it may trade.
    Lost,
}

impl Desk<'_> {
    /// Changes an order; see [`ModifyRequest`].
    pub(crate) fn modify(&mut self, account: AccountId, request: &ModifyRequest) -> Result<Placed, OrderError> {
        self.check_open(account)?;
        let order = self.account(account)?.live_order(self.market.id, &request.order)?.clone();
        let changed = modified(&order, request)?;
        if self.policy().amend_may_end && self.cannot_go_on(&changed) {
            self.expire(account, order.id, ExpiryReason::Amended);
            return self.placed(account, order.id);
        }
        self.check_modified(account, &order, &changed)?;
        let place = self.place_after(&order, &changed);
        self.leave(&order, &changed, place);
        let (id, now) = (order.id, self.now);
        self.change(account, id, |order| {
            (order.price, order.quantity, order.stop_price) = (changed.price, changed.quantity, changed.stop_price);
            order.hold = changed.hold;
            order.updated = now;
        });
        self.hold_again(account, id);
        self.tell_order(account, id, OrderChange::Modified);
        match (place, self.order(account, id).cloned()) {
            (Place::Waits, Some(order)) => {
                let price = self.price_by(order.trigger.by);
                self.market.waiting.add(Waiter::Order(account, id), &order, price, self.now);
            }
            (Place::Lost, Some(_)) => self.bring(account, id),
            _ => {}
        }
        self.placed(account, id)
    }

    fn place_after(&self, order: &Order, changed: &Order) -> Place {
        let smaller = changed.price == order.price && changed.quantity <= order.quantity;
        if waits(order) {
            Place::Waits
        } else if smaller && self.policy().amend_keeps_place {
            Place::Kept
        } else {
            Place::Lost
        }
    }

    /// Takes an order from where it is, as far as it does not stay there.
    fn leave(&mut self, order: &Order, changed: &Order, place: Place) {
        match place {
            Place::Waits => self.market.waiting.remove(Waiter::Order(order.account, order.id)),
            Place::Kept => {
                self.market.engine.shrink(order.id, order.quantity - changed.quantity);
            }
            Place::Lost => {
                self.market.engine.cancel(order.id);
            }
        }
        self.absorb();
    }

    /// Whether nothing would be left of it, or it would take though it must not.
    fn cannot_go_on(&self, changed: &Order) -> bool {
        let takes = changed.kind == OrderKind::LimitMaker && self.market.engine.would_take(changed.side, changed.price);
        changed.remaining() <= Decimal::ZERO || takes
    }

    fn check_modified(&self, account: AccountId, order: &Order, changed: &Order) -> Result<(), OrderError> {
        if changed.remaining() <= Decimal::ZERO {
            return Err(OrderError::AmendBelowExecuted);
        }
        self.check_rules(changed, false)?;
        if order.kind == OrderKind::LimitMaker || waits(order) {
            self.check_start(changed)?;
        }
        if self.is_contract() {
            return self.check_funds(account, changed);
        }
        let more = changed.need() - order.locked;
        if more <= self.purse(account, changed) { Ok(()) } else { Err(OrderError::InsufficientBalance) }
    }
}

fn waits(order: &Order) -> bool {
    order.kind.is_conditional() && !order.is_working
}

/// The order as it is to be.
fn modified(order: &Order, request: &ModifyRequest) -> Result<Order, OrderError> {
    let numbers = [("price", request.price), ("quantity", request.quantity), ("stopPrice", request.stop_price)];
    if let Some((name, _)) = numbers.iter().find(|(_, n)| n.is_some_and(|n| n <= Decimal::ZERO)) {
        return Err(OrderError::NotPositive(name));
    }
    let wrong = (request.stop_price.is_some() && !waits(order)) || (request.price.is_some() && !order.kind.has_price());
    if wrong || order.list.is_some() || order.is_by_amount() || order.peg.is_some() {
        return Err(OrderError::AmendUnsupported);
    }
    let mut changed = order.clone();
    changed.price = request.price.unwrap_or(order.price);
    changed.quantity = request.quantity.unwrap_or(order.quantity);
    changed.stop_price = request.stop_price.unwrap_or(order.stop_price);
    if changed == *order {
        return Err(OrderError::AmendUnchanged);
    }
    if order.hold.is_some() {
        changed.hold = Some(if order.kind.has_price() { changed.price } else { changed.stop_price });
    }
    Ok(changed)
}
