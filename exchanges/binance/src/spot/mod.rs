//! Binance spot: REST API v3 and market streams, as documented in 2026.
//!
//! <https://developers.binance.com/docs/binance-spot-api-docs>

mod capabilities;
mod config;
mod error_codes;
mod exchange;
mod limits;
mod market_stream;
pub mod rest;
mod symbols;

pub use capabilities::CAPABILITIES;
pub use config::{Fees, SpotConfig};
pub use exchange::BinanceSpot;
pub use symbols::decode_instruments;
