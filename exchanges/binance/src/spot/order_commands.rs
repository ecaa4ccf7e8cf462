use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, ExecutionReport, Quantity};
use tradewire_tracking::Target;
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security, SocketEndpoint};

use super::order_arguments::{OrderArguments, write_target};
use super::order_row::OrderRow;
use crate::market::{Fault, object};
use crate::private::decoded;

/// What all commands about orders have in common.
macro_rules! command {
    ($method:ident $path:literal, $class:ident, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::$method;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Command;

        fn class(&self) -> Class {
            Class::$class
        }
    };
}

/// A command that is also a call of the WebSocket API, with the same result.
macro_rules! call {
    ($command:ty, $method:literal) => {
        impl SocketEndpoint for $command {
            const OP: &'static str = $method;

            fn decode_result(&self, result: &[u8]) -> Result<Self::Response, Error> {
                self.decode(result)
            }
        }
    };
}

pub(crate) use {call, command};

call!(PlaceOrder<'_>, "order.place");
call!(CancelOrder<'_>, "order.cancel");
call!(CancelAllOrders<'_>, "openOrders.cancelAll");
call!(AmendOrder<'_>, "order.amend.keepPriority");

/// What commands about orders cost, and have cost only where they fail.
pub(crate) const COMMAND: Cost = Cost::weight(1).free_on_success();

/// Places an order. Weight 1 where it fails, and one order where it is accepted.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints#new-order-trade>
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceOrder<'a>(pub(crate) OrderArguments<'a>);

impl Endpoint for PlaceOrder<'_> {
    command!(POST "/api/v3/order", Place, ExecutionReport);

    fn cost(&self) -> Cost {
        COMMAND.with_orders(1)
    }

    fn query(&self, query: &mut Query) {
        self.0.write(query);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| object::<OrderRow<'_>>(raw)?.report(None))
    }
}

/// Cancels an order. Weight 1 where it fails.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints#cancel-order-trade>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelOrder<'a>(pub(crate) &'a Target);

impl Endpoint for CancelOrder<'_> {
    command!(DELETE "/api/v3/order", Cancel, ExecutionReport);

    fn cost(&self) -> Cost {
        COMMAND
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.0.instrument.symbol);
        write_target(query, self.0, "orderId", "origClientOrderId");
    }

    /// The cancel of one order of a list ends the whole list; the report of the order asked for is the answer.
    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| {
            let mut reports = cancelled(raw)?;
            let asked = reports.iter().position(|report| is_of(self.0, report));
            match asked.or((reports.len() == 1).then_some(0)) {
                Some(index) => Ok(reports.swap_remove(index)),
                None => Err(Fault::decode("an answer without the order that was to be cancelled")),
            }
        })
    }
}

fn is_of(target: &Target, report: &ExecutionReport) -> bool {
    match &target.exchange_order_id {
        Some(id) => report.exchange_order_id.as_ref() == Some(id),
        None => report.client_order_id == target.client_order_id,
    }
}

/// Cancels every order of an instrument. Weight 1 where it fails.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints#cancel-all-open-orders-on-a-symbol-trade>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelAllOrders<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
}

impl Endpoint for CancelAllOrders<'_> {
    command!(DELETE "/api/v3/openOrders", Cancel, Vec<ExecutionReport>);

    fn cost(&self) -> Cost {
        COMMAND
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<ExecutionReport>, Error> {
        decoded(body, |raw| {
            let ended: Vec<&RawValue> = serde_json::from_str(raw)?;
            let reports: Result<Vec<_>, _> = ended.into_iter().map(|one| cancelled(one.get())).collect();
            Ok(reports?.into_iter().flatten().collect())
        })
    }
}

/// The reports of an order, or of the orders of a list, that a cancel has ended.
fn cancelled(raw: &str) -> Result<Vec<ExecutionReport>, Fault> {
    match object::<CancelledList<'_>>(raw)?.order_reports {
        Some(orders) => orders.iter().map(|order| order.report(None)).collect(),
        None => Ok(vec![object::<OrderRow<'_>>(raw)?.report(None)?]),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CancelledList<'a> {
    #[serde(borrow)]
    order_reports: Option<Vec<OrderRow<'a>>>,
}

/// Lowers the quantity of an order, which keeps its place in the queue and its id. Weight 4.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints#order-amend-keep-priority-trade>
#[derive(Clone, Copy, Debug)]
pub(crate) struct AmendOrder<'a> {
    /// The order.
    pub(crate) target: &'a Target,
    /// The new whole quantity.
    pub(crate) quantity: Quantity,
}

impl Endpoint for AmendOrder<'_> {
    command!(PUT "/api/v3/order/amend/keepPriority", Place, ExecutionReport);

    fn cost(&self) -> Cost {
        Cost::weight(4)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.target.instrument.symbol);
        write_target(query, self.target, "orderId", "origClientOrderId");
        query.add("newQty", self.quantity);
        // Without this the exchange would give the order a new one.
        if let Some(id) = &self.target.client_order_id {
            query.add("newClientOrderId", id);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| {
            let amended: Amended<'_> = object(raw)?;
            amended.amended_order.amended(amended.transact_time)
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Amended<'a> {
    transact_time: u64,
    #[serde(borrow)]
    amended_order: OrderRow<'a>,
}
