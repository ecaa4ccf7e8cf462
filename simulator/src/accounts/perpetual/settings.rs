//! What an account has chosen: leverage, position mode and margin mode.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::market::MarketId;

/// One position per contract, or one for each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositionMode {
    /// One position, long or short.
    #[default]
    OneWay,
    /// A long and a short position side by side.
    Hedge,
}

/// Which of the positions in a contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PositionSide {
    /// The only one, of one-way mode.
    #[default]
    Both,
    /// The long one of hedge mode.
    Long,
    /// The short one of hedge mode.
    Short,
}

/// What stands behind a position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarginMode {
    /// All that the account has of the collateral.
    #[default]
    Cross,
    /// What is allotted to the position.
    Isolated,
}

/// Where a change of a mode is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Everywhere, or not at all.
    Account,
    /// In every contract of a collateral asset that has neither position nor order; the others stay as they are.
    Settle(Arc<str>),
    /// In one contract, by symbol or pair.
    Contract(String),
}

/// Leverage of long and of short positions in one contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leverage {
    /// Of the long side, and of the only position.
    pub buy: Decimal,
    /// Of the short side.
    pub sell: Decimal,
}

impl Leverage {
    /// The same for both.
    pub fn of(leverage: Decimal) -> Leverage {
        Leverage { buy: leverage, sell: leverage }
    }

    /// That of a position.
    pub fn at(self, side: PositionSide) -> Decimal {
        if side == PositionSide::Short { self.sell } else { self.buy }
    }
}

/// The settings of one account; a contract without one of its own has the default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) mode: PositionMode,
    pub(crate) modes: BTreeMap<MarketId, PositionMode>,
    pub(crate) margin: MarginMode,
    pub(crate) margins: BTreeMap<MarketId, MarginMode>,
    pub(crate) leverages: BTreeMap<MarketId, Leverage>,
}

impl Settings {
    pub(crate) fn position_mode(&self, market: MarketId) -> PositionMode {
        self.modes.get(&market).copied().unwrap_or(self.mode)
    }

    pub(crate) fn margin_mode(&self, market: MarketId) -> MarginMode {
        self.margins.get(&market).copied().unwrap_or(self.margin)
    }

    /// Leverage in a contract whose initial leverage is `initial`.
    pub(crate) fn leverage(&self, market: MarketId, initial: Decimal) -> Leverage {
        self.leverages.get(&market).copied().unwrap_or(Leverage::of(initial))
    }
}
