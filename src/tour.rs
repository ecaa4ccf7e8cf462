//! A chapter for each kind of user. Every program in it runs as it stands, on a simulated exchange in the same process; hidden
//! lines only start it.
//!
//! | you | read |
//! |---|---|
//! | need prices | [`prices`] |
//! | trade | [`orders`] |
//! | trade perpetuals | [`contracts`] |
//! | test a program that trades | [`faults`] |
//! | run it day and night | [`operation`] |
//! | connect an exchange | [`connectors`] |

/// Live books, and what happens when they cannot be trusted.
///
/// A book answers for one version of itself, or says why it cannot: there is no way to read a price of a book that has a gap, is
/// silent or is crossed. [`BookReader::last_known`](crate::BookReader::last_known) exists for displays, and its type says what it is.
///
/// ```
/// use tradewire::{BookState, MarketConfig, MarketData, Pair, Side};
/// # use tradewire_simulator::{Config, Fault, FaultKind, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::start(Config::default()).await?;
/// # let at = simulator.addresses();
/// # let addresses = tradewire::Addresses::own(&at.rest, &at.ws);
/// let pair: Pair = "BTC-USDT".parse()?;
/// let source = tradewire::market_source("binance-spot", &addresses)?;
/// let market = MarketData::start(source, MarketConfig::default(), [pair.clone()]);
/// market.ready().await?;
///
/// let book = market.book(&pair).ok_or("not followed")?;
/// let two = book.price_for_volume(Side::Buy, "2".parse()?)?;
/// println!("2 BTC can be bought up to {}, by version {}", two.value, two.update_id);
///
/// // An update is lost. The book says so in place of a price, and heals itself.
/// simulator.inject(Fault::new(FaultKind::SkipUpdate).pair("BTC-USDT"))?;
/// let broken = book.changed(BookState::Live).await?;
/// println!("{broken:?}: {:?}", book.best(Side::Buy).err());
/// book.live().await?;
/// println!("{}", book.best(Side::Buy)?.value.price);
/// # market.close().await;
/// # simulator.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// * [`MarketData::events`](crate::MarketData::events) is the same as a stream: trades, changes, gaps and recoveries in one order.
/// * Many pairs cost many snapshots; they are fetched within the exchange's limits, and each book becomes live by itself.
/// * [`Recorder`](crate::Recorder) keeps the frames as they came, [`replay()`](crate::replay()) plays them through the same code.
pub mod prices {}

/// Placing, following and cancelling, and what an outcome proves.
///
/// There are three kinds of failure, and which it is decides what to do:
///
/// | | the order | do |
/// |---|---|---|
/// | [`NotSent`](crate::CommandError::NotSent) | never left | mend what it says; nothing is live |
/// | [`Rejected`](crate::CommandError::Rejected) | was refused by the exchange | mend what it says; nothing is live |
/// | [`Unknown`](crate::CommandError::Unknown) | may be live | wait: it is tracked and asked for until there is evidence. Never place another instead |
///
/// ```
/// use tradewire::{CommandError, Decimal, OrderRequest, Pair, Price, Side};
/// # use std::sync::Arc;
/// # use tradewire::{Addresses, Connector, Credentials, MarketConfig, OrderEntry, Secret, SigningKey, SqliteJournal, TradingConfig};
/// # use tradewire_simulator::{Config, Fault, FaultKind, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::start(Config::default()).await?;
/// # let at = simulator.addresses();
/// # let addresses = Addresses::own(&at.rest, &at.ws).with_sockets(at.ws_api.clone(), at.ws_private.clone());
/// # let key = SigningKey::hmac_sha256(&Secret::new(at.secret_key.clone().ok_or("no secret")?))?;
/// # let credentials = Credentials::new(Secret::new(at.api_key.clone().ok_or("no key")?), key)?;
/// # let account = tradewire::account_source("binance-spot", &addresses, credentials, OrderEntry::Rest)?;
/// # let config = TradingConfig::new(Arc::new(SqliteJournal::in_memory(account.account())?));
/// # let pair: Pair = "BTC-USDT".parse()?;
/// # let connector = Connector::start(account, MarketConfig::default(), config, [pair.clone()])?;
/// connector.ready().await?;
/// let book = connector.book(&pair).ok_or("not followed")?;
///
/// // Nothing is rounded behind your back: the rules of the instrument do it where you ask for it.
/// let far = Price::new(book.best(Side::Buy)?.value.price.value() * Decimal::new(9, 1));
/// let price = book.instrument().rules.round_price(far, Side::Buy);
///
/// // The reply to this order is cut off. It is not sent again: the exchange is asked for it.
/// simulator.inject(Fault::new(FaultKind::Cut).method("POST").path("/api/v3/order"))?;
/// let order = connector.place(OrderRequest::limit(pair.clone(), Side::Buy, "0.01".parse()?, price).post_only()).await;
/// let id = match order {
///     Ok(order) => order.client_order_id,
///     Err(CommandError::Unknown { client_order_id, .. }) => client_order_id,
///     Err(nothing_is_live) => return Err(nothing_is_live.into()),
/// };
///
/// // Cancelling waits for the evidence, too.
/// let order = connector.cancel(&id).await?;
/// println!("{} is {:?}, {} of it was filled", order.client_order_id, order.state, order.filled);
/// # connector.stop().await;
/// # simulator.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// * [`Connector::account_events`](crate::Connector::account_events) tells everything, in one order, numbered without holes.
/// * [`Connector::balances`](crate::Connector::balances) says what is free, and [`Basis`](crate::Basis) how that is known.
/// * [`TradingConfig`](crate::TradingConfig) sets budgets, what becomes of orders at a stop, and a dead-man switch.
pub mod orders {}

