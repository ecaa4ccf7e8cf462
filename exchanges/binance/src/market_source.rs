use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    BestPrices, Candle, Capabilities, Error, ErrorKind, FundingRate, Instrument, LastPrice, LastPriceSource, Pair,
    Ticker24h, Timestamp, Trade,
};
use tradewire_tracking::{
    DecodeError, InstrumentList, MarketDecoder, MarketSource, RawAnswer, RawSnapshot, Scale, SequenceRule,
    SnapshotRequest, TopicSet, raw_answer,
};
use tradewire_transport::{
    Clock, ClockSample, ConnectPace, Limits, Patience, ProxyChoice, Query, RestClient, RestConfig, Route, ServerClock,
    SocketConfig, StreamDialect,
};

use crate::BinanceConfig;
use crate::config::Addresses;
use crate::limits::{CONNECTS_MAX, CONNECTS_WINDOW, MarketDialect};
use crate::market::{FrameDecoder, decode_snapshot, taker};
use crate::product::Product;
use crate::quote_assets::guess_pair;
use crate::rest::{self, Symbols};
use crate::symbols::decode_instruments;

/// The most rows of a list of trades or candles.
const ROWS_MAX: u32 = 1_000;
/// Levels a side of a snapshot for which no number was asked.
const DEPTH_DEFAULT: u32 = 100;

/// One of Binance's markets as a source of market data. Nothing is sent before it is asked for something. Clones share
/// connections, limits and clock.
#[derive(Clone, Debug)]
pub struct Binance<P> {
    product: P,
    config: BinanceConfig,
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

impl<P: Product> Binance<P> {
    /// The market at the addresses of `config`, with limits of its own.
    ///
    /// # Errors
    /// `Config` for an unknown environment, a mixture of addresses or an address that cannot be one.
    pub fn new(config: &BinanceConfig, clock: Clock) -> Result<Self, Error> {
        let clock = ServerClock::new(clock);
        let limits = Limits::new(P::POOLS, config.limit_share, clock.clone());
        let connects = ConnectPace::new(CONNECTS_MAX, CONNECTS_WINDOW);
        Self::with_shared(config, Shared { clock, limits, connects })
    }

    /// As [`Self::new`], sharing clock and limits with another that connects from the same network address.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn sharing_limits(config: &BinanceConfig, other: &Self) -> Result<Self, Error> {
        Self::with_shared(config, other.shared.clone())
    }

    fn with_shared(config: &BinanceConfig, shared: Shared) -> Result<Self, Error> {
        let addresses = config.addresses::<P>()?;
        let rest_config = RestConfig::new(P::CAPABILITIES.exchange, addresses.rest.as_str());
        let rest = RestClient::new(&rest_config, MarketDialect(P::kind), shared.limits.clone(), shared.clock.local())?;
        Ok(Self { product: P::default(), config: config.clone(), addresses, shared, rest })
    }

    /// How it was configured.
    pub fn config(&self) -> &BinanceConfig {
        &self.config
    }

    /// The addresses in use.
    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What a socket of its own needs besides an address.
    pub(crate) fn socket_config(&self) -> SocketConfig {
        SocketConfig {
            exchange: P::CAPABILITIES.exchange,
            proxy: ProxyChoice::default(),
            connects: self.shared.connects.clone(),
            clock: self.shared.clock.local(),
        }
    }

    /// Sends the requests of [`rest`](crate::rest).
    pub fn rest(&self) -> &RestClient {
        &self.rest
    }

    async fn read_last_prices(&self, instruments: &[Arc<Instrument>]) -> Result<Vec<LastPrice>, Error> {
        let tickers = self.rest.send(&rest::PriceTickers(self.product, self.symbols(instruments))).await?;
        let found = in_order(instruments, tickers, |ticker| &ticker.symbol);
        Ok(found
            .map(|(pair, ticker)| LastPrice { pair, price: ticker.price, time: None, source: LastPriceSource::Rest })
            .collect())
    }

    async fn read_best_prices(&self, instruments: &[Arc<Instrument>]) -> Result<Vec<BestPrices>, Error> {
        let tickers = self.rest.send(&rest::BookTickers(self.product, self.symbols(instruments))).await?;
        let found = in_order(instruments, tickers, |ticker| &ticker.symbol);
        Ok(found.map(|(pair, ticker)| best_prices(pair, &ticker)).collect())
    }

    async fn read_candles(&self, instrument: &Instrument, interval: &str, limit: u32) -> Result<Vec<Candle>, Error> {
        if !P::CAPABILITIES.market.candle_intervals.contains(&interval) {
            let error = Error::new(ErrorKind::Unsupported, "this market has no candles of this interval");
            return Err(error.with("interval", interval));
        }
        let (market, symbol, limit) = (self.product, &*instrument.symbol, limit.min(ROWS_MAX));
        let klines = rest::Klines { market, symbol, interval, start: None, end: None, limit };
        let klines = self.rest.send(&klines).await?;
        let now = self.shared.clock.now();
        Ok(klines.into_iter().map(|kline| candle(instrument, interval, kline, now)).collect())
    }

