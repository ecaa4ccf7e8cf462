//! The floor: less than any product must do. The parser trusts the recording's exact form and checks nothing; the ladder
//! has a place for each of 65 536 prices a side and never moves.

mod dense;
mod parser;
mod prices;

pub use dense::DenseBook;
pub use parser::FloorParser;
pub use prices::{FloorBestPrices, FloorTrades};