/// Positions, leverage, modes and funding.
///
/// Settings are read back: what [`Connector::leverage`](crate::Connector::leverage) says is what the exchange said last, and
/// orders of a pair wait until its settings are known.
///
/// ```
/// use tradewire::{AccountChange, OrderRequest, Pair, Side};
/// # use std::sync::Arc;
/// # use tradewire::{Addresses, Connector, Credentials, MarketConfig, OrderEntry, Secret, SigningKey, SqliteJournal, TradingConfig};
/// # use tradewire_simulator::{Config, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::start(Config::of("binance-usdm")?).await?;
/// # let at = simulator.addresses();
/// # let addresses = Addresses::own(&at.rest, &at.ws).with_sockets(at.ws_api.clone(), at.ws_private.clone());
/// # let key = SigningKey::hmac_sha256(&Secret::new(at.secret_key.clone().ok_or("no secret")?))?;
/// # let credentials = Credentials::new(Secret::new(at.api_key.clone().ok_or("no key")?), key)?;
/// # let account = tradewire::account_source("binance-usdm", &addresses, credentials, OrderEntry::Rest)?;
/// # let config = TradingConfig::new(Arc::new(SqliteJournal::in_memory(account.account())?));
/// # let pair: Pair = "BTC-USDT".parse()?;
/// # let connector = Connector::start(account, MarketConfig::default(), config, [pair.clone()])?;
/// connector.ready().await?;
/// connector.set_leverage(&pair, None, "5".parse()?).await?;
///
/// let mut events = connector.account_events(0)?;
/// connector.place(OrderRequest::market(pair.clone(), Side::Buy, "0.02".parse()?)).await?;
/// while let Some(event) = events.next().await? {
///     if let AccountChange::Position(position) = &event.change {
///         println!("{} at {:?}, liquidated at {:?}", position.size, position.entry_price, position.liquidation_price);
///         break;
///     }
/// }
///
/// // What can only make a position smaller says so, and the exchange holds it to that.
/// connector.place(OrderRequest::market(pair.clone(), Side::Sell, "0.02".parse()?).reduce_only()).await?;
/// println!("a long position pays {:?} next", connector.funding_rate(&pair).and_then(|funding| funding.rate));
/// # connector.stop().await;
/// # simulator.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// * A funding payment is [`AccountChange::FundingPayment`](crate::AccountChange::FundingPayment), each once, across restarts too.
/// * Liquidations and orders of the exchange's own are told as orders that are not yours, with their cause.
/// * A mode that is not the expected one ([`TradingConfig::position_mode`](crate::TradingConfig)) sends no order and changes nothing.
pub mod contracts {}

