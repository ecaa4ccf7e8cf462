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

pub use keeper::Balances;
pub use lock::LockFormula;
pub use movements::Movement;
pub use quiet::{ReadTaken, ReadWindow};

use tradewire_core::Capabilities;

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
    /// What an exchange with these capabilities allows. Where contracts are traded and no stream tells what is available, a
    /// stream can tell totals still.
    pub fn of(capabilities: &Capabilities) -> Self {
        match (&capabilities.trading, &capabilities.perpetual) {
            (Some(trading), _) if trading.balance_stream => Self::Streamed,
            (_, Some(_)) => Self::Totals,
            (_, None) => Self::Estimated,
        }
    }
}
