//! Public requests. An endpoint is a type; the transport sends it.

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    BestPrices, Error, Instrument, LastPrice, LastPriceSource, Pair, Price, Quantity, Ticker24h, Timestamp, Trade,
};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, Text, decoded, millis, object, optional, price, quantity, unsigned};

use crate::trades;

/// The most rows of a list of trades.
pub(crate) const TRADES_MAX: u32 = 500;

/// What all public questions have in common.
macro_rules! public_read {
    ($path:literal, $class:ident, $weight:literal, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::GET;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::None;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::$class
        }

        fn cost(&self) -> Cost {
            Cost::weight($weight)
        }
    };
}
pub(crate) use public_read;

/// `GET /1/time`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time;

impl Endpoint for Time {
    public_read!("/1/time", MarketRead, 1, Timestamp);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<Timestamp, Error> {
        #[derive(Deserialize)]
        struct Body {
            time: u64,
        }
        decoded(body, |raw| millis(object::<Body>(raw)?.time))
    }
}

/// `GET /1/instruments`, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruments;

impl Endpoint for Instruments {
    public_read!("/1/instruments", MarketRead, 1, bytes::Bytes);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<bytes::Bytes, Error> {
        Ok(bytes::Bytes::copy_from_slice(body))
    }
}

/// `GET /1/book`, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Book<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) levels: u32,
}

impl Endpoint for Book<'_> {
    public_read!("/1/book", Snapshot, 10, bytes::Bytes);

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("levels", self.levels);
    }

    fn decode(&self, body: &[u8]) -> Result<bytes::Bytes, Error> {
        Ok(bytes::Bytes::copy_from_slice(body))
    }
}

/// `GET /1/tickers`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tickers<'a> {
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for Tickers<'_> {
    public_read!("/1/tickers", MarketRead, 1, Vec<Ticker>);

    fn query(&self, query: &mut Query) {
        if let Some(symbol) = self.symbol {
            query.add("symbol", symbol);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Ticker>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            tickers: Vec<&'a RawValue>,
        }
        decoded(body, |raw| {
            object::<Body<'_>>(raw)?.tickers.into_iter().map(|row| object::<TickerRow<'_>>(row.get())?.read()).collect()
        })
    }
}

/// What a ticker says.
#[derive(Clone, Debug)]
pub(crate) struct Ticker {
    pub(crate) symbol: String,
    last: Option<Price>,
    bid: Option<(Price, Quantity)>,
    ask: Option<(Price, Quantity)>,
}

impl Ticker {
    /// The last price of a pair, if it ever traded.
    pub(crate) fn last_price(&self, pair: &Pair) -> Option<LastPrice> {
        Some(LastPrice { pair: pair.clone(), price: self.last?, time: None, source: LastPriceSource::Rest })
    }

    /// The best prices of a pair.
    pub(crate) fn best_prices(&self, pair: &Pair) -> BestPrices {
        BestPrices { pair: pair.clone(), update_id: None, bid: self.bid, ask: self.ask }
    }
}

#[derive(Deserialize)]
struct TickerRow<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    last: Option<Number<'a>>,
    #[serde(borrow)]
    bid: Option<Number<'a>>,
    #[serde(borrow)]
    bid_quantity: Option<Number<'a>>,
    #[serde(borrow)]
    ask: Option<Number<'a>>,
    #[serde(borrow)]
    ask_quantity: Option<Number<'a>>,
}

impl TickerRow<'_> {
    fn read(&self) -> Result<Ticker, Fault> {
        let price = |number: &Option<Number<'_>>| optional(number.as_ref(), price);
        let quantity = |number: &Option<Number<'_>>| optional(number.as_ref(), quantity);
        Ok(Ticker {
            symbol: self.symbol.to_string(),
            last: price(&self.last)?,
            bid: price(&self.bid)?.zip(quantity(&self.bid_quantity)?),
            ask: price(&self.ask)?.zip(quantity(&self.ask_quantity)?),
        })
    }
}

/// `GET /1/day`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day<'a> {
    pub(crate) instrument: &'a Instrument,
}

impl Endpoint for Day<'_> {
    public_read!("/1/day", MarketRead, 1, Ticker24h);

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.instrument.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Ticker24h, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            open: Number<'a>,
            #[serde(borrow)]
            high: Number<'a>,
            #[serde(borrow)]
            low: Number<'a>,
            #[serde(borrow)]
            last: Number<'a>,
            #[serde(borrow)]
            quantity: Number<'a>,
            #[serde(borrow)]
            value: Number<'a>,
            time: u64,
        }
        decoded(body, |raw| {
            let day: Body<'_> = object(raw)?;
            Ok(Ticker24h {
                pair: self.instrument.pair.clone(),
                open: price(&day.open)?,
                high: price(&day.high)?,
                low: price(&day.low)?,
                last: price(&day.last)?,
                volume: quantity(&day.quantity)?,
                quote_volume: unsigned(&day.value)?,
                trades: None,
                time: millis(day.time)?,
            })
        })
    }
}

/// `GET /1/trades`
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastTrades<'a> {
    pub(crate) instrument: &'a Instrument,
    pub(crate) limit: u32,
    /// Our clock's time, with which the trades are marked as received.
    pub(crate) received: Timestamp,
}

impl Endpoint for PastTrades<'_> {
    public_read!("/1/trades", MarketRead, 1, Vec<Trade>);

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.instrument.symbol).add("limit", self.limit);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Trade>, Error> {
        decoded(body, |raw| trades::read_past(raw, &self.instrument.pair, self.received))
    }
}
