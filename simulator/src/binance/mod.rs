//! Binance's wire protocols.

pub(crate) mod intervals;
pub(crate) mod spot;
