//! Binance for tradewire.
//!
//! | market | see |
//! |---|---|
//! | spot | [`spot::BinanceSpot`] |
//!
//! What its markets share stands in this folder; each market's own folder holds only what is particular to it.

mod auth;
mod calls;
mod control;
mod error_codes;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod limits;
mod market;
mod private;
mod quote_assets;
pub mod spot;
