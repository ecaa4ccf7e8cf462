//! Changes of the position mode and of the margin mode.

use std::sync::Arc;

use super::settings::{MarginMode, PositionMode, Scope};
use super::{Cause, MarginUpdate, SettingError};
use crate::accounts::account::{Account, AccountId};
use crate::accounts::event::AccountChange;
use crate::exchange::Exchange;
use crate::market::MarketId;

impl Exchange {
    /// Sets the position mode of an account.
    ///
    /// # Errors
    /// [`SettingError::Unchanged`], [`SettingError::OrdersOpen`], [`SettingError::PositionOpen`]; of the scope
    /// [`Scope::Settle`] only if nothing at all could be changed.
    pub(crate) fn set_position_mode(
        &self,
        account: AccountId,
        scope: &Scope,
        mode: PositionMode,
    ) -> Result<(), SettingError> {
        let done = self.change_position_mode(account, scope, mode);
        self.deliver();
        done
    }

    fn change_position_mode(&self, id: AccountId, scope: &Scope, mode: PositionMode) -> Result<(), SettingError> {
        let markets = self.scope(scope)?;
        let mut accounts = self.accounts.lock();
        let found = accounts.account_mut(id).map_err(|_| SettingError::NoAccount)?;
        let differs = |market: &MarketId| found.margins.settings.position_mode(*market) != mode;
        let change: Vec<MarketId> = markets.iter().copied().filter(differs).collect();
        if change.is_empty() && (found.margins.settings.mode == mode || *scope != Scope::Account) {
            return Err(SettingError::Unchanged);
        }
        let change: Vec<MarketId> = if matches!(scope, Scope::Settle(_)) {
            change.into_iter().filter(|market| unused(found, &[*market]).is_ok()).collect()
        } else {
            unused(found, &markets)?;
            change
        };
        let settings = &mut found.margins.settings;
        for market in &markets {
            let stays = settings.position_mode(*market);
            settings.modes.insert(*market, if change.contains(market) { mode } else { stays });
        }
        if !matches!(scope, Scope::Contract(_)) {
            settings.mode = mode;
        }
        if *scope == Scope::Account {
            found.margins.settings.modes.clear();
        }
        Ok(())
    }

    /// Sets the margin mode of an account.
    ///
    /// # Errors
    /// [`SettingError::Unchanged`], [`SettingError::OrdersOpen`], [`SettingError::PositionOpen`].
    pub(crate) fn set_margin_mode(
        &self,
        account: AccountId,
        scope: &Scope,
        mode: MarginMode,
    ) -> Result<(), SettingError> {
        let done = self.change_margin_mode(account, scope, mode);
        self.deliver();
        done
    }

    fn change_margin_mode(&self, id: AccountId, scope: &Scope, mode: MarginMode) -> Result<(), SettingError> {
        let markets = self.scope(scope)?;
        let now = self.clock.server_now();
        let mut accounts = self.accounts.lock();
        let found = accounts.account_mut(id).map_err(|_| SettingError::NoAccount)?;
        let settings = &mut found.margins.settings;
        let whole = *scope == Scope::Account;
        let same = markets.iter().all(|market| settings.margin_mode(*market) == mode);
        if same && (!whole || settings.margin == mode) {
            return Err(SettingError::Unchanged);
        }
        unused(found, &markets)?;
        let settings = &mut found.margins.settings;
        if whole {
            settings.margin = mode;
            settings.margins.clear();
        } else {
            markets.iter().for_each(|market| {
                settings.margins.insert(*market, mode);
            });
        }
        for market in markets.into_iter().filter(|_| !whole) {
            let Ok(figures) = accounts.figures(id, &self.prices.marks) else { continue };
            let positions = figures.positions_in(market);
            let symbol = positions.first().map(|position| Arc::clone(&position.symbol));
            let update = MarginUpdate { cause: Cause::MarginMode, symbol, wallets: Vec::new(), positions };
            accounts.tell(id, now, AccountChange::Margin(Box::new(update)));
        }
        Ok(())
    }

    /// The contracts of a scope.
    fn scope(&self, scope: &Scope) -> Result<Vec<MarketId>, SettingError> {
        let quotes = self.prices.marks.quotes();
        match scope {
            Scope::Account => Ok(quotes.into_keys().collect()),
            Scope::Settle(asset) => {
                let settled = quotes.into_values().filter(|quote| quote.settle == *asset);
                let settled: Vec<MarketId> = settled.map(|quote| quote.market).collect();
                if settled.is_empty() { Err(SettingError::NotListed) } else { Ok(settled) }
            }
            Scope::Contract(name) => {
                let market = self.find(name).ok_or(SettingError::NotListed)?;
                let id = market.lock().id;
                quotes.contains_key(&id).then(|| vec![id]).ok_or(SettingError::NotListed)
            }
        }
    }
}

/// Whether an account has neither order nor position in any of these contracts.
fn unused(account: &Account, markets: &[MarketId]) -> Result<(), SettingError> {
    if markets.iter().any(|market| account.open_orders(Some(*market)).next().is_some()) {
        return Err(SettingError::OrdersOpen);
    }
    if markets.iter().any(|market| account.margins.is_open(*market)) {
        return Err(SettingError::PositionOpen);
    }
    Ok(())
}
