//! Faults that act on an account.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::accounts::{OrderKind, SelfTradeMode};
use crate::engine::{Side, TimeInForce};

/// What is done to an account: at once, or right before the matching request if the fault names a `method` or `path`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AccountFault {
    /// Fills a part of each matching resting order at its price, by a counterparty that the book does not show.
    PartialFill {
        /// Base units; half of what is left if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Makes `count` fills, one after the other over the matching resting orders, until they are filled.
    FillWhileDown {
        /// How many fills; one that fills each order wholly if absent.
        #[serde(default)]
        count: Option<u64>,
        /// Base units of each; one step if absent and `count` is given.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Another client of the account places an order.
    ExternalOrder(ExternalOrder),
    /// Another client reduces each matching order.
    ExternalAmend {
        /// New quantity in base units; half of what is left stays if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Another client cancels each matching order.
    ExternalCancel,
    /// The exchange ends all matching live orders.
    ExchangeCancelAll,
    /// Another client's order meets each matching resting order of the account.
    SelfCross {
        /// What happens instead of a trade; the instrument's default if absent.
        #[serde(default)]
        mode: Option<SelfTradeMode>,
        /// Base units; what is left of the order if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Funds come in, or go out where negative.
    Transfer {
        /// The asset.
        asset: String,
        /// How much.
        amount: Decimal,
    },
    /// Funds are locked from outside, or freed where negative.
    ExternalLock {
        /// The asset.
        asset: String,
        /// How much.
        amount: Decimal,
    },
    /// The matching orders that have ended are archived: queries do not find them.
    ForgetOrder,
}

/// The words of the kinds.
const WORDS: [&str; 10] = [
    "partial-fill",
    "fill-while-down",
    "external-order",
    "external-amend",
    "external-cancel",
    "exchange-cancel-all",
    "self-cross",
    "transfer",
    "external-lock",
    "forget-order",
];

/// An order of another client of the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalOrder {
    /// Buy or sell.
    pub side: Side,
    /// Kind.
    #[serde(default = "limit", rename = "type")]
    pub order_type: OrderKind,
    /// Limit price.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// Stop price.
    #[serde(default)]
    pub stop_price: Option<Decimal>,
    /// Base units.
    pub quantity: Decimal,
    /// What becomes of the part that does not trade at once.
    #[serde(default)]
    pub time_in_force: TimeInForce,
    /// Client id; the exchange makes one if absent.
    #[serde(default)]
    pub client_id: Option<String>,
}

impl ExternalOrder {
    /// A limit order that rests until filled or cancelled. Price in quote units, quantity in base units.
    pub fn limit(side: Side, price: Decimal, quantity: Decimal) -> ExternalOrder {
        ExternalOrder {
            side,
            order_type: OrderKind::Limit,
            price: Some(price),
            stop_price: None,
            quantity,
            time_in_force: TimeInForce::Gtc,
            client_id: None,
        }
    }
}

impl AccountFault {
    /// Whether `word` is one of a kind that acts on an account.
    pub(super) fn is_word(word: &str) -> bool {
        WORDS.contains(&word)
    }

    /// The word used in fault files, such as `partial-fill`.
    pub fn name(&self) -> &'static str {
        match self {
            AccountFault::PartialFill { .. } => "partial-fill",
            AccountFault::FillWhileDown { .. } => "fill-while-down",
            AccountFault::ExternalOrder(_) => "external-order",
            AccountFault::ExternalAmend { .. } => "external-amend",
            AccountFault::ExternalCancel => "external-cancel",
            AccountFault::ExchangeCancelAll => "exchange-cancel-all",
            AccountFault::SelfCross { .. } => "self-cross",
            AccountFault::Transfer { .. } => "transfer",
            AccountFault::ExternalLock { .. } => "external-lock",
            AccountFault::ForgetOrder => "forget-order",
        }
    }
}

impl From<AccountFault> for super::FaultKind {
    fn from(fault: AccountFault) -> super::FaultKind {
        super::FaultKind::Account(fault)
    }
}

fn limit() -> OrderKind {
    OrderKind::Limit
}
