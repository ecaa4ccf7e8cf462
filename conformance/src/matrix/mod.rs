//! What becomes of an order when a command on it meets a fault: every fault, with every command, at every moment. The tables
//! say what is expected, [`run`] plays them, and [`document`] prints them for people.

mod amend;
mod binance_usdm;
mod bybit;
mod cancel;
mod cell;
mod command;
mod kraken;
mod moment;
mod page;
mod particular;
mod place;
mod play;
mod query;
mod scene;
mod trouble;

pub use page::document;
pub use play::{Difference, check, run};
