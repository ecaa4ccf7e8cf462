//! Public requests, the same for every category.

use serde::Deserialize;
use tradewire_core::{
    Candle, Decimal, Error, FundingRate, Instrument, Pair, Price, PublicTradeId, Quantity, Timestamp, Trade,
};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{
    Fault, Number, Text, above_zero, exact, exact_decimal, millis, object, price, quantity, unsigned,
};

use crate::category::Category;
use crate::envelope::{result, rows};
use crate::market::{FundingWire, side};

/// The most rows of a list of candles.
pub(crate) const CANDLES_MAX: u32 = 1_000;

/// What all public questions have in common.
macro_rules! public_read {
    ($path:literal, $class:ident, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::GET;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::None;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::$class
        }

        fn cost(&self) -> Cost {
            Cost::weight(0)
        }
    };
}

/// The exchange's time.
///
/// <https://bybit-exchange.github.io/docs/v5/market/time>
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerTime;

impl Endpoint for ServerTime {
    public_read!("/v5/market/time", MarketRead, Timestamp);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<Timestamp, Error> {
        result(body, |raw, _| {
            let nanos = object::<Time<'_>>(raw)?.time_nano;
            let nanos: i64 = nanos.text().parse().map_err(|_| Fault::decode(format!("'{nanos}' is no time")))?;
            Ok(Timestamp::from_nanos(nanos))
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Time<'a> {
    #[serde(borrow)]
    time_nano: Number<'a>,
}

/// A page of the instrument list, as it came.
///
/// <https://bybit-exchange.github.io/docs/v5/market/instrument>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruments<'a> {
    pub(crate) category: Category,
    /// Rows of a page; `None` where the list is not in pages.
    pub(crate) limit: Option<u32>,
    pub(crate) page: Option<&'a str>,
}

impl Endpoint for Instruments<'_> {
    public_read!("/v5/market/instruments-info", MarketRead, bytes::Bytes);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category);
        if let Some(limit) = self.limit {
            query.add("limit", limit);
        }
        if let Some(page) = self.page {
            query.add("cursor", page);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<bytes::Bytes, Error> {
        Ok(bytes::Bytes::copy_from_slice(body))
    }
}

/// A book snapshot, as it came.
///
/// <https://bybit-exchange.github.io/docs/v5/market/orderbook>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Book<'a> {
    pub(crate) category: Category,
    pub(crate) symbol: &'a str,
    pub(crate) limit: u32,
}

impl Endpoint for Book<'_> {
    public_read!("/v5/market/orderbook", Snapshot, bytes::Bytes);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category).add("symbol", self.symbol).add("limit", self.limit);
    }

    fn decode(&self, body: &[u8]) -> Result<bytes::Bytes, Error> {
        Ok(bytes::Bytes::copy_from_slice(body))
    }
}

/// The tickers of one instrument, or of all.
///
/// <https://bybit-exchange.github.io/docs/v5/market/tickers>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tickers<'a> {
    pub(crate) category: Category,
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for Tickers<'_> {
    public_read!("/v5/market/tickers", MarketRead, Vec<Ticker>);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category);
        if let Some(symbol) = self.symbol {
            query.add("symbol", symbol);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Ticker>, Error> {
        result(body, |raw, time| {
            let list: crate::envelope::List<'_> = object(raw)?;
            list.rows(|row| object::<TickerWire<'_>>(row)?.ticker(row, time))
        })
    }
}

/// A price with its quantity.
type Quote = (Price, Quantity);

/// What a ticker says.
#[derive(Clone, Debug)]
pub(crate) struct Ticker {
    pub(crate) symbol: String,
    /// `None` before the first trade.
    pub(crate) last: Option<Price>,
    pub(crate) bid: Option<Quote>,
    pub(crate) ask: Option<Quote>,
    pub(crate) day: Day,
    /// `None` where there is no contract.
    pub(crate) funding: Option<tradewire_tracking::FundingChange>,
    pub(crate) time: Timestamp,
}

/// The last 24 hours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    pub(crate) open: Price,
    pub(crate) high: Price,
    pub(crate) low: Price,
    pub(crate) volume: Quantity,
    pub(crate) turnover: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TickerWire<'a> {
    symbol: String,
    #[serde(borrow)]
    last_price: Number<'a>,
    #[serde(borrow)]
    bid1_price: Number<'a>,
    #[serde(borrow)]
    bid1_size: Number<'a>,
    #[serde(borrow)]
    ask1_price: Number<'a>,
    #[serde(borrow)]
    ask1_size: Number<'a>,
    #[serde(borrow)]
    prev_price24h: Number<'a>,
    #[serde(borrow)]
    high_price24h: Number<'a>,
    #[serde(borrow)]
    low_price24h: Number<'a>,
    #[serde(borrow)]
    volume24h: Number<'a>,
    #[serde(borrow)]
    turnover24h: Number<'a>,
    #[serde(borrow)]
    funding_rate: Option<Number<'a>>,
}

impl TickerWire<'_> {
    fn ticker(self, raw: &str, time: Timestamp) -> Result<Ticker, Fault> {
        let known = |number: &Number<'_>| if number.text().is_empty() { Ok(None) } else { above_zero(number) };
        let price = |number: &Number<'_>| Ok::<_, Fault>(known(number)?.map(Price::new));
        let side = |at: &Number<'_>, size: &Number<'_>| Ok::<_, Fault>(price(at)?.zip(known(size)?.map(Quantity::new)));
        let or_zero = |number: &Number<'_>| Ok::<_, Fault>(known(number)?.unwrap_or_default());
        let funding = match self.funding_rate {
            Some(_) => Some(object::<FundingWire<'_>>(raw)?.change(time)?),
            None => None,
        };
        Ok(Ticker {
            last: price(&self.last_price)?,
            bid: side(&self.bid1_price, &self.bid1_size)?,
            ask: side(&self.ask1_price, &self.ask1_size)?,
            day: Day {
                open: Price::new(or_zero(&self.prev_price24h)?),
                high: Price::new(or_zero(&self.high_price24h)?),
                low: Price::new(or_zero(&self.low_price24h)?),
                volume: Quantity::new(or_zero(&self.volume24h)?),
                turnover: or_zero(&self.turnover24h)?,
            },
            funding,
            time,
            symbol: self.symbol,
        })
    }
}

