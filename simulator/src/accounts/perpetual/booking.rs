//! What trades do to positions and wallets.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::figures::{initial_margin, side_of};
use super::position::Effect;
use super::settings::{MarginMode, PositionSide};
use super::transaction::{ClosedPosition, Movement, TransactionKind};
use super::{Cause, MarginUpdate};
use crate::accounts::account::AccountId;
use crate::accounts::desk::{Desk, Due};
use crate::accounts::event::AccountChange;
use crate::accounts::fill::Fill;
use crate::engine::{OrderId, Side};

/// A trade of an account in a contract.
#[derive(Clone, Copy, Debug)]
pub(in crate::accounts) struct ContractTrade {
    pub(in crate::accounts) account: AccountId,
    pub(in crate::accounts) order: OrderId,
    pub(in crate::accounts) side: Side,
    pub(in crate::accounts) price: Decimal,
    pub(in crate::accounts) quantity: Decimal,
}

impl Desk<'_> {
    /// Whether the market is one of contracts.
    pub(in crate::accounts) fn is_contract(&self) -> bool {
        self.market.contract
    }

    /// Changes the position and realises the profit of what was closed. The fee is not paid yet.
    pub(in crate::accounts) fn trade_contract(&mut self, trade: ContractTrade) -> Effect {
        let ContractTrade { account, order, side, price, quantity } = trade;
        let (market, now) = (self.market.id, self.now);
        let key = self.order(account, order).map(|order| order.position.side).unwrap_or_default();
        let initial = self.prices.marks.of(market).map_or(Decimal::ONE, |quote| quote.contract.initial_leverage);
        let Ok(found) = self.accounts.account_mut(account) else { return Effect::default() };
        let isolated = found.margins.settings.margin_mode(market) == MarginMode::Isolated;
        let leverage = found.margins.settings.leverage(market, initial);
        let held = found.margins.positions.entry((market, key)).or_default();
        let effect = held.trade(side, price, quantity, now);
        if isolated {
            held.isolated += initial_margin(effect.opened, leverage.at(side_of(held, key)));
        }
        let settle = Arc::clone(&self.market.names.quote);
        self.move_funds(account, &settle, effect.realised, Decimal::ZERO);
        *self.accounts.totals.others.entry(settle).or_default() -= effect.realised;
        self.later(Due::Upkeep(account, key));
        effect
    }

    /// What an account's wallet has of the settlement asset; of the quote asset elsewhere.
    pub(in crate::accounts) fn wallet_of(&self, account: AccountId) -> Decimal {
        let asset = &self.market.names.quote;
        self.account(account).map(|found| found.balance(asset).total()).unwrap_or_default()
    }

    /// Records a fill's profit and fee, and what it closed.
    pub(in crate::accounts) fn record_contract(&mut self, account: AccountId, fill: &Fill, effect: Effect) {
        let settle = Arc::clone(&self.market.names.quote);
        let moved = [
            Movement::new(TransactionKind::RealizedPnl, settle, effect.realised),
            Movement::new(TransactionKind::Commission, Arc::clone(&fill.commission_asset), -fill.commission),
        ];
        for movement in moved.into_iter().filter(|movement| !movement.amount.is_zero()) {
            self.accounts.transact(account, movement.of(&fill.symbol).by(fill.trade_id, fill.order), self.now);
        }
        let market = self.market.id;
        let initial = self.prices.marks.of(market).map_or(Decimal::ONE, |quote| quote.contract.initial_leverage);
        let Ok(found) = self.accounts.account_mut(account) else { return };
        let leverage = found.margins.settings.leverage(market, initial);
        let closes_long = fill.side == Side::Sell;
        if let Some(held) = found.margins.positions.get_mut(&(market, fill.position_side)) {
            held.paid += fill.commission;
        }
        if !effect.closed.is_zero() {
            found.margins.closed.push(ClosedPosition {
                symbol: Arc::clone(&fill.symbol),
                market,
                order: fill.order,
                side: fill.side,
                position_side: fill.position_side,
                quantity: effect.closed,
                entry_value: effect.entry_value,
                exit_value: crate::numbers::notional(fill.price, effect.closed),
                realised: effect.realised,
                fee: fill.commission,
                leverage: leverage.at(if closes_long { PositionSide::Long } else { PositionSide::Short }),
                time: fill.time,
            });
        }
    }

    /// Tells an account its wallet and one of its positions in this market.
    pub(in crate::accounts) fn tell_margin(
        &mut self,
        account: AccountId,
        side: PositionSide,
        cause: Cause,
        change: Decimal,
    ) {
        let Ok(figures) = self.accounts.figures(account, &self.prices.marks) else { return };
        let wallet = figures.wallet(&self.market.names.quote);
        let positions = figures.position(self.market.id, side).into_iter().collect();
        let update = MarginUpdate {
            cause,
            symbol: Some(Arc::clone(&self.market.names.symbol)),
            wallets: vec![(wallet, change)],
            positions,
        };
        self.accounts.tell(account, self.now, AccountChange::Margin(Box::new(update)));
    }
}
