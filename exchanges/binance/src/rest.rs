//! The endpoints of the REST APIs that read a market, as types. Weights are those of 2026.
//!
//! [`Binance`](crate::Binance) covers what every exchange has; these are for what is particular to this one, such as the trades
//! from an id on:
//!
//! ```no_run
//! # async fn old_trades() -> Result<(), tradewire_core::Error> {
//! use tradewire_binance::spot::{BinanceSpot, Spot};
//! use tradewire_binance::{BinanceConfig, rest};
//! use tradewire_transport::Clock;
//!
//! let spot = BinanceSpot::new(&BinanceConfig::default(), Clock::start())?;
//! let trades = rest::HistoricalTrades { market: Spot, symbol: "BTCUSDT", from_id: Some(28_457), limit: 1_000 };
//! let trades = spot.rest().send(&trades).await?;
//! # Ok(())
//! # }
//! ```

use std::str::FromStr;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tradewire_core::{Decimal, Error, ErrorKind, Price, Quantity, Timestamp};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use crate::account_endpoints::add;
use crate::market::{Number, exact, exact_decimal, millis};
use crate::product::Product;

/// What all endpoints that read the market have in common.
macro_rules! market_read {
    ($path:ident, $class:ident, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::GET;
        const PATH: &'static str = P::PATHS.$path;
        const SECURITY: Security = Security::None;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::$class
        }
    };
}

/// Whether the exchange answers.
#[derive(Clone, Copy, Debug)]
pub struct Ping<P>(
    /// The market.
    pub P,
);

impl<P: Product> Endpoint for Ping<P> {
    market_read!(ping, MarketRead, ());

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        json::<serde::de::IgnoredAny>(body).map(drop)
    }
}

/// The exchange's time.
#[derive(Clone, Copy, Debug)]
pub struct ServerTime<P>(
    /// The market.
    pub P,
);

impl<P: Product> Endpoint for ServerTime<P> {
    market_read!(time, MarketRead, Timestamp);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<Timestamp, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            server_time: u64,
        }
        time(json::<Wire>(body)?.server_time)
    }
}

/// The instrument list, raw: [`MarketSource::decode_instruments`](tradewire_tracking::MarketSource::decode_instruments) reads it.
#[derive(Clone, Copy, Debug)]
pub struct ExchangeInfo<P>(
    /// The market.
    pub P,
);

impl<P: Product> Endpoint for ExchangeInfo<P> {
    market_read!(exchange_info, MarketRead, Bytes);

    fn cost(&self) -> Cost {
        Cost::weight(P::WEIGHTS.exchange_info)
    }

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<Bytes, Error> {
        Ok(Bytes::copy_from_slice(body))
    }
}

/// A book snapshot, raw. What it costs depends on its depth.
#[derive(Clone, Copy, Debug)]
pub struct Depth<'a, P> {
    /// The market.
    pub market: P,
    /// The instrument.
    pub symbol: &'a str,
    /// Levels a side.
    pub limit: u32,
}

impl<P: Product> Endpoint for Depth<'_, P> {
    market_read!(depth, Snapshot, Bytes);

    fn cost(&self) -> Cost {
        Cost::weight((P::WEIGHTS.depth)(self.limit))
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("limit", self.limit);
    }

    fn decode(&self, body: &[u8]) -> Result<Bytes, Error> {
        Ok(Bytes::copy_from_slice(body))
    }
}

/// The newest trades, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Trades<'a, P> {
    /// The market.
    pub market: P,
    /// The instrument.
    pub symbol: &'a str,
    /// At most 1000; fewer where the market gives fewer.
    pub limit: u32,
}

impl<P: Product> Endpoint for Trades<'_, P> {
    market_read!(trades, MarketRead, Vec<PublicTrade>);

    fn cost(&self) -> Cost {
        Cost::weight(P::WEIGHTS.trades)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("limit", self.limit);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<PublicTrade>, Error> {
        json(body)
    }
}

/// Trades from an id on, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct HistoricalTrades<'a, P> {
    /// The market.
    pub market: P,
    /// The instrument.
    pub symbol: &'a str,
    /// The first id; `None` for the newest trades.
    pub from_id: Option<u64>,
    /// At most 1000; fewer where the market gives fewer.
    pub limit: u32,
}

