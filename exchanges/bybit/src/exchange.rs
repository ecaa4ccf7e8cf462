use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    BestPrices, Candle, Capabilities, Error, ErrorKind, FundingRate, Instrument, LastPrice, LastPriceSource, Pair,
    Ticker24h, Trade,
};
use tradewire_tracking::{
    DecodeError, InstrumentList, MarketDecoder, MarketSource, RawAnswer, RawSnapshot, Scale, SequenceRule,
    SnapshotRequest, TopicSet, raw_answer,
};
use tradewire_transport::{
    Clock, ClockSample, ConnectPace, Endpoint, Limits, Patience, ProxyChoice, Query, RestClient, RestConfig, Route,
    ServerClock, SocketConfig, StreamDialect,
};

use crate::config::{Addresses, BookLevels, BybitConfig};
use crate::limits::{BybitDialect, CONNECTS_MAX, CONNECTS_WINDOW, POOLS};
use crate::market::{FrameDecoder, decode_snapshot};
use crate::market_stream::{MarketStreams, topics};
use crate::product::Product;
use crate::rest::{self, CANDLES_MAX, INTERVALS, Ticker};

/// Levels a side of a snapshot for which no number was asked.
const DEPTH_DEFAULT: u32 = 25;

/// One of Bybit's markets as a source of market data. Nothing is sent before it is asked for something. Clones share
/// connections, limits and clock.
#[derive(Clone, Debug)]
pub struct Bybit {
    product: &'static Product,
    config: BybitConfig,
    addresses: Addresses,
    shared: Shared,
    rest: RestClient,
}

/// What all that connect from one network address share.
#[derive(Clone, Debug)]
struct Shared {
    clock: ServerClock,
    limits: Limits,
    connects: ConnectPace,
}

impl Bybit {
    /// A market at the addresses of `config`, with limits of its own.
    ///
    /// # Errors
    /// `Config` for an unknown environment, a mixture of addresses or an address that cannot be one.
    pub fn new(product: &'static Product, config: &BybitConfig, clock: Clock) -> Result<Self, Error> {
        let clock = ServerClock::new(clock);
        let limits = Limits::new(POOLS, config.limit_share, clock.clone());
        let connects = ConnectPace::new(CONNECTS_MAX, CONNECTS_WINDOW);
        Self::with_shared(product, config, Shared { clock, limits, connects })
    }

