//! Orders of accounts, as the exchange keeps them.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::list::OrderListId;
use super::peg::Peg;
use super::perpetual::{Origin, PositionSide, PositionTerms, TriggerTerms};
use super::prevention::{PreventedMatch, SelfTradeMode};
use crate::clock::Timestamp;
use crate::engine::{OrderId, Side, TimeInForce};
use crate::market::MarketId;
use crate::numbers::notional;

/// The kind of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum OrderKind {
    /// Trades up to its price; the rest follows the time in force.
    Limit,
    /// Rests, or is refused if it would trade.
    LimitMaker,
    /// Trades at any price; what finds no counterpart expires.
    Market,
    /// A market order from the moment at which the price has moved against the holder.
    StopLoss,
    /// A limit order from that moment on.
    StopLossLimit,
    /// A market order from the moment at which the price has moved for the holder.
    TakeProfit,
    /// A limit order from that moment on.
    TakeProfitLimit,
}

impl OrderKind {
    /// Whether it waits for a price before it works.
    pub fn is_conditional(self) -> bool {
        !matches!(self, OrderKind::Limit | OrderKind::LimitMaker | OrderKind::Market)
    }

    /// Whether it has a limit price.
    pub fn has_price(self) -> bool {
        !matches!(self, OrderKind::Market | OrderKind::StopLoss | OrderKind::TakeProfit)
    }

    /// The word as exchanges write it, such as `STOP_LOSS_LIMIT`.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderKind::Limit => "LIMIT",
            OrderKind::LimitMaker => "LIMIT_MAKER",
            OrderKind::Market => "MARKET",
            OrderKind::StopLoss => "STOP_LOSS",
            OrderKind::StopLossLimit => "STOP_LOSS_LIMIT",
            OrderKind::TakeProfit => "TAKE_PROFIT",
            OrderKind::TakeProfitLimit => "TAKE_PROFIT_LIMIT",
        }
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum OrderStatus {
    /// Accepted; nothing has traded.
    New,
    /// Waits for another order of its list.
    PendingNew,
    /// A part has traded.
    PartiallyFilled,
    /// All has traded.
    Filled,
    /// Ended by request.
    Canceled,
    /// Refused after its list had been accepted; never worked.
    Rejected,
    /// Ended by the rules of its kind or by the exchange.
    Expired,
    /// Ended by self-trade prevention.
    ExpiredInMatch,
}

impl OrderStatus {
    /// Whether it can still trade.
    pub fn is_live(self) -> bool {
        matches!(self, OrderStatus::New | OrderStatus::PendingNew | OrderStatus::PartiallyFilled)
    }

    /// The word as exchanges write it, such as `PARTIALLY_FILLED`.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderStatus::New => "NEW",
            OrderStatus::PendingNew => "PENDING_NEW",
            OrderStatus::PartiallyFilled => "PARTIALLY_FILLED",
            OrderStatus::Filled => "FILLED",
            OrderStatus::Canceled => "CANCELED",
            OrderStatus::Rejected => "REJECTED",
            OrderStatus::Expired => "EXPIRED",
            OrderStatus::ExpiredInMatch => "EXPIRED_IN_MATCH",
        }
    }
}

/// Why an order expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ExpiryReason {
    /// It did not, or no reason is told.
    #[default]
    None,
    /// It was rejected.
    Rejected,
    /// The exchange ended it.
    ExchangeCanceled,
    /// The other leg of its list has begun to work or to trade.
    OcoTrigger,
    /// The working order of its list ended before it was filled.
    OtoPhaseOneExpired,
    /// Rest of an immediate-or-cancel order.
    UnfilledIocQuantityExpired,
    /// A fill-or-kill order that could not trade wholly.
    UnfilledFokOrderExpired,
    /// A market order that found too little in the book.
    InsufficientLiquidity,
    /// It would have traded outside the permitted range of prices.
    ExecutionRulePriceRangeExceeded,
    /// It could only close a position, and is more than what is left of it.
    ReduceOnly,
    /// The position with which it ends was closed.
    PositionClosed,
    /// The margin of the account did not suffice any more.
    Liquidation,
    /// A position of the account was closed against somebody else's bankrupt one.
    Adl,
    /// The contract has ended.
    Settlement,
    /// An amendment could not be done, and ended it.
    Amended,
}

