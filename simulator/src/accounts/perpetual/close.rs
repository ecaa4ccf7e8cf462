//! Orders of the exchange itself: liquidation, auto-deleveraging, settlement.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::Cause;
use super::settings::{MarginMode, PositionSide};
use super::terms::Origin;
use super::transaction::{Movement, TransactionKind};
use crate::accounts::account::{Account, AccountId};
use crate::accounts::desk::Desk;
use crate::accounts::order::{ExpiryReason, OrderStatus};
use crate::accounts::request::OrderRequest;
use crate::engine::{Instruction, NewOrder, OrderId, Side, Terms, TimeInForce};
use crate::numbers::{floor_to, notional};

impl Desk<'_> {
    /// Closes a position against the book at the price of bankruptcy or better; the insurance fund takes what is
    /// left at that price, takes its fee of what remains, and makes good what is missing.
    pub(crate) fn liquidate(&mut self, account: AccountId, side: PositionSide) {
        let Ok(figures) = self.accounts.figures(account, &self.prices.marks) else { return };
        let Some(bankrupt) = figures.bankruptcy_price(self.market.id, side) else { return };
        let Some(position) = figures.position(self.market.id, side) else { return };
        let price = self.no_worse(position.size, position.mark, bankrupt);
        let isolated = position.margin_mode == MarginMode::Isolated;
        let floor = if isolated { self.wallet_of(account) - position.isolated } else { self.isolated_of(account) };
        let value = position.value();
        let Some(id) = self.own_order(account, side, price, position.size.abs(), Origin::Liquidation) else { return };
        self.sweep_at(account, id, price);
        self.off_book(account, id, price);
        self.insure(account, side, floor, value);
    }

    /// The price of bankruptcy, but not further from the mark price than a market order may trade.
    fn no_worse(&self, size: Decimal, mark: Decimal, bankrupt: Decimal) -> Decimal {
        let bound = self.prices.marks.of(self.market.id).map(|quote| quote.contract.market_take_bound);
        let way = floor_to(notional(mark, bound.unwrap_or_default()), self.market.listing.tick);
        let mark = floor_to(mark, self.market.listing.tick);
        if size > Decimal::ZERO { bankrupt.max(mark - way) } else { bankrupt.min(mark + way) }
    }

    /// What isolated positions have of the wallet.
    fn isolated_of(&self, account: AccountId) -> Decimal {
        let held = |found: &Account| found.margins.positions.values().map(|held| held.isolated).sum();
        self.account(account).map(held).unwrap_or_default()
    }

    /// Closes `quantity` of a position at `price` beside the book, or all of it. Returns the order.
    pub(crate) fn close_by_force(
        &mut self,
        account: AccountId,
        side: PositionSide,
        price: Decimal,
        quantity: Option<Decimal>,
        origin: Origin,
    ) -> Option<OrderId> {
        let size = self.account(account).ok()?.margins.size(self.market.id, side).abs();
        let quantity = quantity.unwrap_or(size).min(size);
        let id = self.own_order(account, side, price, quantity, origin)?;
        self.off_book(account, id, price);
        Some(id)
    }

    /// Ends all live orders of an account here.
    pub(crate) fn expire_all_of(&mut self, account: AccountId, reason: ExpiryReason) {
        let Ok(found) = self.account(account) else { return };
        let open: Vec<OrderId> = found.open_orders(Some(self.market.id)).map(|order| order.id).collect();
        open.into_iter().for_each(|id| self.expire(account, id, reason));
        self.end_algos(account, reason);
    }

    /// Enters an order of the exchange that closes a position; it is not in the book.
    fn own_order(
        &mut self,
        account: AccountId,
        side: PositionSide,
        price: Decimal,
        quantity: Decimal,
        origin: Origin,
    ) -> Option<OrderId> {
        let size = self.account(account).ok()?.margins.size(self.market.id, side);
        if size.is_zero() || quantity.is_zero() {
            return None;
        }
        let closing = if size > Decimal::ZERO { Side::Sell } else { Side::Buy };
        let mut request = OrderRequest::limit(closing, price, quantity).reduce_only().position_side(side);
        request.time_in_force = Some(TimeInForce::Ioc);
        let [liquidation, adl, settlement] = self.policy().own_orders;
        let made = self.accounts.made_id();
        let client_id = match origin {
            Origin::Liquidation => format!("{liquidation}{made}"),
            // There is only this one name.
            Origin::Adl if adl.ends_with(char::is_alphabetic) => adl.to_owned(),
            Origin::Adl => format!("{adl}{made}"),
            _ => format!("{settlement}{made}"),
        };
        let mut order = self.build(account, &request, client_id, price);
        order.origin = origin;
        order.hold = Some(price);
        Some(self.accept(account, order, OrderStatus::New))
    }

    /// Trades an entered order with the book up to `price`.
    fn sweep_at(&mut self, account: AccountId, id: OrderId, price: Decimal) {
        let Some(order) = self.order(account, id).cloned() else { return };
        let instruction = Instruction::Limit { price, quantity: order.remaining(), time_in_force: TimeInForce::Ioc };
        let new = NewOrder { owner: account.owner(), side: order.side, instruction };
        // It was checked by nobody, but quantity and price are positive; a refusal leaves all of it to the fund.
        let _placement = self.market.engine.place_with(new, Terms { id: Some(id), ..Terms::default() });
        self.absorb();
    }

    /// Trades what is left of an entered order beside the book.
    fn off_book(&mut self, account: AccountId, id: OrderId, price: Decimal) {
        let Some(order) = self.order(account, id).filter(|order| order.is_live()) else { return };
        let (side, left) = (order.side, order.remaining());
        self.market.engine.trade_beside((id, account.owner(), side), self.insurer, price, left);
        self.absorb();
    }

    /// The insurance fund takes its fee of what is above `floor`, or makes good what is below it.
    fn insure(&mut self, account: AccountId, side: PositionSide, floor: Decimal, value: Decimal) {
        let rate = self.prices.marks.of(self.market.id).map_or(Decimal::ZERO, |quote| quote.contract.liquidation_fee);
        let above = self.wallet_of(account) - floor;
        let fee = notional(value, rate).trunc_with_scale(super::MARGIN_DECIMALS);
        let amount = if above < Decimal::ZERO { -above } else { -fee.min(above) };
        if amount.is_zero() {
            return;
        }
        let settle = Arc::clone(&self.market.names.quote);
        self.move_funds(account, &settle, amount, Decimal::ZERO);
        *self.accounts.totals.insurance.entry(Arc::clone(&settle)).or_default() -= amount;
        let movement = Movement::new(TransactionKind::InsuranceClear, settle, amount).of(&self.market.names.symbol);
        self.accounts.transact(account, movement, self.now);
        self.tell_margin(account, side, Cause::Insurance, amount);
    }

    /// The contract has ended: orders end, and positions are closed at `price`, of all accounts.
    pub(crate) fn settle_contract(&mut self, price: Decimal) {
        let holders: Vec<AccountId> = self.accounts.all().iter().map(|account| account.id).collect();
        for account in holders {
            self.expire_all_of(account, ExpiryReason::Settlement);
            for side in [PositionSide::Both, PositionSide::Long, PositionSide::Short] {
                self.close_by_force(account, side, price, None, Origin::Settlement);
            }
        }
    }
}
