use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    Amount, Asset, ClientOrderId, ErrorKind, ExchangeOrderId, Fee, FundingPayment, Liquidity, MarginMode, OrderType,
    Pair, Position, PositionMode, PositionSide, Price, Quantity, Scope, Side, TimeInForce, Timestamp, TradeId, Trigger,
    exact,
};

/// Where an order stands, by evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// Tracked and recorded; the exchange is not known to have accepted it.
    PendingSubmit,
    /// Accepted; nothing is filled.
    Open,
    /// A part is filled.
    PartiallyFilled,
    /// All is filled.
    Filled,
    /// Ended by request, or by the exchange, an operator, a dead-man switch, settlement or liquidation.
    Cancelled,
    /// Refused or proved unsent: nothing ever rested or filled.
    Rejected,
    /// Ended by its own terms: time in force, end date, price band, self-trade prevention.
    Expired,
}

impl OrderState {
    /// Whether it may still trade.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::PendingSubmit | Self::Open | Self::PartiallyFilled)
    }
}

/// Why an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EndReason {
    /// The owner asked for it.
    Requested,
    /// The exchange or an operator ended it.
    Exchange,
    /// The dead-man switch ended it.
    DeadMan,
    /// A liquidation ended it.
    Liquidation,
    /// The instrument was settled.
    Settlement,
    /// The exchange does not list it any longer; its fills were fetched whole.
    NoLongerListed,
    /// Time in force: the rest found no counterpart at once, or its end date has come.
    TimeInForce,
    /// The market had too little to trade with.
    Liquidity,
    /// It would have traded outside of the price band.
    PriceBand,
    /// It would have traded with an own order.
    SelfTrade,
    /// It was post-only and would have taken.
    PostOnlyWouldTake,
    /// It was reduce-only and there was no position to reduce.
    ReduceOnly,
    /// Another order of its list ended it.
    OrderList,
    /// It was proved that nothing reached the exchange.
    NotSent,
    /// The exchange never accepted it: its history shows nothing of it.
    NotAccepted,
    /// The exchange refused it, with a kind of error.
    Refused(ErrorKind),
    /// Something else, in the exchange's own word.
    Other,
}

/// Who placed an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Origin {
    /// This connector, or an order that its caller has adopted.
    Own,
    /// Somebody else on the account.
    #[default]
    External,
    /// The exchange, to liquidate a position.
    Liquidation,
    /// The exchange, to deleverage automatically.
    Adl,
    /// The exchange, to settle an instrument.
    Settlement,
}

/// One order as it is known now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The pair; `None` for an instrument that the exchange does not list.
    pub pair: Option<Pair>,
    /// Our id, or the id that others gave an order of theirs.
    pub client_order_id: ClientOrderId,
    /// The exchange's id, once known.
    pub exchange_order_id: Option<ExchangeOrderId>,
    /// Who placed it.
    pub origin: Origin,
    /// Buy or sell.
    pub side: Side,
    /// How it is executed. `None` for a type of somebody else's order that this library does not know.
    pub order_type: Option<OrderType>,
    /// How long it stays.
    pub time_in_force: Option<TimeInForce>,
    /// Its price; `None` for an order without one.
    pub price: Option<Price>,
    /// How much it is for.
    pub amount: Amount,
    /// When it is sent, of a conditional order; gone once it has been.
    #[serde(default)]
    pub trigger: Option<Trigger>,
    /// Whether it may only make a position smaller.
    #[serde(default)]
    pub reduce_only: bool,
    /// The side of the position that it is for, in hedge mode.
    #[serde(default)]
    pub position_side: Option<PositionSide>,
    /// Where it stands.
    pub state: OrderState,
    /// Why it ended; `None` while it is live, and for one that is filled.
    pub reason: Option<EndReason>,
    /// The exchange's own word for the end.
    pub word: Option<String>,
    /// Sum of its fills, in base units.
    pub filled: Quantity,
    /// Sum of price × quantity of its fills, in quote units.
    pub quote_filled: Decimal,
    /// What self-trade prevention has taken off it, in base units.
    pub prevented: Quantity,
    /// What was charged for its fills, by asset. Negative is a rebate.
    pub fees: BTreeMap<Asset, Decimal>,
    /// Whether a cancel of it has been asked for and not been answered by an end or by a refusal.
    pub cancel_requested: bool,
    /// Since when nobody knows whether the last command on it took effect.
    pub outcome_unknown_since: Option<Timestamp>,
    /// Of an order that the exchange says has ended: how much of what it filled has not been seen yet.
    pub missing_fills: Option<Quantity>,
    /// When it was created, by the exchange's clock.
    pub created: Option<Timestamp>,
    /// When it last changed, by the exchange's clock.
    pub updated: Option<Timestamp>,
    /// When we last learnt of it, by our clock.
    pub received: Timestamp,
}

