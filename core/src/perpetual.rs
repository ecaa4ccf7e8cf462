use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::words::words;
use crate::{Asset, Pair, Price, Timestamp};

/// How the positions of an instrument are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositionMode {
    /// One position an instrument, long or short.
    OneWay,
    /// A long and a short one side by side.
    Hedge,
}

words!("a position mode", PositionMode { OneWay => "one-way", Hedge => "hedge" });

/// What a position's losses can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MarginMode {
    /// All of the collateral.
    Cross,
    /// What was set aside for the position.
    Isolated,
    /// All of the collateral, with positions netted against each other.
    Portfolio,
}

words!("a margin mode", MarginMode { Cross => "cross", Isolated => "isolated", Portfolio => "portfolio" });

/// For what a setting of the account holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The whole account.
    Account,
    /// One instrument, by the exchange's name of it.
    Instrument(String),
}

/// What a perpetual instrument is a contract about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contract {
    /// The asset in which profit, fees and funding are paid.
    pub settle: Asset,
    /// Base units (quote units of an inverse contract) in one unit of an order's quantity.
    pub size: Decimal,
    /// The highest leverage, where the instrument list tells it.
    pub max_leverage: Option<Decimal>,
    /// Time between two funding payments, where the instrument list tells it.
    pub funding_interval: Option<Duration>,
}

impl Contract {
    /// The asset that an order of either side needs as collateral.
    pub fn collateral(&self) -> &Asset {
        &self.settle
    }
}

/// A band of a position's value, and the margin that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MarginTier {
    /// From which value on, in units of the settle asset.
    pub floor: Decimal,
    /// Up to which value; `None` for the highest band.
    pub cap: Option<Decimal>,
    /// The highest leverage in it.
    pub max_leverage: Decimal,
    /// The part of the value that the margin must not fall below.
    pub maintenance_rate: Decimal,
    /// What is taken off the maintenance margin, in units of the settle asset, so that bands join without a step.
    pub deduction: Decimal,
}

/// What holding a perpetual position costs, and the prices that it is valued with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FundingRate {
    /// The pair.
    pub pair: Pair,
    /// The price that unrealised profit and liquidation follow.
    pub mark_price: Price,
    /// The price of the underlying, where the exchange tells it.
    pub index_price: Option<Price>,
    /// What a long position pays at the next funding, as a fraction of its value by mark price; negative: it receives.
    /// `None` where the exchange has none now.
    pub rate: Option<Decimal>,
    /// When the next funding is, by the exchange's clock.
    pub next_time: Option<Timestamp>,
    /// Time between two fundings, where the exchange tells it.
    pub interval: Option<Duration>,
    /// As of when, by the exchange's clock.
    pub time: Timestamp,
}
