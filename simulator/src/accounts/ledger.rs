//! The exchange's own record of an account: the truth that a client's view is compared with.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::account::{Account, Balance};
use super::error::OrderError;
use super::fill::Fill;
use super::list::OrderList;
use super::order::Order;
use super::perpetual::{ContractLedger, Marks};
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
    /// What it has of contracts, on an exchange of contracts. There `balances` show as free what is available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contracts: Option<ContractLedger>,
}

impl AccountLedger {
    fn of(account: &Account, contracts: Option<ContractLedger>) -> AccountLedger {
        let shown = |(asset, balance): (&Arc<str>, &Balance)| {
            let wallet = contracts.as_ref().and_then(|contracts| contracts.wallets.get(&**asset));
            let balance = wallet.map_or(*balance, |wallet| Balance {
                free: wallet.available,
                locked: wallet.balance - wallet.available,
            });
            (asset.to_string(), balance.normalized())
        };
        AccountLedger {
            account: account.name.clone(),
            balances: account.balances.iter().map(shown).collect(),
            orders: account.orders.values().cloned().collect(),
            fills: account.fills.clone(),
            lists: account.lists.values().cloned().collect(),
            contracts,
        }
    }
}

impl Accounts {
    /// The record of the account of this name.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub(crate) fn ledger(&self, name: &str, marks: &Marks) -> Result<AccountLedger, OrderError> {
        let id = self.named(name).ok_or(OrderError::NoAccount)?;
        let account = self.account(id)?;
        Ok(AccountLedger::of(account, self.contracts.then(|| ContractLedger::of(account, marks))))
    }
}
