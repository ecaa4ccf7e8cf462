//! The exchange's own record of an account's contracts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::algo::AlgoOrder;
use super::figures::Figures;
use super::marks::Marks;
use super::position::Position;
use super::settings::{Leverage, MarginMode, PositionMode};
use super::transaction::{ClosedPosition, FundingPayment, Transaction};
use super::wallet::Wallet;
use crate::accounts::account::Account;

/// Everything that an account has of contracts, exactly.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ContractLedger {
    /// By collateral asset.
    pub wallets: BTreeMap<String, Wallet>,
    /// Open positions.
    pub positions: Vec<Position>,
    /// By symbol.
    pub settings: BTreeMap<String, ContractSettings>,
    /// Fundings paid and received, oldest first.
    pub funding: Vec<FundingPayment>,
    /// What moved the wallets, oldest first.
    pub transactions: Vec<Transaction>,
    /// Closed parts of positions, oldest first.
    pub closed: Vec<ClosedPosition>,
    /// Conditional orders with a number of their own, oldest first.
    pub algos: Vec<AlgoOrder>,
}

/// What an account has chosen for one contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ContractSettings {
    /// Leverage.
    pub leverage: Leverage,
    /// Position mode.
    pub position_mode: PositionMode,
    /// Margin mode.
    pub margin_mode: MarginMode,
}

impl ContractLedger {
    pub(crate) fn of(account: &Account, marks: &Marks) -> ContractLedger {
        let quotes = marks.quotes();
        let chosen = &account.margins.settings;
        let settings = quotes.values().map(|quote| {
            let settings = ContractSettings {
                leverage: chosen.leverage(quote.market, quote.contract.initial_leverage),
                position_mode: chosen.position_mode(quote.market),
                margin_mode: chosen.margin_mode(quote.market),
            };
            (quote.symbol.to_string(), settings)
        });
        let settings = settings.collect();
        let figures = Figures::of(account, quotes);
        let wallets = account.balances.keys().map(|asset| (asset.to_string(), figures.wallet(asset)));
        ContractLedger {
            wallets: wallets.collect(),
            positions: figures.positions().into_iter().filter(|position| !position.is_flat()).collect(),
            settings,
            funding: account.margins.payments.clone(),
            transactions: account.margins.transactions.clone(),
            closed: account.margins.closed.clone(),
            algos: account.margins.algos.all.values().cloned().collect(),
        }
    }
}