impl Ticker {
    /// What it says of funding, if it is a contract's.
    pub(crate) fn funding_rate(&self, pair: Pair) -> Option<FundingRate> {
        let change = self.funding?;
        Some(FundingRate {
            pair,
            mark_price: change.mark_price?,
            index_price: change.index_price,
            rate: change.rate,
            next_time: change.next_time,
            interval: change.interval,
            time: change.time,
        })
    }
}

/// An interval of candles and its length in milliseconds. Months, which differ in length, are not offered.
pub(crate) const INTERVALS: &[(&str, u64)] = &[
    ("1", MINUTE),
    ("3", 3 * MINUTE),
    ("5", 5 * MINUTE),
    ("15", 15 * MINUTE),
    ("30", 30 * MINUTE),
    ("60", 60 * MINUTE),
    ("120", 120 * MINUTE),
    ("240", 240 * MINUTE),
    ("360", 360 * MINUTE),
    ("720", 720 * MINUTE),
    ("D", 1_440 * MINUTE),
    ("W", 10_080 * MINUTE),
];
/// Their names.
pub(crate) const INTERVAL_NAMES: &[&str] = &["1", "3", "5", "15", "30", "60", "120", "240", "360", "720", "D", "W"];
const MINUTE: u64 = 60_000;

/// Candles, oldest first.
///
/// <https://bybit-exchange.github.io/docs/v5/market/kline>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Klines<'a> {
    pub(crate) category: Category,
    pub(crate) instrument: &'a Instrument,
    pub(crate) interval: &'static str,
    /// How long the interval is, in milliseconds.
    pub(crate) length: u64,
    pub(crate) limit: u32,
}

impl Endpoint for Klines<'_> {
    public_read!("/v5/market/kline", MarketRead, Vec<Candle>);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category).add("symbol", &self.instrument.symbol);
        query.add("interval", self.interval).add("limit", self.limit);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Candle>, Error> {
        result(body, |raw, now| {
            let newest_first = object::<KlineRows<'_>>(raw)?.list;
            newest_first.iter().rev().map(|row| self.candle(row, now)).collect()
        })
    }
}

impl Klines<'_> {
    fn candle(&self, row: &KlineRow<'_>, now: Timestamp) -> Result<Candle, Fault> {
        let [start, open, high, low, close, volume, turnover] = &row.0;
        let start = instant(start)?;
        let close_time = millis(start.saturating_add(self.length).saturating_sub(1))?;
        Ok(Candle {
            pair: self.instrument.pair.clone(),
            interval: self.interval.to_owned(),
            open_time: millis(start)?,
            close_time,
            open: price(open)?,
            high: price(high)?,
            low: price(low)?,
            close: price(close)?,
            volume: quantity(volume)?,
            quote_volume: unsigned(turnover)?,
            trades: None,
            closed: close_time < now,
        })
    }
}

/// A time that is written as text, in milliseconds.
fn instant(number: &Number<'_>) -> Result<u64, Fault> {
    number.text().parse().map_err(|_| Fault::decode(format!("'{number}' is no time")))
}

#[derive(Deserialize)]
struct KlineRows<'a> {
    #[serde(borrow)]
    list: Vec<KlineRow<'a>>,
}

/// Start, open, high, low, close, volume, turnover.
#[derive(Deserialize)]
struct KlineRow<'a>(#[serde(borrow)] [Number<'a>; 7]);

/// Past trades, oldest first.
///
/// <https://bybit-exchange.github.io/docs/v5/market/recent-trade>
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecentTrades<'a> {
    pub(crate) category: Category,
    pub(crate) instrument: &'a Instrument,
    pub(crate) limit: u32,
    /// Our clock's time, with which the trades are marked as received.
    pub(crate) received: Timestamp,
}

impl Endpoint for RecentTrades<'_> {
    public_read!("/v5/market/recent-trade", MarketRead, Vec<Trade>);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category).add("symbol", &self.instrument.symbol).add("limit", self.limit);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Trade>, Error> {
        let mut trades = rows(body, |row| object::<TradeWire<'_>>(row)?.trade(&self.instrument.pair, self.received))?;
        trades.reverse();
        Ok(trades)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TradeWire<'a> {
    #[serde(borrow)]
    exec_id: Text<'a>,
    #[serde(deserialize_with = "exact")]
    price: Price,
    #[serde(deserialize_with = "exact_decimal")]
    size: Decimal,
    #[serde(borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    time: Number<'a>,
}

impl TradeWire<'_> {
    fn trade(&self, pair: &Pair, received: Timestamp) -> Result<Trade, Fault> {
        Ok(Trade {
            pair: pair.clone(),
            id: PublicTradeId::read(self.exec_id.as_bytes())
                .ok_or_else(|| Fault::decode("a trade id of another form"))?,
            aggregates: None,
            price: self.price,
            quantity: Quantity::new(self.size),
            taker: side(&self.side).ok_or_else(|| Fault::decode("a trade without a side"))?,
            time: millis(instant(&self.time)?)?,
            received,
        })
    }
}