impl Order {
    /// What may still trade, in base units; `None` for an order by quote amount, and zero once it has ended.
    pub fn remaining(&self) -> Option<Quantity> {
        if !self.state.is_live() {
            return Some(Quantity::ZERO);
        }
        match self.amount {
            Amount::Base(quantity) => {
                let left = quantity.value() - self.filled.value() - self.prevented.value();
                Some(Quantity::new(left.max(Decimal::ZERO)))
            }
            Amount::Quote(_) => None,
        }
    }

    /// Σ price × quantity / Σ quantity over its fills; `None` without fills. Rounded half to even at 28 digits.
    pub fn average_price(&self) -> Option<Price> {
        if self.filled.value().is_zero() {
            return None;
        }
        exact::divide(self.quote_filled, self.filled.value()).map(Price::new)
    }
}

/// From where a fill was learnt first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Source {
    /// The reply to a command.
    Reply,
    /// The private stream.
    Stream,
    /// A REST read.
    Rest,
    /// A REST read after a restart.
    Restart,
}

/// One fill of an order, counted once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The pair; `None` for an instrument that the exchange does not list.
    pub pair: Option<Pair>,
    /// The exchange's id of the trade.
    pub trade_id: TradeId,
    /// Our id of the order.
    pub client_order_id: ClientOrderId,
    /// The exchange's id of the order.
    pub exchange_order_id: ExchangeOrderId,
    /// Buy or sell.
    pub side: Side,
    /// In quote units per base unit.
    pub price: Price,
    /// In base units.
    pub quantity: Quantity,
    /// In quote units.
    pub quote_quantity: Decimal,
    /// What was charged. `None` only where it is neither told nor can be estimated.
    pub fee: Option<Fee>,
    /// Whether the fee is the schedule's and not yet the exchange's word.
    pub fee_estimated: bool,
    /// Whether the order rested or took, where the exchange tells it.
    pub liquidity: Option<Liquidity>,
    /// The side of the position that it changed, in hedge mode, where known.
    #[serde(default)]
    pub position_side: Option<PositionSide>,
    /// When it happened, by the exchange's clock.
    pub time: Timestamp,
    /// From where it was learnt first.
    pub source: Source,
    /// Whether it came after the order's end had been told.
    pub late: bool,
}

/// How a balance is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Basis {
    /// The exchange's own figure, less what orders on their way lock.
    Reported,
    /// Computed from the last read, orders and fills.
    Estimated,
    /// As estimated, from a read that was not quiet.
    Provisional,
}

/// What the account has of one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The asset.
    pub asset: Asset,
    /// All of it, locked part included.
    pub total: Decimal,
    /// What new orders can use.
    pub available: Decimal,
    /// How it is known.
    pub basis: Basis,
    /// As of when, by the exchange's clock.
    pub time: Timestamp,
}

/// Why a balance changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BalanceReason {
    /// Orders and fills.
    Trading,
    /// A funding payment.
    Funding,
    /// A deposit, withdrawal or transfer of this amount.
    Transfer(Decimal),
    /// A read of all balances.
    Read,
}

/// What happened to the account. Numbered without holes, across restarts too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountEvent {
    /// Its place in the sequence, from 1.
    pub number: u64,
    /// When it happened, by the exchange's clock, where that is known.
    pub time: Option<Timestamp>,
    /// When we learnt of it, by our clock.
    pub received: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub change: AccountChange,
}

