//! What an order says about a position and about its trigger.

use serde::{Deserialize, Serialize};

use super::settings::PositionSide;

/// What an order says about the position that it opens or closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PositionTerms {
    /// Which position: `Both` in one-way mode, one of the others in hedge mode.
    pub side: PositionSide,
    /// Whether it may only make a position smaller.
    pub reduce_only: bool,
    /// Whether its quantity is the whole position at the moment at which it begins to work.
    pub close_position: bool,
    /// Whether it ends when the position is closed.
    pub ends_with_position: bool,
}

/// By which price a conditional order begins to work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TriggerBy {
    /// That of the last trade.
    #[default]
    Last,
    /// The mark price.
    Mark,
    /// The index price.
    Index,
}

/// How a conditional order is triggered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TriggerTerms {
    /// By which price.
    pub by: TriggerBy,
    /// Whether by a rise to the stop price, or by a fall; it follows from kind and side if absent.
    pub rises: Option<bool>,
    /// Whether it holds funds or margin only from the moment at which it works.
    pub holds_nothing: bool,
}

/// Who has placed an order, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Origin {
    /// The account.
    #[default]
    User,
    /// The exchange, because the margin did not suffice.
    Liquidation,
    /// The exchange, against a bankrupt position of somebody else.
    Adl,
    /// The exchange, because the contract has ended.
    Settlement,
}
