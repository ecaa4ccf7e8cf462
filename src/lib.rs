//! Exchange connectors: order books that say when they are not valid, orders that never end without evidence.
//!
//! A connector follows the market of one exchange and trades on an account there, through one interface that is the same
//! for every exchange:
//!
//! * A gap, a lost connection or silence makes a book invalid at once, in the type through which prices are read. It heals
//!   itself.
//! * An order is recorded before it is sent. It ends on evidence only; until there is some its outcome is unknown, and it is
//!   asked for instead of sent again. Every fill counts once.
//! * What happens to the account is told in one sequence, numbered without holes across restarts.
//! * Prices, quantities and balances are exact decimals.
//!
//! ```
//! use std::sync::Arc;
//!
//! use tradewire::{
//!     AccountChange, Addresses, CommandError, Connector, Credentials, MarketConfig, OrderEntry, OrderRequest, Pair,
//!     Secret, Side, SigningKey, SqliteJournal, TradingConfig,
//! };
//! use tradewire_simulator::{Config, Simulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A simulated exchange on this machine; leave this out and use `Addresses::environment("testnet")` for a real one.
//! let simulator = Simulator::start(Config::default()).await?;
//! let at = simulator.addresses();
//! let addresses = Addresses::own(&at.rest, &at.ws).with_sockets(at.ws_api.clone(), at.ws_private.clone());
//!
//! let key = SigningKey::hmac_sha256(&Secret::new(at.secret_key.clone().ok_or("no secret")?))?;
//! let credentials = Credentials::new(Secret::new(at.api_key.clone().ok_or("no key")?), key)?;
//! let account = tradewire::account_source("binance-spot", &addresses, credentials, OrderEntry::Rest)?;
//!
//! // A program that goes on after a restart uses `SqliteJournal::open`.
//! let journal = SqliteJournal::in_memory(account.account())?;
//! let pair: Pair = "BTC-USDT".parse()?;
//! let config = TradingConfig::new(Arc::new(journal));
//! let connector = Connector::start(account, MarketConfig::default(), config, [pair.clone()])?;
//! connector.ready().await?;
//!
//! let book = connector.book(&pair).ok_or("not followed")?;
//! println!("0.5 BTC cost {} each on the average", book.vwap(Side::Buy, "0.5".parse()?)?.value);
//!
//! let mut events = connector.account_events(0)?;
//! match connector.place(OrderRequest::market(pair, Side::Buy, "0.5".parse()?)).await {
//!     Ok(order) => println!("the exchange has {}", order.client_order_id),
//!     Err(CommandError::Unknown { client_order_id, .. }) => println!("{client_order_id} is asked for"),
//!     Err(refused) => println!("nothing is live: {refused}"),
//! }
//! while let Some(event) = events.next().await? {
//!     if let AccountChange::Order(order) = &event.change {
//!         println!("event {}: {:?}, {} filled", event.number, order.change, order.filled);
//!         if order.change.is_end() {
//!             break;
//!         }
//!     }
//! }
//!
//! connector.stop().await;
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go next
//!
//! [`tour`] has a chapter for each kind of user: who needs prices, who trades, who trades perpetuals, who tests a program, who runs
//! it, who connects an exchange.
//!
//! | for | see |
//! |---|---|
//! | which exchanges there are, and what each offers | [`exchanges()`], [`Capabilities`] |
//! | an exchange by name | [`account_source()`], [`market_source()`], [`Addresses`], [`Credentials`] |
//! | market and account together: place, cancel, amend, replace | [`Connector`], [`OrderRequest`], [`TradingConfig`] |
//! | what became of a command, and what to do about it | [`CommandError`], [`Error`], [`ErrorKind`] |
//! | an order, its states, fills and fees | [`Order`], [`OrderState`], [`Fill`] |
//! | everything that happens to the account, from any event on | [`AccountEvents`], [`AccountChange`], [`OrderChange`] |
//! | what the account has, and how that is known | [`Balance`], [`Basis`] |
//! | rounding to an instrument's steps | [`InstrumentRules`], [`tracking::largest_order`], [`tracking::largest_contract_order`] |
//! | the record of orders, read from another program | [`SqliteJournal`], [`journal::JournalReader`] |
//! | the market alone: live books by pair | [`MarketData`] |
//! | questions to one book: best prices, depth, average price | [`BookReader`] |
//! | every trade, update, gap and recovery as a stream | [`Events`], [`MarketEvent`], [`LifeEvent`] |
//! | recording and replaying raw frames | [`Recorder`], [`replay()`] |
//! | adding an exchange | [`tracking::MarketSource`], [`tracking::AccountSource`] |
//!
//! `examples/` has programs to begin with: a quoting loop, a restart, a rebalancing, and others. The program `tradewire` shows
//! the same from the shell: `tradewire demo` needs no network and no keys.
//!
//! # Features
//!
//! One per exchange, on by default: `binance`, `bybit`, `kraken`; not by default `example`, a fictional one. A feature adds an exchange to [`exchanges()`] and changes nothing else.

mod addresses;
mod registry;
pub mod tour;
mod words;

pub use registry::{account_source, exchanges, market_source, missing_feature};
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