impl ExpiryReason {
    /// The word as exchanges write it, such as `EXCHANGE_CANCELED`.
    pub fn as_str(self) -> &'static str {
        match self {
            ExpiryReason::None => "NONE",
            ExpiryReason::Rejected => "REJECTED",
            ExpiryReason::ExchangeCanceled => "EXCHANGE_CANCELED",
            ExpiryReason::OcoTrigger => "OCO_TRIGGER",
            ExpiryReason::OtoPhaseOneExpired => "OTO_PHASE_ONE_EXPIRED",
            ExpiryReason::UnfilledIocQuantityExpired => "UNFILLED_IOC_QUANTITY_EXPIRED",
            ExpiryReason::UnfilledFokOrderExpired => "UNFILLED_FOK_ORDER_EXPIRED",
            ExpiryReason::InsufficientLiquidity => "INSUFFICIENT_LIQUIDITY",
            ExpiryReason::ExecutionRulePriceRangeExceeded => "EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
            ExpiryReason::ReduceOnly => "REDUCE_ONLY",
            ExpiryReason::PositionClosed => "POSITION_CLOSED",
            ExpiryReason::Liquidation => "LIQUIDATION",
            ExpiryReason::Adl => "ADL",
            ExpiryReason::Settlement => "SETTLEMENT",
            ExpiryReason::Amended => "AMENDED",
        }
    }
}

/// Why an order was rejected after its list had been accepted, or when its price was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum RejectReason {
    /// It was not.
    #[default]
    None,
    /// The account lacks funds.
    InsufficientBalances,
    /// Its stop price is already reached.
    StopPriceWouldTriggerImmediately,
    /// A post-only order that would have traded.
    WouldMatchImmediately,
    /// The prices of the legs do not fit the market.
    OcoBadPrices,
    /// The account lacks margin.
    InsufficientMargin,
    /// It could only close a position, and there is none.
    ReduceOnly,
}

impl RejectReason {
    /// The word as exchanges write it, such as `INSUFFICIENT_BALANCES`.
    pub fn as_str(self) -> &'static str {
        match self {
            RejectReason::None => "NONE",
            RejectReason::InsufficientBalances => "INSUFFICIENT_BALANCES",
            RejectReason::StopPriceWouldTriggerImmediately => "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
            RejectReason::WouldMatchImmediately => "WOULD_MATCH_IMMEDIATELY",
            RejectReason::OcoBadPrices => "OCO_BAD_PRICES",
            RejectReason::InsufficientMargin => "INSUFFICIENT_MARGIN",
            RejectReason::ReduceOnly => "REDUCE_ONLY",
        }
    }
}

/// One reduction of an order's quantity that kept its place in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Amendment {
    /// Execution id of the change.
    pub execution_id: u64,
    /// Client id before.
    pub old_client_id: String,
    /// Client id from then on.
    pub new_client_id: String,
    /// Quantity before, in base units.
    pub old_quantity: Decimal,
    /// Quantity from then on.
    pub new_quantity: Decimal,
    /// When.
    pub time: Timestamp,
}

