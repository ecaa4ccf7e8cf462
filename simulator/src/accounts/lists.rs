//! Orders that depend on each other: OCO, OTO, OTOCO, OPO, OPOCO.
//!
//! Of two legs of an OCO one is a post-only limit or take-profit order and the other a stop-loss order; when one
//! trades or begins to work, the other expires. Pending orders hold nothing and count as live; they begin when their
//! working order is filled as a whole, and expire when it ends otherwise. Cancelling one order cancels the list.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::error::OrderError;
use super::event::{AccountChange, OrderChange};
use super::list::{Contingency, ListChange, OrderList, OrderListId};
use super::order::{Order, OrderKind, OrderStatus, RejectReason};
use super::request::{ListReport, ListRequest, ListShape, OrderRequest, Placed};
use crate::engine::{OrderId, Side};
use crate::numbers::floor_to;

/// A list that is about to be accepted: its working order, if it has one, and the others.
struct Plan {
    working: Option<Order>,
    rest: Vec<Order>,
    contingency: Contingency,
    pays_off: bool,
}

impl Desk<'_> {
    /// Places a list. What is answered shows its orders before anything follows from their trades.
    pub(crate) fn place_list(&mut self, account: AccountId, request: &ListRequest) -> Result<ListReport, OrderError> {
        self.check_open(account)?;
        let plan = self.plan(account, &request.shape)?;
        self.check_plan(account, &plan)?;
        let client_id = match &request.client_id {
            Some(id) => id.clone(),
            None => self.accounts.made_id(),
        };
        let taken = |list: &OrderList| list.client_id == client_id && list.market == self.market.id;
        if self.account(account)?.open_lists().any(taken) {
            return Err(OrderError::DuplicateListClientId);
        }
        let list = self.accept_list(account, plan, client_id);
        self.list_report(account, list)
    }

    fn plan(&mut self, account: AccountId, shape: &ListShape) -> Result<Plan, OrderError> {
        let (working, rest, pays_off) = match shape {
            ListShape::Oco { above, below } => (None, vec![above, below], false),
            ListShape::Oto { working, pending, pays_off } => (Some(working), vec![pending], *pays_off),
            ListShape::Otoco { working, above, below, pays_off } => (Some(working), vec![above, below], *pays_off),
        };
        check_shape(working, &rest, pays_off)?;
        let contingency = if working.is_some() { Contingency::Oto } else { Contingency::Oco };
        let working = working.map(|request| self.draft(account, request, false)).transpose()?;
        let rest = rest.into_iter().map(|request| self.draft(account, request, pays_off));
        let mut rest = rest.collect::<Result<Vec<Order>, _>>()?;
        if let [above, below] = &rest[..] {
            check_pair(above, below)?;
        }
        rest.sort_by_key(|leg| !is_stop(leg.kind));
        Ok(Plan { working, rest, contingency, pays_off })
    }

    fn check_plan(&self, account: AccountId, plan: &Plan) -> Result<(), OrderError> {
        let orders: Vec<&Order> = plan.working.iter().chain(&plan.rest).collect();
        for (at, order) in orders.iter().enumerate() {
            self.check_client_id(account, order)?;
            if orders[..at].iter().any(|other| other.client_id == order.client_id) {
                return Err(OrderError::DuplicateClientId);
            }
        }
        let found = self.account(account)?;
        self.check_list_counts(found)?;
        self.check_counts(found, &orders)?;
        if let Some(working) = &plan.working {
            self.check_start(working)?;
            return self.check_funds(account, working);
        }
        plan.rest.iter().try_for_each(|leg| self.check_start_of_leg(leg))?;
        plan.rest.iter().try_for_each(|leg| self.check_funds(account, leg))
    }

    /// A leg that would trade or begin at once stands on the wrong side of the market.
    fn check_start_of_leg(&self, leg: &Order) -> Result<(), OrderError> {
        let last = self.last_price();
        let limit = leg.kind == OrderKind::LimitMaker;
        let crossed = limit && if leg.side == Side::Sell { leg.price <= last } else { leg.price >= last };
        if crossed || self.check_start(leg) == Err(OrderError::WouldTrigger) {
            return Err(OrderError::ListPrices);
        }
        self.check_start(leg)
    }

    fn accept_list(&mut self, account: AccountId, plan: Plan, client_id: String) -> OrderListId {
        let id = OrderListId(self.accounts.next_list);
        self.accounts.next_list += 1;
        let first = self.market.engine.reserve();
        let mut list = OrderList {
            id,
            symbol: Arc::clone(&self.market.names.symbol),
            market: self.market.id,
            account,
            contingency: plan.contingency,
            client_id,
            done: false,
            change: ListChange::ExecStarted,
            time: self.now,
            orders: Vec::new(),
            working: None,
            pays_off: plan.pays_off,
        };
        let pending = plan.working.is_some();
        let mut orders = Vec::new();
        for (at, mut order) in plan.working.into_iter().chain(plan.rest).enumerate() {
            order.id = if at == 0 { first } else { self.market.engine.reserve() };
            order.list = Some(id);
            order.status = if pending && at > 0 { OrderStatus::PendingNew } else { OrderStatus::New };
            list.orders.push((order.id, order.client_id.clone()));
            orders.push(order);
        }
        list.working = pending.then_some(first);
        if let Ok(found) = self.accounts.account_mut(account) {
            found.open_lists.insert(id);
            found.lists.insert(id, list.clone());
        }
        self.accounts.tell(account, self.now, AccountChange::List(Box::new(list)));
        self.start(account, orders);
        id
    }

    /// Takes in all orders of a list, then lets those work that need not wait for another.
    fn start(&mut self, account: AccountId, orders: Vec<Order>) {
        let begun: Vec<(OrderId, OrderStatus)> = orders.iter().map(|order| (order.id, order.status)).collect();
        for mut order in orders {
            if order.status == OrderStatus::New && !order.kind.is_conditional() {
                order.is_working = true;
                order.working_time = Some(self.now);
            }
            if let Ok(account) = self.accounts.account_mut(account) {
                account.enter(order);
            }
        }
        for (id, _) in &begun {
            self.hold_again(account, *id);
            self.tell_order(account, *id, OrderChange::New);
        }
        for (id, _) in begun.iter().filter(|(_, status)| *status == OrderStatus::New) {
            if self.order(account, *id).is_some_and(Order::is_live) {
                self.work(account, *id);
            }
        }
    }

    /// The working order of a list is filled: the pending ones begin.
    pub(super) fn begin(&mut self, account: AccountId, list: OrderListId) {
        let Some(found) = self.account(account).ok().and_then(|account| account.lists.get(&list)) else { return };
        let (working, pays_off) = (found.working, found.pays_off);
        let ids: Vec<OrderId> = found.orders.iter().map(|(id, _)| *id).filter(|id| Some(*id) != working).collect();
        let pending = |order: &Order| order.status == OrderStatus::PendingNew;
        if found.done || !ids.iter().all(|id| self.order(account, *id).is_some_and(pending)) {
            return;
        }
        if pays_off && let Some(working) = working {
            let quantity = self.received(account, working);
            ids.iter().for_each(|id| self.change(account, *id, |order| order.quantity = quantity));
        }
        match self.check_begin(account, &ids) {
            Ok(()) => self.begin_all(account, &ids),
            Err(reason) => ids.iter().for_each(|id| self.reject(account, *id, reason)),
        }
    }

    /// Base units that an order has received, less fees in them, cut to the step.
    fn received(&self, account: AccountId, id: OrderId) -> Decimal {
        let Ok(found) = self.account(account) else { return Decimal::ZERO };
        let base = &self.market.names.base;
        let net = |fill: &super::Fill| {
            if fill.commission_asset == *base { fill.quantity - fill.commission } else { fill.quantity }
        };
        floor_to(found.fills_of(self.market.id, id).map(net).sum(), self.market.listing.step)
    }

    fn check_begin(&self, account: AccountId, ids: &[OrderId]) -> Result<(), RejectReason> {
        for id in ids {
            let Some(order) = self.order(account, *id) else { continue };
            let new = Order { status: OrderStatus::New, ..order.clone() };
            let started = if ids.len() > 1 { self.check_start_of_leg(&new) } else { self.check_start(&new) };
            started.map_err(|error| match error {
                OrderError::WouldTrigger => RejectReason::StopPriceWouldTriggerImmediately,
                OrderError::ListPrices => RejectReason::OcoBadPrices,
                _ => RejectReason::WouldMatchImmediately,
            })?;
            let funded = self.check_quantity(&new).and_then(|()| self.check_funds(account, &new));
            funded.map_err(|_| RejectReason::InsufficientBalances)?;
        }
        Ok(())
    }

    fn begin_all(&mut self, account: AccountId, ids: &[OrderId]) {
        let now = self.now;
        for id in ids {
            self.change(account, *id, |order| {
                order.status = OrderStatus::New;
                order.updated = now;
                order.is_working = !order.kind.is_conditional();
                order.working_time = order.is_working.then_some(now);
            });
            self.hold_again(account, *id);
            self.tell_order(account, *id, OrderChange::Activated);
        }
        for id in ids {
            if self.order(account, *id).is_some_and(Order::is_live) {
                self.work(account, *id);
            }
        }
    }

    /// Marks a list as done, so that the end of one order has no effect on the others.
    pub(super) fn suspend_list(&mut self, account: AccountId, list: Option<OrderListId>) {
        if let Ok(account) = self.accounts.account_mut(account)
            && let Some(list) = list.and_then(|list| account.lists.get_mut(&list))
        {
            list.done = true;
        }
    }

    /// Ends a list and tells the account.
    pub(super) fn done(&mut self, account: AccountId, list: OrderListId) -> Option<OrderList> {
        let now = self.now;
        let found = self.accounts.account_mut(account).ok()?;
        found.open_lists.remove(&list);
        let list = found.lists.get_mut(&list)?;
        list.done = true;
        list.change = ListChange::AllDone;
        list.time = now;
        let list = list.clone();
        self.accounts.tell(account, now, AccountChange::List(Box::new(list.clone())));
        Some(list)
    }

    /// A list with its orders as they stand.
    pub(super) fn list_report(&self, account: AccountId, list: OrderListId) -> Result<ListReport, OrderError> {
        let list = self.account(account)?.lists.get(&list).ok_or(OrderError::UnknownList)?.clone();
        let orders: Vec<Placed> =
            list.orders.iter().map(|(id, _)| self.placed(account, *id)).collect::<Result<_, _>>()?;
        Ok(ListReport { list, orders, cancel_client_id: None })
    }
}

