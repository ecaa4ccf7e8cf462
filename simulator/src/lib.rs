//! A simulated exchange that speaks a real exchange's wire protocol on loopback.
//!
//! It has its own matching engine, background traders that make a realistic market from a seed, and faults on
//! demand. Any client of the real exchange works against it by changing the base address alone.
//!
//! ```
//! use tradewire_simulator::{Config, Fault, FaultKind, Simulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let simulator = Simulator::start(Config::default()).await?;
//! println!("REST at {}, sockets at {}", simulator.addresses().rest, simulator.addresses().ws);
//! simulator.inject(Fault::new(FaultKind::SkipUpdate).pair("BTC-USDT").nth(5))?;
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Tests move the market by hand with [`Flow::Off`] and [`Simulator::place`], and compare what a client has seen
//! with [`Simulator::book_at`]. In a paused runtime all of its time is virtual.

mod accounts;
mod binance;
mod bybit;
mod candles;
mod clock;
mod config;
mod contract;
mod control;
mod delivery;
mod driver;
pub mod engine;
mod example;
mod exchange;
mod exchanges;
mod faults;
mod flow;
mod front;
mod http;
mod hub;
mod intervals;
mod kraken;
mod late;
mod ledger;
mod listing;
mod market;
mod numbers;
mod parked;
mod policy;
mod requests;
mod signature;
mod simulator;
mod sockets;
mod spoil;
mod tape;
mod windows;
mod wire;
mod ws;

pub use crate::accounts::{
    AccountId, AccountLedger, AlgoId, AlgoOrder, AlgoRef, AlgoStatus, AmendRequest, Amended, Amendment, Balance,
    CancelRequest, CancelRestriction, Cancelled, Cause, ClosedPosition, CommissionRates, Contingency, ContractLedger,
    ContractSettings, Credentials, Discount, ExchangeRules, ExpiryReason, Fill, Filter, FundingPayment, FundingRecord,
    KeyType, Leverage, ListChange, ListRef, ListReport, ListRequest, ListShape, MarginMode, MarkPrice, ModifyRequest,
    Order, OrderError, OrderKind, OrderList, OrderListId, OrderRef, OrderRequest, OrderStatus, Origin, Peg, PegKind,
    Permissions, Placed, Position, PositionMode, PositionSide, PositionTerms, PreventedMatch, Rates, RejectReason,
    Scope, SelfTradeMode, SettingError, Totals, Transaction, TransactionKind, TriggerBy, TriggerTerms, Wallet,
};
pub use crate::clock::{Clock, ClockSource, Timestamp};
pub use crate::config::{AccountSetup, Config, ConfigError, Flow, Limits, StartError};
pub use crate::contract::{Contract, MarginTier};
pub use crate::engine::{Instruction, OrderId, PlaceError, Placement, PlacementStatus, Side, TimeInForce};
pub use crate::exchanges::{EXCHANGES, Product};
pub use crate::faults::{ExternalOrder, Fault, FaultError, FaultId, FaultKind, Novelty, parse_faults};
pub use crate::ledger::LedgerBook;
pub use crate::listing::{Listing, OrderRules, TradingStatus};
pub use crate::requests::{Note, OrderCommand, RequestLog, RequestRecord, Stamp};
pub use crate::simulator::{Addresses, MarketError, Simulator, TraderOrder};
pub use crate::sockets::ConnectionRecord;
