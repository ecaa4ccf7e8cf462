//! Ends of orders by request or by the exchange.

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::error::OrderError;
use super::event::OrderChange;
use super::list::OrderListId;
use super::order::{ExpiryReason, Order, OrderStatus};
use super::request::{
    CancelReplaceRequest, CancelReplaced, CancelRequest, CancelRestriction, Cancelled, ListRef, ListReport,
};
use crate::engine::OrderId;

impl Desk<'_> {
    /// Cancels an order, and with it its list.
    pub(crate) fn cancel(&mut self, account: AccountId, request: &CancelRequest) -> Result<Cancelled, OrderError> {
        let found = self.account(account)?;
        if !found.may_trade {
            return Err(OrderError::Restricted);
        }
        let order = found.live_order(self.market.id, &request.order)?;
        let permitted = match request.restriction {
            CancelRestriction::None => true,
            CancelRestriction::OnlyNew => order.status == OrderStatus::New,
            CancelRestriction::OnlyPartiallyFilled => order.status == OrderStatus::PartiallyFilled,
        };
        if !permitted {
            return Err(OrderError::CancelRestricted);
        }
        let (id, list) = (order.id, order.list);
        let client_id = request.client_id.clone().unwrap_or_else(|| self.accounts.made_id());
        self.cancel_together(account, id, list, client_id)
    }

    fn cancel_together(
        &mut self,
        account: AccountId,
        id: OrderId,
        list: Option<OrderListId>,
        client_id: String,
    ) -> Result<Cancelled, OrderError> {
        let mut ids = vec![id];
        if let Some(list) = list.and_then(|list| self.account(account).ok()?.lists.get(&list)) {
            ids.extend(list.orders.iter().map(|(id, _)| *id).filter(|other| *other != id));
        }
        ids.retain(|id| self.order(account, *id).is_some_and(Order::is_live));
        self.suspend_list(account, list);
        for id in &ids {
            let told = OrderChange::Cancelled { client_id: client_id.clone() };
            self.end(account, *id, OrderStatus::Canceled, told, |_| ());
        }
        let list = list.and_then(|list| self.done(account, list));
        let orders = ids.iter().filter_map(|id| self.order(account, *id).cloned()).collect();
        Ok(Cancelled { client_id, orders, list, time: self.now })
    }

    /// Cancels a list.
    pub(crate) fn cancel_list(
        &mut self,
        account: AccountId,
        list: &ListRef,
        client_id: Option<String>,
    ) -> Result<ListReport, OrderError> {
        let found = self.account(account)?.list(Some(self.market.id), list)?;
        if found.done {
            return Err(OrderError::UnknownList);
        }
        let (list, first) = (found.id, found.orders.first().map(|(id, _)| *id).ok_or(OrderError::UnknownList)?);
        let client_id = client_id.unwrap_or_else(|| self.accounts.made_id());
        self.cancel_together(account, first, Some(list), client_id.clone())?;
        let mut report = self.list_report(account, list)?;
        report.cancel_client_id = Some(client_id);
        Ok(report)
    }

    /// Cancels all live orders of the market; one entry per order or list.
    pub(crate) fn cancel_all(&mut self, account: AccountId) -> Result<Vec<Cancelled>, OrderError> {
        let open = self.account(account)?.open_orders(Some(self.market.id));
        let open: Vec<(OrderId, Option<OrderListId>)> = open.map(|order| (order.id, order.list)).collect();
        if open.is_empty() {
            return Err(OrderError::UnknownOrder);
        }
        let client_id = self.accounts.made_id();
        let mut cancelled = Vec::new();
        for (id, list) in open {
            if self.order(account, id).is_some_and(Order::is_live) {
                cancelled.push(self.cancel_together(account, id, list, client_id.clone())?);
            }
        }
        Ok(cancelled)
    }

    /// The exchange ends an order.
    pub(crate) fn expire_by_exchange(&mut self, account: AccountId, id: OrderId) {
        self.expire(account, id, ExpiryReason::ExchangeCanceled);
    }

    /// The exchange ends all live orders in this market, of all accounts.
    pub(crate) fn expire_everything(&mut self) {
        let market = self.market.id;
        let accounts = self.accounts.all().iter();
        let open = accounts.flat_map(|account| account.open_orders(Some(market)).map(|order| (account.id, order.id)));
        let open: Vec<(AccountId, OrderId)> = open.collect();
        open.into_iter().for_each(|(account, id)| self.expire_by_exchange(account, id));
    }

    /// A cancel and a new order as one step. The new order's own rules are checked first.
    pub(crate) fn cancel_replace(
        &mut self,
        account: AccountId,
        request: &CancelReplaceRequest,
    ) -> Result<CancelReplaced, OrderError> {
        self.check_open(account)?;
        self.draft(account, &request.order, false)?;
        let cancel = self.cancel(account, &request.cancel);
        let attempt = request.may_place && (cancel.is_ok() || request.allow_failure);
        let order = attempt.then(|| self.place(account, &request.order));
        Ok(CancelReplaced { cancel, order })
    }

    /// Forgets an order that has ended, as after a long time.
    pub(crate) fn archive(&mut self, account: AccountId, id: OrderId) -> bool {
        let mut archived = false;
        self.change(account, id, |order| {
            archived = !order.is_live();
            order.archived = archived;
        });
        archived
    }

    /// Fills a part of an order, at least one step and at most what is left; `None` if it does not rest.
    pub(crate) fn fill_part(
        &mut self,
        account: AccountId,
        id: OrderId,
        quantity: Option<Decimal>,
        by: crate::engine::OwnerId,
    ) -> Option<Decimal> {
        let left = self.order(account, id).filter(|order| order.is_live())?.remaining();
        let step = self.market.listing.step;
        let half = crate::numbers::floor_to(left / Decimal::TWO, step).max(step);
        self.fill(account, id, quantity.unwrap_or(half).min(left), by)
    }
}
