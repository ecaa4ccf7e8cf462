//! The exchange's side of accounts: funds, orders, fills, order lists, fees and what it tells about them.
//!
//! Everything here happens under the lock of one market and, inside it, that of [`Accounts`]. What an account is
//! told waits on a list that is emptied in order, so that the wire sees one order of events.

mod account;
mod acts;
mod amend;
mod calls;
mod cancel;
mod commission;
mod desk;
mod draft;
mod error;
mod event;
mod fill;
mod filters;
mod holds;
mod key;
mod keygen;
mod ledger;
mod list;
mod lists;
mod modify;
mod opening;
mod order;
mod peg;
mod perpetual;
mod place;
mod prevention;
mod prices;
mod query;
mod rates;
mod registry;
mod request;
#[cfg(test)]
mod tests;
mod trades;
mod waiting;

pub(crate) use self::account::Account;
pub use self::account::{AccountId, Balance};
pub use self::error::{Filter, OrderError};
pub(crate) use self::event::{AccountChange, AccountEvent, OrderChange, OrderEvent};
pub use self::fill::Fill;
pub use self::filters::ExchangeRules;
pub(crate) use self::key::KeyMaterial;
pub use self::key::{Credentials, KeyType, Permissions};
pub use self::ledger::AccountLedger;
pub use self::list::{Contingency, ListChange, OrderList, OrderListId};
pub use self::order::{Amendment, ExpiryReason, Order, OrderKind, OrderStatus, RejectReason};
pub use self::peg::{Peg, PegKind};
pub use self::perpetual::{
    AlgoId, AlgoOrder, AlgoRef, AlgoStatus, Cause, ClosedPosition, ContractLedger, ContractSettings, FundingPayment,
    FundingRecord, Leverage, MarginMode, MarkPrice, Origin, Position, PositionMode, PositionSide, PositionTerms, Scope,
    SettingError, Transaction, TransactionKind, TriggerBy, TriggerTerms, Wallet,
};
#[allow(unused_imports, reason = "for the fronts of exchanges of contracts")]
pub(crate) use self::perpetual::{MarginUpdate, Marks, Quote};
pub use self::prevention::{PreventedMatch, SelfTradeMode};
pub(crate) use self::prices::Prices;
pub use self::rates::{CommissionRates, Discount, Rates};
pub(crate) use self::registry::Accounts;
pub use self::registry::Totals;
pub use self::request::{
    AmendRequest, Amended, CancelRequest, CancelRestriction, Cancelled, ListRef, ListReport, ListRequest, ListShape,
    ModifyRequest, OrderRef, OrderRequest, Placed,
};
pub(crate) use self::request::{CancelReplaceRequest, CancelReplaced};
pub(crate) use self::waiting::Waiting;
