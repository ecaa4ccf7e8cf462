use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, ExecutionReport, Quantity};
use tradewire_tracking::Target;
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security, SocketEndpoint};

use super::order_arguments::OrderArguments;
use super::order_row::OrderRow;
use crate::account_endpoints::{call, command, write_target};
use crate::market::{Fault, object};
use crate::private::decoded;

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

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::target;
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::{ClientOrderId, ErrorKind, ReportedStatus};

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    fn row(order: &str, id: u64) -> Value {
        json!({
            "symbol": "BTCUSDT", "origClientOrderId": order, "orderId": id, "orderListId": -1, "clientOrderId": "request",
            "transactTime": 9, "price": "1", "origQty": "2", "executedQty": "0", "cummulativeQuoteQty": "0",
            "status": "CANCELED", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY",
        })
    }

    fn list(first: Value, second: Value) -> Value {
        json!({"orderListId": 3, "contingencyType": "OCO", "orders": [], "orderReports": [first, second]})
    }

    #[test]
    fn a_cancel_finds_its_order_also_in_a_list() {
        let by_number = target(Some("b"), Some("8"));
        let cancel = CancelOrder(&by_number);
        assert_eq!(query(&cancel), "symbol=BTCUSDT&orderId=8");
        let both = list(row("a", 7), row("b", 8)).to_string();
        let report = cancel.decode(both.as_bytes()).expect("a report");
        assert_eq!(report.client_order_id, Some("b".into()));
        let by_name = target(Some("a"), None);
        let report = CancelOrder(&by_name).decode(both.as_bytes()).expect("a report");
        assert_eq!((report.client_order_id, report.status), (Some("a".into()), ReportedStatus::Cancelled));
        let other = target(Some("c"), None);
        assert_eq!(CancelOrder(&other).decode(both.as_bytes()).expect_err("not there").kind(), ErrorKind::Decode);
        let alone = row("renamed", 7).to_string();
        assert!(CancelOrder(&other).decode(alone.as_bytes()).is_ok(), "one answer is for one order");
    }

    #[test]
    fn all_cancelled_orders_are_told_those_of_lists_too() {
        let all = CancelAllOrders { symbol: "BTCUSDT" };
        let body = json!([row("a", 7), list(row("b", 8), row("c", 9))]).to_string();
        let ended = all.decode(body.as_bytes()).expect("reports");
        let ids: Vec<_> =
            ended.iter().filter_map(|report| report.client_order_id.as_ref().map(ClientOrderId::as_str)).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        assert!(all.decode(b"{}").is_err() && all.decode(b"[7]").is_err());
    }

    #[test]
    fn an_amended_order_keeps_its_id() {
        let target = target(Some("a"), Some("7"));
        let amend = AmendOrder { target: &target, quantity: "1.50".parse().expect("a quantity") };
        assert_eq!(query(&amend), "symbol=BTCUSDT&orderId=7&newQty=1.5&newClientOrderId=a");
        let mut order = row("a", 7);
        order["clientOrderId"] = json!("a");
        order["status"] = json!("NEW");
        order.as_object_mut().expect("an object").remove("transactTime");
        let body = json!({"transactTime": 11, "executionId": 1, "amendedOrder": order}).to_string();
        let report = amend.decode(body.as_bytes()).expect("a report");
        assert_eq!((report.new_client_order_id, report.time.as_millis()), (None, 11));
        assert!(amend.decode(b"{}").is_err());
    }

    #[test]
    fn commands_cost_only_where_they_fail() {
        let target = target(Some("a"), None);
        let cancel = CancelOrder(&target).cost();
        assert_eq!((cancel.weight, cancel.of_success().weight, cancel.orders), (1, 0, 0));
        let amend = AmendOrder { target: &target, quantity: Quantity::ZERO }.cost();
        assert_eq!((amend.weight, amend.of_success().weight, amend.orders), (4, 4, 0));
    }
}