/// Trying a program against what goes wrong.
///
/// The crate `tradewire-simulator` is an exchange in your test: accounts with balances and fees, a matching engine, the real wire
/// protocols, and faults on demand. `tradewire simulate` is the same for programs in any language.
///
/// ```
/// use tradewire_simulator::{Config, Fault, FaultKind, Flow, Side, Simulator, TraderOrder};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Without background traders nothing moves but by your hand.
/// let simulator = Simulator::start(Config { flow: Flow::Off, ..Config::of("bybit-linear")? }).await?;
/// simulator.place("BTC-USDT", TraderOrder::limit(Side::Sell, "60000".parse()?, "1".parse()?))?;
///
/// // The program under test connects to `simulator.addresses()`. Meanwhile, the third report of a fill is lost.
/// simulator.inject(Fault::new(FaultKind::Mute).event("execution").nth(3))?;
///
/// // At the end what it believes is compared with the exchange's own books.
/// let ledger = simulator.account_ledger("main").ok_or("no account")?;
/// assert!(ledger.fills.is_empty());
/// # simulator.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// In a paused tokio runtime all time is virtual: a day with its reconnects takes a moment.
pub mod faults {}

/// A program that runs for months.
///
/// * **Journal.** [`SqliteJournal::open`](crate::SqliteJournal::open) takes a level of durability:
///   [`Process`](crate::tracking::Durability) survives the end of the process, `Power` a loss of power, for more time an order. One
///   file serves several connectors; a second process on the same account is refused. When it cannot be written, because the disk is
///   full or the file is damaged, no new order leaves, and [`Connector::waiting`](crate::Connector::waiting) says so.
/// * **Restart.** Live orders, fills and settings are restored, then reconciled with the exchange; what happened meanwhile is told
///   as events with [`Source::Restart`](crate::Source). Keep the number of the last event that you dealt with, and go on after it.
/// * **Readiness.** [`Connector::waiting`](crate::Connector::waiting) names each part that is not ready, with the reason. It is
///   revoked when a part fails: orders are refused then rather than sent blindly.
/// * **Stop.** [`Connector::stop`](crate::Connector::stop) joins everything within its time and says which orders may still be live.
///   For a program that dies without it there is [`TradingConfig::dead_man_switch`](crate::TradingConfig), where the exchange has one.
/// * **Keys** are read from the environment or an encrypted store by the program `tradewire`, are never printed, and are
///   overwritten in memory when dropped. A signer of your own ([`transport::ExternalSigner`](crate::transport::ExternalSigner)) keeps them elsewhere.
/// * **What is counted** goes to the `metrics` crate, what happens to `tracing`; install an exporter and a subscriber of your choice.
pub mod operation {}

/// Adding an exchange, in this repository or in one of your own.
///
/// `tradewire new-exchange acme` makes a skeleton that compiles, with a test that says which behaviour to write next. The order is
/// that of the six components, and each has a stage of the conformance suite:
///
/// | component | gives |
/// |---|---|
/// | authorisation | [`transport::AuthDialect`](crate::transport::AuthDialect): what is signed, and where the signature goes |
/// | utils and configuration | [`Capabilities`](crate::Capabilities), limits, symbols, default fees |
/// | order book | a [`tracking::SequenceRule`](crate::tracking::SequenceRule), chosen, not written |
/// | order book data source | [`MarketSource`](crate::MarketSource): instruments, snapshots, the decoder of frames |
/// | user stream data source | how private messages come and are read |
/// | the connector | [`AccountSource`](crate::AccountSource): commands, reads, and what each error proves |
///
/// Perpetuals add [`tracking::PerpetualSource`](crate::tracking::PerpetualSource). Tracking, reconnecting, limits, reconciliation
/// and the journal are not written again. The guide is `docs/adding-an-exchange.md`, the checklist for an API
/// `docs/exchange-api-checklist.md`, and `exchanges/example` a connector to read.
pub mod connectors {}