    /// As [`Self::new`], sharing clock and limits with another market, which connects from the same network address: the
    /// exchange counts the requests of all of its markets together.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn sharing_limits(product: &'static Product, config: &BybitConfig, other: &Self) -> Result<Self, Error> {
        Self::with_shared(product, config, other.shared.clone())
    }

    fn with_shared(product: &'static Product, config: &BybitConfig, shared: Shared) -> Result<Self, Error> {
        let Capabilities { exchange, environments, .. } = product.capabilities;
        let addresses = config.addresses(product.category, environments)?;
        let rest_config = RestConfig::new(exchange, addresses.rest.as_str());
        let rest = RestClient::new(&rest_config, BybitDialect, shared.limits.clone(), shared.clock.local())?;
        Ok(Self { product, config: config.clone(), addresses, shared, rest })
    }

    /// How it was configured.
    pub fn config(&self) -> &BybitConfig {
        &self.config
    }

    /// Where its requests go over REST. All markets there are counted together.
    pub fn rest_address(&self) -> &str {
        &self.addresses.rest
    }

    /// Which of the markets it is.
    pub(crate) fn product(&self) -> &'static Product {
        self.product
    }

    /// The addresses in use.
    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Sends the requests of [`rest`].
    pub(crate) fn rest(&self) -> &RestClient {
        &self.rest
    }

    /// What a socket of its own needs besides an address.
    pub(crate) fn socket_config(&self) -> SocketConfig {
        SocketConfig {
            exchange: self.product.capabilities.exchange,
            proxy: ProxyChoice::default(),
            connects: self.shared.connects.clone(),
            clock: self.shared.clock.local(),
        }
    }

    fn instruments_page<'a>(&self, page: Option<&'a str>) -> rest::Instruments<'a> {
        let Product { category, instruments_page, .. } = *self.product;
        rest::Instruments { category, limit: instruments_page, page }
    }

    /// The tickers of these instruments, in their order; those that the answer leaves out are left out. One request.
    async fn tickers(&self, of: &[Arc<Instrument>]) -> Result<Vec<(Pair, Ticker)>, Error> {
        let symbol = if let [one] = of { Some(&*one.symbol) } else { None };
        let tickers = self.rest.send(&rest::Tickers { category: self.product.category, symbol }).await?;
        let mut by_symbol: HashMap<String, Ticker> =
            tickers.into_iter().map(|ticker| (ticker.symbol.clone(), ticker)).collect();
        let found = of.iter().filter_map(|known| Some((known.pair.clone(), by_symbol.remove(&*known.symbol)?)));
        Ok(found.collect())
    }

    async fn read_last_prices(&self, of: &[Arc<Instrument>]) -> Result<Vec<LastPrice>, Error> {
        let tickers = self.tickers(of).await?.into_iter();
        let last = tickers.filter_map(|(pair, ticker)| {
            Some(LastPrice { pair, price: ticker.last?, time: None, source: LastPriceSource::Rest })
        });
        Ok(last.collect())
    }

    async fn read_best_prices(&self, of: &[Arc<Instrument>]) -> Result<Vec<BestPrices>, Error> {
        let tickers = self.tickers(of).await?.into_iter();
        let best = tickers.map(|(pair, Ticker { bid, ask, .. })| BestPrices { pair, update_id: None, bid, ask });
        Ok(best.collect())
    }

    async fn read_funding_rates(&self, of: &[Arc<Instrument>]) -> Result<Vec<FundingRate>, Error> {
        if of.iter().any(|instrument| instrument.contract.is_none()) {
            return Err(Error::new(ErrorKind::Unsupported, "this market has no funding"));
        }
        let tickers = self.tickers(of).await?.into_iter();
        Ok(tickers.filter_map(|(pair, ticker)| ticker.funding_rate(pair)).collect())
    }

    async fn read_candles(&self, instrument: &Instrument, interval: &str, limit: u32) -> Result<Vec<Candle>, Error> {
        let Some((interval, length)) = INTERVALS.iter().copied().find(|(known, _)| *known == interval) else {
            let error = Error::new(ErrorKind::Unsupported, "Bybit has no candles of this interval");
            return Err(error.with("interval", interval));
        };
        let category = self.product.category;
        self.rest.send(&rest::Klines { category, instrument, interval, length, limit: limit.min(CANDLES_MAX) }).await
    }

    async fn read_trades(&self, instrument: &Instrument, limit: u32) -> Result<Vec<Trade>, Error> {
        let Product { category, recent_trades_max, .. } = *self.product;
        let (limit, received) = (limit.min(recent_trades_max), self.shared.clock.local().now());
        self.rest.send(&rest::RecentTrades { category, instrument, limit, received }).await
    }

    async fn read_day(&self, instrument: &Instrument) -> Result<Ticker24h, Error> {
        let symbol = Some(&*instrument.symbol);
        let tickers = self.rest.send(&rest::Tickers { category: self.product.category, symbol }).await?;
        let ticker = tickers.into_iter().find(|ticker| ticker.symbol == *instrument.symbol);
        let none = || Error::new(ErrorKind::UnknownInstrument, "there is no ticker").with("pair", &instrument.pair);
        let Ticker { last, day, time, .. } = ticker.ok_or_else(none)?;
        Ok(Ticker24h {
            pair: instrument.pair.clone(),
            open: day.open,
            high: day.high,
            low: day.low,
            last: last.unwrap_or(day.open),
            volume: day.volume,
            quote_volume: day.turnover,
            trades: None,
            time,
        })
    }
}

