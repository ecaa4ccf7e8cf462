//! What private messages and answers say, in the form that all categories share.

mod fill_row;
mod order_row;
mod wallet;
mod words;

pub(crate) use fill_row::{ExecutionRow, Told};
#[cfg(test)]
pub(crate) use order_row::tests::order as order_json;
pub(crate) use order_row::{OrderRow, filled, instant, positive};
pub(crate) use wallet::{Wallet, WalletView};
pub(crate) use words::{POST_ONLY, position_side, prevention_word, side_word, time_in_force_word, trigger_word};
