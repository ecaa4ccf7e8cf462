//! Binance USD-M perpetuals: REST, WebSocket API and routed streams, as documented in 2026.
//!
//! <https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info>

mod capabilities;
mod environments;
mod error_codes;
mod funding;
mod limits;
mod product;
mod symbols;

pub use capabilities::CAPABILITIES;
pub use product::Usdm;

/// Binance USD-M perpetuals as a source of market data.
pub type BinanceUsdm = crate::Binance<Usdm>;