impl<P: Product> Endpoint for HistoricalTrades<'_, P> {
    market_read!(historical_trades, MarketRead, Vec<PublicTrade>);

    fn cost(&self) -> Cost {
        Cost::weight(P::WEIGHTS.historical_trades)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("limit", self.limit);
        add(query, "fromId", self.from_id);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<PublicTrade>, Error> {
        json(body)
    }
}

/// One public trade.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PublicTrade {
    /// Its id. Ids of an instrument count up by one.
    pub id: u64,
    /// Price.
    #[serde(deserialize_with = "exact")]
    pub price: Price,
    /// Quantity in the base asset.
    #[serde(rename = "qty", deserialize_with = "exact")]
    pub quantity: Quantity,
    /// When it happened.
    #[serde(deserialize_with = "timestamp")]
    pub time: Timestamp,
    /// Whether the buyer's order had been resting, so that the seller took.
    pub is_buyer_maker: bool,
}

/// Trades of one taker at one price as one, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct AggregateTrades<'a, P> {
    /// The market.
    pub market: P,
    /// The instrument.
    pub symbol: &'a str,
    /// The first id of an aggregate.
    pub from_id: Option<u64>,
    /// Not before this instant, which is included.
    pub start: Option<Timestamp>,
    /// Not after this instant, which is included.
    pub end: Option<Timestamp>,
    /// At most 1000; fewer where the market gives fewer.
    pub limit: u32,
}

impl<P: Product> Endpoint for AggregateTrades<'_, P> {
    market_read!(aggregate_trades, MarketRead, Vec<AggregateTrade>);

    fn cost(&self) -> Cost {
        Cost::weight(P::WEIGHTS.aggregate_trades)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("limit", self.limit);
        add(query, "fromId", self.from_id);
        add(query, "startTime", self.start.map(Timestamp::as_millis));
        add(query, "endTime", self.end.map(Timestamp::as_millis));
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<AggregateTrade>, Error> {
        json(body)
    }
}

/// Trades of one taker at one price.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AggregateTrade {
    /// Id of the aggregate.
    #[serde(rename = "a")]
    pub id: u64,
    /// First trade in it.
    #[serde(rename = "f")]
    pub first: u64,
    /// Last trade in it.
    #[serde(rename = "l")]
    pub last: u64,
    /// Price.
    #[serde(rename = "p", deserialize_with = "exact")]
    pub price: Price,
    /// Quantity in the base asset.
    #[serde(rename = "q", deserialize_with = "exact")]
    pub quantity: Quantity,
    /// When it happened.
    #[serde(rename = "T", deserialize_with = "timestamp")]
    pub time: Timestamp,
    /// Whether the buyer's order had been resting, so that the seller took.
    #[serde(rename = "m")]
    pub is_buyer_maker: bool,
}

/// Candles, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Klines<'a, P> {
    /// The market.
    pub market: P,
    /// The instrument.
    pub symbol: &'a str,
    /// The interval in the exchange's word, for example `1m`.
    pub interval: &'a str,
    /// Not before this instant.
    pub start: Option<Timestamp>,
    /// Not after this instant.
    pub end: Option<Timestamp>,
    /// At most 1000; fewer where the market gives fewer.
    pub limit: u32,
}

impl<P: Product> Endpoint for Klines<'_, P> {
    market_read!(klines, MarketRead, Vec<Kline>);

    fn cost(&self) -> Cost {
        Cost::weight((P::WEIGHTS.klines)(self.limit))
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("interval", self.interval).add("limit", self.limit);
        add(query, "startTime", self.start.map(Timestamp::as_millis));
        add(query, "endTime", self.end.map(Timestamp::as_millis));
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Kline>, Error> {
        json::<Vec<Vec<Number<'_>>>>(body)?.iter().map(|row| Kline::from_row(row)).collect()
    }
}

/// One candle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kline {
    /// First instant.
    pub open_time: Timestamp,
    /// Last instant.
    pub close_time: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price so far.
    pub close: Price,
    /// Quantity traded, in the base asset.
    pub volume: Quantity,
    /// Σ price × quantity, in the quote asset.
    pub quote_volume: Decimal,
    /// Number of trades.
    pub trades: u64,
}

