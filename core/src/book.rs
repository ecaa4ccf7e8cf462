use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::{GapReason, Pair, Price, Quantity, Side, Timestamp};

/// A price and all the quantity that rests at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// The quantity resting there, in the base asset. In an update, zero means that the level is gone.
    pub quantity: Quantity,
}

/// Whether a book can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BookState {
    /// No snapshot has been bridged yet.
    Syncing,
    /// Valid: every update since the snapshot was seen.
    Live,
    /// Nothing has confirmed it for too long.
    Stale,
    /// Proved wrong or incomplete; being recovered.
    Invalid,
}

impl fmt::Display for BookState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Syncing => "syncing",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Invalid => "invalid",
        })
    }
}

/// What a book that is not valid answers instead of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotValid {
    /// `Syncing`, `Stale` or `Invalid`.
    pub state: BookState,
    /// What ended its validity; `None` while it has never been valid.
    pub reason: Option<GapReason>,
    /// Since when.
    pub since: Timestamp,
}

impl fmt::Display for NotValid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the book is {}", self.state)?;
        if let Some(reason) = self.reason {
            write!(f, " ({reason})")?;
        }
        write!(f, " since {}", self.since)
    }
}

/// What a book offers when it is too thin for a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// Base quantity on the known side.
    pub base: Quantity,
    /// Its value in the quote asset.
    pub quote: Decimal,
    /// The last price of the known side.
    pub worst: Price,
}

/// Why a book gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// The side holds no level.
    Empty(Side),
    /// The known depth is too thin.
    Insufficient(Shortfall),
    /// A volume that is zero or negative, or a price that is not positive.
    InvalidRequest,
    /// The book is not valid now.
    NotValid(NotValid),
    /// The result needs more than 28 digits.
    Overflow,
    /// The pair is no longer followed, or the connector has stopped.
    Removed,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(Side::Buy) => f.write_str("the book has no bids"),
            Self::Empty(Side::Sell) => f.write_str("the book has no asks"),
            Self::Insufficient(s) => {
                write!(f, "insufficient depth: {} base worth {} down to the price {}", s.base, s.quote, s.worst)
            }
            Self::InvalidRequest => f.write_str("a volume and a price must be positive"),
            Self::NotValid(not) => not.fmt(f),
            Self::Overflow => f.write_str("the result needs more than 28 digits"),
            Self::Removed => f.write_str("the pair is no longer followed"),
        }
    }
}

impl std::error::Error for QueryError {}

/// A whole book, or its top, at one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookSnapshot {
    /// The pair.
    pub pair: Pair,
    /// The exchange's id of this version.
    pub update_id: u64,
    /// Bids, highest first.
    pub bids: Vec<Level>,
    /// Asks, lowest first.
    pub asks: Vec<Level>,
}

/// One change of a book. Quantities are absolute; zero removes the level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookUpdate {
    /// The pair.
    pub pair: Pair,
    /// The version that the book has after it.
    pub update_id: u64,
    /// Changed bids.
    pub bids: Vec<Level>,
    /// Changed asks.
    pub asks: Vec<Level>,
    /// The exchange's time.
    pub time: Timestamp,
    /// When its frame was received here.
    pub received: Timestamp,
}
