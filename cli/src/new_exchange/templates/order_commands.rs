//! Commands: each is sent once, and whatever its answer proves is told. Paths and arguments are the exchange's.

use tradewire_core::{Error, ErrorKind, ExecutionReport};
use tradewire_tracking::{NewOrder, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{decoded, object};

use crate::order_row::{OrderRow, order_type_word};

/// Places an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceOrder<'a> {
    order: &'a NewOrder,
    order_type: &'static str,
}

impl<'a> PlaceOrder<'a> {
    /// The command for an order that the capabilities have let through.
    ///
    /// # Errors
    /// `Unsupported` for an order that the exchange has no words for.
    pub(crate) fn of(order: &'a NewOrder) -> Result<Self, Error> {
        let wordless = || Error::new(ErrorKind::Unsupported, "no such order type here").with("field", "order_type");
        Ok(Self { order, order_type: order_type_word(order.request.order_type).ok_or_else(wordless)? })
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

    /// Its arguments: those that are missing here, such as side, quantity, price and time in force, are to be added.
    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.order.instrument.symbol).add("type", self.order_type);
        query.add("client_id", &self.order.client_order_id);
    }

    fn decode(&self, _body: &[u8]) -> Result<ExecutionReport, Error> {
        unwritten!("write the arguments of a new order, and read the reply")
    }
}

/// Cancels an order.
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

/// Names an order by the exchange's id where that is known, else by ours: the arguments for the two are to be added.
pub(crate) fn write_target(query: &mut Query, target: &Target) {
    query.add("symbol", &target.instrument.symbol);
}
