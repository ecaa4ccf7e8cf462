//! A fictional exchange, complete and short: the folder to begin a connector from. Its API is documented in `API.md` beside this crate.
//!
//! The files in the order in which a connector is written:
//!
//! | component | files |
//! |---|---|
//! | 1 authorisation | `auth` |
//! | 2 utils and configuration | `config`, `capabilities`, `limits`, `error_codes`, `symbols`, `rest` |
//! | 3 order book | `book`, `trades`, `frames` |
//! | 4 order book data source | `control`, `market_stream`, `exchange` |
//! | 5 user stream data source | `order_row`, `fill_row`, `user_stream` |
//! | 6 connector | `order_commands`, `account_reads`, `account` |
//! | 7 perpetual | `perpetual`, `settings`, `position_row`, `funding` |
//!
//! ```
//! use tradewire_core::Addresses;
//! use tradewire_example::{CAPABILITIES, Example};
//! use tradewire_tracking::MarketSource;
//! use tradewire_transport::Clock;
//!
//! # fn main() -> Result<(), tradewire_core::Error> {
//! let example = Example::new(&CAPABILITIES, &Addresses::environment("testnet"), Clock::start())?;
//! assert_eq!(example.guess_symbol(&"BTC-USDT".parse().expect("a pair")), "BTC/USDT");
//! # Ok(())
//! # }
//! ```

mod account;
mod account_reads;
mod auth;
mod book;
mod capabilities;
mod config;
mod control;
mod error_codes;
mod exchange;
mod fill_row;
mod frames;
mod funding;
mod limits;
mod market_stream;
mod order_commands;
mod order_row;
mod perpetual;
mod position_row;
mod rest;
mod settings;
mod symbols;
mod trades;
mod user_stream;

pub use account::ExampleAccount;
pub use capabilities::CAPABILITIES;
pub use exchange::Example;
pub use perpetual::PERPETUAL_CAPABILITIES;