    async fn read_trades(&self, instrument: &Instrument, limit: u32) -> Result<Vec<Trade>, Error> {
        let (market, symbol, limit) = (self.product, &*instrument.symbol, limit.min(ROWS_MAX));
        let trades = rest::Trades { market, symbol, limit };
        let trades = self.rest.send(&trades).await?;
        let received = self.shared.clock.local().now();
        Ok(trades.into_iter().map(|trade| public_trade(&instrument.pair, trade, received)).collect())
    }

    async fn read_ticker(&self, instrument: &Instrument) -> Result<Ticker24h, Error> {
        let day = self.rest.send(&rest::Ticker24h { market: self.product, symbol: &instrument.symbol }).await?;
        Ok(Ticker24h {
            pair: instrument.pair.clone(),
            open: day.open_price,
            high: day.high_price,
            low: day.low_price,
            last: day.last_price,
            volume: day.volume,
            quote_volume: day.quote_volume,
            trades: Some(day.count),
            time: day.close_time,
        })
    }

    fn symbols<'a>(&self, instruments: &'a [Arc<Instrument>]) -> Symbols<'a> {
        Symbols::of(self.product, instruments.iter().map(|instrument| &*instrument.symbol))
    }
}

impl<P: Product> MarketSource for Binance<P> {
    fn capabilities(&self) -> &'static Capabilities {
        P::CAPABILITIES
    }

    fn sequence_rule(&self) -> SequenceRule {
        P::SEQUENCE_RULE
    }

    fn streams(&self, route: Route) -> Arc<dyn StreamDialect> {
        Arc::new(P::streams(&self.addresses, route))
    }

    fn route(&self, topic: &str) -> Route {
        P::route(topic)
    }

    fn connect_pace(&self) -> &ConnectPace {
        &self.shared.connects
    }

    fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    fn topics(&self, instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
        P::topics(instrument, of)
    }

    fn decoder(&self) -> Box<dyn MarketDecoder> {
        Box::new(FrameDecoder::new(P::FORM))
    }

    fn server_clock(&self) -> &ServerClock {
        &self.shared.clock
    }

    fn time(&self) -> BoxFuture<'_, Result<ClockSample, Error>> {
        async {
            let timed = self.rest.send_timed(&rest::ServerTime(self.product), Patience::Bounded).await?;
            Ok(timed.clock_sample(Duration::ZERO))
        }
        .boxed()
    }

    fn status(&self) -> BoxFuture<'_, Result<(), Error>> {
        async { self.rest.send(&rest::Ping(self.product)).await }.boxed()
    }

    fn instruments(&self) -> BoxFuture<'_, Result<RawAnswer, Error>> {
        raw_answer(&self.rest, rest::ExchangeInfo(self.product), Patience::Bounded).boxed()
    }

    fn decode_instruments(&self, body: &[u8]) -> Result<InstrumentList, Error> {
        let (list, pools) = decode_instruments::<P>(body)?;
        self.shared.limits.replace_pools(&pools);
        Ok(list)
    }

    fn snapshot<'a>(&'a self, instrument: &'a Instrument, depth: u32) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        let limit = P::snapshot_depth(depth);
        let endpoint = rest::Depth { market: self.product, symbol: &instrument.symbol, limit };
        raw_answer(&self.rest, endpoint, Patience::Endless).boxed()
    }

    fn decode_snapshot(&self, body: &[u8], scale: Scale) -> Result<RawSnapshot, DecodeError> {
        decode_snapshot(body, scale).map_err(|fault| fault.of_message(None, body))
    }

    fn is_instrument_list(&self, url: &str) -> bool {
        path(url).ends_with(P::PATHS.exchange_info)
    }

    fn snapshot_request(&self, url: &str) -> Option<SnapshotRequest> {
        let (path, query) = Query::of_url(url)?;
        let symbol = query.value("symbol")?.into_owned();
        let depth = query.value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEPTH_DEFAULT);
        P::is_snapshot_path(path).then_some(SnapshotRequest { symbol, depth })
    }

    fn guess_symbol(&self, pair: &Pair) -> String {
        format!("{}{}", pair.base(), pair.quote())
    }

    fn guess_pair(&self, symbol: &str) -> Option<Pair> {
        guess_pair(symbol)
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
        self.read_ticker(instrument).boxed()
    }

    fn funding_rates<'a>(
        &'a self,
        instruments: &'a [Arc<Instrument>],
    ) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>> {
        P::funding_rates(self, instruments)
    }
}

fn path(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

/// The rows of the instruments asked for, in their order; those that the answer leaves out are left out.
pub(crate) fn in_order<'a, T: 'a>(
    instruments: &'a [Arc<Instrument>],
    rows: Vec<T>,
    symbol: fn(&T) -> &String,
) -> impl Iterator<Item = (Pair, T)> + 'a {
    let mut by_symbol: HashMap<String, T> = rows.into_iter().map(|row| (symbol(&row).clone(), row)).collect();
    instruments
        .iter()
        .filter_map(move |instrument| Some((instrument.pair.clone(), by_symbol.remove(&*instrument.symbol)?)))
}

