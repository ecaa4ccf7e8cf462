//! Binance's wire protocols.

mod api;
mod auth;
mod call;
mod candles;
mod control;
mod depths;
mod errors;
mod intervals;
mod limits;
mod operation;
mod order_counts;
mod order_fields;
mod params;
mod rest;
mod session_calls;
mod sessions;
pub(crate) mod spot;
mod statistics;
mod told;
mod unit;
pub(crate) mod usdm;
mod weights;
mod wish;
mod ws_api;
