//! An order, as answers and events show it alike.

use serde::Deserialize;
use tradewire_core::{ExecutionReport, OrderType, TimeInForce};
use tradewire_wire::{Fault, Text};

/// The fields of an order: those that are missing here are to be added.
#[derive(Deserialize)]
pub(crate) struct OrderRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

impl OrderRow<'_> {
    /// What it says of the order. A status that is not known is `Unknown`: the framework asks for the order then.
    pub(crate) fn report(&self) -> Result<ExecutionReport, Fault> {
        unread!("report an order")
    }
}

/// The word for an order type; `None` for one that the exchange does not have.
pub(crate) const fn order_type_word(order_type: OrderType) -> Option<&'static str> {
    match order_type {
        OrderType::Limit => Some("limit"),
        OrderType::Market => Some("market"),
        OrderType::PostOnly => Some("post_only"),
        _ => None,
    }
}

/// The word for a time in force; `None` for one that the exchange does not have.
pub(crate) const fn time_in_force_word(time_in_force: TimeInForce) -> Option<&'static str> {
    match time_in_force {
        TimeInForce::Gtc => Some("gtc"),
        TimeInForce::Ioc => Some("ioc"),
        TimeInForce::Fok => Some("fok"),
        _ => None,
    }
}
