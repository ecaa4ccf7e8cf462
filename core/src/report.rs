use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    Amount, Asset, ClientOrderId, EndReason, ErrorKind, ExchangeOrderId, FundingReport, LeverageReport,
    MarginModeReport, OrderType, Origin, PositionModeReport, PositionReport, PositionSide, Price, Quantity, Side,
    TimeInForce, Timestamp, TradeId, Trigger,
};

/// The state of an order in the exchange's view, in this library's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReportedStatus {
    /// Received; not known to be accepted.
    Received,
    /// Accepted; nothing is filled.
    Open,
    /// A part is filled.
    PartiallyFilled,
    /// All is filled.
    Filled,
    /// Ended by request or by the exchange; see [`EndReason`].
    Cancelled,
    /// Ended by its own terms; see [`EndReason`].
    Expired,
    /// Refused: nothing ever rested or filled.
    Rejected(ErrorKind),
    /// A word that this library does not know. It changes nothing; the order is asked for.
    Unknown(String),
}

impl ReportedStatus {
    /// Whether the order has ended in the exchange's view.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Filled | Self::Cancelled | Self::Expired | Self::Rejected(_))
    }
}

/// What the exchange says of one order, from whatever source: stream, reply or query.
///
/// Absent is what the source does not say. Quantities are in base units, prices and quote quantities in quote units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExecutionReport {
    /// The exchange's name of the instrument; empty where the source names the order by the exchange's id alone.
    pub symbol: String,
    /// Our id. Of an order that the exchange renamed, the id it had before: see [`Self::new_client_order_id`].
    pub client_order_id: Option<ClientOrderId>,
    /// Of a report of an amendment, the id that it has from now on: another one where that renamed it.
    pub new_client_order_id: Option<ClientOrderId>,
    /// The exchange's id.
    pub exchange_order_id: Option<ExchangeOrderId>,
    /// Buy or sell.
    pub side: Option<Side>,
    /// How it is executed. `None` also for a type that this library does not know.
    pub order_type: Option<OrderType>,
    /// How long it stays.
    pub time_in_force: Option<TimeInForce>,
    /// Its price; `None` for an order without one.
    pub price: Option<Price>,
    /// How much it is for.
    pub amount: Option<Amount>,
    /// When it is sent, of a conditional order that waits.
    pub trigger: Option<Trigger>,
    /// Whether it may only make a position smaller.
    pub reduce_only: Option<bool>,
    /// The side of the position that it is for, in hedge mode.
    pub position_side: Option<PositionSide>,
    /// Where it stands.
    pub status: ReportedStatus,
    /// Filled so far in all.
    pub filled: Option<Quantity>,
    /// Price × quantity filled so far in all.
    pub quote_filled: Option<Decimal>,
    /// Fills that the report itself carries, oldest first.
    pub fills: Vec<FillReport>,
    /// What self-trade prevention has taken off it so far.
    pub prevented: Option<Quantity>,
    /// Why it ended, where it did.
    pub reason: Option<EndReason>,
    /// The exchange's own word for status and reason.
    pub word: String,
    /// What kind of order it is to the account, where the exchange says so: [`Origin::External`] for nothing special.
    pub origin: Origin,
    /// When it was created, by the exchange's clock.
    pub created: Option<Timestamp>,
    /// When what is reported happened, by the exchange's clock.
    pub time: Timestamp,
}

/// Whether a fill's order rested or took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Liquidity {
    /// It rested.
    Maker,
    /// It took.
    Taker,
}

/// What was charged for a fill. Negative is a rebate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// In units of [`Self::asset`].
    pub amount: Decimal,
    /// The asset in which it is charged.
    pub asset: Asset,
}

/// One fill as the exchange tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FillReport {
    /// The exchange's name of the instrument.
    pub symbol: String,
    /// The exchange's id of the trade.
    pub trade_id: TradeId,
    /// The exchange's id of the order, if the source tells it.
    pub exchange_order_id: Option<ExchangeOrderId>,
    /// Our id of the order, if the source tells it.
    pub client_order_id: Option<ClientOrderId>,
    /// Buy or sell.
    pub side: Side,
    /// In quote units per base unit.
    pub price: Price,
    /// In base units.
    pub quantity: Quantity,
    /// In quote units; price × quantity if the source does not tell it.
    pub quote_quantity: Option<Decimal>,
    /// What was charged. `None` if the source does not tell; a fee of zero is a fee.
    pub fee: Option<Fee>,
    /// Whether the order rested or took, if the source tells it.
    pub liquidity: Option<Liquidity>,
    /// The side of the position that it changed, in hedge mode, if the source tells it.
    pub position_side: Option<PositionSide>,
    /// What closing a position with it has earned, in the settle asset, if the source tells it.
    pub realised_profit: Option<Decimal>,
    /// When it happened, by the exchange's clock.
    pub time: Timestamp,
}

/// The commission of an account on one pair, as fractions of what is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeRates {
    /// For an order that rested. Negative is a rebate.
    pub maker: Decimal,
    /// For an order that took.
    pub taker: Decimal,
}

/// An asset's figures as the exchange tells them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceReport {
    /// The asset.
    pub asset: Asset,
    /// What the account has of it, locked part included.
    pub total: Decimal,
    /// What of it can be used; `None` where the source tells only the total.
    pub available: Option<Decimal>,
}

/// All balances at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BalanceSnapshot {
    /// One entry an asset; an asset that is not listed is zero.
    pub balances: Vec<BalanceReport>,
    /// The exchange's own time as of which they hold, where it declares one.
    pub as_of: Option<Timestamp>,
}

/// A change of balances as a private stream tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BalanceUpdate {
    /// The new values of the assets listed; others are as before.
    Set {
        /// The assets.
        balances: Vec<BalanceReport>,
        /// When, by the exchange's clock.
        time: Timestamp,
    },
    /// A deposit, withdrawal or transfer. The new values follow in a `Set`.
    Moved {
        /// The asset.
        asset: Asset,
        /// By how much; negative left the account.
        delta: Decimal,
        /// When, by the exchange's clock.
        time: Timestamp,
    },
    /// Something outside of trading locks more or less of an asset. The total stays; balances are read again.
    Locked {
        /// The asset.
        asset: Asset,
        /// By how much what is locked grew; negative is available again.
        delta: Decimal,
        /// When, by the exchange's clock.
        time: Timestamp,
    },
}

/// One message of a private stream. A frame can hold several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PrivateMessage {
    /// About one order, with the fills that it carries.
    Order(Box<ExecutionReport>),
    /// A fill without a report of its order.
    Fill(Box<FillReport>),
    /// About balances.
    Balance(BalanceUpdate),
    /// About a position.
    Position(Box<PositionReport>),
    /// About the leverage of an instrument.
    Leverage(LeverageReport),
    /// About the position mode.
    PositionMode(PositionModeReport),
    /// About the margin mode.
    MarginMode(MarginModeReport),
    /// A funding payment.
    Funding(Box<FundingReport>),
    /// The margin is close to too little.
    MarginCall {
        /// The exchange's name of the instrument; `None` for the account as a whole.
        symbol: Option<String>,
        /// The side of the position in hedge mode.
        side: Option<PositionSide>,
        /// When, by the exchange's clock.
        time: Timestamp,
    },
}
