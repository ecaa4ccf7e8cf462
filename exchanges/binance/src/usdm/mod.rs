//! Binance USD-M perpetuals: REST, WebSocket API and routed streams, as documented in 2026.
//!
//! <https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info>

mod account;
mod account_reads;
mod account_update;
mod algo_row;
mod algo_update;
mod batch;
mod capabilities;
mod countdown;
#[cfg(test)]
mod documented;
mod environments;
mod error_codes;
mod funding;
mod limits;
mod listen_key;
mod order_arguments;
mod order_commands;
mod order_reads;
mod order_row;
mod order_update;
mod perpetual;
mod perpetual_reads;
mod product;
mod symbols;
mod user_stream;
mod words;

pub use account::UsdmAccount;
pub use capabilities::CAPABILITIES;
pub use product::Usdm;
pub use user_stream::decode_private;

/// Binance USD-M perpetuals as a source of market data.
pub type BinanceUsdm = crate::Binance<Usdm>;
