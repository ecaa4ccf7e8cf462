//! State kept true. Market data in this crate: local order books whose state says whether they can be trusted, trades,
//! last prices, and the machinery that keeps them so for any exchange that is a [`MarketSource`].
//!
//! For an account: orders, fills, balances, and positions where contracts are traded, kept true by the one [`Connector`] for
//! any exchange that is an [`AccountSource`].
//!
//! | for | see |
//! |---|---|
//! | live books of an exchange, by pair | [`MarketData`] |
//! | questions to one book | [`BookReader`] |
//! | what happens, as a stream | [`Events`] |
//! | what an exchange has to supply | [`MarketSource`], [`MarketDecoder`] |
//! | recordings | [`Recorder`], [`CaptureReader`], [`replay()`] |
//! | trading, and an account's events | [`Connector`], [`TradingConfig`], [`AccountEvents`] |
//! | what an exchange has to supply for an account | [`AccountSource`], [`PerpetualSource`], [`Journal`] |
//! | the pure state machines of books | [`OrderBook`], [`LocalBook`], [`SequenceRule`] |
//! | those of accounts | [`Orders`], [`Balances`], [`Positions`], [`AccountSettings`], [`FundingPayments`] |

mod account_source;
mod balances;
mod capture;
mod checks;
mod client_ids;
mod fee_schedule;
mod feed;
mod instrument_pages;
mod journal;
mod ladder;
mod local_book;
mod market;
mod observer;
mod order_book;
mod orders;
mod positions;
mod problems;
mod query;
mod reader;
mod readiness;
mod recorder;
mod replay;
mod sequence;
mod shard;
mod shared_source;
mod snapshot_need;
mod source;
mod trade_sequence;
mod trading;
mod update_buffer;

pub use account_source::{
    AccountSource, Action, FillQuery, History, NewOrder, OrderEntry, Page, PerpetualSource, PrivateFrame, Replaced,
    Target,
};
pub use balances::{BalanceMode, Balances, LockFormula, Movement, ReadTaken, ReadWindow};
pub use capture::{CaptureKind, CaptureLine, CaptureReader, CaptureWriter};
pub use checks::{BestOffers, NeededFunds, OrderCheck, largest_contract_order, largest_order};
pub use client_ids::{ClientOrderIds, IdForm};
pub use fee_schedule::FeeSchedule;
pub use feed::Events;
pub use instrument_pages::read_instruments;
pub use journal::{Durability, Journal, OrderRecord, Pruned, Record, Saved, SavedOrder};
pub use ladder::{Change, Ladder};
pub use local_book::{BookCounters, LocalBook, Step};
pub use market::{MarketConfig, MarketData};
pub use observer::MarketObserver;
pub use order_book::{Applied, OrderBook, Scale};
pub use orders::{
    CancelAnswer, CancelOutcome, CancelStart, CountedFill, Effects, Need, Orders, OrdersSettings, Queried,
    Reconciliation, Search, Stranger, Subject, Told,
};
pub use positions::{AccountSettings, FundingPayments, PositionKey, Positions, Setting, SettingChange, Settled, Trust};
pub use query::Depth;
pub use reader::{BookReader, LastKnown, Versioned};
pub use recorder::Recorder;
pub use replay::{Agreement, ReplaySummary, ReplayedBook, Top, digest, replay};
pub use sequence::SequenceRule;
pub use shared_source::shared_source;
pub use source::{
    BookMessage, Checksum, DecodeError, Frame, FundingChange, InstrumentList, MarketDecoder, MarketSink, MarketSource,
    RawAnswer, RawBestPrices, RawSnapshot, RawTrade, Slot, SnapshotRequest, TopicSet, TradeStream, raw_answer, session,
};
pub use trading::{
    AccountEvents, CancelResult, Connector, ConnectorEvents, JOURNAL_KEEP, OnStop, Placing, Stopped, TradingConfig,
    read_fills_of_order, read_fills_of_window, read_open_orders, read_orders_of_window,
};
