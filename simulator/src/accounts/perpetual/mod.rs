//! Perpetual contracts: margin, positions, settings, fundings, liquidations.
//!
//! What a perpetual account shares with a spot account (orders, fills, client ids, waiting for a price, keys, events)
//! is not here. Here are the nouns that only contracts have. An account has one wallet per collateral asset, kept as
//! the free balance of that asset; everything else is computed from it, the positions and the live orders:
//!
//! - available = cross wallet + cross unrealised profit − initial margin of cross positions − margin of orders, at
//!   least zero; cross wallet = wallet − what is allotted to isolated positions
//! - initial margin of a position = entry value / leverage; of an order = what is left · price / leverage, and
//!   nothing of one that can only close a position; margins are rounded up at [`MARGIN_DECIMALS`]
//! - profit of a closed part = ± (price · quantity − its share of the entry value); the share is rounded half to even
//!   at [`MARGIN_DECIMALS`], and the last part takes what is left, so that no fraction is lost or made

mod acts;
mod algo;
mod algo_calls;
mod booking;
mod checks;
mod close;
mod error;
mod event;
mod figures;
mod funding;
mod isolated;
mod ledger;
mod leverage;
mod marks;
mod modes;
mod position;
mod query;
mod rules;
mod settings;
mod terms;
mod transaction;
mod upkeep;
mod wallet;
mod watch;

pub use self::algo::{AlgoId, AlgoOrder, AlgoRef, AlgoStatus};
pub(super) use self::booking::ContractTrade;
pub use self::error::SettingError;
pub use self::event::Cause;
pub(crate) use self::event::MarginUpdate;
pub use self::ledger::{ContractLedger, ContractSettings};
pub use self::marks::{FundingRecord, MarkPrice};
pub(crate) use self::marks::{Marks, Quote};
pub(super) use self::position::Effect;
pub use self::position::Position;
pub use self::settings::{Leverage, MarginMode, PositionMode, PositionSide, Scope};
pub use self::terms::{Origin, PositionTerms, TriggerBy, TriggerTerms};
pub(crate) use self::transaction::Margins;
pub(super) use self::transaction::Movement;
pub use self::transaction::{ClosedPosition, FundingPayment, Transaction, TransactionKind};
pub use self::wallet::Wallet;

/// Decimals at which margins, shares and payments are rounded.
pub(crate) const MARGIN_DECIMALS: u32 = 8;
