//! What a new order in a contract must keep.

use rust_decimal::Decimal;

use super::figures::{Figures, initial_margin, opened_by};
use super::settings::{PositionMode, PositionSide};
use crate::accounts::account::{Account, AccountId};
use crate::accounts::desk::Desk;
use crate::accounts::error::{Filter, OrderError};
use crate::accounts::order::Order;
use crate::engine::{Side, TimeInForce};
use crate::numbers::notional;
use crate::policy::Excess;

/// Whether a trade of this side closes a position of this signed size.
pub(super) fn closes(size: Decimal, side: Side) -> bool {
    match side {
        Side::Buy => size < Decimal::ZERO,
        Side::Sell => size > Decimal::ZERO,
    }
}

impl Desk<'_> {
    /// The position that an order would change, signed.
    pub(in crate::accounts) fn size_for(&self, order: &Order) -> Decimal {
        let found = self.account(order.account);
        found.map(|found| found.margins.size(self.market.id, order.position.side)).unwrap_or_default()
    }

    /// Whether an order fits the position mode, and the position if it can only close.
    pub(in crate::accounts) fn check_position_terms(&self, order: &Order) -> Result<(), OrderError> {
        let mode = self.account(order.account)?.margins.settings.position_mode(self.market.id);
        let fits = match mode {
            PositionMode::OneWay => order.position.side == PositionSide::Both,
            PositionMode::Hedge => order.position.side != PositionSide::Both,
        };
        if !fits {
            return Err(OrderError::PositionSide);
        }
        let now = !order.kind.is_conditional();
        if !now || !order.only_closes() {
            return Ok(());
        }
        let closable = self.closable(order);
        let rests = order.kind.has_price() && order.time_in_force == TimeInForce::Gtc;
        let fits = closable >= order.quantity || self.policy().reduce_only == Excess::Cut || !rests;
        if closable.is_zero() || !fits { Err(OrderError::ReduceOnly) } else { Ok(()) }
    }

    /// Cuts a new order that can only close to what there is to close, where the exchange does so.
    pub(in crate::accounts) fn fit_to_position(&self, order: &mut Order) {
        if order.only_closes() && !order.kind.is_conditional() && self.policy().reduce_only == Excess::Cut {
            order.quantity = order.quantity.min(self.closable(order));
        }
    }

    /// How much an order that can only close may still close, beside the other such orders that rest.
    pub(in crate::accounts) fn closable(&self, order: &Order) -> Decimal {
        let size = self.size_for(order);
        if !closes(size, order.side) {
            return Decimal::ZERO;
        }
        let Ok(found) = self.account(order.account) else { return Decimal::ZERO };
        let resting = found.open_orders(Some(self.market.id)).filter(|other| {
            let same = other.side == order.side && other.position.side == order.position.side;
            same && other.id != order.id && other.is_working && other.only_closes()
        });
        let taken: Decimal = if order.kind.has_price() { resting.map(Order::remaining).sum() } else { Decimal::ZERO };
        (size.abs() - taken).max(Decimal::ZERO).normalize()
    }

    /// Whether the account has the margin for what an order opens, and the leverage permits it.
    pub(in crate::accounts) fn check_margin(&self, account: AccountId, order: &Order) -> Result<(), OrderError> {
        if order.only_closes() || order.trigger.holds_nothing && !order.is_working && order.kind.is_conditional() {
            return Ok(());
        }
        let found = self.account(account)?;
        let size = self.size_for(order);
        let closing = if closes(size, order.side) { size.abs() } else { Decimal::ZERO };
        let opening = (order.remaining() - closing).max(Decimal::ZERO);
        if opening.is_zero() {
            return Ok(());
        }
        let figures = self.accounts.figures(account, &self.prices.marks)?;
        let price = order.hold.unwrap_or_else(|| self.price_to_take(order));
        let leverage = figures.leverage(self.market.id).at(opened_by(order));
        let bound = found.orders.get(&(self.market.id, order.id)).filter(|known| known.is_live());
        let own = bound.map(|known| figures.margin_of(known)).unwrap_or_default();
        let available = figures.wallet(&self.market.names.quote).available + own;
        if initial_margin(notional(price, opening), leverage) > available {
            return Err(OrderError::InsufficientMargin);
        }
        self.check_tier(found, &figures, order, opening)
    }

    /// Whether the position that could come of it is not too large for the leverage.
    fn check_tier(
        &self,
        found: &Account,
        figures: &Figures<'_>,
        order: &Order,
        more: Decimal,
    ) -> Result<(), OrderError> {
        let Some(quote) = self.prices.marks.of(self.market.id) else { return Ok(()) };
        let same = |other: &&Order| {
            let open = other.side == order.side && other.position.side == order.position.side;
            open && other.is_working && !other.only_closes() && other.id != order.id
        };
        let open: Decimal = found.open_orders(Some(self.market.id)).filter(same).map(Order::remaining).sum();
        let size = self.size_for(order);
        let has = if closes(size, order.side) { Decimal::ZERO } else { size.abs() };
        let value = notional(quote.mark(), has + open + more);
        let most = quote.contract.max_value(figures.leverage(self.market.id).at(opened_by(order)));
        if value <= most { Ok(()) } else { Err(OrderError::Filter(Filter::MaxPosition)) }
    }

    /// Average price at which the book takes a market order now; the mark price where it is empty.
    fn price_to_take(&self, order: &Order) -> Decimal {
        let (mut left, mut value) = (order.remaining(), Decimal::ZERO);
        for (price, offered) in self.market.engine.book().offers(order.side.opposite(), None) {
            let part = left.min(offered);
            value += notional(price, part);
            left -= part;
            if left.is_zero() {
                break;
            }
        }
        let taken = order.remaining() - left;
        let mark = self.prices.marks.of(self.market.id).map_or(self.last_price(), |quote| quote.mark());
        value.checked_div(taken).filter(|_| !taken.is_zero()).unwrap_or(mark)
    }
}
