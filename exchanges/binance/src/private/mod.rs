//! What the private halves of Binance's markets have in common: words of orders, numbers, frames of the user stream.

mod fill;
mod frame;
mod number;
mod words;

pub(crate) use fill::{fee, liquidity, trade_id};
pub(crate) use frame::{Content, decoded, unreadable};
pub(crate) use number::{above_zero, optional, price, quantity, signed, unsigned};
pub(crate) use words::{prevention_word, side, side_word, time_in_force, time_in_force_word};
