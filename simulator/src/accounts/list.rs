//! Orders that depend on each other.

use std::sync::Arc;

use serde::Serialize;

use super::account::AccountId;
use crate::clock::Timestamp;
use crate::engine::OrderId;
use crate::market::MarketId;

/// Number of an order list; one sequence per exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OrderListId(pub u64);

/// How the orders of a list depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Contingency {
    /// One cancels the other.
    Oco,
    /// One triggers the other, or the other two.
    Oto,
}

impl Contingency {
    /// The word as exchanges write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Contingency::Oco => "OCO",
            Contingency::Oto => "OTO",
        }
    }
}

/// What last happened to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ListChange {
    /// It was accepted.
    ExecStarted,
    /// One of its orders changed its client id or quantity.
    Updated,
    /// All of its orders have ended.
    AllDone,
}

impl ListChange {
    /// The word as exchanges write it, such as `EXEC_STARTED`.
    pub fn as_str(self) -> &'static str {
        match self {
            ListChange::ExecStarted => "EXEC_STARTED",
            ListChange::Updated => "UPDATED",
            ListChange::AllDone => "ALL_DONE",
        }
    }
}

/// An order list of an account.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OrderList {
    /// Number.
    pub id: OrderListId,
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    #[serde(skip)]
    pub(crate) market: MarketId,
    #[serde(skip)]
    pub(crate) account: AccountId,
    /// How the orders depend on each other.
    pub contingency: Contingency,
    /// The client's id, or one made by the exchange.
    pub client_id: String,
    /// Whether none of its orders is live any more.
    pub done: bool,
    /// What last happened to it.
    pub change: ListChange,
    /// When that was.
    pub time: Timestamp,
    /// Its orders in the order of placing, with their client ids.
    pub orders: Vec<(OrderId, String)>,
    /// The order that must fill before the others begin; none in an OCO.
    pub working: Option<OrderId>,
    /// Whether the pending quantity is what the working order receives.
    pub pays_off: bool,
}

impl OrderList {
    /// `EXECUTING` or `ALL_DONE`.
    pub fn status(&self) -> &'static str {
        if self.done { "ALL_DONE" } else { "EXECUTING" }
    }

    /// Whether it is the pair of an OCO, alone or after its working order.
    pub(crate) fn pair(&self) -> Option<(OrderId, OrderId)> {
        let legs: Vec<OrderId> = self.orders.iter().map(|(id, _)| *id).filter(|id| Some(*id) != self.working).collect();
        match legs[..] {
            [one, other] => Some((one, other)),
            _ => None,
        }
    }
}
