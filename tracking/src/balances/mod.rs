//! What the account has, kept true between the exchange's own words on it. Pure: values in, changes out.
//!
//! Where the exchange streams balances, its figure holds, less what orders lock that it does not include yet. Elsewhere total
//! and available are computed from the last read, the orders that were live then and are live now, and the fills since.

mod asset;
mod figures;
mod hold;
mod keeper;
mod lock;
mod movements;
mod quiet;
mod shares;

#[cfg(test)]
mod tests;

pub(crate) use figures::CLOCK_ERROR;
pub use keeper::Balances;
pub use lock::LockFormula;
pub use movements::Movement;
pub use quiet::{ReadTaken, ReadWindow};

use tradewire_core::{BalanceStream, Capabilities};

/// How balances become known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BalanceMode {
    /// A stream tells total and available.
    Streamed,
    /// A stream tells totals only; available is estimated, and read soon after whatever the account does.
    Totals,
    /// Nothing but reads tells them; both are estimated in between.
    Estimated,
}

impl BalanceMode {
    /// What an exchange with these capabilities allows.
    pub fn of(capabilities: &Capabilities) -> Self {
        match capabilities.trading.as_ref().map(|trading| trading.balance_stream) {
            Some(BalanceStream::Whole) => Self::Streamed,
            Some(BalanceStream::Totals) => Self::Totals,
            Some(BalanceStream::None) | None => Self::Estimated,
        }
    }
}
