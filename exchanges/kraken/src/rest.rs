//! Public requests. An endpoint is a type; the transport sends it.
//! <https://docs.kraken.com/exchange/api-reference/spot-rest>

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tradewire_core::{
    BestPrices, Error, ErrorKind, Instrument, LastPrice, LastPriceSource, Pair, Price, Quantity, Timestamp, Trade,
};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, Text, decoded, object, price, quantity, unix_seconds};

use crate::symbols::{Names, request_name};
use crate::{limits, trades};

/// The most levels a side of `GET /0/public/Depth`.
pub(crate) const LEVELS_MAX: u32 = 500;
/// The most rows of `GET /0/public/Trades`.
pub(crate) const TRADES_MAX: u32 = 1_000;
/// Decimals of the quantities in `GET /0/public/Ticker`.
pub(crate) const TICKER_QUANTITY_DECIMALS: u32 = 3;
/// Of how much the exchange's time is a multiple.
pub(crate) const TIME_STEP: Duration = Duration::from_secs(1);
/// Instruments that a request names; those of all are asked for where there are more.
const NAMED_MAX: usize = 30;

/// The `result` of an answer.
pub(crate) fn result(raw: &str) -> Result<&str, Fault> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        result: &'a RawValue,
    }
    Ok(object::<Body<'_>>(raw)?.result.get())
}

/// What the `result` of an answer has to say of the one instrument that was asked for, by whatever name it comes.
pub(crate) fn sole(raw: &str) -> Result<&str, Fault> {
    let rows: BTreeMap<String, &RawValue> = object(result(raw)?)?;
    let mut of_instruments = rows.into_iter().filter(|(name, _)| name != "last");
    match (of_instruments.next(), of_instruments.next()) {
        (Some((_, row)), None) => Ok(row.get()),
        _ => Err(Fault::decode("not one instrument")),
    }
}

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
            limits::PUBLIC
        }
    };
}

/// `GET /0/public/Time`, which tells whole seconds. What happens after the answer is never dated before it so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time;

impl Endpoint for Time {
    public_read!("/0/public/Time", MarketRead, Timestamp);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<Timestamp, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            unixtime: Number<'a>,
        }
        decoded(body, |raw| unix_seconds(&object::<Body<'_>>(result(raw)?)?.unixtime))
    }
}

/// `GET /0/public/SystemStatus`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Status;

impl Endpoint for Status {
    public_read!("/0/public/SystemStatus", MarketRead, ());

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            status: Text<'a>,
        }
        let status = decoded(body, |raw| Ok(object::<Body<'_>>(result(raw)?)?.status.to_string()))?;
        match &*status {
            "maintenance" => Err(Error::new(ErrorKind::Unavailable, "the exchange is in maintenance")),
            _ => Ok(()),
        }
    }
}

/// `GET /0/public/AssetPairs`, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssetPairs;

impl Endpoint for AssetPairs {
    public_read!("/0/public/AssetPairs", MarketRead, bytes::Bytes);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<bytes::Bytes, Error> {
        Ok(bytes::Bytes::copy_from_slice(body))
    }
}

/// `GET /0/public/Depth`, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) levels: u32,
}

impl Endpoint for Depth<'_> {
    public_read!("/0/public/Depth", Snapshot, bytes::Bytes);

    fn query(&self, query: &mut Query) {
        query.add("pair", request_name(self.symbol)).add("count", self.levels.clamp(1, LEVELS_MAX));
    }

    fn decode(&self, body: &[u8]) -> Result<bytes::Bytes, Error> {
        Ok(bytes::Bytes::copy_from_slice(body))
    }
}

/// `GET /0/public/Ticker`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tickers<'a> {
    pub(crate) symbols: &'a [&'a str],
    pub(crate) names: &'a Names,
}

impl Endpoint for Tickers<'_> {
    public_read!("/0/public/Ticker", MarketRead, Vec<Ticker>);

    fn query(&self, query: &mut Query) {
        if self.symbols.len() <= NAMED_MAX {
            let names: Vec<String> = self.symbols.iter().map(|symbol| request_name(symbol)).collect();
            query.add("pair", names.join(","));
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Ticker>, Error> {
        decoded(body, |raw| {
            let rows: BTreeMap<String, &RawValue> = object(result(raw)?)?;
            rows.iter().map(|(name, row)| object::<Row<'_>>(row.get())?.read(self.names.symbol(name))).collect()
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

/// Best ask and bid: price, whole lots, quantity. The last trade: price, quantity.
#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    a: (Number<'a>, IgnoredAny, Number<'a>),
    #[serde(borrow)]
    b: (Number<'a>, IgnoredAny, Number<'a>),
    #[serde(borrow)]
    c: (Number<'a>, IgnoredAny),
}

impl Row<'_> {
    /// A price of zero stands for none.
    fn read(&self, symbol: String) -> Result<Ticker, Fault> {
        let some = |number: &Number<'_>| {
            let there = !quantity(number)?.value().is_zero();
            there.then(|| price(number)).transpose()
        };
        Ok(Ticker {
            symbol,
            last: some(&self.c.0)?,
            bid: some(&self.b.0)?.zip(Some(quantity(&self.b.2)?)),
            ask: some(&self.a.0)?.zip(Some(quantity(&self.a.2)?)),
        })
    }
}

/// `GET /0/public/Trades`
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastTrades<'a> {
    pub(crate) instrument: &'a Instrument,
    pub(crate) limit: u32,
    /// Our clock's time, with which the trades are marked as received.
    pub(crate) received: Timestamp,
}

impl Endpoint for PastTrades<'_> {
    public_read!("/0/public/Trades", MarketRead, Vec<Trade>);

    fn query(&self, query: &mut Query) {
        query.add("pair", request_name(&self.instrument.symbol)).add("count", self.limit);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Trade>, Error> {
        decoded(body, |raw| trades::read_past(sole(raw)?, &self.instrument.pair, self.received))
    }
}