impl Kline {
    /// A candle comes as a list: times, prices and sums by position.
    fn from_row(row: &[Number<'_>]) -> Result<Self, Error> {
        let [open_time, open, high, low, close, volume, close_time, quote_volume, trades, ..] = row else {
            return Err(Error::new(ErrorKind::Decode, "a candle with too few fields"));
        };
        Ok(Self {
            open_time: time(parsed(open_time)?)?,
            close_time: time(parsed(close_time)?)?,
            open: parsed(open)?,
            high: parsed(high)?,
            low: parsed(low)?,
            close: parsed(close)?,
            volume: parsed(volume)?,
            quote_volume: parsed::<Quantity>(quote_volume)?.value(),
            trades: parsed(trades)?,
        })
    }
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(number: &Number<'_>) -> Result<T, Error> {
    number.text().parse().map_err(|error| Error::new(ErrorKind::Decode, format!("'{number}': {error}")))
}

/// What happened in the last 24 hours.
#[derive(Clone, Copy, Debug)]
pub struct Ticker24h<'a, P> {
    /// The market.
    pub market: P,
    /// The instrument.
    pub symbol: &'a str,
}

impl<P: Product> Endpoint for Ticker24h<'_, P> {
    market_read!(ticker_24h, MarketRead, DayStatistics);

    fn cost(&self) -> Cost {
        Cost::weight(P::WEIGHTS.ticker_24h)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<DayStatistics, Error> {
        json(body)
    }
}

/// Figures of the last 24 hours.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DayStatistics {
    /// Price 24 hours ago.
    #[serde(deserialize_with = "exact")]
    pub open_price: Price,
    /// Highest price.
    #[serde(deserialize_with = "exact")]
    pub high_price: Price,
    /// Lowest price.
    #[serde(deserialize_with = "exact")]
    pub low_price: Price,
    /// Newest price.
    #[serde(deserialize_with = "exact")]
    pub last_price: Price,
    /// Quantity traded, in the base asset.
    #[serde(deserialize_with = "exact")]
    pub volume: Quantity,
    /// Σ price × quantity, in the quote asset.
    #[serde(deserialize_with = "exact_decimal")]
    pub quote_volume: Decimal,
    /// Number of trades.
    pub count: u64,
    /// End of the 24 hours.
    #[serde(deserialize_with = "timestamp")]
    pub close_time: Timestamp,
}

/// Which instruments a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbols<'a>(Vec<&'a str>);

impl<'a> Symbols<'a> {
    /// These instruments. More than the market takes in one request, or none, stand for all that it has.
    pub fn of<P: Product>(_: P, symbols: impl IntoIterator<Item = &'a str>) -> Self {
        let symbols: Vec<_> = symbols.into_iter().collect();
        Self(if symbols.len() > P::SYMBOLS_MAX { Vec::new() } else { symbols })
    }

    fn cost(&self, (one, more): (u32, u32)) -> Cost {
        Cost::weight(if self.0.len() == 1 { one } else { more })
    }

    fn query(&self, query: &mut Query) {
        match self.0.as_slice() {
            [] => {}
            [symbol] => {
                query.add("symbol", symbol);
            }
            // A list of texts always has a form in JSON.
            symbols => {
                query.add("symbols", serde_json::to_string(symbols).unwrap_or_default());
            }
        }
    }

    /// The answer is a list, or a single object where one symbol was asked for.
    fn decode<T: DeserializeOwned>(&self, body: &[u8]) -> Result<Vec<T>, Error> {
        if self.0.len() == 1 { json(body).map(|one| vec![one]) } else { json(body) }
    }
}

/// Newest prices. More than one instrument cost more.
#[derive(Clone, Debug)]
pub struct PriceTickers<'a, P>(
    /// The market.
    pub P,
    /// Whose prices are asked for.
    pub Symbols<'a>,
);

impl<P: Product> Endpoint for PriceTickers<'_, P> {
    market_read!(price, MarketRead, Vec<PriceTicker>);

    fn cost(&self) -> Cost {
        self.1.cost(P::WEIGHTS.price)
    }

    fn query(&self, query: &mut Query) {
        self.1.query(query);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<PriceTicker>, Error> {
        self.1.decode(body)
    }
}

/// The newest price of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PriceTicker {
    /// The instrument.
    pub symbol: String,
    /// The price.
    #[serde(deserialize_with = "exact")]
    pub price: Price,
}

/// Best prices. More than one instrument cost more.
#[derive(Clone, Debug)]
pub struct BookTickers<'a, P>(
    /// The market.
    pub P,
    /// Whose prices are asked for.
    pub Symbols<'a>,
);

