//! Binance spot: REST API v3, WebSocket API v3 and streams, as documented in 2026.
//!
//! <https://developers.binance.com/docs/binance-spot-api-docs>

mod account;
mod account_reads;
mod cancel_replace;
mod capabilities;
mod command_wire;
mod config;
#[cfg(test)]
mod documented;
mod error_codes;
mod exchange;
mod execution_report;
mod limits;
mod market_stream;
mod order_arguments;
mod order_commands;
mod order_reads;
mod order_row;
mod order_words;
mod page;
mod private_stream;
pub mod rest;
mod symbols;
mod user_stream;

pub use account::SpotAccount;
pub use capabilities::CAPABILITIES;
pub use config::SpotConfig;
pub use exchange::BinanceSpot;
pub use symbols::decode_instruments;
pub use user_stream::decode_private;
