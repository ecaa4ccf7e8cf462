//! Margin of isolated positions.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::figures::Figures;
use super::settings::{MarginMode, PositionSide};
use super::{Cause, MarginUpdate, Quote, SettingError};
use crate::accounts::account::AccountId;
use crate::accounts::event::AccountChange;
use crate::accounts::registry::Accounts;
use crate::exchange::Exchange;
use crate::market::MarketId;

impl Exchange {
    /// Adds to the margin of an isolated position, or takes from it where `amount` is negative.
    ///
    /// # Errors
    /// [`SettingError`]; nothing has changed then.
    pub(crate) fn add_margin(
        &self,
        account: AccountId,
        market: MarketId,
        side: PositionSide,
        amount: Decimal,
    ) -> Result<(), SettingError> {
        let quote = self.prices.marks.of(market).ok_or(SettingError::NotListed)?;
        let done = self.move_margin(account, &quote, side, amount);
        self.deliver();
        done
    }

    fn move_margin(
        &self,
        id: AccountId,
        quote: &Quote,
        side: PositionSide,
        amount: Decimal,
    ) -> Result<(), SettingError> {
        let mut accounts = self.accounts.lock();
        let found = accounts.account(id).map_err(|_| SettingError::NoAccount)?;
        if found.margins.settings.margin_mode(quote.market) != MarginMode::Isolated {
            return Err(SettingError::NotIsolated);
        }
        let figures = Figures::of(found, self.prices.marks.quotes());
        let position = figures.position(quote.market, side).filter(|position| !position.is_flat());
        let position = position.ok_or(SettingError::NoPosition)?;
        if amount.is_zero() {
            return Err(SettingError::Amount);
        }
        let spare = position.isolated - position.initial_margin + position.unrealised.min(Decimal::ZERO);
        if amount > figures.wallet(&quote.settle).available || -amount > spare.max(Decimal::ZERO) {
            return Err(SettingError::InsufficientMargin);
        }
        let found = accounts.account_mut(id).map_err(|_| SettingError::NoAccount)?;
        if let Some(held) = found.margins.positions.get_mut(&(quote.market, side)) {
            held.isolated += amount;
        }
        self.tell_positions(&mut accounts, id, quote, &[side], Cause::MarginTransfer);
        Ok(())
    }

    /// Lets margin be added by itself to an isolated position, or not.
    ///
    /// # Errors
    /// [`SettingError::NoAccount`].
    pub(crate) fn set_auto_add_margin(
        &self,
        account: AccountId,
        market: MarketId,
        side: PositionSide,
        on: bool,
    ) -> Result<(), SettingError> {
        let mut accounts = self.accounts.lock();
        let found = accounts.account_mut(account).map_err(|_| SettingError::NoAccount)?;
        found.margins.positions.entry((market, side)).or_default().auto_add_margin = on;
        Ok(())
    }

    /// Tells an account its wallet and some of its positions in a contract.
    pub(super) fn tell_positions(
        &self,
        accounts: &mut Accounts,
        id: AccountId,
        quote: &Quote,
        sides: &[PositionSide],
        cause: Cause,
    ) {
        let Ok(figures) = accounts.figures(id, &self.prices.marks) else { return };
        let update = MarginUpdate {
            cause,
            symbol: Some(Arc::clone(&quote.symbol)),
            wallets: vec![(figures.wallet(&quote.settle), Decimal::ZERO)],
            positions: sides.iter().filter_map(|side| figures.position(quote.market, *side)).collect(),
        };
        accounts.tell(id, self.clock.server_now(), AccountChange::Margin(Box::new(update)));
    }
}
