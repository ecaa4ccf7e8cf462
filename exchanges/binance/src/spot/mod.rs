//! Binance spot: REST API v3, WebSocket API v3 and streams, as documented in 2026.
//!
//! <https://developers.binance.com/docs/binance-spot-api-docs>

mod account;
mod account_reads;
mod cancel_replace;
mod capabilities;
#[cfg(test)]
mod documented;
mod environments;
mod error_codes;
mod execution_report;
mod limits;
mod order_arguments;
mod order_commands;
mod order_reads;
mod order_row;
mod order_words;
mod product;
mod symbols;
mod user_stream;

pub use account::SpotAccount;
pub use capabilities::CAPABILITIES;
pub use product::Spot;
pub use user_stream::decode_private;

/// Binance spot as a source of market data.
pub type BinanceSpot = crate::Binance<Spot>;
