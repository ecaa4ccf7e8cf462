//! Accounts of a simulated exchange: opened, looked into, and traded from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::Simulator;
use crate::accounts::{
    AccountId, AccountLedger, AmendRequest, Amended, Balance, CancelRequest, Cancelled, CommissionRates, Credentials,
    Fill, KeyType, ListReport, ListRequest, ModifyRequest, Order, OrderError, OrderRef, OrderRequest, Placed, Totals,
};
use crate::config::{AccountSetup, ConfigError};
use crate::engine::OrderId;
use crate::market::Market;

/// Calls name the account by its name (`main` exists by default) and the instrument by symbol or pair.
/// What is done here is done as by another client of the account: its streams report it.
impl Simulator {
    /// Opens an account and makes its keys.
    ///
    /// # Errors
    /// [`ConfigError::Account`]: the name is taken, or a balance is negative.
    pub fn open_account(&self, setup: &AccountSetup) -> Result<Vec<Credentials>, ConfigError> {
        self.exchange.open_account(setup)
    }

    /// The keys of an account, with their secret halves, in the order of making; revoked ones too.
    pub fn credentials(&self, account: &str) -> Vec<Credentials> {
        self.exchange.credentials(account)
    }

    /// Makes another key.
    ///
    /// # Errors
    /// [`ConfigError::Account`]: there is no such account.
    pub fn add_key(&self, account: &str, key_type: KeyType) -> Result<Credentials, ConfigError> {
        self.exchange.add_key(account, key_type)
    }

    /// Makes a key useless from now on; false if there is none of this text.
    pub fn revoke_key(&self, api_key: &str) -> bool {
        self.exchange.revoke_key(api_key)
    }

    /// Takes a revocation back; false if there is no key of this text.
    pub fn restore_key(&self, api_key: &str) -> bool {
        self.exchange.accounts.lock().restore_key(api_key)
    }

    /// What an account has, by asset; empty if there is no such account.
    pub fn balances(&self, account: &str) -> BTreeMap<String, Balance> {
        self.account_ledger(account).map(|ledger| ledger.balances).unwrap_or_default()
    }

    /// All orders of an account, live or not; empty if there is no such account.
    pub fn orders(&self, account: &str) -> Vec<Order> {
        self.account_ledger(account).map(|ledger| ledger.orders).unwrap_or_default()
    }

    /// All fills of an account, oldest first; empty if there is no such account.
    pub fn fills(&self, account: &str) -> Vec<Fill> {
        self.account_ledger(account).map(|ledger| ledger.fills).unwrap_or_default()
    }

    /// Everything about an account, as of one moment.
    pub fn account_ledger(&self, account: &str) -> Option<AccountLedger> {
        self.exchange.accounts.lock().ledger(account, &self.exchange.prices.marks).ok()
    }

    /// Where the funds are that no account has.
    pub fn totals(&self) -> Totals {
        self.exchange.accounts.lock().totals().clone()
    }

