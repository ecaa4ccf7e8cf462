//! What the benchmarks share: recorded and made depth streams, the floor that the product is compared with, plain books,
//! and a harness that runs everything interleaved.
//!
//! `cargo bench -p tradewire-benches --bench ratios` prints the table of ratios, `--bench memory` that of bytes a level;
//! `--bench book` runs under criterion. Only ratios within one run carry over to other machines.

mod allocations;
mod capture;
mod floor;
mod interleaved;
pub mod loopback;
mod made;
mod made_prices;
mod one_symbol;
mod set;
mod tree;

pub use allocations::{CountingAllocator, allocations, live_bytes};
pub use capture::recorded_sets;
pub use floor::{DenseBook, FloorBestPrices, FloorParser, FloorTrades};
pub use interleaved::{Interleaved, Stage};
pub use made::{made_set, made_snapshot};
pub use made_prices::{MadePrices, made_best_prices, made_trades};
pub use one_symbol::{OneSymbol, checked_book};
pub use set::{Book, Layout, Message, Set, Snapshot};
pub use tree::TreeBook;
