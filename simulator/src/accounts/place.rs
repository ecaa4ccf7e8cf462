//! New orders, and orders whose turn has come.

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::error::OrderError;
use super::event::OrderChange;
use super::order::{ExpiryReason, Order, OrderKind, OrderStatus, RejectReason};
use super::request::{OrderRef, OrderRequest, Placed};
use super::waiting::{Waiter, Waiting};
use crate::engine::{Instruction, NewOrder, OrderId, Placement, PlacementStatus, Side, Terms, TimeInForce};
use crate::listing::TradingStatus;
use crate::numbers::notional;
use crate::policy::{Excess, Late};

impl Desk<'_> {
    /// Places an order.
    pub(crate) fn place(&mut self, account: AccountId, request: &OrderRequest) -> Result<Placed, OrderError> {
        let order = self.checked(account, request)?;
        if self.rejects_late(&order) {
            let id = self.accept_untold(account, order, OrderStatus::New);
            self.reject(account, id, RejectReason::WouldMatchImmediately);
            return self.placed(account, id);
        }
        let id = self.accept(account, order, OrderStatus::New);
        self.work(account, id);
        self.placed(account, id)
    }

    /// An order as [`Desk::place`] would accept it; nothing is changed.
    pub(crate) fn checked(&mut self, account: AccountId, request: &OrderRequest) -> Result<Order, OrderError> {
        self.check_open(account)?;
        let mut order = self.draft(account, request, false)?;
        self.check_client_id(account, &order)?;
        self.check_counts(self.account(account)?, &[&order])?;
        self.check_start(&order)?;
        if self.is_contract() {
            self.check_position_terms(&order)?;
            self.fit_to_position(&mut order);
        }
        self.check_funds(account, &order)?;
        Ok(order)
    }

    /// Whether it is accepted though it would take, only to be rejected then.
    fn rejects_late(&self, order: &Order) -> bool {
        let post_only = order.kind == OrderKind::LimitMaker;
        post_only && self.policy().post_only == Late::Rejected && self.market.engine.would_take(order.side, order.price)
    }

    /// Whether the account may trade here now.
    pub(super) fn check_open(&self, account: AccountId) -> Result<(), OrderError> {
        if !self.account(account)?.may_trade {
            return Err(OrderError::Restricted);
        }
        match self.market.listing.status {
            TradingStatus::Trading => Ok(()),
            _ => Err(OrderError::MarketClosed),
        }
    }

    /// Whether no live order has its client id.
    pub(super) fn check_client_id(&self, account: AccountId, order: &Order) -> Result<(), OrderError> {
        let by_id = OrderRef::Client(order.client_id.clone());
        match self.account(account)?.live_order(self.market.id, &by_id) {
            Ok(_) => Err(OrderError::DuplicateClientId),
            Err(_) => Ok(()),
        }
    }

    /// Whether it would not trade or begin at once where it must not.
    pub(super) fn check_start(&self, order: &Order) -> Result<(), OrderError> {
        let late = self.policy().post_only == Late::Rejected;
        if order.kind == OrderKind::LimitMaker && !late && self.market.engine.would_take(order.side, order.price) {
            return Err(OrderError::WouldTake);
        }
        if self.is_contract() && self.policy().fill_or_kill == Late::Refused && self.dies_at_once(order) {
            return Err(OrderError::FokUnfilled);
        }
        if order.kind.is_conditional() && Waiting::reached(order, self.price_by(order.trigger.by)) {
            return Err(OrderError::WouldTrigger);
        }
        Ok(())
    }

    /// Whether the account can pay.
    pub(super) fn check_funds(&self, account: AccountId, order: &Order) -> Result<(), OrderError> {
        if self.is_contract() {
            return self.check_margin(account, order);
        }
        let needed = match order.hold {
            Some(_) => order.need(),
            None => self.market_need(order),
        };
        if needed <= self.purse(account, order) { Ok(()) } else { Err(OrderError::InsufficientBalance) }
    }

    /// What a market order would take from its account as the book stands.
    fn market_need(&self, order: &Order) -> Decimal {
        match (order.side, order.is_by_amount()) {
            (Side::Buy, true) => return order.quote_quantity,
            (Side::Sell, false) => return order.remaining(),
            _ => {}
        }
        let except = (order.self_trade != super::SelfTradeMode::None).then(|| order.account.owner());
        let (mut left, mut needed) = (order.remaining().max(order.quote_quantity), Decimal::ZERO);
        for (price, offered) in self.market.engine.book().offers(order.side.opposite(), except) {
            let wanted = if order.is_by_amount() { left.checked_div(price).unwrap_or_default() } else { left };
            let part = wanted.min(offered);
            needed += if order.side == Side::Buy { notional(price, part) } else { part };
            left -= if order.is_by_amount() { notional(price, part) } else { part };
            if left <= Decimal::ZERO || part < offered {
                break;
            }
        }
        needed
    }

    /// Whether it is to trade wholly at once or not at all, and cannot.
    fn dies_at_once(&self, order: &Order) -> bool {
        if order.time_in_force != TimeInForce::Fok || order.kind != OrderKind::Limit {
            return false;
        }
        let except = (order.self_trade != super::SelfTradeMode::None).then(|| order.account.owner());
        let offers = self.market.engine.book().offers(order.side.opposite(), except);
        let reached = offers.take_while(|(price, _)| order.side.reaches(order.price, *price));
        reached.map(|(_, offered)| offered).sum::<Decimal>() < order.quantity
    }

    /// Gives an order its number, holds what it needs and tells the account.
    pub(super) fn accept(&mut self, account: AccountId, order: Order, status: OrderStatus) -> OrderId {
        let id = self.accept_untold(account, order, status);
        self.tell_order(account, id, OrderChange::New);
        id
    }

    /// Gives an order its number and holds what it needs.
    fn accept_untold(&mut self, account: AccountId, mut order: Order, status: OrderStatus) -> OrderId {
        let id = self.market.engine.reserve();
        order.id = id;
        order.status = status;
        if status == OrderStatus::New && !order.kind.is_conditional() {
            order.is_working = true;
            order.working_time = Some(self.now);
        }
        if let Ok(account) = self.accounts.account_mut(account) {
            account.enter(order);
        }
        self.hold_again(account, id);
        id
    }

    /// Lets an accepted order wait for its price, or brings it to the engine.
    pub(super) fn work(&mut self, account: AccountId, id: OrderId) {
        let Some(order) = self.order(account, id).cloned() else { return };
        if !order.kind.is_conditional() {
            self.bring(account, id);
            return;
        }
        let price = self.price_by(order.trigger.by);
        let follows = self.market.waiting.add(Waiter::Order(account, id), &order, price, self.now);
        self.change(account, id, |order| order.trailing_time = follows);
    }

    /// The stop of an order is reached.
    pub(super) fn activate(&mut self, account: AccountId, id: OrderId) {
        let Some(order) = self.order(account, id).filter(|order| order.is_live() && !order.is_working) else { return };
        let (kind, peg, side) = (order.kind, order.peg, order.side);
        let price = peg.map(|peg| self.pegged(side, peg));
        let whole = order.position.close_position.then(|| self.closable(order));
        self.change(account, id, |order| {
            order.is_working = true;
            order.quantity = whole.unwrap_or(order.quantity);
            if let Some(Ok(price)) = price {
                order.price = price;
                order.hold = Some(price);
            }
            if !kind.has_price() {
                order.hold = None;
            }
        });
        self.advance_list(account, id);
        self.hold_again(account, id);
        let Some(order) = self.order(account, id).cloned() else { return };
        let unchecked = kind.has_price() && !self.is_contract() && !order.trigger.holds_nothing;
        let affordable = unchecked || self.check_funds(account, &order).is_ok();
        if !affordable || price.is_some_and(|price| price.is_err()) {
            let lacks =
                if self.is_contract() { RejectReason::InsufficientMargin } else { RejectReason::InsufficientBalances };
            let reject = if affordable { RejectReason::None } else { lacks };
            self.end(account, id, OrderStatus::Expired, OrderChange::Expired, |order| order.reject = reject);
            return;
        }
        self.tell_activated(account, id);
        self.bring(account, id);
    }

    fn tell_activated(&mut self, account: AccountId, id: OrderId) {
        let now = self.now;
        self.change(account, id, |order| {
            order.working_time = Some(now);
            order.updated = now;
        });
        self.tell_order(account, id, OrderChange::Activated);
    }

    /// Brings an order to the engine and deals with what comes of it.
    pub(super) fn bring(&mut self, account: AccountId, id: OrderId) {
        let now = self.now;
        self.change(account, id, |order| {
            order.is_working = true;
            order.working_time.get_or_insert(now);
        });
        let Some(order) = self.order(account, id).cloned() else { return };
        let Some(most) = self.most_to_bring(account, &order) else { return };
        let new = NewOrder { owner: account.owner(), side: order.side, instruction: instruction(&order, most) };
        let visible = (!order.iceberg_quantity.is_zero()).then_some(order.iceberg_quantity);
        let pays = order.hold.is_none() && !self.is_contract();
        let purse = pays.then(|| self.purse(account, &order));
        let terms = Terms { id: Some(id), self_trade: order.self_trade.in_engine(), visible, purse };
        match self.market.engine.place_with(new, terms) {
            Ok(placement) => self.brought(account, &order, placement, most),
            Err(_) => self.reject(account, id, RejectReason::WouldMatchImmediately),
        }
    }

    /// How much of an order the engine may trade: of one that only closes not more than there is to close. `None` if
    /// it has ended instead.
    fn most_to_bring(&mut self, account: AccountId, order: &Order) -> Option<Decimal> {
        let left = order.remaining();
        if !self.is_contract() || !order.only_closes() {
            return Some(left);
        }
        let most = self.closable(order).min(left);
        let rests = order.kind.has_price() && order.time_in_force == TimeInForce::Gtc;
        let cut = self.policy().reduce_only == Excess::Cut;
        if most.is_zero() || (most < left && rests && !cut) {
            self.expire(account, order.id, ExpiryReason::ReduceOnly);
            return None;
        }
        if most < left && cut {
            self.cut(account, order.id, left - most);
        }
        Some(most)
    }

    fn brought(&mut self, account: AccountId, order: &Order, placement: Placement, most: Decimal) {
        let dropped = placement.status == PlacementStatus::Expired;
        let taken = placement.filled + placement.prevented;
        if order.is_by_amount() {
            // While its fills are told, an order that is cut short must not seem to be filled.
            let missing = if dropped { self.market.listing.step } else { Decimal::ZERO };
            self.change(account, order.id, |order| order.quantity = taken + missing);
        }
        self.absorb();
        if order.is_by_amount() {
            self.change(account, order.id, |order| order.quantity = taken);
        }
        let nothing = order.is_by_amount() && taken.is_zero();
        if dropped || nothing {
            self.expire(account, order.id, reason_of_rest(order));
        } else if most < order.remaining() {
            // Nothing is left of it where it was cut to what could be closed.
            self.expire(account, order.id, ExpiryReason::ReduceOnly);
        }
    }

    /// Refuses an order whose turn has come.
    pub(super) fn reject(&mut self, account: AccountId, id: OrderId, reason: RejectReason) {
        let told = OrderChange::Rejected;
        self.end(account, id, OrderStatus::Rejected, told, |order| {
            order.reject = reason;
            order.expiry = ExpiryReason::Rejected;
        });
    }

    /// What is answered to a new order.
    pub(super) fn placed(&self, account: AccountId, id: OrderId) -> Result<Placed, OrderError> {
        let found = self.account(account)?;
        let order = found.orders.get(&(self.market.id, id)).cloned().ok_or(OrderError::NoSuchOrder)?;
        let fills = found.fills_of(self.market.id, id).cloned().collect();
        Ok(Placed { order, fills, time: self.now })
    }
}

/// What the engine is to do with up to `quantity` of an order.
fn instruction(order: &Order, quantity: Decimal) -> Instruction {
    let price = order.price;
    match order.kind {
        OrderKind::LimitMaker => Instruction::PostOnly { price, quantity },
        _ if order.kind.has_price() => Instruction::Limit { price, quantity, time_in_force: order.time_in_force },
        _ if order.is_by_amount() => Instruction::MarketQuote { quote_quantity: order.quote_quantity },
        _ => Instruction::Market { quantity },
    }
}

fn reason_of_rest(order: &Order) -> ExpiryReason {
    match order.time_in_force {
        _ if !order.kind.has_price() => ExpiryReason::InsufficientLiquidity,
        TimeInForce::Fok => ExpiryReason::UnfilledFokOrderExpired,
        _ => ExpiryReason::UnfilledIocQuantityExpired,
    }
}
