//! What the private halves of Binance's markets have in common: words of orders, numbers, frames of the user stream.

mod fill;
mod frame;
mod words;

pub(crate) use fill::{fee, liquidity, trade_id};
pub(crate) use frame::Content;
pub(crate) use tradewire_wire::{above_zero, decoded, optional, price, quantity, signed, unreadable, unsigned};
pub(crate) use words::{prevention_word, side, side_word, time_in_force, time_in_force_word};
