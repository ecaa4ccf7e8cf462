//! Kraken spot: market data and trading over REST and WebSocket v2, by <https://docs.kraken.com>.
//!
//! Books have no numbers: every message brings a checksum of the best ten levels a side, and a book that has another one is
//! lost. Requests are signed with a number that only grows, and leave one after the other. The private stream is subscribed
//! with a token that REST gives.
//!
//! The files are those of every exchange:
//!
//! | component | files |
//! |---|---|
//! | 1 authorisation | `auth` |
//! | 2 utils and configuration | `config`, `capabilities`, `limits`, `error_codes` |
//! | 3 order book | `book`, `trades` |
//! | 4 order book data source | `symbols`, `control`, `market_stream`, `rest`, `exchange` |
//! | 5 user stream data source | `order_row`, `fill_row`, `user_stream` |
//! | 6 connector | `order_commands`, `account_reads`, `account` |
//!
//! ```
//! use tradewire_core::Addresses;
//! use tradewire_kraken::Kraken;
//! use tradewire_tracking::MarketSource;
//! use tradewire_transport::Clock;
//!
//! # fn main() -> Result<(), tradewire_core::Error> {
//! let kraken = Kraken::new(&Addresses::Default, Clock::start())?;
//! assert_eq!(kraken.guess_symbol(&"BTC-USDT".parse().expect("a pair")), "BTC/USDT");
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
mod limits;
mod market_stream;
mod order_commands;
mod order_row;
mod rest;
mod symbols;
mod trades;
mod user_stream;

pub use account::KrakenAccount;
pub use capabilities::CAPABILITIES;
pub use exchange::Kraken;
