//! Binance's wire protocols.

mod intervals;
pub(crate) mod spot;
