//! Self-trade prevention.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::engine::{OrderId, SelfTrade};

/// What happens instead of a trade between two orders of one account. The taker's mode rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum SelfTradeMode {
    /// They trade.
    None,
    /// The resting order expires.
    #[default]
    ExpireMaker,
    /// The incoming order expires.
    ExpireTaker,
    /// Both expire.
    ExpireBoth,
    /// Both lose the quantity that would have traded.
    Decrement,
    /// Between accounts of one group the fill is transferred; without a group, as [`SelfTradeMode::Decrement`].
    Transfer,
}

impl SelfTradeMode {
    /// As the engine does it.
    pub(crate) fn in_engine(self) -> SelfTrade {
        match self {
            SelfTradeMode::None => SelfTrade::Allow,
            SelfTradeMode::ExpireMaker => SelfTrade::ExpireMaker,
            SelfTradeMode::ExpireTaker => SelfTrade::ExpireTaker,
            SelfTradeMode::ExpireBoth => SelfTrade::ExpireBoth,
            SelfTradeMode::Decrement | SelfTradeMode::Transfer => SelfTrade::Decrement,
        }
    }

    /// The word as exchanges write it, such as `EXPIRE_MAKER`.
    pub fn as_str(self) -> &'static str {
        match self {
            SelfTradeMode::None => "NONE",
            SelfTradeMode::ExpireMaker => "EXPIRE_MAKER",
            SelfTradeMode::ExpireTaker => "EXPIRE_TAKER",
            SelfTradeMode::ExpireBoth => "EXPIRE_BOTH",
            SelfTradeMode::Decrement => "DECREMENT",
            SelfTradeMode::Transfer => "TRANSFER",
        }
    }
}

/// A trade that did not happen because both orders are of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PreventedMatch {
    /// Counts up by one per symbol.
    pub id: u64,
    /// The incoming order.
    pub taker: OrderId,
    /// The resting order.
    pub maker: OrderId,
    /// The taker's mode.
    pub mode: SelfTradeMode,
    /// Price at which they would have traded.
    pub price: Decimal,
    /// What the taker lost, in base units.
    pub taker_prevented: Decimal,
    /// What the maker lost, in base units.
    pub maker_prevented: Decimal,
    /// When.
    pub time: Timestamp,
}
