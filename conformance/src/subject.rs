use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use tradewire_core::{Addresses, Capabilities, Error, ErrorKind, Level, Pair, Side, Timestamp};
use tradewire_simulator::EXCHANGES;
use tradewire_tracking::{AccountSource, MarketSource, OrderBook, OrderEntry};
use tradewire_transport::{Credentials, Window};

use crate::{AccountWire, subjects};

type Connect = dyn Fn(&Addresses) -> Result<Arc<dyn MarketSource>, Error> + Send + Sync;
type ConnectAccount =
    dyn Fn(&Addresses, Credentials, OrderEntry) -> Result<Arc<dyn AccountSource>, Error> + Send + Sync;

/// A connector under test. Cheap to clone.
#[derive(Clone)]
pub struct Subject {
    capabilities: Arc<Capabilities>,
    connect: Arc<Connect>,
    account: Option<Arc<ConnectAccount>>,
    wire: Arc<dyn Wire>,
}

impl Subject {
    /// A connector for an exchange whose wire this crate knows.
    ///
    /// # Errors
    /// `Unsupported` for any other exchange: bring its wire with [`Subject::new`].
    pub fn known(
        capabilities: Capabilities,
        connect: impl Fn(&Addresses) -> Result<Arc<dyn MarketSource>, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let wire = subjects::wire(capabilities.exchange).ok_or_else(|| {
            let known = EXCHANGES.join(", ");
            Error::new(ErrorKind::Unsupported, format!("there are no rows for '{}' yet", capabilities.exchange))
                .with("known", known)
        })?;
        Ok(Self { capabilities: Arc::new(capabilities), connect: Arc::new(connect), account: None, wire })
    }

    /// A connector that is made by its exchange's name, as [`Subject::known`], with the way to an account.
    ///
    /// # Errors
    /// As [`Subject::known`].
    pub fn named(
        capabilities: &Capabilities,
        market: impl Fn(&str, &Addresses) -> Result<Arc<dyn MarketSource>, Error> + Send + Sync + 'static,
        account: impl Fn(&str, &Addresses, Credentials, OrderEntry) -> Result<Arc<dyn AccountSource>, Error>
        + Send
        + Sync
        + 'static,
    ) -> Result<Self, Error> {
        let name = capabilities.exchange;
        let known = Self::known(capabilities.clone(), move |addresses| market(name, addresses))?;
        Ok(known.with_account(move |addresses, credentials, by| account(name, addresses, credentials, by)))
    }

    /// A connector: what it declares, how to make it, and its exchange's wire.
    pub fn new(
        capabilities: Capabilities,
        connect: impl Fn(&Addresses) -> Result<Arc<dyn MarketSource>, Error> + Send + Sync + 'static,
        wire: impl Wire,
    ) -> Self {
        Self { capabilities: Arc::new(capabilities), connect: Arc::new(connect), account: None, wire: Arc::new(wire) }
    }

    /// With the way to an account: rows about orders run.
    #[must_use]
    pub fn with_account(
        mut self,
        connect: impl Fn(&Addresses, Credentials, OrderEntry) -> Result<Arc<dyn AccountSource>, Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.account = Some(Arc::new(connect));
        self
    }

    /// What it declares.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// A new connector to these servers.
    ///
    /// # Errors
    /// What the connector refuses.
    pub fn source(&self, addresses: &Addresses) -> Result<Arc<dyn MarketSource>, Error> {
        (self.connect)(addresses)
    }

    /// A new connector to an account of these servers.
    ///
    /// # Errors
    /// What the connector refuses; `Unsupported` for a subject without the way to an account.
    pub fn account(
        &self,
        addresses: &Addresses,
        credentials: Credentials,
        order_entry: OrderEntry,
    ) -> Result<Arc<dyn AccountSource>, Error> {
        let missing = || Error::new(ErrorKind::Unsupported, "this subject has no way to an account");
        self.account.as_ref().ok_or_else(missing)?(addresses, credentials, order_entry)
    }

    /// The wires that its order commands can take.
    pub(crate) fn order_wires(&self) -> Vec<OrderEntry> {
        let socket = self.capabilities.trading.as_ref().is_some_and(|trading| trading.order_socket);
        if socket { vec![OrderEntry::Rest, OrderEntry::Socket] } else { vec![OrderEntry::Rest] }
    }

    /// Its exchange's wire.
    pub fn wire(&self) -> &dyn Wire {
        &*self.wire
    }

    /// As [`Self::wire`], to keep.
    pub(crate) fn shared_wire(&self) -> Arc<dyn Wire> {
        Arc::clone(&self.wire)
    }

    /// The same connector, made in another way.
    pub(crate) fn connecting(
        &self,
        connect: impl Fn(&Addresses) -> Result<Arc<dyn MarketSource>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self { connect: Arc::new(connect), ..self.clone() }
    }