impl<P: Product> Endpoint for BookTickers<'_, P> {
    market_read!(book_ticker, MarketRead, Vec<BookTicker>);

    fn cost(&self) -> Cost {
        self.1.cost(P::WEIGHTS.book_ticker)
    }

    fn query(&self, query: &mut Query) {
        self.1.query(query);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<BookTicker>, Error> {
        self.1.decode(body)
    }
}

/// The best prices of an instrument. A side without orders has the price and the quantity 0.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BookTicker {
    /// The instrument.
    pub symbol: String,
    /// Highest bid.
    #[serde(deserialize_with = "exact")]
    pub bid_price: Price,
    /// Quantity there.
    #[serde(rename = "bidQty", deserialize_with = "exact")]
    pub bid_quantity: Quantity,
    /// Lowest ask.
    #[serde(deserialize_with = "exact")]
    pub ask_price: Price,
    /// Quantity there.
    #[serde(rename = "askQty", deserialize_with = "exact")]
    pub ask_quantity: Quantity,
}

fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::new(ErrorKind::Decode, error.to_string()).with_frame(body))
}

fn time(time: u64) -> Result<Timestamp, Error> {
    millis(time).map_err(|fault| Error::new(ErrorKind::Decode, fault.message))
}

fn timestamp<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    millis(u64::deserialize(deserializer)?).map_err(|fault| serde::de::Error::custom(fault.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::Spot;

    fn query<E: Endpoint>(endpoint: &E) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    #[test]
    fn one_symbol_is_named_some_are_listed_and_many_are_all() {
        let tickers = |count| PriceTickers(Spot, Symbols::of(Spot, std::iter::repeat_n("币安人生USDT", count)));
        assert_eq!(query(&tickers(1)), "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT");
        let two = PriceTickers(Spot, Symbols::of(Spot, ["BTCUSDT", "ETHUSDT"]));
        assert_eq!(query(&two), "symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D");
        assert_eq!(query(&tickers(Spot::SYMBOLS_MAX + 1)), "");
        assert_eq!([1, 2, 101].map(|count| tickers(count).cost().weight), [2, 4, 4]);
    }

    #[test]
    fn a_snapshot_costs_by_its_depth() {
        let weight = |limit| Depth { market: Spot, symbol: "BTCUSDT", limit }.cost().weight;
        assert_eq!([100, 101, 500, 1_000, 5_000].map(weight), [5, 25, 25, 50, 250]);
        assert_eq!(query(&Depth { market: Spot, symbol: "BTCUSDT", limit: 1_000 }), "symbol=BTCUSDT&limit=1000");
    }

    #[test]
    fn candles_come_as_lists_that_may_grow() {
        let klines = Klines {
            market: Spot,
            symbol: "BTCUSDT",
            interval: "1m",
            start: None,
            end: Some(Timestamp::from_millis(9)),
            limit: 2,
        };
        assert_eq!(query(&klines), "symbol=BTCUSDT&interval=1m&limit=2&endTime=9");
        let row = r#"[60000,"1.50","1.75","1.25","1.60","12.0",119999,"18.9",7,"6","9.4","0","novel"]"#;
        let read = klines.decode(format!("[{row}]").as_bytes()).expect("candles");
        assert_eq!(
            (read[0].open_time.as_millis(), read[0].close_time.as_millis(), read[0].trades),
            (60_000, 119_999, 7)
        );
        assert_eq!(read[0].quote_volume.to_string(), "18.9");
        assert!(klines.decode(br#"[[60000,"1.5"]]"#).is_err());
        assert!(klines.decode(row.replace("\"1.75\"", "\"\"").as_bytes()).is_err(), "an empty number is no zero");
    }

    #[test]
    fn trades_and_tickers_are_exact() {
        let trades = Trades { market: Spot, symbol: "BTCUSDT", limit: 1 };
        let body = br#"[{"id":5,"price":"0.00000100","qty":"1000000000000.5","quoteQty":"1","time":1,"isBuyerMaker":true,"isBestMatch":true}]"#;
        let read = trades.decode(body).expect("trades");
        assert_eq!(
            (read[0].price.to_string().as_str(), read[0].quantity.to_string().as_str()),
            ("0.000001", "1000000000000.5")
        );
        let books = BookTickers(Spot, Symbols::of(Spot, ["A"]));
        let body = br#"{"symbol":"A","bidPrice":"0.00","bidQty":"0.00","askPrice":"2","askQty":"1"}"#;
        assert!(books.decode(body).expect("a ticker")[0].bid_quantity.value().is_zero());
        assert!(books.decode(&body[..40]).is_err());
    }
}
