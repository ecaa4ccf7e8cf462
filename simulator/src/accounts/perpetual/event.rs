//! What accounts are told about margin and positions.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::position::Position;
use super::wallet::Wallet;

/// Why wallets or positions have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A trade.
    Order,
    /// A funding.
    Funding,
    /// Funds came in.
    Deposit,
    /// Funds went out.
    Withdraw,
    /// The margin mode was changed.
    MarginMode,
    /// Margin was added to or taken from an isolated position.
    MarginTransfer,
    /// The insurance fund made good what was missing, or took its fee.
    Insurance,
}

/// Wallets and positions that have changed in one step, as they are after it.
#[derive(Clone, Debug)]
pub(crate) struct MarginUpdate {
    pub(crate) cause: Cause,
    /// The contract of a funding.
    pub(crate) symbol: Option<Arc<str>>,
    /// With by how much the wallet changed, profit and fees left out.
    pub(crate) wallets: Vec<(Wallet, Decimal)>,
    pub(crate) positions: Vec<Position>,
}