impl MarketSource for Bybit {
    fn capabilities(&self) -> &'static Capabilities {
        self.product.capabilities
    }

    fn sequence_rule(&self) -> SequenceRule {
        match self.config.levels {
            BookLevels::Thousand => SequenceRule::Counted,
            _ => SequenceRule::CountedApart,
        }
    }

    fn book_window(&self) -> Option<u32> {
        Some(self.config.levels.number())
    }

    fn streams(&self, _: Route) -> Arc<dyn StreamDialect> {
        Arc::new(MarketStreams { url: self.addresses.streams.clone() })
    }

    fn route(&self, _: &str) -> Route {
        Route::BOOKS
    }

    fn connect_pace(&self) -> &ConnectPace {
        &self.shared.connects
    }

    fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    fn topics(&self, instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
        topics(instrument, of, self.config.levels)
    }

    fn decoder(&self) -> Box<dyn MarketDecoder> {
        Box::new(FrameDecoder::new(self.config.levels))
    }

    fn server_clock(&self) -> &ServerClock {
        &self.shared.clock
    }

    fn time(&self) -> BoxFuture<'_, Result<ClockSample, Error>> {
        async {
            let timed = self.rest.send_timed(&rest::ServerTime, Patience::Bounded).await?;
            Ok(timed.clock_sample(Duration::ZERO))
        }
        .boxed()
    }

    fn status(&self) -> BoxFuture<'_, Result<(), Error>> {
        async { self.rest.send(&rest::ServerTime).await.map(drop) }.boxed()
    }

    fn instruments(&self) -> BoxFuture<'_, Result<RawAnswer, Error>> {
        raw_answer(&self.rest, self.instruments_page(None), Patience::Bounded).boxed()
    }

    fn further_instruments<'a>(&'a self, page: &'a str) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        raw_answer(&self.rest, self.instruments_page(Some(page)), Patience::Bounded).boxed()
    }

    fn decode_instruments(&self, body: &[u8]) -> Result<InstrumentList, Error> {
        (self.product.decode_instruments)(body)
    }

    fn snapshot<'a>(&'a self, instrument: &'a Instrument, depth: u32) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        let endpoint = rest::Book { category: self.product.category, symbol: &instrument.symbol, limit: depth };
        raw_answer(&self.rest, endpoint, Patience::Endless).boxed()
    }

    fn decode_snapshot(&self, body: &[u8], scale: Scale) -> Result<RawSnapshot, DecodeError> {
        decode_snapshot(body, scale).map_err(|fault| fault.of_message(None, body))
    }

    fn is_instrument_list(&self, url: &str) -> bool {
        url.split('?').next().is_some_and(|path| path.ends_with(rest::Instruments::PATH))
    }

    fn snapshot_request(&self, url: &str) -> Option<SnapshotRequest> {
        let (path, query) = Query::of_url(url)?;
        let symbol = query.value("symbol")?.into_owned();
        let depth = query.value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEPTH_DEFAULT);
        path.ends_with(rest::Book::PATH).then_some(SnapshotRequest { symbol, depth })
    }

    fn guess_symbol(&self, pair: &Pair) -> String {
        (self.product.guess_symbol)(pair)
    }

    fn guess_pair(&self, symbol: &str) -> Option<Pair> {
        (self.product.guess_pair)(symbol)
    }

    fn last_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<LastPrice>, Error>> {
        self.read_last_prices(instruments).boxed()
    }

    fn best_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<BestPrices>, Error>> {
        self.read_best_prices(instruments).boxed()
    }

    fn candles<'a>(
        &'a self,
        instrument: &'a Instrument,
        interval: &'a str,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<Candle>, Error>> {
        self.read_candles(instrument, interval, limit).boxed()
    }

    fn recent_trades<'a>(&'a self, instrument: &'a Instrument, limit: u32) -> BoxFuture<'a, Result<Vec<Trade>, Error>> {
        self.read_trades(instrument, limit).boxed()
    }

    fn ticker_24h<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Ticker24h, Error>> {
        self.read_day(instrument).boxed()
    }

    fn funding_rates<'a>(
        &'a self,
        instruments: &'a [Arc<Instrument>],
    ) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>> {
        self.read_funding_rates(instruments).boxed()
    }
}
