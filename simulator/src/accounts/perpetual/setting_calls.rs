//! Changes of leverage, position mode, margin mode and isolated margin.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::figures::{Figures, initial_margin, side_of};
use super::settings::{Leverage, MarginMode, PositionMode, PositionSide, Scope};
use super::{Cause, MarginUpdate, Quote, SettingError};
use crate::accounts::account::{Account, AccountId};
use crate::accounts::event::AccountChange;
use crate::accounts::registry::Accounts;
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
        let now = self.clock.server_now();
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
            accounts.tell(id, now, AccountChange::PositionMode { symbol: None, mode });
            return Ok(());
        }
        for market in change {
            let symbol = self.prices.marks.of(market).map(|quote| quote.symbol);
            accounts.tell(id, now, AccountChange::PositionMode { symbol, mode });
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
        let told: Vec<Option<Arc<str>>> = if whole {
            vec![None]
        } else {
            markets.iter().filter_map(|market| self.prices.marks.of(*market)).map(|q| Some(q.symbol)).collect()
        };
        for symbol in told {
            accounts.tell(id, now, AccountChange::MarginMode { symbol, mode });
        }
        for quote in markets.iter().filter(|_| !whole).filter_map(|market| self.prices.marks.of(*market)) {
            self.tell_positions(&mut accounts, id, &quote, &[PositionSide::Both], Cause::MarginMode);
        }
        Ok(())
    }

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

    fn tell_positions(
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
