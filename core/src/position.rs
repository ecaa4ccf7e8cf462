use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Asset, MarginMode, Pair, PositionMode, PositionSide, Price, Scope, Source, Timestamp};

/// One position as it is known now. Instrument and side name it: in one-way mode there is no side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The pair; `None` for an instrument that the exchange does not list.
    pub pair: Option<Pair>,
    /// The side of it in hedge mode; `None` in one-way mode.
    pub side: Option<PositionSide>,
    /// In base units; short is negative, also in hedge mode. Zero is closed.
    pub size: Decimal,
    /// The average price at which it was opened; `None` when closed.
    pub entry_price: Option<Price>,
    /// The price that it is valued with, where known.
    pub mark_price: Option<Price>,
    /// What closing it at the mark price would earn, in the settle asset, where known.
    pub unrealised_profit: Option<Decimal>,
    /// What its closing fills have earned since the connector knows it, in the settle asset, fees and funding apart.
    pub realised_profit: Decimal,
    /// Where it would be liquidated, as the exchange reports it.
    pub liquidation_price: Option<Price>,
    /// The margin set aside for it, in the settle asset, where it is isolated and the exchange tells.
    pub isolated_margin: Option<Decimal>,
    /// Its leverage, where known.
    pub leverage: Option<Decimal>,
    /// Its margin mode, where known.
    pub margin_mode: Option<MarginMode>,
    /// As of when, by the exchange's clock.
    pub time: Timestamp,
}

/// One position as the exchange tells it. Absent is what the source does not say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PositionReport {
    /// The exchange's name of the instrument.
    pub symbol: String,
    /// The side of it in hedge mode; `None` in one-way mode.
    pub side: Option<PositionSide>,
    /// In base units; short is negative, also in hedge mode.
    pub size: Decimal,
    /// The average price at which it was opened.
    pub entry_price: Option<Price>,
    /// The price that it is valued with.
    pub mark_price: Option<Price>,
    /// What closing it at the mark price would earn, in the settle asset.
    pub unrealised_profit: Option<Decimal>,
    /// Where it would be liquidated.
    pub liquidation_price: Option<Price>,
    /// The margin set aside for it, in the settle asset.
    pub isolated_margin: Option<Decimal>,
    /// Its leverage.
    pub leverage: Option<Decimal>,
    /// Its margin mode.
    pub margin_mode: Option<MarginMode>,
    /// When it last changed, by the exchange's clock; for a read that does not say, when it was read.
    pub time: Timestamp,
}

/// The leverage of an instrument, or of one side of it, as the exchange tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeverageReport {
    /// The exchange's name of the instrument.
    pub symbol: String,
    /// The side, where the two differ.
    pub side: Option<PositionSide>,
    /// Position value over margin.
    pub leverage: Decimal,
    /// The instrument's margin mode, where the source tells it and it is a setting of the instrument.
    pub margin_mode: Option<MarginMode>,
}

/// The position mode of a scope, as the exchange tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionModeReport {
    /// For what it holds.
    pub scope: Scope,
    /// The mode.
    pub mode: PositionMode,
}

/// The margin mode of a scope, as the exchange tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarginModeReport {
    /// For what it holds.
    pub scope: Scope,
    /// The mode.
    pub mode: MarginMode,
}

/// One funding payment as the exchange tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundingReport {
    /// The exchange's name of the instrument.
    pub symbol: String,
    /// The side of the position in hedge mode, if the source tells it.
    pub side: Option<PositionSide>,
    /// The exchange's id of the payment, unique among funding payments of the account; `None` where the source has none: then
    /// instrument, side and time name it.
    pub id: Option<String>,
    /// The asset paid.
    pub asset: Asset,
    /// What was received; negative was paid.
    pub amount: Decimal,
    /// The rate, if the source tells it.
    pub rate: Option<Decimal>,
    /// The position's signed size in base units, if the source tells it.
    pub size: Option<Decimal>,
    /// When it was booked, by the exchange's clock, in milliseconds.
    pub time: Timestamp,
}

/// One funding payment, counted once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundingPayment {
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The pair; `None` for an instrument that the exchange does not list.
    pub pair: Option<Pair>,
    /// The side of the position in hedge mode, where known.
    pub side: Option<PositionSide>,
    /// What names it: the exchange's id, else instrument, side and time.
    pub id: String,
    /// The asset paid.
    pub asset: Asset,
    /// What was received; negative was paid.
    pub amount: Decimal,
    /// The rate, where known.
    pub rate: Option<Decimal>,
    /// The position's signed size in base units, where known.
    pub size: Option<Decimal>,
    /// When it was booked, by the exchange's clock.
    pub time: Timestamp,
    /// From where it was learnt first.
    pub source: Source,
}
