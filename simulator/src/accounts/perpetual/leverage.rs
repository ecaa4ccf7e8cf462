//! Changes of leverage.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::figures::{Figures, initial_margin, side_of};
use super::settings::{Leverage, MarginMode, PositionMode, PositionSide};
use super::{Cause, Quote, SettingError};
use crate::accounts::account::{Account, AccountId};
use crate::accounts::event::AccountChange;
use crate::exchange::Exchange;
use crate::market::MarketId;

impl Exchange {
    /// Sets the leverage of an account in a contract.
    ///
    /// # Errors
    /// [`SettingError`]; nothing has changed then.
    pub(crate) fn set_leverage(&self, account: AccountId, market: MarketId, to: Leverage) -> Result<(), SettingError> {
        let quote = self.prices.marks.of(market).ok_or(SettingError::NotListed)?;
        let done = self.change_leverage(account, &quote, to);
        self.deliver();
        done
    }

    fn change_leverage(&self, id: AccountId, quote: &Quote, to: Leverage) -> Result<(), SettingError> {
        let mut accounts = self.accounts.lock();
        let market = quote.market;
        let found = accounts.account(id).map_err(|_| SettingError::NoAccount)?;
        let range = Decimal::ONE..=quote.contract.max_leverage();
        if !range.contains(&to.buy) || !range.contains(&to.sell) {
            return Err(SettingError::LeverageRange);
        }
        let settings = &found.margins.settings;
        let (hedge, isolated) = (
            settings.position_mode(market) == PositionMode::Hedge,
            settings.margin_mode(market) == MarginMode::Isolated,
        );
        if to.buy != to.sell && !(self.policy.leverage_by_side && hedge && isolated) {
            return Err(SettingError::LeverageSides);
        }
        let before = settings.leverage(market, quote.contract.initial_leverage);
        if before == to {
            return Err(SettingError::Unchanged);
        }
        self.check_leverage(found, quote, before, to, isolated)?;
        let found = accounts.account_mut(id).map_err(|_| SettingError::NoAccount)?;
        found.margins.settings.leverages.insert(market, to);
        let mut changed = Vec::new();
        for side in [PositionSide::Both, PositionSide::Long, PositionSide::Short] {
            if let Some(held) = found.margins.positions.get_mut(&(market, side)).filter(|held| !held.size.is_zero()) {
                changed.push(side);
                let leverage = to.at(side_of(held, side));
                held.isolated = if isolated { initial_margin(held.cost, leverage) } else { held.isolated };
            }
        }
        let now = self.clock.server_now();
        let symbol = Arc::clone(&quote.symbol);
        accounts.tell(id, now, AccountChange::Leverage { symbol, leverage: to });
        if isolated {
            self.tell_positions(&mut accounts, id, quote, &changed, Cause::MarginTransfer);
        }
        Ok(())
    }

    /// Whether positions and orders permit a leverage.
    fn check_leverage(
        &self,
        found: &Account,
        quote: &Quote,
        before: Leverage,
        to: Leverage,
        isolated: bool,
    ) -> Result<(), SettingError> {
        let open = found.margins.is_open(quote.market);
        let lower = to.buy < before.buy || to.sell < before.sell;
        if open && isolated && lower && !self.policy.lowers_isolated_leverage {
            return Err(SettingError::IsolatedPosition);
        }
        let sides = [(PositionSide::Both, to.buy), (PositionSide::Long, to.buy), (PositionSide::Short, to.sell)];
        let mut more = Decimal::ZERO;
        for (side, leverage) in sides {
            let Some(held) = found.margins.positions.get(&(quote.market, side)) else { continue };
            if crate::numbers::notional(quote.mark(), held.size.abs()) > quote.contract.max_value(leverage) {
                return Err(SettingError::LeverageForPosition);
            }
            let at = before.at(side_of(held, side));
            more += initial_margin(held.cost, to.at(side_of(held, side))) - initial_margin(held.cost, at);
        }
        let figures = Figures::of(found, self.prices.marks.quotes());
        if more > figures.wallet(&quote.settle).available {
            return Err(SettingError::InsufficientMargin);
        }
        Ok(())
    }
}
