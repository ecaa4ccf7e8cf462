use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Amendment, ClientOrderId, Error, ExchangeOrderId, ExecutionReport, Origin, ReportedStatus, Timestamp,
};
use tradewire_tracking::Target;
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security, SocketEndpoint};
use tradewire_wire::{Fault, Text, object};

use crate::calls::reply_result;
use crate::category::Category;
use crate::envelope::{List, result};
use crate::limits::Command;
use crate::order_arguments::{OrderArguments, write_cancel_target, write_target};

/// What all commands have in common.
macro_rules! command {
    ($path:literal, $class:ident, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::POST;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Command;

        fn class(&self) -> Class {
            Class::$class
        }
    };
}

/// A command about one order that is also a call of the socket, with the same result.
macro_rules! call {
    ($command:ty, $op:literal) => {
        impl SocketEndpoint for $command {
            const OP: &'static str = $op;

            fn decode_result(&self, reply: &[u8]) -> Result<Self::Response, Error> {
                reply_result(reply, |raw, time| received(self.symbol(), raw, time))
            }
        }
    };
}

pub(crate) use command;

call!(PlaceOrder<'_>, "order.create");
call!(CancelOrder<'_>, "order.cancel");
call!(AmendOrder<'_>, "order.amend");

/// What the good reply to a command tells of an order: that the exchange has received it.
pub(crate) fn received(symbol: &str, raw: &str, time: Timestamp) -> Result<ExecutionReport, Fault> {
    let Ids { order_id, order_link_id } = object(raw)?;
    if order_id.is_empty() && order_link_id.is_empty() {
        return Err(Fault::decode("a reply without the id of an order"));
    }
    Ok(ExecutionReport {
        symbol: symbol.to_owned(),
        client_order_id: Some(&*order_link_id).filter(|id| !id.is_empty()).map(ClientOrderId::from),
        new_client_order_id: None,
        exchange_order_id: Some(&*order_id).filter(|id| !id.is_empty()).map(ExchangeOrderId::from),
        side: None,
        order_type: None,
        time_in_force: None,
        price: None,
        amount: None,
        trigger: None,
        reduce_only: None,
        position_side: None,
        status: ReportedStatus::Received,
        filled: None,
        quote_filled: None,
        fills: Vec::new(),
        prevented: None,
        reason: None,
        word: String::new(),
        origin: Origin::External,
        created: None,
        time,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ids<'a> {
    #[serde(borrow)]
    order_id: Text<'a>,
    #[serde(borrow)]
    order_link_id: Text<'a>,
}

/// Places an order.
///
/// <https://bybit-exchange.github.io/docs/v5/order/create-order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceOrder<'a> {
    pub(crate) category: Category,
    pub(crate) symbol: &'a str,
    pub(crate) arguments: OrderArguments<'a>,
}

impl PlaceOrder<'_> {
    fn symbol(&self) -> &str {
        self.symbol
    }
}

impl Endpoint for PlaceOrder<'_> {
    command!("/v5/order/create", Place, ExecutionReport);

    fn cost(&self) -> Cost {
        Command::Create.group(self.category).call()
    }

    fn query(&self, query: &mut Query) {
        self.arguments.write(query);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        result(body, |raw, time| received(self.symbol, raw, time))
    }
}

/// Cancels an order.
///
/// <https://bybit-exchange.github.io/docs/v5/order/cancel-order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelOrder<'a> {
    pub(crate) category: Category,
    pub(crate) target: &'a Target,
}

impl CancelOrder<'_> {
    fn symbol(&self) -> &str {
        &self.target.instrument.symbol
    }
}

impl Endpoint for CancelOrder<'_> {
    command!("/v5/order/cancel", Cancel, ExecutionReport);

    fn cost(&self) -> Cost {
        Command::Cancel.group(self.category).call()
    }

    fn query(&self, query: &mut Query) {
        write_cancel_target(query, self.category, self.target);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        result(body, |raw, time| received(self.symbol(), raw, time))
    }
}

/// Changes quantity or price of an order, which keeps its ids.
///
/// <https://bybit-exchange.github.io/docs/v5/order/amend-order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct AmendOrder<'a> {
    pub(crate) category: Category,
    pub(crate) target: &'a Target,
    pub(crate) amendment: Amendment,
}

