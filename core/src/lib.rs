//! The vocabulary of tradewire: what every exchange, every state machine and every program that uses them means by an
//! instrument, a price, a book, an event and an error. No socket and no runtime in here.
//!
//! Prices and quantities are exact decimals ([`Price`], [`Quantity`]); no binary float touches them.

mod account;
mod addresses;
mod book;
mod capabilities;
mod command;
mod error;
mod event;
pub mod exact;
mod id;
mod instrument;
mod market;
mod number;
mod order;
mod pair;
mod perpetual;
mod position;
mod public_trade_id;
mod report;
mod time;
mod words;

pub use account::{
    AccountChange, AccountEvent, Balance, BalanceReason, Basis, EndReason, Fill, Order, OrderChange, OrderEvent,
    OrderState, Origin, Source,
};
pub use addresses::Addresses;
pub use book::{BookSnapshot, BookState, BookUpdate, Level, NotValid, QueryError, Shortfall};
pub use capabilities::{
    BalanceStream, Capabilities, Environment, MarketCapabilities, Missing, PerpetualCapabilities, REQUIRED_FOR_TRADING,
    ReplyMeans, SettingScope, TradingCapabilities,
};
pub use command::CommandError;
pub use error::{Error, ErrorKind};
pub use event::{Event, GapReason, LifeEvent, MarketEvent, Part};
pub use id::{Asset, ClientOrderId, ExchangeOrderId, TradeId};
pub use instrument::{Instrument, InstrumentRules, InstrumentStatus, MarketKind, NotOnStep, Range, Step};
pub use market::{BestPrices, Candle, LastPrice, LastPriceSource, Side, Ticker24h, Trade};
pub use number::{NumberError, Price, Quantity};
pub use order::{
    Amendment, Amount, OrderRequest, OrderType, PositionSide, SelfTradePrevention, TimeInForce, Trigger, TriggerPrice,
};
pub use pair::{Pair, PairError};
pub use perpetual::{Contract, FundingRate, MarginMode, MarginTier, PositionMode, Scope};
pub use position::{
    FundingPayment, FundingReport, LeverageReport, MarginModeReport, Position, PositionModeReport, PositionReport,
};
pub use public_trade_id::PublicTradeId;
pub use report::{
    BalanceReport, BalanceSnapshot, BalanceUpdate, ExecutionReport, Fee, FeeRates, FillReport, Liquidity,
    PrivateMessage, ReportedStatus,
};
pub use rust_decimal::Decimal;
pub use time::Timestamp;
