//! What an account has besides orders and balances where contracts are traded: positions, the settings that decide how they
//! are kept, and funding payments. Pure: values in, changes out.
//!
//! Fills move positions, in steps that are exact. The exchange's own word on a position confirms what the fills add up to, and
//! adds what they cannot tell: prices of liquidation, margin. Where the two differ the fills are waited for, and positions are
//! read; only a read changes a size that fills do not explain.

mod details;
mod holding;
mod keeper;
mod payments;
mod settings;

#[cfg(test)]
mod tests;

pub use keeper::{PositionKey, Positions, Settled, Trust};
pub use payments::FundingPayments;
pub use settings::{AccountSettings, Setting, SettingChange};