impl AmendOrder<'_> {
    fn symbol(&self) -> &str {
        &self.target.instrument.symbol
    }
}

impl Endpoint for AmendOrder<'_> {
    command!("/v5/order/amend", Place, ExecutionReport);

    fn cost(&self) -> Cost {
        Command::Amend.group(self.category).call()
    }

    fn query(&self, query: &mut Query) {
        write_target(query, self.category, self.target);
        if let Some(quantity) = self.amendment.quantity {
            query.add("qty", quantity);
        }
        if let Some(price) = self.amendment.price {
            query.add("price", price);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        result(body, |raw, time| received(self.symbol(), raw, time))
    }
}

/// Cancels orders of an instrument: all of a contract, and on spot those of one kind.
///
/// <https://bybit-exchange.github.io/docs/v5/order/cancel-all>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelAllOrders<'a> {
    pub(crate) category: Category,
    pub(crate) symbol: &'a str,
    /// The kind of order; `None` for all of a contract.
    pub(crate) kind: Option<&'static str>,
}

/// The kinds of orders that spot keeps apart.
pub(crate) const SPOT_KINDS: [&str; 3] = ["Order", "tpslOrder", "StopOrder"];

impl Endpoint for CancelAllOrders<'_> {
    command!("/v5/order/cancel-all", Cancel, Vec<ExecutionReport>);

    fn cost(&self) -> Cost {
        Command::CancelAll.group(self.category).call()
    }

    fn query(&self, query: &mut Query) {
        query.add("category", self.category).add("symbol", self.symbol);
        if let Some(kind) = self.kind {
            query.add("orderFilter", kind);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<ExecutionReport>, Error> {
        result(body, |raw, time| {
            let rows: Vec<&RawValue> = object::<List<'_>>(raw)?.list;
            rows.into_iter().map(|row| received(self.symbol, row.get(), time)).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order_arguments::tests::target;

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    #[test]
    fn a_reply_tells_only_that_the_order_was_received() {
        let target = target(Category::Linear, Some("a"), None);
        let cancel = CancelOrder { category: Category::Linear, target: &target };
        let body =
            br#"{"retCode":0,"retMsg":"OK","result":{"orderId":"o-1","orderLinkId":""},"retExtInfo":{},"time":7}"#;
        let report = cancel.decode(body).expect("a report");
        assert_eq!((report.status, report.client_order_id), (ReportedStatus::Received, None));
        assert_eq!((report.exchange_order_id, report.time.as_millis()), (Some("o-1".into()), 7));
        assert!(cancel.decode(br#"{"retCode":0,"result":{"orderId":"","orderLinkId":""},"time":7}"#).is_err());
        let reply = br#"{"reqId":"1","retCode":0,"op":"order.cancel","data":{"orderId":"o-1","orderLinkId":"a"},"header":{"Timenow":"9"}}"#;
        let report = cancel.decode_result(reply).expect("a report");
        assert_eq!((report.client_order_id, report.time.as_millis()), (Some("a".into()), 9));
    }

    #[test]
    fn amendments_send_what_changes() {
        let target = target(Category::Spot, Some("a"), Some("o-1"));
        let amend = |amendment| query(&AmendOrder { category: Category::Spot, target: &target, amendment });
        let price = Some("61000.50".parse().expect("a number"));
        let quantity = Some("0.5".parse().expect("a number"));
        let head = "category=spot&symbol=BTCUSDT&orderId=o-1";
        assert_eq!(amend(Amendment { price, quantity: None }), format!("{head}&price=61000.5"));
        assert_eq!(amend(Amendment { price, quantity }), format!("{head}&qty=0.5&price=61000.5"));
    }

    #[test]
    fn cancel_all_names_what_it_reaches() {
        let all = CancelAllOrders { category: Category::Spot, symbol: "BTCUSDT", kind: Some("Order") };
        assert_eq!(query(&all), "category=spot&symbol=BTCUSDT&orderFilter=Order");
        let body = br#"{"retCode":0,"result":{"list":[{"orderId":"1","orderLinkId":"a"},{"orderId":"2","orderLinkId":""}],"success":"1"},"time":7}"#;
        assert_eq!(all.decode(body).expect("reports").len(), 2);
    }
}
