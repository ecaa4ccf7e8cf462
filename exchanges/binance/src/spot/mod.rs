//! Binance spot: REST API v3 and market streams, as documented in 2026.
//!
//! <https://developers.binance.com/docs/binance-spot-api-docs>

mod capabilities;
mod config;
mod error_codes;
mod exchange;
mod execution_report;
mod limits;
mod market_stream;
mod order_row;
mod order_words;
pub mod rest;
mod symbols;
mod user_stream;

pub use capabilities::CAPABILITIES;
pub use config::{Fees, SpotConfig};
pub use exchange::BinanceSpot;
pub use symbols::decode_instruments;
pub use user_stream::decode_private;