    /// The same connector, said to declare something else.
    pub(crate) fn declaring(&self, capabilities: Capabilities) -> Self {
        Self { capabilities: Arc::new(capabilities), ..self.clone() }
    }
}

impl Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("exchange", &self.capabilities.exchange).finish_non_exhaustive()
    }
}

/// What rows must know of an exchange's wire: messages made by hand, and where requests go.
pub trait Wire: Send + Sync + 'static {
    /// The simulator's name of the exchange; any other word where it is not simulated: rows that need a server are not run then.
    fn simulated(&self) -> &'static str;
    /// The exchange's symbol of a pair.
    fn symbol(&self, pair: &Pair) -> String;
    /// The body of an answer to a request for a book snapshot or, where snapshots come on the stream, the frame. Levels are
    /// price and quantity.
    fn snapshot(&self, symbol: &str, update_id: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> Vec<u8>;
    /// A frame with a change of a book.
    fn update(&self, symbol: &str, update: &WireUpdate<'_>) -> Vec<u8>;
    /// A frame with a trade.
    fn trade(&self, symbol: &str, trade: &WireTrade<'_>) -> Vec<u8>;
    /// The body of an instrument list.
    fn instruments(&self, list: &[WireInstrument<'_>]) -> Vec<u8>;
    /// A frame with an event of a kind that does not exist.
    fn unknown_event(&self) -> Vec<u8>;
    /// Where requests go.
    fn paths(&self) -> Paths;
    /// Name of the stream of a symbol's book changes.
    fn book_stream(&self, symbol: &str) -> String;
    /// Name of the stream of a symbol's trades.
    fn trade_stream(&self, symbol: &str) -> String;
    /// Names of all streams by which a symbol is followed where nothing else is asked for.
    fn streams(&self, symbol: &str) -> Vec<String>;
    /// What its instrument list tells.
    fn instrument_list(&self) -> WireList;
    /// Which subscriptions the exchange refuses.
    fn refused_topics(&self) -> RefusedTopics;
    /// Whether the exchange states checksums of its books, by which a wrong level is found at once.
    fn states_checksums(&self) -> bool {
        false
    }
    /// Puts into a frame what the exchange's book adds up to after it, where every message has to say that.
    fn summed(&self, frame: Vec<u8>, _after: &OrderBook) -> Vec<u8> {
        frame
    }
    /// What the exchange calls a version of a book, by the best levels that a client has of it.
    fn version(&self, update_id: u64, _bids: &[Level], _asks: &[Level]) -> WireVersion {
        WireVersion { id: update_id, levels: usize::MAX }
    }
    /// The word for an error of the tables here, of an exchange whose codes are words: the tables number them.
    fn code_word(&self, _code: i64) -> Option<&'static str> {
        None
    }
    /// The number under which the simulator's log of requests has an error that says this.
    fn logged_code(&self, code: i64, _says: &str) -> i64 {
        code
    }
    /// Of how much its time is a multiple.
    fn time_step(&self) -> Duration {
        Duration::from_millis(1)
    }
    /// Whether the rules of an instrument state a largest quantity.
    fn states_largest_quantity(&self) -> bool {
        true
    }
    /// Whether the rules of an instrument state a highest price.
    fn states_highest_price(&self) -> bool {
        true
    }
    /// Whether the exchange bounds what an account may hold of an asset, or as a position.
    fn bounds_holdings(&self) -> bool {
        true
    }
    /// Documented errors of reads, with the kind that each must have.
    fn errors(&self) -> &'static [WireError];
    /// What the exchange allows.
    fn limits(&self) -> WireLimits;
    /// What rows about an account must know; `None`: they do not run.
    fn account(&self) -> Option<&dyn AccountWire>;
}

/// A version of a book, as the simulator is asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireVersion {
    /// What names it.
    pub id: u64,
    /// Levels a side of which it says all: versions that differ beyond them may have the same name.
    pub levels: usize,
}

/// Paths of requests.
#[derive(Clone, Copy, Debug)]
pub struct Paths {
    /// What all requests over REST begin with.
    pub rest: &'static str,
    /// The handshake of the stream of books.
    pub stream: &'static str,
    /// The handshakes of other market streams, where they have their own.
    pub other_streams: &'static [&'static str],
    /// The exchange's time.
    pub time: &'static str,
    /// Whether it answers.
    pub status: &'static str,
    /// The instrument list.
    pub instruments: &'static str,
    /// Book snapshots.
    pub snapshot: &'static str,
    /// Newest prices.
    pub last_prices: &'static str,
    /// Best prices.
    pub best_prices: &'static str,
    /// Candles.
    pub candles: &'static str,
    /// Past trades.
    pub trades: &'static str,
    /// Figures of the last 24 hours.
    pub ticker: &'static str,
    /// Funding rates, where there are perpetuals.
    pub funding: &'static [&'static str],
}

