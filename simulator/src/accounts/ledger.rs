//! The exchange's own record of an account: the truth that a client's view is compared with.

use std::collections::BTreeMap;

use serde::Serialize;

use super::account::{Account, Balance};
use super::error::OrderError;
use super::fill::Fill;
use super::list::OrderList;
use super::order::Order;
use super::registry::Accounts;

/// Everything about an account, exactly.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccountLedger {
    /// Its name.
    pub account: String,
    /// What it has, by asset.
    pub balances: BTreeMap<String, Balance>,
    /// All of its orders, by market and number, archived ones too.
    pub orders: Vec<Order>,
    /// All of its fills, oldest first.
    pub fills: Vec<Fill>,
    /// All of its order lists, oldest first.
    pub lists: Vec<OrderList>,
}

impl AccountLedger {
    fn of(account: &Account) -> AccountLedger {
        AccountLedger {
            account: account.name.clone(),
            balances: account
                .balances
                .iter()
                .map(|(asset, balance)| (asset.to_string(), balance.normalized()))
                .collect(),
            orders: account.orders.values().cloned().collect(),
            fills: account.fills.clone(),
            lists: account.lists.values().cloned().collect(),
        }
    }
}

impl Accounts {
    /// The record of the account of this name.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub(crate) fn ledger(&self, name: &str) -> Result<AccountLedger, OrderError> {
        let id = self.named(name).ok_or(OrderError::NoAccount)?;
        self.account(id).map(AccountLedger::of)
    }
}
