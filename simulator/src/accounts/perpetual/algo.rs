//! Conditional orders with a number of their own, which place an order when they are triggered.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::accounts::account::AccountId;
use crate::accounts::order::Order;
use crate::clock::Timestamp;
use crate::engine::OrderId;
use crate::market::MarketId;

/// Number of a conditional order; one sequence per exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AlgoId(pub u64);

/// Where a conditional order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum AlgoStatus {
    /// It waits for its price.
    New,
    /// Its price was reached; its order is being placed.
    Triggering,
    /// Its order was placed.
    Triggered,
    /// Its order has ended.
    Finished,
    /// Ended by request.
    Canceled,
    /// Its order was refused.
    Rejected,
    /// Ended by its rules or by the exchange.
    Expired,
}

impl AlgoStatus {
    /// Whether it waits.
    pub fn is_live(self) -> bool {
        self == AlgoStatus::New
    }

    /// The word as exchanges write it.
    pub fn as_str(self) -> &'static str {
        match self {
            AlgoStatus::New => "NEW",
            AlgoStatus::Triggering => "TRIGGERING",
            AlgoStatus::Triggered => "TRIGGERED",
            AlgoStatus::Finished => "FINISHED",
            AlgoStatus::Canceled => "CANCELED",
            AlgoStatus::Rejected => "REJECTED",
            AlgoStatus::Expired => "EXPIRED",
        }
    }
}

/// A conditional order with a number of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AlgoOrder {
    /// Number.
    pub id: AlgoId,
    #[serde(skip)]
    pub(crate) market: MarketId,
    /// What it asks for: kind, side, quantity, prices, position, trigger, client id. Not in the book.
    pub order: Order,
    /// Where it stands.
    pub status: AlgoStatus,
    /// Whether it is not triggered while mark and last price are too far apart.
    pub price_protect: bool,
    /// Whether the stop of a trailing order follows the price.
    pub follows: bool,
    /// The order that it has placed.
    pub placed: Option<OrderId>,
    /// Why it was rejected or has expired; empty if it has not.
    pub reason: String,
    /// When it was accepted.
    pub created: Timestamp,
    /// When it changed last.
    pub updated: Timestamp,
    /// When its price was reached.
    pub triggered: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) account: AccountId,
    #[serde(skip)]
    pub(crate) symbol: Arc<str>,
}

/// Names a conditional order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlgoRef {
    /// By number.
    Id(AlgoId),
    /// By client id: of several with this id the newest.
    Client(String),
}

/// The conditional orders of an account.
#[derive(Debug, Default)]
pub(crate) struct Algos {
    pub(crate) all: BTreeMap<AlgoId, AlgoOrder>,
    /// By the order that they have placed.
    pub(crate) by_order: BTreeMap<(MarketId, OrderId), AlgoId>,
}

impl Algos {
    /// The one that is meant.
    pub(crate) fn find(&self, algo: &AlgoRef) -> Option<&AlgoOrder> {
        match algo {
            AlgoRef::Id(id) => self.all.get(id),
            AlgoRef::Client(text) => self.all.values().rev().find(|algo| algo.order.client_id == *text),
        }
    }

    /// Those that wait, of one contract or of all.
    pub(crate) fn live(&self, market: Option<MarketId>) -> impl Iterator<Item = &AlgoOrder> {
        let here = move |algo: &&AlgoOrder| market.is_none_or(|market| algo.market == market);
        self.all.values().filter(|algo| algo.status.is_live()).filter(here)
    }
}