    /// Sets what an account pays, in all instruments.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub fn set_rates(&self, account: &str, rates: CommissionRates) -> Result<(), OrderError> {
        let mut accounts = self.exchange.accounts.lock();
        let id = accounts.named(account).ok_or(OrderError::NoAccount)?;
        accounts.account_mut(id)?.rates = rates;
        Ok(())
    }

    /// Lets an account place and cancel orders, or forbids it.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub fn set_may_trade(&self, account: &str, may_trade: bool) -> Result<(), OrderError> {
        let mut accounts = self.exchange.accounts.lock();
        let id = accounts.named(account).ok_or(OrderError::NoAccount)?;
        accounts.account_mut(id)?.may_trade = may_trade;
        Ok(())
    }

    /// Brings funds in, or takes out what is free where `amount` is negative; returns what was moved.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub fn deposit(&self, account: &str, asset: &str, amount: Decimal) -> Result<Decimal, OrderError> {
        let id = self.exchange.accounts.lock().named(account).ok_or(OrderError::NoAccount)?;
        self.exchange.deposit(id, asset, amount).ok_or(OrderError::NoAccount)
    }

    /// Places an order.
    ///
    /// # Errors
    /// [`OrderError`]; nothing has changed then.
    pub fn place_as(&self, account: &str, name: &str, request: &OrderRequest) -> Result<Placed, OrderError> {
        let (account, market) = self.account_and_market(account, name)?;
        self.exchange.place_order(account, &market, request)
    }

    /// Cancels an order, and with it its list.
    ///
    /// # Errors
    /// [`OrderError`]; nothing has changed then.
    pub fn cancel_as(&self, account: &str, name: &str, request: &CancelRequest) -> Result<Cancelled, OrderError> {
        let (account, market) = self.account_and_market(account, name)?;
        self.exchange.cancel_order(account, &market, request)
    }

    /// Cancels all live orders of an instrument; one entry per order or list.
    ///
    /// # Errors
    /// [`OrderError::UnknownOrder`] if there are none.
    pub fn cancel_all_as(&self, account: &str, name: &str) -> Result<Vec<Cancelled>, OrderError> {
        let (account, market) = self.account_and_market(account, name)?;
        self.exchange.cancel_all(account, &market)
    }

    /// Reduces an order's quantity.
    ///
    /// # Errors
    /// [`OrderError`]; nothing has changed then.
    pub fn amend_as(&self, account: &str, name: &str, request: &AmendRequest) -> Result<Amended, OrderError> {
        let (account, market) = self.account_and_market(account, name)?;
        self.exchange.amend_order(account, &market, request)
    }

    /// Changes price, quantity or stop price of an order.
    ///
    /// # Errors
    /// [`OrderError`]; nothing has changed then.
    pub fn modify_as(&self, account: &str, name: &str, request: &ModifyRequest) -> Result<Placed, OrderError> {
        let (account, market) = self.account_and_market(account, name)?;
        self.exchange.modify_order(account, &market, request)
    }

    /// Places an order list.
    ///
    /// # Errors
    /// [`OrderError`]; nothing has changed then.
    pub fn place_list_as(&self, account: &str, name: &str, request: &ListRequest) -> Result<ListReport, OrderError> {
        let (account, market) = self.account_and_market(account, name)?;
        self.exchange.place_list(account, &market, request)
    }

    /// Fills up to `quantity` of a resting order (all of it if absent) at its own price, by a counterparty that the
    /// book does not show. Returns how much.
    ///
    /// # Errors
    /// [`OrderError::UnknownOrder`], or [`OrderError::NotWorking`] if it is not in the book.
    pub fn fill_order(
        &self,
        account: &str,
        name: &str,
        order: &OrderRef,
        quantity: Option<Decimal>,
    ) -> Result<Decimal, OrderError> {
        let (account, market) = self.account_and_market(account, name)?;
        self.exchange.fill_order(account, &market, order, quantity)
    }

    /// How the exchange's wire writes the number of an order.
    pub fn order_text(&self, order: &Order) -> String {
        self.exchange.front.order_text(order.market, order.id)
    }

    /// The number of the order that the exchange's wire writes so.
    pub fn order_number(&self, text: &str) -> Option<OrderId> {
        self.exchange.front.order_number(text)
    }

    /// How the exchange's wire writes the number of the trade of a fill.
    pub fn trade_text(&self, fill: &Fill) -> String {
        self.exchange.front.trade_text(fill.market, fill.trade_id)
    }

    /// How the exchange's wire writes the number of the order of a fill.
    pub fn order_text_of(&self, fill: &Fill) -> String {
        self.exchange.front.order_text(fill.market, fill.order)
    }

    fn account_and_market(&self, account: &str, name: &str) -> Result<(AccountId, Arc<Mutex<Market>>), OrderError> {
        let account = self.exchange.accounts.lock().named(account).ok_or(OrderError::NoAccount)?;
        let market = self.exchange.find(name).ok_or(OrderError::NotListed)?;
        Ok((account, market))
    }
}
