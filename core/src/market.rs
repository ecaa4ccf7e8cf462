use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Pair, Price, PublicTradeId, Quantity, Timestamp};

/// Buying or selling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Takes the base asset, pays the quote asset.
    Buy,
    /// Gives the base asset, receives the quote asset.
    Sell,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        })
    }
}

impl FromStr for Side {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "buy" => Ok(Self::Buy),
            "sell" => Ok(Self::Sell),
            _ => {
                Err(crate::Error::new(crate::ErrorKind::InvalidRequest, "a side is 'buy' or 'sell'").with("side", text))
            }
        }
    }
}

/// A public trade, or several of one taker at one price where the exchange aggregates them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trade {
    /// The pair traded.
    pub pair: Pair,
    /// The exchange's id of the trade, or of the aggregate.
    pub id: PublicTradeId,
    /// First and last id of the trades in an aggregate; `None` for a single trade.
    pub aggregates: Option<(u64, u64)>,
    /// Price.
    pub price: Price,
    /// Quantity in the base asset.
    pub quantity: Quantity,
    /// The side of the order that took.
    pub taker: Side,
    /// When the exchange says that it happened.
    pub time: Timestamp,
    /// When its frame was received here.
    pub received: Timestamp,
}

/// Where a last price comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LastPriceSource {
    /// A trade of the stream.
    Stream,
    /// A REST read, because the stream has been quiet.
    Rest,
}

/// The price of the newest trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastPrice {
    /// The pair.
    pub pair: Pair,
    /// The price.
    pub price: Price,
    /// The exchange's time of it; absent where the exchange gives none.
    pub time: Option<Timestamp>,
    /// Where it comes from.
    pub source: LastPriceSource,
}

/// Best bid and best ask with their quantities, as the exchange itself states them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BestPrices {
    /// The pair.
    pub pair: Pair,
    /// The exchange's id of the book version, where it gives one.
    pub update_id: Option<u64>,
    /// Highest bid; `None` if there is none.
    pub bid: Option<(Price, Quantity)>,
    /// Lowest ask; `None` if there is none.
    pub ask: Option<(Price, Quantity)>,
}

/// Open, high, low and close of an interval (a kline).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candle {
    /// The pair.
    pub pair: Pair,
    /// The interval in the exchange's word, for example `1m`.
    pub interval: String,
    /// First instant of the interval.
    pub open_time: Timestamp,
    /// Last instant of the interval.
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
    /// Number of trades, where the exchange tells it.
    pub trades: Option<u64>,
    /// Whether the interval is over.
    pub closed: bool,
}

/// What happened in the last 24 hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ticker24h {
    /// The pair.
    pub pair: Pair,
    /// Price 24 hours ago.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Newest price.
    pub last: Price,
    /// Quantity traded, in the base asset.
    pub volume: Quantity,
    /// Σ price × quantity, in the quote asset.
    pub quote_volume: Decimal,
    /// Number of trades, where the exchange tells it.
    pub trades: Option<u64>,
    /// End of the 24 hours.
    pub time: Timestamp,
}