/// Whether orders of these sides and kinds make a list.
fn check_shape(working: Option<&OrderRequest>, rest: &[&OrderRequest], pays_off: bool) -> Result<(), OrderError> {
    if let Some(working) = working {
        if !matches!(working.kind, OrderKind::Limit | OrderKind::LimitMaker) {
            return Err(OrderError::ListLegs);
        }
        if pays_off && working.side != Side::Buy {
            return Err(OrderError::WorkingMustBuy);
        }
        if pays_off && rest.iter().any(|pending| pending.side != Side::Sell) {
            return Err(OrderError::PendingMustSell);
        }
    }
    if rest.iter().any(|order| order.quote_quantity.is_some()) {
        return Err(OrderError::ListLegs);
    }
    match rest {
        [above, below] if above.side != below.side || above.quantity != below.quantity => Err(OrderError::ListLegs),
        [above, below] => check_legs(above, below),
        _ => Ok(()),
    }
}

/// Above a sell and below a buy stands the order that takes profit, on the other side the one that stops a loss.
fn check_legs(above: &OrderRequest, below: &OrderRequest) -> Result<(), OrderError> {
    let (profit, loss) = if above.side == Side::Sell { (above, below) } else { (below, above) };
    let takes = matches!(profit.kind, OrderKind::LimitMaker | OrderKind::TakeProfit | OrderKind::TakeProfitLimit);
    if takes && is_stop(loss.kind) { Ok(()) } else { Err(OrderError::ListLegs) }
}

/// The leg that stops a loss is placed, and numbered, before the other.
fn is_stop(kind: OrderKind) -> bool {
    matches!(kind, OrderKind::StopLoss | OrderKind::StopLossLimit)
}

/// The price that counts of a leg must be higher above than below.
fn check_pair(above: &Order, below: &Order) -> Result<(), OrderError> {
    let mark = |leg: &Order| if leg.kind == OrderKind::LimitMaker { leg.price } else { leg.stop_price };
    let (high, low) = (mark(above), mark(below));
    let trailing = high.is_zero() || low.is_zero();
    if trailing || high > low { Ok(()) } else { Err(OrderError::ListPrices) }
}