/// What happened to the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AccountChange {
    /// Something happened to an order.
    Order(OrderEvent),
    /// A balance changed.
    Balance {
        /// The balance now.
        balance: Balance,
        /// Why.
        reason: BalanceReason,
    },
    /// The private stream was interrupted: what follows until `Reconciled` was fetched.
    Gap {
        /// Why, for people.
        reason: String,
    },
    /// A position changed.
    Position(Box<Position>),
    /// The leverage of an instrument is known or has changed.
    Leverage {
        /// The exchange's name of the instrument.
        symbol: Arc<str>,
        /// The pair; `None` for an instrument that the exchange does not list.
        pair: Option<Pair>,
        /// The side, where the two differ.
        side: Option<PositionSide>,
        /// Position value over margin, as read.
        leverage: Decimal,
    },
    /// The position mode of a scope is known or has changed.
    PositionMode {
        /// For what it holds.
        scope: Scope,
        /// The mode, as read.
        mode: PositionMode,
    },
    /// The margin mode of a scope is known or has changed.
    MarginMode {
        /// For what it holds.
        scope: Scope,
        /// The mode, as read.
        mode: MarginMode,
    },
    /// A funding payment was booked.
    FundingPayment(Box<FundingPayment>),
    /// The margin of a position, or of the account, is close to too little.
    MarginCall {
        /// The exchange's name of the instrument; `None` for the account as a whole.
        symbol: Option<Arc<str>>,
        /// The side of the position in hedge mode.
        side: Option<PositionSide>,
    },
    /// Everything of this window has been fetched and told.
    Reconciled {
        /// From when, by the exchange's clock.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// The exchange contradicts what was known. It is counted, and read again.
    Inconsistent {
        /// What contradicts what, for people.
        what: String,
    },
}

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The pair; `None` for an instrument that the exchange does not list.
    pub pair: Option<Pair>,
    /// Our id, or the id that others gave an order of theirs.
    pub client_order_id: ClientOrderId,
    /// The exchange's id, if known by now.
    pub exchange_order_id: Option<ExchangeOrderId>,
    /// Whether the order is this connector's.
    pub own: bool,
    /// What happened.
    pub change: OrderChange,
    /// Sum of the order's fills after it, in base units.
    pub filled: Quantity,
    /// Sum of price × quantity of its fills after it, in quote units.
    pub quote_filled: Decimal,
}

/// What happens to an order.
///
/// Of an own order: `Pending`, then `Open` at most once, any number of `Fill`, then exactly one of `Completed`,
/// `Cancelled`, `Rejected`, `Expired`. `Rejected` comes without `Open` and `Fill`; the others come after `Open`. After the
/// end only `Fill` (marked late) and `FeeCorrected` follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OrderChange {
    /// Tracked and recorded; nothing is sent yet.
    Pending,
    /// The exchange has accepted it.
    Open,
    /// A part traded.
    Fill(Box<Fill>),
    /// It has ended, all filled, or a market order by quote amount as far as the amount went.
    Completed,
    /// It has ended by request, or by the exchange.
    Cancelled(EndReason),
    /// It was refused, or proved unsent.
    Rejected(EndReason),
    /// It has ended by its own terms.
    Expired(EndReason),
    /// Nobody knows whether the last command on it took effect. It is asked for until there is evidence.
    OutcomeUnknown,
    /// There is evidence now.
    OutcomeKnown,
    /// A cancel of it is asked for.
    CancelRequested,
    /// The cancel was refused, and the order was found still live.
    CancelRefused,
    /// Its quantity, price or id was changed at the exchange.
    Amended {
        /// The quantity now, in base units.
        quantity: Option<Quantity>,
        /// The price now.
        price: Option<Price>,
    },
    /// First sight of an order of other origin.
    External(Origin),
    /// It is treated as own from now on.
    Adopted,
    /// The exchange's word on a fee that had been estimated.
    FeeCorrected(Box<Fill>),
}

impl OrderChange {
    /// Whether the order has ended with this.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled(_) | Self::Rejected(_) | Self::Expired(_))
    }
}