impl Paths {
    /// All of them: the requests that a connector for market data may send.
    pub(crate) fn all(&self) -> Vec<&'static str> {
        let Self { time, status, instruments, snapshot, last_prices, best_prices, candles, trades, ticker, .. } = *self;
        let reads = [time, status, instruments, snapshot, last_prices, best_prices, candles, trades, ticker];
        self.streams().chain(reads).chain(self.funding.iter().copied()).collect()
    }

    /// The handshakes of all market streams.
    pub(crate) fn streams(&self) -> impl Iterator<Item = &'static str> + use<> {
        [self.stream].into_iter().chain(self.other_streams.iter().copied())
    }
}

/// A change of a book as it goes over the wire.
#[derive(Clone, Copy, Debug)]
pub struct WireUpdate<'a> {
    /// Id of its first change.
    pub first: u64,
    /// Id of its last change.
    pub last: u64,
    /// Id of the last change of the update before it.
    pub previous: u64,
    /// The exchange's time.
    pub time: Timestamp,
    /// Bids: price and new quantity.
    pub bids: &'a [(&'a str, &'a str)],
    /// Asks: price and new quantity.
    pub asks: &'a [(&'a str, &'a str)],
}

/// A trade as it goes over the wire.
#[derive(Clone, Copy, Debug)]
pub struct WireTrade<'a> {
    /// Its id.
    pub id: u64,
    /// Price.
    pub price: &'a str,
    /// Quantity.
    pub quantity: &'a str,
    /// The side that took.
    pub taker: Side,
    /// The exchange's time.
    pub time: Timestamp,
}

/// An instrument as it goes over the wire.
#[derive(Clone, Copy, Debug)]
pub struct WireInstrument<'a> {
    /// Base asset.
    pub base: &'a str,
    /// Quote asset.
    pub quote: &'a str,
    /// The exchange's word for its status; `None` for "it trades".
    pub status: Option<&'a str>,
    /// Price step.
    pub tick: &'a str,
    /// Quantity step.
    pub step: &'a str,
    /// A filter besides the usual ones, by name.
    pub filter: Option<&'a str>,
}

/// What an instrument list tells besides rules.
#[derive(Clone, Copy, Debug)]
pub struct WireList {
    /// Instruments that do not trade, with their status.
    pub halted: bool,
    /// Filters by name.
    pub filters: bool,
    /// The limits that clients have to keep.
    pub limits: bool,
}

/// Subscriptions that an exchange refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedTopics {
    /// Those that are more than a connection may have.
    BeyondTheMost,
    /// Those to instruments that are not listed.
    NotListed,
}

/// A documented error.
#[derive(Clone, Copy, Debug)]
pub struct WireError {
    /// Its HTTP status.
    pub status: u16,
    /// Its code.
    pub code: i64,
    /// What a caller is to do about it.
    pub kind: ErrorKind,
}

/// What an exchange allows a client.
#[derive(Clone, Copy, Debug)]
pub struct WireLimits {
    /// Request weight that an address may use in a window. Where nothing has a weight, each request counts as one.
    pub weight: u64,
    /// That window.
    pub window: Window,
    /// Whether answers tell how much of it is used.
    pub tells_weight: bool,
    /// How an address is shut out that does not keep to it.
    pub ban: WireBan,
    /// The weight of a book snapshot with as many levels as connectors ask for.
    pub snapshot_weight: u64,
    /// The largest book snapshot: levels a side, and its weight.
    pub largest_snapshot: (u32, u64),
    /// Frames a second on one socket, pings and pongs included.
    pub frames_per_second: u64,
    /// Whether the exchange documents how it counts the requests of an address; else only what leaves can be counted.
    pub documented: bool,
    /// New connections in [`Self::connections_window`].
    pub connections: u64,
    /// The window of [`Self::connections`].
    pub connections_window: Duration,
    /// Whether an order that fills is not counted any longer among the new orders of a window.
    pub fills_give_orders_back: bool,
    /// What a new order takes of the request weight; 0 where orders are counted by themselves.
    pub order_weight: u64,
    /// Whether a largest price × quantity of an order is published.
    pub max_notional: bool,
    /// Whether price × quantity of a market order is judged by the mark price, not by what it would trade at.
    pub market_notional_by_mark: bool,
}

/// How an exchange shuts an address out.
#[derive(Clone, Copy, Debug)]
pub struct WireBan {
    /// The error that tells it; `None` where its HTTP status does.
    pub code: Option<i64>,
    /// HTTP status of its answers.
    pub status: u16,
    /// Whether they can say for how long.
    pub tells_time: bool,
    /// Seconds for which nothing may leave where they do not: after the first ban, after a second one that soon follows, and so
    /// on.
    pub seconds: &'static [u64],
}
