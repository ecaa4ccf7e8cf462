//! What the private halves of Binance's markets have in common: words of orders, numbers, frames of the user stream.

mod fill;
mod frame;
mod number;
mod words;

pub(crate) use fill::{fee, liquidity, trade_id};
pub(crate) use frame::{Content, unreadable};
pub(crate) use number::{above_zero, optional, price, quantity, signed, unsigned};
pub(crate) use words::{side, time_in_force};
