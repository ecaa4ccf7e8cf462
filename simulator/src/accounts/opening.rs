//! Opening of accounts and making of keys.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::account::AccountId;
use super::error::OrderError;
use super::key::{Credentials, KeyType};
use super::perpetual::Leverage;
use super::registry::Accounts;
use super::request::OrderRef;
use crate::config::{AccountSetup, ConfigError};
use crate::exchange::Exchange;
use crate::market::Market;

impl Exchange {
    /// Opens an account and makes its keys.
    ///
    /// # Errors
    /// [`ConfigError::Account`].
    pub(crate) fn open_account(&self, setup: &AccountSetup) -> Result<Vec<Credentials>, ConfigError> {
        let wrong = |problem: &str| ConfigError::Account(setup.name.clone(), problem.to_owned());
        let negative = |amount: &Decimal| *amount < Decimal::ZERO;
        if setup.name.is_empty() || setup.name.contains('/') || setup.balances.values().any(negative) {
            return Err(wrong("needs a name without slash and no negative balance"));
        }
        let now = self.clock.server_now();
        let mut accounts = self.accounts.lock();
        let id = accounts.open(&setup.name, now).ok_or_else(|| wrong("is there already"))?;
        let listings = self.config.listings.iter().filter(|_| setup.otherwise > Decimal::ZERO);
        let mut balances: BTreeMap<&str, Decimal> = listings
            .flat_map(|listing| [listing.base.as_str(), listing.quote.as_str()])
            .map(|asset| (asset, setup.otherwise))
            .collect();
        balances.extend(setup.balances.iter().map(|(asset, amount)| (asset.as_str(), *amount)));
        for (asset, amount) in balances {
            accounts.deposit(id, asset, amount, now);
        }
        self.choose(&mut accounts, id, setup);
        accounts.take_events();
        setup.keys.iter().map(|key| accounts.add_key(id, *key).map_err(|problem| wrong(&problem))).collect()
    }

    /// Sets what a new account has chosen for contracts.
    fn choose(&self, accounts: &mut Accounts, id: AccountId, setup: &AccountSetup) {
        let Ok(account) = accounts.account_mut(id) else { return };
        let settings = &mut account.margins.settings;
        settings.mode = setup.position_mode.unwrap_or(self.policy.position_mode);
        settings.margin = setup.margin_mode;
        for quote in self.prices.marks.quotes().into_values() {
            if let Some(leverage) = setup.leverage {
                let leverage = leverage.clamp(Decimal::ONE, quote.contract.max_leverage());
                settings.leverages.insert(quote.market, Leverage::of(leverage));
            }
        }
    }

    /// The keys of an account with their secret halves.
    pub(crate) fn credentials(&self, account: &str) -> Vec<Credentials> {
        let accounts = self.accounts.lock();
        let found = accounts.named(account).and_then(|id| accounts.account(id).ok());
        found.map(|account| account.credentials.clone()).unwrap_or_default()
    }

    /// Makes another key.
    ///
    /// # Errors
    /// [`ConfigError::Account`].
    pub(crate) fn add_key(&self, account: &str, key_type: KeyType) -> Result<Credentials, ConfigError> {
        let wrong = |problem: String| ConfigError::Account(account.to_owned(), problem);
        let mut accounts = self.accounts.lock();
        let id = accounts.named(account).ok_or_else(|| wrong("does not exist".to_owned()))?;
        accounts.add_key(id, key_type).map_err(wrong)
    }

    /// Makes a key useless; false if there is none of this text.
    pub(crate) fn revoke_key(&self, text: &str) -> bool {
        let known = self.accounts.lock().revoke_key(text);
        if known {
            self.front.key_revoked(self, text);
        }
        known
    }

    /// Fills up to `quantity` of a resting order, or all of it, by a counterparty that the book does not show.
    ///
    /// # Errors
    /// [`OrderError::UnknownOrder`], [`OrderError::IdMismatch`], [`OrderError::NotWorking`].
    pub(crate) fn fill_order(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        order: &OrderRef,
        quantity: Option<Decimal>,
    ) -> Result<Decimal, OrderError> {
        let hidden = self.hidden_trader();
        self.at_desk(market, |desk| {
            let found = desk.account(account)?.live_order(desk.market_id(), order)?;
            let (id, left) = (found.id, found.remaining());
            desk.fill_part(account, id, Some(quantity.unwrap_or(left)), hidden).ok_or(OrderError::NotWorking)
        })
    }
}
