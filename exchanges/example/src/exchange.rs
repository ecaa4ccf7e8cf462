//! The market: what the framework asks of it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    Addresses, BestPrices, Candle, Capabilities, Error, ErrorKind, FundingRate, Instrument, LastPrice, Pair, Ticker24h,
    Trade,
};
use tradewire_tracking::{
    DecodeError, InstrumentList, MarketDecoder, MarketSource, RawAnswer, RawSnapshot, Scale, SequenceRule,
    SnapshotRequest, TopicSet, raw_answer, shared_source,
};
use tradewire_transport::{
    Clock, ClockSample, ConnectPace, Endpoint, Limits, Patience, Query, RestClient, RestConfig, Route, ServerClock,
    StreamDialect,
};

use crate::config::Servers;
use crate::frames::FrameDecoder;
use crate::funding::FundingRates;
use crate::limits::{CONNECTS_MAX, CONNECTS_WINDOW, ExampleDialect, POOLS};
use crate::market_stream::{MarketStream, topics};
use crate::rest::{self, TRADES_MAX, Ticker};
use crate::{book, symbols};

/// A market of the exchange as a source of market data. Nothing is sent before it is asked for something. Clones share connections,
/// limits and clock.
#[derive(Clone, Debug)]
pub struct Example {
    capabilities: &'static Capabilities,
    servers: Servers,
    clock: ServerClock,
    limits: Limits,
    connects: ConnectPace,
    rest: RestClient,
}

impl Example {
    /// A market at these addresses. What it declares is all in which markets differ here.
    ///
    /// # Errors
    /// `Config` for an unknown environment or an address that cannot be one.
    pub fn new(capabilities: &'static Capabilities, addresses: &Addresses, clock: Clock) -> Result<Self, Error> {
        let servers = Servers::of(capabilities.environments, addresses)?;
        let clock = ServerClock::new(clock);
        let limits = Limits::new(POOLS, 100, clock.clone());
        let config = RestConfig::new(capabilities.exchange, servers.rest.as_str());
        let rest = RestClient::new(&config, ExampleDialect, limits.clone(), clock.local())?;
        let connects = ConnectPace::new(CONNECTS_MAX, CONNECTS_WINDOW);
        Ok(Self { capabilities, servers, clock, limits, connects, rest })
    }

    /// A market at these addresses, the same for all in this process: the exchange counts their requests together.
    ///
    /// # Errors
    /// As [`Example::new`].
    pub fn shared(capabilities: &'static Capabilities, addresses: &Addresses) -> Result<Arc<Self>, Error> {
        shared_source(capabilities, addresses, |_| Self::new(capabilities, addresses, Clock::start()))
    }

    pub(crate) fn servers(&self) -> &Servers {
        &self.servers
    }

    pub(crate) fn rest(&self) -> &RestClient {
        &self.rest
    }

    /// The tickers of these instruments; those that the answer leaves out are left out.
    async fn tickers<T>(
        &self,
        of: &[Arc<Instrument>],
        read: impl Fn(&Ticker, &Pair) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let symbol = if let [one] = of { Some(&*one.symbol) } else { None };
        let tickers = self.rest.send(&rest::Tickers { symbol }).await?;
        let found = of.iter().filter_map(|wanted| {
            let ticker = tickers.iter().find(|ticker| *ticker.symbol == *wanted.symbol)?;
            read(ticker, &wanted.pair)
        });
        Ok(found.collect())
    }
}

impl MarketSource for Example {
    fn capabilities(&self) -> &'static Capabilities {
        self.capabilities
    }

    fn sequence_rule(&self) -> SequenceRule {
        SequenceRule::Previous
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
            Ok(timed.clock_sample(Duration::ZERO))
        }
        .boxed()
    }

    fn status(&self) -> BoxFuture<'_, Result<(), Error>> {
        async { self.rest.send(&rest::Time).await.map(drop) }.boxed()
    }

    fn instruments(&self) -> BoxFuture<'_, Result<RawAnswer, Error>> {
        raw_answer(&self.rest, rest::Instruments, Patience::Bounded).boxed()
    }

    fn decode_instruments(&self, body: &[u8]) -> Result<InstrumentList, Error> {
        symbols::decode_instruments(body)
    }

    fn snapshot<'a>(&'a self, instrument: &'a Instrument, depth: u32) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        raw_answer(&self.rest, rest::Book { symbol: &instrument.symbol, levels: depth }, Patience::Endless).boxed()
    }

    fn decode_snapshot(&self, body: &[u8], scale: Scale) -> Result<RawSnapshot, DecodeError> {
        book::read_snapshot(body, scale).map_err(|fault| fault.of_message(None, body))
    }

    fn is_instrument_list(&self, url: &str) -> bool {
        url.split('?').next().is_some_and(|path| path.ends_with(rest::Instruments::PATH))
    }

    fn snapshot_request(&self, url: &str) -> Option<SnapshotRequest> {
        let (path, query) = Query::of_url(url)?;
        let symbol = query.value("symbol")?.into_owned();
        let depth = query.value("levels")?.parse().ok()?;
        path.ends_with(rest::Book::PATH).then_some(SnapshotRequest { symbol, depth })
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

    fn best_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<BestPrices>, Error>> {
        self.tickers(instruments, |ticker, pair| Some(ticker.best_prices(pair))).boxed()
    }

    fn candles<'a>(&'a self, _: &'a Instrument, _: &'a str, _: u32) -> BoxFuture<'a, Result<Vec<Candle>, Error>> {
        async { Err(Error::new(ErrorKind::Unsupported, "this exchange has no candles")) }.boxed()
    }

    fn recent_trades<'a>(&'a self, instrument: &'a Instrument, limit: u32) -> BoxFuture<'a, Result<Vec<Trade>, Error>> {
        async move {
            let (limit, received) = (limit.clamp(1, TRADES_MAX), self.clock.local().now());
            self.rest.send(&rest::PastTrades { instrument, limit, received }).await
        }
        .boxed()
    }

    fn ticker_24h<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Ticker24h, Error>> {
        async move { self.rest.send(&rest::Day { instrument }).await }.boxed()
    }

    fn funding_rates<'a>(&'a self, of: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>> {
        async move {
            if self.capabilities.perpetual.is_none() {
                return Err(Error::new(ErrorKind::Unsupported, "assets have no funding"));
            }
            self.rest.send(&FundingRates { of }).await
        }
        .boxed()
    }
}
