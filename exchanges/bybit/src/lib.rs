//! Bybit for tradewire: API V5 as documented in 2026.
//!
//! | market | see |
//! |---|---|
//! | spot | [`spot::PRODUCT`] |
//! | linear perpetuals, settled in USDT or USDC | [`linear::PRODUCT`] |
//!
//! One API serves all markets, so that most of it stands in this folder; each market's own folder holds only what is
//! particular to it.
//!
//! <https://bybit-exchange.github.io/docs/v5/intro>

mod account;
mod account_reads;
mod auth;
mod batch;
mod calls;
mod category;
mod config;
mod control;
#[cfg(test)]
mod documented;
mod envelope;
mod error_codes;
mod exchange;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod instrument_list;
mod limits;
pub mod linear;
mod market;
mod market_stream;
mod order_arguments;
mod order_commands;
mod order_reads;
mod page;
mod private;
mod private_stream;
mod product;
mod quote_coins;
mod rest;
pub mod spot;
mod user_stream;

pub use account::BybitAccount;
pub use config::{BookLevels, BybitConfig};
pub use exchange::Bybit;
pub use product::Product;