/// One order of an account with everything that the exchange reports about it.
///
/// Prices in quote units per base unit, quantities in base units; absent prices and quantities are zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Order {
    /// Number; one sequence per symbol.
    pub id: OrderId,
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    #[serde(skip)]
    pub(crate) market: MarketId,
    #[serde(skip)]
    pub(crate) account: AccountId,
    /// The list that it belongs to.
    pub list: Option<OrderListId>,
    /// The client's id, or one made by the exchange.
    pub client_id: String,
    /// Whether the client gave that id.
    #[serde(skip)]
    pub(crate) named: bool,
    /// Buy or sell.
    pub side: Side,
    /// Kind.
    pub kind: OrderKind,
    /// What becomes of the part that does not trade at once.
    pub time_in_force: TimeInForce,
    /// Limit price; of a pegged order the price at which it entered the book.
    pub price: Decimal,
    /// Quantity as ordered or amended. Of a market order by amount: what traded so far.
    pub quantity: Decimal,
    /// Amount of a market order by amount, in quote units.
    pub quote_quantity: Decimal,
    /// Quantity traded.
    pub executed: Decimal,
    /// Quote units paid or received.
    pub executed_quote: Decimal,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it expired.
    pub expiry: ExpiryReason,
    /// Why it was rejected.
    pub reject: RejectReason,
    /// Price that makes a conditional order work.
    pub stop_price: Decimal,
    /// Visible part of an iceberg order.
    pub iceberg_quantity: Decimal,
    /// Distance of a trailing stop, in basis points.
    pub trailing_delta: Option<u32>,
    /// When the trailing stop began to follow the price.
    pub trailing_time: Option<Timestamp>,
    /// How its price follows the book.
    pub peg: Option<Peg>,
    /// When it was accepted.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When it entered the book; absent while it waits.
    pub working_time: Option<Timestamp>,
    /// Whether it is, or was, in the book.
    pub is_working: bool,
    /// What happens instead of a trade with an order of the same account.
    pub self_trade: SelfTradeMode,
    /// Quantity that self-trade prevention took from it.
    pub prevented_quantity: Decimal,
    /// The matches that were prevented.
    pub prevented: Vec<PreventedMatch>,
    /// Mark of the client.
    pub strategy_id: Option<i64>,
    /// Second mark of the client.
    pub strategy_type: Option<i32>,
    /// Reductions of its quantity.
    pub amendments: Vec<Amendment>,
    /// What it holds of the account's balance: quote units of a buy, base units of a sell.
    pub locked: Decimal,
    /// Price by which it holds funds while it waits or rests; absent while it holds none.
    #[serde(skip)]
    pub(crate) hold: Option<Decimal>,
    /// Forgotten by the exchange's queries.
    pub archived: bool,
    /// What it says about the position, in a contract.
    pub position: PositionTerms,
    /// By which price it is triggered.
    pub trigger: TriggerTerms,
    /// Who has placed it.
    pub origin: Origin,
}

impl Order {
    /// Whether it can still trade.
    pub fn is_live(&self) -> bool {
        self.status.is_live()
    }

    /// Whether it is an order whose amount is in quote units.
    pub(crate) fn is_by_amount(&self) -> bool {
        !self.quote_quantity.is_zero()
    }

    /// Whether it waits for the price to rise, or to fall.
    pub(crate) fn waits_above(&self) -> bool {
        if let Some(rises) = self.trigger.rises {
            return rises;
        }
        match self.kind {
            OrderKind::StopLoss | OrderKind::StopLossLimit => self.side == Side::Buy,
            _ => self.side == Side::Sell,
        }
    }

    /// Whether it can make a position smaller and nothing else.
    pub fn only_closes(&self) -> bool {
        let closing_side = matches!(
            (self.position.side, self.side),
            (PositionSide::Long, Side::Sell) | (PositionSide::Short, Side::Buy)
        );
        closing_side || self.position.reduce_only || self.position.close_position
    }

    /// What it must hold now: quote units of a buy, base units of a sell.
    pub(crate) fn need(&self) -> Decimal {
        match self.hold {
            _ if self.trigger.holds_nothing && !self.is_working && self.kind.is_conditional() => Decimal::ZERO,
            Some(price) if self.is_live() && self.status != OrderStatus::PendingNew => match self.side {
                Side::Buy => notional(price, self.remaining()),
                Side::Sell => self.remaining(),
            },
            _ => Decimal::ZERO,
        }
    }

    /// What may still trade, in base units; of an order that has ended, what never traded.
    pub fn remaining(&self) -> Decimal {
        self.quantity - self.executed - self.prevented_quantity
    }
}
