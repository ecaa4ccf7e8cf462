//! The market: what the framework asks of it.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    Addresses, BestPrices, Candle, Capabilities, Error, ErrorKind, Instrument, LastPrice, Pair, Ticker24h, Trade,
};
use tradewire_tracking::{
    DecodeError, InstrumentList, MarketDecoder, MarketSource, RawAnswer, RawSnapshot, Scale, SequenceRule,
    SnapshotRequest, TopicSet, raw_answer, shared_source,
};
use tradewire_transport::{
    Clock, ClockSample, ConnectPace, Endpoint, Limits, Patience, Query, RestClient, RestConfig, Route, ServerClock,
    StreamDialect,
};

use crate::book::{self, DEPTH};
use crate::capabilities::CAPABILITIES;
use crate::config::Servers;
use crate::limits::{CONNECTS_MAX, CONNECTS_WINDOW, KrakenDialect, POOLS};
use crate::market_stream::{FrameDecoder, MarketStream, topics};
use crate::rest::{self, TICKER_QUANTITY_DECIMALS, TIME_STEP, TRADES_MAX, Ticker};
use crate::symbols::{self, Names};

/// The exchange as a source of market data. Nothing is sent before it is asked for something. Clones share connections,
/// limits and clock.
#[derive(Clone, Debug)]
pub struct Kraken {
    servers: Servers,
    clock: ServerClock,
    limits: Limits,
    connects: ConnectPace,
    rest: RestClient,
    names: Names,
}

impl Kraken {
    /// The exchange at these addresses.
    ///
    /// # Errors
    /// `Config` for an unknown environment or an address that cannot be one.
    pub fn new(addresses: &Addresses, clock: Clock) -> Result<Self, Error> {
        let servers = Servers::of(addresses)?;
        let clock = ServerClock::new(clock);
        let limits = Limits::new(POOLS, 100, clock.clone());
        let config = RestConfig::new(CAPABILITIES.exchange, servers.rest.as_str());
        let rest = RestClient::new(&config, KrakenDialect, limits.clone(), clock.local())?;
        let connects = ConnectPace::new(CONNECTS_MAX, CONNECTS_WINDOW);
        Ok(Self { servers, clock, limits, connects, rest, names: Names::default() })
    }

    /// The exchange at these addresses, the same for all in this process: it counts their requests together.
    ///
    /// # Errors
    /// As [`Kraken::new`].
    pub fn shared(addresses: &Addresses) -> Result<Arc<Self>, Error> {
        shared_source(&CAPABILITIES, addresses, |_| Self::new(addresses, Clock::start()))
    }

    pub(crate) fn servers(&self) -> &Servers {
        &self.servers
    }

    pub(crate) fn rest(&self) -> &RestClient {
        &self.rest
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// The tickers of these instruments; those that the answer leaves out are left out.
    async fn tickers<T>(
        &self,
        of: &[Arc<Instrument>],
        read: impl Fn(&Ticker, &Pair) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let symbols: Vec<&str> = of.iter().map(|instrument| &*instrument.symbol).collect();
        let tickers = self.rest.send(&rest::Tickers { symbols: &symbols, names: &self.names }).await?;
        let found = of.iter().filter_map(|wanted| {
            let ticker = tickers.iter().find(|ticker| *ticker.symbol == *wanted.symbol)?;
            read(ticker, &wanted.pair)
        });
        Ok(found.collect())
    }
}

fn not_offered() -> Error {
    Error::new(ErrorKind::Unsupported, "this exchange does not tell what this needs")
}

impl MarketSource for Kraken {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn sequence_rule(&self) -> SequenceRule {
        SequenceRule::Checked
    }

    fn book_window(&self) -> Option<u32> {
        Some(DEPTH)
    }

    fn streams(&self, _: Route) -> Arc<dyn StreamDialect> {
        Arc::new(MarketStream { url: self.servers.market.clone() })
    }

    fn route(&self, _: &str) -> Route {
        Route::BOOKS
    }

    fn connect_pace(&self) -> &ConnectPace {
        &self.connects
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn topics(&self, instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
        topics(instrument, of)
    }

    fn decoder(&self) -> Box<dyn MarketDecoder> {
        Box::<FrameDecoder>::default()
    }

    fn server_clock(&self) -> &ServerClock {
        &self.clock
    }

    fn time(&self) -> BoxFuture<'_, Result<ClockSample, Error>> {
        async {
            let timed = self.rest.send_timed(&rest::Time, Patience::Bounded).await?;
            Ok(timed.clock_sample(TIME_STEP))
        }
        .boxed()
    }

    fn status(&self) -> BoxFuture<'_, Result<(), Error>> {
        async { self.rest.send(&rest::Status).await }.boxed()
    }

    fn instruments(&self) -> BoxFuture<'_, Result<RawAnswer, Error>> {
        raw_answer(&self.rest, rest::AssetPairs, Patience::Bounded).boxed()
    }

    fn decode_instruments(&self, body: &[u8]) -> Result<InstrumentList, Error> {
        symbols::decode_instruments(body, &self.names)
    }

    fn snapshot<'a>(&'a self, instrument: &'a Instrument, depth: u32) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        raw_answer(&self.rest, rest::Depth { symbol: &instrument.symbol, levels: depth }, Patience::Endless).boxed()
    }

    fn decode_snapshot(&self, body: &[u8], scale: Scale) -> Result<RawSnapshot, DecodeError> {
        book::read_snapshot(body, scale).map_err(|fault| fault.of_message(None, body))
    }

    fn is_instrument_list(&self, url: &str) -> bool {
        url.split('?').next().is_some_and(|path| path.ends_with(rest::AssetPairs::PATH))
    }

    fn snapshot_request(&self, url: &str) -> Option<SnapshotRequest> {
        let (path, query) = Query::of_url(url)?;
        let name = query.value("pair")?.into_owned();
        let depth = query.value("count")?.parse().ok()?;
        path.ends_with(rest::Depth::PATH).then(|| SnapshotRequest { symbol: self.names.symbol(&name), depth })
    }

    fn guess_symbol(&self, pair: &Pair) -> String {
        symbols::symbol(pair)
    }

    fn guess_pair(&self, symbol: &str) -> Option<Pair> {
        symbols::pair(symbol)
    }

    fn last_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<LastPrice>, Error>> {
        self.tickers(instruments, Ticker::last_price).boxed()
    }

    fn best_quantity_decimals(&self) -> Option<u32> {
        Some(TICKER_QUANTITY_DECIMALS)
    }

    fn best_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<BestPrices>, Error>> {
        self.tickers(instruments, |ticker, pair| Some(ticker.best_prices(pair))).boxed()
    }

    fn candles<'a>(&'a self, _: &'a Instrument, _: &'a str, _: u32) -> BoxFuture<'a, Result<Vec<Candle>, Error>> {
        async { Err(not_offered()) }.boxed()
    }

    fn recent_trades<'a>(&'a self, instrument: &'a Instrument, limit: u32) -> BoxFuture<'a, Result<Vec<Trade>, Error>> {
        async move {
            let (limit, received) = (limit.clamp(1, TRADES_MAX), self.clock.local().now());
            self.rest.send(&rest::PastTrades { instrument, limit, received }).await
        }
        .boxed()
    }

    fn ticker_24h<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<Ticker24h, Error>> {
        async { Err(not_offered()) }.boxed()
    }
}
