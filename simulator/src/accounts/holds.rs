//! What live orders hold of an account's balances.
//!
//! A limit buy holds price times what is left of it, a sell what is left of it. A conditional market buy holds by its
//! stop price. A market order that works holds nothing: it pays from what is free. The two legs of an OCO hold
//! together what the dearer one needs, since only one of them can trade. In contracts nothing is held here: what orders
//! bind of the margin is computed.

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::order::Order;
use crate::engine::OrderId;

impl Desk<'_> {
    /// The order and, if it is a leg of an OCO, the other leg.
    fn group(&self, account: AccountId, id: OrderId) -> [Option<OrderId>; 2] {
        [Some(id), self.sibling(account, id)]
    }

    /// The other leg of an OCO.
    pub(super) fn sibling(&self, account: AccountId, id: OrderId) -> Option<OrderId> {
        let list = self.order(account, id)?.list?;
        let (one, other) = self.account(account).ok()?.lists.get(&list)?.pair()?;
        match id {
            _ if id == one => Some(other),
            _ if id == other => Some(one),
            _ => None,
        }
    }

    /// Gives back what an order and its other leg hold.
    pub(super) fn release(&mut self, account: AccountId, id: OrderId) {
        if self.is_contract() {
            return;
        }
        for id in self.group(account, id).into_iter().flatten() {
            let Some((side, locked)) = self.order(account, id).map(|order| (order.side, order.locked)) else {
                continue;
            };
            if locked.is_zero() {
                continue;
            }
            self.change(account, id, |order| order.locked = Decimal::ZERO);
            let asset = self.paid_asset(side);
            self.move_funds(account, &asset, locked, -locked);
        }
    }

    /// Holds what an order and its other leg need as they stand.
    pub(super) fn hold(&mut self, account: AccountId, id: OrderId) {
        if self.is_contract() {
            return;
        }
        let group = self.group(account, id);
        let needs = group.map(|id| id.and_then(|id| self.order(account, id)).map(|order| (order.id, order.need())));
        let dearest = needs.into_iter().flatten().reduce(|one, other| if other.1 > one.1 { other } else { one });
        let Some((id, need)) = dearest.filter(|(_, need)| !need.is_zero()) else { return };
        let Some(side) = self.order(account, id).map(|order| order.side) else { return };
        self.change(account, id, |order| order.locked = need);
        let asset = self.paid_asset(side);
        self.move_funds(account, &asset, -need, need);
    }

    /// Holds anew after an order has changed.
    pub(super) fn hold_again(&mut self, account: AccountId, id: OrderId) {
        self.release(account, id);
        self.hold(account, id);
    }

    /// What an account has free of what this order pays with.
    pub(super) fn purse(&self, account: AccountId, order: &Order) -> Decimal {
        let asset = self.paid_asset(order.side);
        self.account(account).map(|account| account.balance(&asset).free).unwrap_or_default()
    }
}
