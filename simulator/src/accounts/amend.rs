//! Reductions of an order's quantity that keep its place in the queue.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::error::{Filter, OrderError};
use super::event::{AccountChange, OrderChange};
use super::list::{ListChange, OrderList};
use super::order::{Amendment, ExpiryReason, Order, OrderStatus};
use super::request::{AmendRequest, Amended};
use crate::engine::OrderId;

impl Desk<'_> {
    /// Reduces an order; both legs of an OCO. To what has already traded: the order ends.
    pub(crate) fn amend(&mut self, account: AccountId, request: &AmendRequest) -> Result<Amended, OrderError> {
        self.check_open(account)?;
        let order = self.account(account)?.live_order(self.market.id, &request.order)?.clone();
        self.check_amend(&order, request.quantity)?;
        let client_id = match &request.client_id {
            Some(id) => id.clone(),
            None if self.policy().amend_renames => self.accounts.made_id(),
            None => order.client_id.clone(),
        };
        if client_id != order.client_id {
            let renamed = Order { client_id: client_id.clone(), ..order.clone() };
            self.check_client_id(account, &renamed)?;
        }
        let sibling = self.sibling(account, order.id);
        if let Some(other) = sibling.and_then(|id| self.order(account, id)).filter(|other| other.is_live()) {
            self.check_amend(other, request.quantity)?;
        }
        let execution_id = self.reduce(account, &order, request.quantity, client_id);
        if let Some(other) = sibling.and_then(|id| self.order(account, id).cloned()).filter(Order::is_live) {
            let same_id = other.client_id.clone();
            self.reduce(account, &other, request.quantity, same_id);
        }
        let list = self.updated_list(account, order.id);
        let amended = self.order(account, order.id).cloned().ok_or(OrderError::UnknownOrder)?;
        Ok(Amended { order: amended, old_client_id: order.client_id, execution_id, list, time: self.now })
    }

    fn check_amend(&self, order: &Order, quantity: Decimal) -> Result<(), OrderError> {
        if quantity <= Decimal::ZERO {
            return Err(OrderError::NotPositive("newQty"));
        }
        if quantity >= order.quantity {
            return Err(OrderError::AmendNotSmaller);
        }
        if quantity < order.executed + order.prevented_quantity {
            return Err(OrderError::AmendBelowExecuted);
        }
        if order.is_by_amount() {
            return Err(OrderError::AmendUnsupported);
        }
        if order.amendments.len() >= self.market.listing.rules.max_amends {
            return Err(OrderError::Filter(Filter::MaxNumOrderAmends));
        }
        let smaller = Order { quantity, ..order.clone() };
        if smaller.quantity < smaller.iceberg_quantity {
            return Err(OrderError::IcebergExceedsQuantity);
        }
        self.check_quantity(&smaller)?;
        self.check_value(&smaller)
    }

    fn reduce(&mut self, account: AccountId, order: &Order, quantity: Decimal, client_id: String) -> u64 {
        let (id, now) = (order.id, self.now);
        self.market.engine.shrink(id, order.quantity - quantity);
        self.absorb();
        self.rename(account, order, &client_id);
        self.change(account, id, |order| {
            order.quantity = quantity;
            order.updated = now;
            order.client_id.clone_from(&client_id);
        });
        self.hold_again(account, id);
        let old_client_id = order.client_id.clone();
        let execution_id = self.tell_order(account, id, OrderChange::Replaced { old_client_id: old_client_id.clone() });
        let old_quantity = order.quantity;
        let amendment = Amendment {
            execution_id,
            old_client_id,
            new_client_id: client_id,
            old_quantity,
            new_quantity: quantity,
            time: now,
        };
        self.change(account, id, |order| order.amendments.push(amendment));
        if self.order(account, id).is_some_and(|order| order.remaining().is_zero()) {
            self.end(account, id, OrderStatus::Expired, OrderChange::Expired, |order| {
                order.expiry = ExpiryReason::None
            });
        }
        execution_id
    }

    /// From now on the order is found by its new client id alone.
    fn rename(&mut self, account: AccountId, order: &Order, client_id: &str) {
        let (market, id) = (self.market.id, order.id);
        let Ok(found) = self.accounts.account_mut(account) else { return };
        let old = (market, order.client_id.clone());
        if found.by_client_id.get(&old) == Some(&id) {
            found.by_client_id.remove(&old);
        }
        found.by_client_id.insert((market, client_id.to_owned()), id);
    }

    /// Tells about the list of an amended order, with its present client ids.
    fn updated_list(&mut self, account: AccountId, id: OrderId) -> Option<OrderList> {
        let order = self.order(account, id)?;
        let (list_id, client_id, now) = (order.list?, order.client_id.clone(), self.now);
        let list = self.accounts.account_mut(account).ok()?.lists.get_mut(&list_id)?;
        list.orders.iter_mut().filter(|(of, _)| *of == id).for_each(|(_, name)| name.clone_from(&client_id));
        if !list.done {
            list.change = ListChange::Updated;
            list.time = now;
        }
        let list = list.clone();
        debug_assert!(Arc::ptr_eq(&list.symbol, &self.market.names.symbol), "a list lives in one market");
        if !list.done {
            self.accounts.tell(account, now, AccountChange::List(Box::new(list.clone())));
        }
        Some(list)
    }
}
