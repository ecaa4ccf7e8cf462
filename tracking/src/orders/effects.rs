use tradewire_core::{AccountChange, ClientOrderId, Error, Fill, OrderState, Timestamp};

use crate::OrderRecord;

/// What one input changed: to be numbered, written to the journal in one step, and published in its order.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Effects {
    /// What is told, in its order.
    pub told: Vec<Told>,
    /// Every order that changed, as it is now, once, by number.
    pub orders: Vec<OrderRecord>,
    /// New fills, and those whose fee was corrected.
    pub fills: Vec<CountedFill>,
    /// Answers for callers that wait for a cancel.
    pub answers: Vec<CancelAnswer>,
}

impl Effects {
    /// Whether there is nothing to write, to publish or to answer.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty() && self.orders.is_empty() && self.fills.is_empty() && self.answers.is_empty()
    }
}

/// A fill that was counted, or whose fee was corrected.
#[derive(Clone, Debug)]
pub struct CountedFill {
    /// The number of its order, which is among [`Effects::orders`].
    pub order: u64,
    /// As it counts now.
    pub fill: Fill,
    /// As it counted before; `None` for a new one.
    pub was: Option<Fill>,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// When it happened, by the exchange's clock, where that is known.
    pub time: Option<Timestamp>,
    /// What happened.
    pub change: AccountChange,
}

/// The answer for all who wait for the cancel of one order.
#[derive(Clone, Debug)]
pub struct CancelAnswer {
    /// The order.
    pub client_order_id: ClientOrderId,
    /// What became of the cancel.
    pub outcome: CancelOutcome,
}

/// What became of a cancel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CancelOutcome {
    /// The order has ended as cancelled.
    Done,
    /// The exchange has taken the cancel; a report will tell what became of it.
    Received,
    /// The order had ended in another way.
    AlreadyClosed(OrderState),
    /// The exchange refused, and the order was found still live.
    Refused(Error),
    /// Proved not to have reached the exchange.
    NotSent(Error),
    /// Sent as often as is sensible, and never answered. The order is asked for.
    Unknown(Error),
}

/// What the caller of a cancel has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelStart {
    /// Send it now, and feed back what became of it.
    Send,
    /// One is under way: wait for its answer.
    Joined,
    /// Nothing: the order has ended already.
    Closed(OrderState),
    /// Nothing: it is somebody else's order.
    NotOwn,
    /// Nothing: no order of this id is in memory.
    NotTracked,
}
