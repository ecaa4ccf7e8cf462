//! Market data of one exchange, kept true: sockets, snapshots, checks and recovery behind one handle.

mod config;
mod handler;
mod instruments;
mod jobs;
mod poll;
mod supervisor;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tradewire_core::{Error, ErrorKind, Instrument, Pair, Part};
use tradewire_transport::Clock;

use crate::feed::{Events, Feed};
use crate::problems::Problems;
use crate::reader::Books;
use crate::readiness::{MARKET_PARTS, Readiness};
use crate::{BookReader, MarketSource};

pub use config::MarketConfig;

pub(crate) use instruments::Instruments;
pub(crate) use jobs::contained;
use supervisor::{Command, Supervisor};

/// Market data of one exchange: live books, trades and prices of any number of pairs.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use tradewire_tracking::{MarketConfig, MarketData, MarketSource};
/// # async fn run(source: Arc<dyn MarketSource>) -> Result<(), Box<dyn std::error::Error>> {
/// let market = MarketData::start(source, MarketConfig::default(), ["BTC-USDT".parse()?]);
/// market.ready().await?;
/// let book = market.book(&"BTC-USDT".parse()?).ok_or("no such book")?;
/// println!("{}", book.mid()?.value);
/// market.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MarketData {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
    supervisor: JoinHandle<()>,
}

/// What the handle, the supervisor and the sockets share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) source: Arc<dyn MarketSource>,
    pub(crate) config: MarketConfig,
    /// Levels a side that snapshots are asked for with: as configured, but no more than the exchange gives.
    pub(crate) snapshot_depth: u32,
    pub(crate) clock: Clock,
    pub(crate) feed: Feed,
    pub(crate) problems: Problems,
    pub(crate) readiness: Readiness,
    pub(crate) books: Books,
    pub(crate) instruments: RwLock<Arc<Instruments>>,
    /// Wakes the supervisor to read the instruments again: the exchange contradicted a rule.
    pub(crate) rules_doubted: Notify,
}

impl MarketData {
    /// Begins to follow `pairs`. Returns at once, also while the exchange is down: it keeps trying.
    ///
    /// Must be called within a tokio runtime.
    pub fn start(source: Arc<dyn MarketSource>, config: MarketConfig, pairs: impl IntoIterator<Item = Pair>) -> Self {
        Self::start_with(source, config, pairs, &[])
    }

    /// As [`Self::start`], for a connector that has further parts to become ready.
    pub(crate) fn start_with(
        source: Arc<dyn MarketSource>,
        config: MarketConfig,
        pairs: impl IntoIterator<Item = Pair>,
        further: &[Part],
    ) -> Self {
        let clock = source.server_clock().local();
        let feed = Feed::default();
        let most = source.capabilities().market.snapshot_depths.last().copied().unwrap_or(u32::MAX);
        let shared = Arc::new(Shared {
            snapshot_depth: config.snapshot_depth.min(most),
            problems: Problems::new(feed.clone(), clock),
            readiness: Readiness::new(feed.clone(), &[&MARKET_PARTS, further].concat()),
            books: Books::default(),
            instruments: RwLock::default(),
            rules_doubted: Notify::new(),
            source,
            config,
            clock,
            feed,
        });
        let (commands, received) = mpsc::channel(64);
        let supervisor = Supervisor::new(Arc::clone(&shared), pairs.into_iter().collect());
        let supervisor = tokio::spawn(supervisor.run(received));
        Self { shared, commands, supervisor }
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Waits until clock, exchange, instruments and all books are ready.
    ///
    /// # Errors
    /// `UnknownInstrument` if a pair is not listed, which no waiting mends.
    /// # Cancel safety
    /// Cancel safe.
    pub async fn ready(&self) -> Result<(), Error> {
        self.shared.readiness.wait().await
    }

    /// The parts that are not ready, with their reasons; empty once everything is.
    pub fn waiting(&self) -> BTreeMap<Part, String> {
        self.shared.readiness.waiting()
    }

    /// The first part that was tried and is not ready, with the reason. What has not been tried yet is no trouble.
    pub fn trouble(&self) -> Option<(Part, String)> {
        self.shared.readiness.trouble()
    }

    /// The book of a pair that is followed.
    pub fn book(&self, pair: &Pair) -> Option<BookReader> {
        self.shared.books.get(pair)
    }

    /// All books, by pair.
    pub fn books(&self) -> Vec<BookReader> {
        self.shared.books.all()
    }

    /// A new reader of events, from now on.
    pub fn events(&self) -> Events {
        self.shared.feed.subscribe(self.shared.books.clone())
    }

    /// The instruments of the exchange as last read, by pair; empty before the first read.
    pub fn instruments(&self) -> Arc<BTreeMap<Pair, Arc<Instrument>>> {
        Arc::clone(self.shared.instruments.read().by_pair())
    }

    /// Follows a further pair, and waits until its book is valid. If that fails, nothing of it remains.
    ///
    /// # Errors
    /// `UnknownInstrument`; `Exchange` if a subscription is refused; `Timeout` if the book is not valid within 60 s.
    /// # Cancel safety
    /// Cancel safe: dropped early, the pair may stay followed; remove it to be sure.
    pub async fn add(&self, pair: Pair) -> Result<BookReader, Error> {
        let (reply, answer) = oneshot::channel();
        self.command(Command::Add { pair, reply }).await?;
        answer.await.map_err(|_| stopped())?
    }

    /// Stops following a pair: its readers answer `Removed` from then on.
    ///
    /// # Errors
    /// `InvalidRequest` if it is not followed.
    pub async fn remove(&self, pair: Pair) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.command(Command::Remove { pair, reply }).await?;
        answer.await.map_err(|_| stopped())?
    }

    /// Closes all sockets politely and joins every task, within 10 s.
    pub async fn close(self) {
        drop(self.commands);
        if self.supervisor.await.is_err() {
            tracing::error!("the market supervisor ended abnormally");
        }
    }

    async fn command(&self, command: Command) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| stopped())
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::NotReady, "the connector has stopped")
}
