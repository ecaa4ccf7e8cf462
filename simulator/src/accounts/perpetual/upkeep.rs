//! What follows for resting orders when a position has changed.

use rust_decimal::Decimal;

use super::checks::closes;
use super::settings::PositionSide;
use crate::accounts::account::AccountId;
use crate::accounts::desk::Desk;
use crate::accounts::event::OrderChange;
use crate::accounts::order::{ExpiryReason, Order};
use crate::engine::{OrderId, Side};
use crate::policy::Excess;

impl Desk<'_> {
    /// Ends or cuts the orders that can only close and are more than the position, worst price first; and ends those
    /// that end with the position.
    pub(in crate::accounts) fn upkeep(&mut self, account: AccountId, side: PositionSide) {
        let Ok(found) = self.account(account) else { return };
        let size = found.margins.size(self.market.id, side);
        let of_position = |order: &&Order| order.position.side == side;
        let open: Vec<Order> = found.open_orders(Some(self.market.id)).filter(of_position).cloned().collect();
        for order in open.iter().filter(|order| order.position.ends_with_position && !closes(size, order.side)) {
            self.expire(account, order.id, ExpiryReason::PositionClosed);
        }
        let mut closing: Vec<&Order> = open.iter().filter(|order| order.is_working && order.only_closes()).collect();
        closing.sort_by_key(|order| (if order.side == Side::Buy { -order.price } else { order.price }, order.id));
        let left = |order: &Order| if closes(size, order.side) { size.abs() } else { Decimal::ZERO };
        let mut taken = Decimal::ZERO;
        for order in closing {
            let Some(now) = self.order(account, order.id).filter(|order| order.is_live()).cloned() else { continue };
            let fits = (left(&now) - taken).max(Decimal::ZERO).min(now.remaining());
            taken += fits;
            if fits < now.remaining() {
                self.exceeds(account, &now, fits);
                taken -= if self.policy().reduce_only == Excess::Ends { fits } else { Decimal::ZERO };
            }
        }
    }

    /// A resting order is more than the position that it may close.
    fn exceeds(&mut self, account: AccountId, order: &Order, fits: Decimal) {
        if fits.is_zero() || self.policy().reduce_only == Excess::Ends {
            self.expire(account, order.id, ExpiryReason::ReduceOnly);
            return;
        }
        self.cut(account, order.id, order.remaining() - fits);
    }

    /// Makes a resting order smaller, keeping its place.
    pub(in crate::accounts) fn cut(&mut self, account: AccountId, id: OrderId, by: Decimal) {
        self.market.engine.shrink(id, by);
        self.absorb();
        let now = self.now;
        self.change(account, id, |order| {
            order.quantity -= by;
            order.updated = now;
        });
        self.tell_order(account, id, OrderChange::Cut);
    }
}
