//! What an account can ask about its contracts.

use rust_decimal::Decimal;

use super::figures::Figures;
use super::marks::Marks;
use super::position::Position;
use super::settings::{Leverage, MarginMode, PositionMode};
use super::wallet::Wallet;
use super::{Cause, MarginUpdate};
use crate::accounts::account::AccountId;
use crate::accounts::error::OrderError;
use crate::accounts::event::AccountChange;
use crate::accounts::registry::Accounts;
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::market::MarketId;

impl Accounts {
    /// The figures of an account at these marks.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub(crate) fn figures(&self, id: AccountId, marks: &Marks) -> Result<Figures<'_>, OrderError> {
        Ok(Figures::of(self.account(id)?, marks.quotes()))
    }
}

impl Exchange {
    /// The positions of an account, of one contract or of all; flat ones too, by contract.
    pub(crate) fn positions(&self, account: AccountId, market: Option<MarketId>) -> Vec<Position> {
        let accounts = self.accounts.lock();
        let Ok(figures) = accounts.figures(account, &self.prices.marks) else { return Vec::new() };
        match market {
            Some(market) => figures.positions_in(market),
            None => figures.positions(),
        }
    }

    /// The wallets of an account: one for each asset that it has or that a contract settles in.
    pub(crate) fn wallets(&self, account: AccountId) -> Vec<Wallet> {
        let accounts = self.accounts.lock();
        let Ok(found) = accounts.account(account) else { return Vec::new() };
        let quotes = self.prices.marks.quotes();
        let mut assets: Vec<String> = found.balances.keys().map(ToString::to_string).collect();
        assets.extend(quotes.values().map(|quote| quote.settle.to_string()));
        assets.sort();
        assets.dedup();
        let figures = Figures::of(found, quotes);
        assets.iter().map(|asset| figures.wallet(asset)).collect()
    }

    /// Tells an account that funds came in or went out, where it holds contracts.
    pub(crate) fn tell_transfer(&self, account: AccountId, asset: &str, moved: Decimal) {
        if self.product != Product::LinearPerpetual || moved.is_zero() {
            return;
        }
        let mut accounts = self.accounts.lock();
        let Ok(figures) = accounts.figures(account, &self.prices.marks) else { return };
        let cause = if moved > Decimal::ZERO { Cause::Deposit } else { Cause::Withdraw };
        let wallets = vec![(figures.wallet(asset), moved)];
        let update = MarginUpdate { cause, symbol: None, wallets, positions: Vec::new() };
        accounts.tell(account, self.clock.server_now(), AccountChange::Margin(Box::new(update)));
    }

    /// Leverage, position mode and margin mode of an account in a contract.
    pub(crate) fn settings(&self, account: AccountId, market: MarketId) -> (Leverage, PositionMode, MarginMode) {
        let accounts = self.accounts.lock();
        let initial = self.prices.marks.of(market).map(|quote| quote.contract.initial_leverage).unwrap_or_default();
        let settings = accounts.account(account).map(|found| found.margins.settings.clone()).unwrap_or_default();
        (settings.leverage(market, initial), settings.position_mode(market), settings.margin_mode(market))
    }
}
