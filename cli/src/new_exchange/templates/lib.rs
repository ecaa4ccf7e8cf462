//! A connector for tradewire, begun with `tradewire new-exchange`. `cargo test` says which behaviour to write next, and in which file.
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
//! Where no contracts are traded the files of the last line go, and all that names them: the guide has the list.

// Until all of it is written, much of it is not used.
#![allow(dead_code)]

/// Stands in the place of something that is still to be written, where an error is wanted.
#[allow(unused_macros)]
macro_rules! unwritten {
    ($what:literal) => {
        Err(tradewire_core::Error::new(
            tradewire_core::ErrorKind::Unsupported,
            concat!("not written yet: ", $what, " (", file!(), ")"),
        ))
    };
}

/// As `unwritten`, where a fault of a message is wanted.
#[allow(unused_macros)]
macro_rules! unread {
    ($what:literal) => {
        Err(tradewire_wire::Fault::decode(concat!("not written yet: ", $what, " (", file!(), ")")))
    };
}

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