fn best_prices(pair: Pair, ticker: &rest::BookTicker) -> BestPrices {
    let side = |price, quantity: tradewire_core::Quantity| (!quantity.value().is_zero()).then_some((price, quantity));
    BestPrices {
        pair,
        update_id: None,
        bid: side(ticker.bid_price, ticker.bid_quantity),
        ask: side(ticker.ask_price, ticker.ask_quantity),
    }
}

fn candle(instrument: &Instrument, interval: &str, kline: rest::Kline, now: Timestamp) -> Candle {
    Candle {
        pair: instrument.pair.clone(),
        interval: interval.to_owned(),
        open_time: kline.open_time,
        close_time: kline.close_time,
        open: kline.open,
        high: kline.high,
        low: kline.low,
        close: kline.close,
        volume: kline.volume,
        quote_volume: kline.quote_volume,
        trades: Some(kline.trades),
        closed: kline.close_time < now,
    }
}

fn public_trade(pair: &Pair, trade: rest::PublicTrade, received: Timestamp) -> Trade {
    Trade {
        pair: pair.clone(),
        id: trade.id.into(),
        aggregates: None,
        price: trade.price,
        quantity: trade.quantity,
        taker: taker(trade.is_buyer_maker),
        time: trade.time,
        received,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::Spot;
    use tradewire_tracking::TradeStream;

    fn spot() -> Binance<Spot> {
        Binance::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration")
    }

    fn instruments() -> Vec<Arc<Instrument>> {
        let body = include_bytes!("../fixtures/exchange-info.json");
        spot().decode_instruments(body).expect("a list").instruments.into_iter().map(Arc::new).collect()
    }

    #[test]
    fn streams_are_named_in_lower_case() {
        let instruments = instruments();
        let wide = instruments.iter().find(|instrument| !instrument.symbol.is_ascii()).expect("one");
        let of = TopicSet {
            trades: TradeStream::Aggregated,
            best_prices: true,
            funding: true,
            candles: Some("1m".to_owned()),
        };
        let topics = spot().topics(wide, &of);
        let names: Vec<_> = topics.iter().map(|topic| topic.split('@').nth(1).expect("a stream")).collect();
        assert_eq!(names, ["depth", "aggTrade", "bookTicker", "kline_1m"]);
        assert!(topics.iter().all(|topic| topic.starts_with("币安人生usdt@")));
        assert_eq!(spot().topics(&instruments[0], &TopicSet::default()).len(), 2);
    }

    #[test]
    fn recorded_addresses_are_recognised() {
        let spot = spot();
        let asked = |url| spot.snapshot_request(url).map(|asked| (asked.symbol, asked.depth));
        let of = |symbol: &str, depth| Some((symbol.to_owned(), depth));
        assert_eq!(asked("https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000"), of("BTCUSDT", 1_000));
        assert_eq!(asked("http://127.0.0.1:1/api/v3/depth?symbol=%E5%B8%81USDT"), of("币USDT", 100));
        assert_eq!(asked("https://api.binance.com/api/v3/trades?symbol=BTCUSDT"), None);
        assert!(spot.is_instrument_list("https://api.binance.com/api/v3/exchangeInfo"));
        assert!(spot.is_instrument_list("https://api.binance.com/api/v3/exchangeInfo?permissions=SPOT"));
        assert!(!spot.is_instrument_list("https://api.binance.com/api/v3/depth?symbol=BTCUSDT"));
    }

    #[test]
    fn a_published_limit_takes_the_place_of_the_built_in_one() {
        let spot = spot();
        let limits = || spot.rest().limits().usage().into_iter().map(|usage| usage.spec.limit).collect::<Vec<_>>();
        assert!(limits().contains(&61_000) && !limits().contains(&300_000));
        let list = spot.decode_instruments(include_bytes!("../fixtures/exchange-info.json")).expect("a list");
        assert_eq!(list.problems.len(), 1);
        assert!(limits().contains(&300_000) && !limits().contains(&61_000));
    }

    #[test]
    fn rows_come_in_the_order_asked_for_and_empty_sides_are_none() {
        let instruments = instruments();
        let ticker = |symbol: &str, quantity: &str| {
            let text =
                format!(r#"{{"symbol":"{symbol}","bidPrice":"1","bidQty":"{quantity}","askPrice":"2","askQty":"1"}}"#);
            serde_json::from_str::<rest::BookTicker>(&text).expect("a ticker")
        };
        let rows = vec![ticker("OTHER", "1"), ticker("BNBUSDT", "0.000"), ticker("BTCUSDT", "1")];
        let found: Vec<_> =
            in_order(&instruments, rows, |row| &row.symbol).map(|(pair, row)| best_prices(pair, &row)).collect();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].pair.as_str(), found[0].bid.is_some()), ("BTC-USDT", true));
        assert_eq!((found[1].pair.as_str(), found[1].bid, found[1].ask.is_some()), ("BNB-USDT", None, true));
    }
}
