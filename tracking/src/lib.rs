//! tradewire.

mod ladder;
mod order_book;
mod query;

pub use ladder::{Change, Ladder};
pub use order_book::{Applied, OffScale, OrderBook, Scale};
pub use query::Depth;
