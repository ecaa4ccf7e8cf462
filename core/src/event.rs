use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::{
    AccountEvent, BestPrices, BookSnapshot, BookUpdate, Candle, ErrorKind, FundingRate, Instrument, LastPrice, Pair,
    Trade,
};

/// Whatever a connector tells: about the market, or about itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// About the market.
    Market(MarketEvent),
    /// About the account.
    Account(Arc<AccountEvent>),
    /// About the connector.
    Life(LifeEvent),
}

/// What happens on the market. A loss stands in the same stream as the data, before whatever follows it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MarketEvent {
    /// The whole book, replacing what was known.
    BookSnapshot(BookSnapshot),
    /// One change of the book.
    BookUpdate(BookUpdate),
    /// The book is valid from here on.
    BookValid {
        /// The pair.
        pair: Pair,
        /// How long it had not been valid.
        after: Duration,
    },
    /// Something of this pair was lost, or its book can no longer be trusted.
    Gap {
        /// The pair.
        pair: Pair,
        /// Why.
        reason: GapReason,
        /// How many messages were lost, where that is known.
        lost: Option<u64>,
    },
    /// A public trade.
    Trade(Trade),
    /// Best bid and ask as the exchange states them.
    BestPrices(BestPrices),
    /// A candle, open or closed.
    Candle(Candle),
    /// The price of the newest trade.
    LastPrice(LastPrice),
    /// Mark price, index price or funding rate changed.
    FundingRate(FundingRate),
    /// An instrument's rules or status changed.
    Instrument(Box<Instrument>),
}

impl MarketEvent {
    /// The pair that it is about.
    pub fn pair(&self) -> &Pair {
        match self {
            Self::BookSnapshot(snapshot) => &snapshot.pair,
            Self::BookUpdate(update) => &update.pair,
            Self::BookValid { pair, .. } | Self::Gap { pair, .. } => pair,
            Self::Trade(trade) => &trade.pair,
            Self::BestPrices(best) => &best.pair,
            Self::Candle(candle) => &candle.pair,
            Self::LastPrice(last) => &last.pair,
            Self::FundingRate(funding) => &funding.pair,
            Self::Instrument(instrument) => &instrument.pair,
        }
    }
}

/// Why something was lost or a book is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GapReason {
    /// The book does not have the checksum that the exchange states.
    Checksum,
    /// Best bid at or above best ask after a whole update.
    Crossed,
    /// A frame that could not be read.
    Decode,
    /// A fresh snapshot differs from the book.
    Mismatch,
    /// This reader was too slow; its updates were merged.
    Overflow,
    /// The connection was lost.
    Reconnect,
    /// The pair is no longer followed, or the connector has stopped.
    Removed,
    /// A number finer than the instrument's scale.
    Scale,
    /// The sequence of updates has a hole.
    Sequence,
    /// Nothing confirmed the book for too long.
    Stale,
    /// Ids of trades have a hole.
    Trades,
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Checksum => "checksum",
            Self::Crossed => "crossed",
            Self::Decode => "decode",
            Self::Mismatch => "mismatch",
            Self::Overflow => "overflow",
            Self::Reconnect => "reconnect",
            Self::Removed => "removed",
            Self::Scale => "scale",
            Self::Sequence => "sequence",
            Self::Stale => "stale",
            Self::Trades => "trades",
        })
    }
}

/// A part of a connector that can be ready or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Part {
    /// The offset to the exchange's clock is known.
    Clock,
    /// The exchange answers and is not in maintenance.
    Exchange,
    /// Instruments and their rules are known and fresh.
    Instruments,
    /// Every configured book is valid.
    Books,
    /// The private stream is logged in and subscribed, and commands can leave.
    Private,
    /// Orders, fills and balances are reconciled.
    Account,
    /// Orders can be recorded.
    Journal,
    /// The account's position mode is the one that the program expects. Perpetuals only.
    Mode,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Clock => "clock",
            Self::Exchange => "exchange",
            Self::Instruments => "instruments",
            Self::Books => "books",
            Self::Private => "private",
            Self::Account => "account",
            Self::Journal => "journal",
            Self::Mode => "mode",
        })
    }
}

/// What happens to the connector itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LifeEvent {
    /// A part became ready.
    PartReady {
        /// Which.
        part: Part,
    },
    /// A part is not ready, or no longer.
    PartNotReady {
        /// Which.
        part: Part,
        /// Why, for people.
        reason: String,
    },
    /// All parts are ready.
    Ready,
    /// At least one part is not.
    NotReady,
    /// A failure in the background: told when an episode begins, then once a minute with the count while it lasts.
    Problem {
        /// What kind.
        #[serde(serialize_with = "kind_as_text")]
        kind: ErrorKind,
        /// Where, and with what bytes.
        place: String,
        /// How often since it was last told.
        count: u64,
    },
    /// Stopped; nothing follows.
    Stopped,
}

fn kind_as_text<S: serde::Serializer>(kind: &ErrorKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(kind)
}
