//! Binance for tradewire.
//!
//! | market | see |
//! |---|---|
//! | spot | [`spot::BinanceSpot`] |
//! | USD-M perpetuals | [`usdm::BinanceUsdm`] |
//!
//! What its markets share stands in this folder; each market's own folder holds only what is particular to it.

mod account;
mod account_endpoints;
mod auth;
mod calls;
mod config;
mod control;
mod error_codes;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod limits;
mod market;
mod market_source;
mod market_stream;
mod page;
mod private;
mod private_stream;
mod product;
mod quote_assets;
pub mod rest;
pub mod spot;
mod symbols;
pub mod usdm;

pub use config::BinanceConfig;
pub use market_source::Binance;
pub use product::Product;
