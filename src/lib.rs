//! Exchange connectors whose order books say when they are not valid.
//!
//! A connector follows the market of one exchange: order books, trades and prices of any number of pairs, through one
//! interface that is the same for every exchange. Sequence rules are checked on every update; a gap, a lost connection or
//! silence makes that one book invalid at once, and it heals itself. Prices and quantities are exact decimals.
//!
//! ```
//! use tradewire::{Addresses, MarketConfig, MarketData, Pair, Side};
//! use tradewire_simulator::{Config, Simulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A simulated exchange on this machine; leave this out and use `Addresses::Default` for the real one.
//! let simulator = Simulator::start(Config::default()).await?;
//! let addresses = Addresses::own(&simulator.addresses().rest, &simulator.addresses().ws);
//!
//! let pair: Pair = "BTC-USDT".parse()?;
//! let source = tradewire::market_source("binance-spot", &addresses)?;
//! let market = MarketData::start(source, MarketConfig::default(), [pair.clone()]);
//! market.ready().await?;
//!
//! let book = market.book(&pair).ok_or("not followed")?;
//! let bid = book.best(Side::Buy)?.value;
//! let cost = book.vwap(Side::Buy, "0.5".parse()?)?.value;
//! println!("best bid {} × {}, average price of 0.5 BTC {cost}", bid.price, bid.quantity);
//!
//! market.close().await;
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go next
//!
//! | for | see |
//! |---|---|
//! | which exchanges there are, and what each offers | [`exchanges()`], [`Capabilities`] |
//! | an exchange by name | [`market_source()`], [`Addresses`] |
//! | live books by pair | [`MarketData`] |
//! | questions to one book: best prices, depth, average price | [`BookReader`] |
//! | every trade, update, gap and recovery as a stream | [`Events`], [`MarketEvent`], [`LifeEvent`] |
//! | what to do about an error | [`Error`], [`ErrorKind`] |
//! | recording and replaying raw frames | [`Recorder`], [`replay()`] |
//! | adding an exchange | [`tracking::MarketSource`] |
//!
//! The program `tradewire` shows the same from the shell: `tradewire demo` needs no network and no keys.
//!
//! # Features
//!
//! One per exchange, on by default: `binance`. A feature adds an exchange to [`exchanges()`] and changes nothing else.

mod addresses;
mod registry;
mod words;

pub use registry::{account_source, exchanges, market_source};
pub use words::nearest;

#[cfg(feature = "binance")]
pub use tradewire_binance as binance;
pub use tradewire_journal as journal;
pub use tradewire_tracking as tracking;
pub use tradewire_transport as transport;

#[doc(inline)]
pub use tradewire_core::*;
#[doc(inline)]
pub use tradewire_journal::SqliteJournal;
#[doc(inline)]
pub use tradewire_tracking::{
    AccountEvents, AccountSource, BookReader, CancelResult, Connector, ConnectorEvents, Depth, Events, Journal,
    LastKnown, MarketConfig, MarketData, MarketObserver, MarketSource, OnStop, OrderBook, OrderEntry, Placing,
    Recorder, ReplaySummary, Stopped, TopicSet, TradeStream, TradingConfig, Versioned, replay,
};
#[doc(inline)]
pub use tradewire_transport::{Credentials, Secret, SigningKey};

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
