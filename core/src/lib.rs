//! The vocabulary of tradewire: what every exchange, every state machine and every program that uses them means by an
//! instrument, a price, a book, an event and an error. No socket and no runtime in here.
//!
//! Prices and quantities are exact decimals ([`Price`], [`Quantity`]); no binary float touches them.

mod book;
mod capabilities;
mod error;
mod event;
pub mod exact;
mod instrument;
mod market;
mod number;
mod pair;
mod time;

pub use book::{BookSnapshot, BookState, BookUpdate, Level, NotValid, QueryError, Shortfall};
pub use capabilities::{Capabilities, Environment, MarketCapabilities, Missing, REQUIRED_FOR_TRADING};
pub use error::{Error, ErrorKind};
pub use event::{Event, GapReason, LifeEvent, MarketEvent, Part};
pub use instrument::{Instrument, InstrumentRules, InstrumentStatus, MarketKind, NotOnStep, Range, Step};
pub use market::{BestPrices, Candle, LastPrice, LastPriceSource, Side, Ticker24h, Trade};
pub use number::{NumberError, Price, Quantity};
pub use pair::{Pair, PairError};
pub use rust_decimal::Decimal;
pub use time::Timestamp;
