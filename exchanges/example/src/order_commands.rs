//! Commands: each is sent once, and whatever its answer proves is told.

use tradewire_core::{Amount, Error, ErrorKind, ExecutionReport, Side};
use tradewire_tracking::{NewOrder, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{decoded, object};

use crate::order_row::{OrderRow, order_type_word, position_side_word, time_in_force_word};

/// Places an order: `POST /1/orders`
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceOrder<'a> {
    order: &'a NewOrder,
    order_type: &'static str,
    time_in_force: Option<&'static str>,
    amount: Amount,
}

impl<'a> PlaceOrder<'a> {
    /// The command for an order that the capabilities have let through.
    ///
    /// # Errors
    /// `Unsupported` for an order that the exchange has no words for.
    pub(crate) fn of(order: &'a NewOrder) -> Result<Self, Error> {
        let request = &order.request;
        let wordless = |field| {
            Error::new(ErrorKind::Unsupported, "this exchange does not offer what the order asks for")
                .with("field", field)
        };
        let order_type = order_type_word(request.order_type).ok_or_else(|| wordless("order_type"))?;
        let time_in_force = match order_type {
            "limit" => Some(time_in_force_word(request.time_in_force).ok_or_else(|| wordless("time_in_force"))?),
            _ => None,
        };
        match request.amount {
            Amount::Base(_) => Ok(Self { order, order_type, time_in_force, amount: request.amount }),
            Amount::Quote(_) => Err(wordless("amount")),
        }
    }
}

impl Endpoint for PlaceOrder<'_> {
    type Response = ExecutionReport;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/1/orders";
    const SECURITY: Security = Security::Signed;
    const EFFECT: Effect = Effect::Command;

    fn class(&self) -> Class {
        Class::Place
    }

    fn cost(&self) -> Cost {
        Cost::weight(1).with_orders(1)
    }

    fn query(&self, query: &mut Query) {
        let request = &self.order.request;
        query.add("symbol", &self.order.instrument.symbol);
        query.add("side", if request.side == Side::Buy { "buy" } else { "sell" }).add("type", self.order_type);
        if let Amount::Base(quantity) = self.amount {
            query.add("quantity", quantity);
        }
        if let Some(price) = request.price {
            query.add("price", price);
        }
        if let Some(word) = self.time_in_force {
            query.add("time_in_force", word);
        }
        if let Some(side) = request.position_side {
            query.add("position", position_side_word(side));
        }
        if request.reduce_only {
            query.add_literal("reduce_only", true);
        }
        query.add("client_id", &self.order.client_order_id);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| object::<OrderRow<'_>>(raw)?.report())
    }
}

/// Cancels an order: `DELETE /1/orders`
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelOrder<'a> {
    pub(crate) target: &'a Target,
}

impl Endpoint for CancelOrder<'_> {
    type Response = ExecutionReport;
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/1/orders";
    const SECURITY: Security = Security::Signed;
    const EFFECT: Effect = Effect::Command;

    fn class(&self) -> Class {
        Class::Cancel
    }

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        write_target(query, self.target);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| object::<OrderRow<'_>>(raw)?.report())
    }
}

/// Names an order by the exchange's id where that is known, else by ours.
pub(crate) fn write_target(query: &mut Query, target: &Target) {
    query.add("symbol", &target.instrument.symbol);
    match (&target.exchange_order_id, &target.client_order_id) {
        (Some(id), _) => drop(query.add("id", id)),
        (None, Some(id)) => drop(query.add("client_id", id)),
        (None, None) => {}
    }
}
