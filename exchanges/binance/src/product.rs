use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::value::RawValue;
use tradewire_core::{Capabilities, Error, ErrorKind, FeeRates, FundingRate, Instrument};
use tradewire_tracking::{SequenceRule, TopicSet};
use tradewire_transport::{PoolSpec, Route, Verdict};

use crate::Binance;
use crate::config::Addresses;
use crate::market::FrameForm;
use crate::market_stream::MarketStreams;

/// What tells one of Binance's markets from another. Values of it mark whose endpoints are meant.
pub trait Product: Clone + Copy + Debug + Default + Send + Sync + 'static {
    /// What its connector offers.
    const CAPABILITIES: &'static Capabilities;
    /// How its book updates follow each other.
    const SEQUENCE_RULE: SequenceRule;
    /// The form of its market streams' messages.
    const FORM: FrameForm;
    /// Where its REST endpoints are.
    const PATHS: Paths;
    /// What they cost.
    const WEIGHTS: Weights;
    /// The most symbols that are named in one request for prices; with more, all are asked for.
    const SYMBOLS_MAX: usize;
    /// The path of calls over a socket.
    const CALLS_PATH: &'static str;
    /// The weight of a new connection for calls.
    const CALLS_CONNECT_WEIGHT: u32;
    /// Its limits before the exchange has published its own, at the lowest values seen.
    const POOLS: &'static [PoolSpec];
    /// The commission that holds until an account's own is known.
    const DEFAULT_FEES: FeeRates;

    /// The kind of an error by its code; by its whole text, where the exchange documents several for one code.
    fn kind(code: i64, text: &str) -> ErrorKind;
    /// What an error proves about an order command.
    fn verdict(error: &Error) -> Verdict;
    /// The market streams of a route.
    fn streams(addresses: &Addresses, route: Route) -> MarketStreams;
    /// The route by which a stream comes.
    fn route(stream: &str) -> Route;
    /// The streams of an instrument.
    fn topics(instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>>;
    /// Levels a side that a snapshot is asked for with, so that it has at least `depth`.
    fn snapshot_depth(depth: u32) -> u32;
    /// Whether recorded book snapshots come from this path.
    fn is_snapshot_path(path: &str) -> bool;
    /// Mark prices and funding of instruments. `Unsupported` where assets are traded.
    fn funding_rates<'a>(
        source: &'a Binance<Self>,
        instruments: &'a [Arc<Instrument>],
    ) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>>;
    /// Reads an instrument; `None` for one of another kind of market.
    ///
    /// # Errors
    /// What cannot be read.
    fn instrument(raw: &RawValue) -> Result<Option<Instrument>, String>;
}

/// The paths of the REST endpoints that read a market.
#[derive(Clone, Copy, Debug)]
pub struct Paths {
    /// Whether it answers.
    pub ping: &'static str,
    /// Its time.
    pub time: &'static str,
    /// The instrument list.
    pub exchange_info: &'static str,
    /// A book snapshot.
    pub depth: &'static str,
    /// The newest trades.
    pub trades: &'static str,
    /// Trades from an id on.
    pub historical_trades: &'static str,
    /// Aggregated trades.
    pub aggregate_trades: &'static str,
    /// Candles.
    pub klines: &'static str,
    /// What happened in the last 24 hours.
    pub ticker_24h: &'static str,
    /// Newest prices.
    pub price: &'static str,
    /// Best prices.
    pub book_ticker: &'static str,
}

/// The weights of the same endpoints, where they are not 1.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// The instrument list.
    pub exchange_info: u32,
    /// A book snapshot of so many levels a side.
    pub depth: fn(u32) -> u32,
    /// The newest trades.
    pub trades: u32,
    /// Trades from an id on.
    pub historical_trades: u32,
    /// Aggregated trades.
    pub aggregate_trades: u32,
    /// So many candles.
    pub klines: fn(u32) -> u32,
    /// What happened in the last 24 hours to an instrument.
    pub ticker_24h: u32,
    /// The newest price of one instrument, and of more.
    pub price: (u32, u32),
    /// The best prices of one instrument, and of more.
    pub book_ticker: (u32, u32),
}
