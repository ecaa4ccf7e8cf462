use serde::Deserialize;
use tradewire_core::{Error, ErrorKind, ExecutionReport, Price, Quantity, Side};
use tradewire_tracking::Target;
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security, SocketEndpoint};

use super::algo_row::{AlgoRow, algo_number};
use super::order_arguments::OrderArguments;
use super::order_row::OrderRow;
use crate::account_endpoints::{call, command, write_target};
use crate::market::{Fault, Number, object};
use crate::private::{decoded, side_word};

call!(PlaceOrder<'_>, "order.place");
call!(PlaceAlgoOrder<'_>, "algoOrder.place");
call!(CancelOrder<'_>, "order.cancel");
call!(CancelAlgoOrder<'_>, "algoOrder.cancel");
call!(ModifyOrder<'_>, "order.modify");

/// Places an order that the engine takes at once. One order of the order limits, no weight.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceOrder<'a>(pub(crate) OrderArguments<'a>);

impl Endpoint for PlaceOrder<'_> {
    command!(POST "/fapi/v1/order", Place, ExecutionReport);

    fn cost(&self) -> Cost {
        Cost::weight(0).with_orders(1)
    }

    fn query(&self, query: &mut Query) {
        self.0.write(query);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, order)
    }
}

/// Places an order that waits for a trigger. One order of the order limits, no weight.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Algo-Order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceAlgoOrder<'a>(pub(crate) OrderArguments<'a>);

impl Endpoint for PlaceAlgoOrder<'_> {
    command!(POST "/fapi/v1/algoOrder", Place, ExecutionReport);

    fn cost(&self) -> Cost {
        Cost::weight(0).with_orders(1)
    }

    fn query(&self, query: &mut Query) {
        self.0.write(query);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| object::<AlgoRow<'_>>(raw)?.report())
    }
}

/// Cancels an order of the engine. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Cancel-Order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelOrder<'a>(pub(crate) &'a Target);

impl Endpoint for CancelOrder<'_> {
    command!(DELETE "/fapi/v1/order", Cancel, ExecutionReport);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.0.instrument.symbol);
        write_target(query, self.0, "orderId", "origClientOrderId");
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, order)
    }
}

/// Cancels an order that waits for a trigger. Weight 1. The answer names it and says no more.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Cancel-Algo-Order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelAlgoOrder<'a>(pub(crate) &'a Target);

impl Endpoint for CancelAlgoOrder<'_> {
    command!(DELETE "/fapi/v1/algoOrder", Cancel, CancelledAlgo);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        write_algo_target(query, self.0);
    }

    fn decode(&self, body: &[u8]) -> Result<CancelledAlgo, Error> {
        decoded(body, |raw| {
            let wire: CancelledWire<'_> = object(raw)?;
            Ok(CancelledAlgo { id: wire.algo_id.text().to_owned(), client_id: wire.client_algo_id })
        })
    }
}

/// Names an order that waits; the exchange does not want its instrument.
pub(crate) fn write_algo_target(query: &mut Query, target: &Target) {
    match (target.exchange_order_id.as_ref().and_then(algo_number), &target.client_order_id) {
        (Some(id), _) => drop(query.add_literal("algoId", id)),
        (None, Some(id)) => drop(query.add("clientAlgoId", id)),
        (None, None) => {}
    }
}

/// The ids of an order that waited for a trigger, and was cancelled.
#[derive(Debug)]
pub(crate) struct CancelledAlgo {
    pub(crate) id: String,
    pub(crate) client_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CancelledWire<'a> {
    #[serde(borrow)]
    algo_id: Number<'a>,
    client_algo_id: String,
}

/// Changes price and quantity of an order, which loses its place in the queue and keeps its ids. One order of the order
/// limits, no weight.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Modify-Order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModifyOrder<'a> {
    /// The order.
    pub(crate) target: &'a Target,
    /// Its side, which must be told again.
    pub(crate) side: Side,
    /// The whole quantity from now on.
    pub(crate) quantity: Quantity,
    /// The price from now on.
    pub(crate) price: Price,
}

impl Endpoint for ModifyOrder<'_> {
    command!(PUT "/fapi/v1/order", Place, ExecutionReport);

    fn cost(&self) -> Cost {
        Cost::weight(0).with_orders(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.target.instrument.symbol);
        write_target(query, self.target, "orderId", "origClientOrderId");
        query.add("side", side_word(self.side)).add("quantity", self.quantity).add("price", self.price);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, order)
    }
}

/// Cancels every order of an instrument that the engine has. Weight 1. The answer names none.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Cancel-All-Open-Orders>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelAllOrders<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
}

impl Endpoint for CancelAllOrders<'_> {
    command!(DELETE "/fapi/v1/allOpenOrders", Cancel, ());

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        decode_done(body)
    }
}

/// As [`CancelAllOrders`], for orders that wait for a trigger.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Cancel-All-Algo-Open-Orders>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelAllAlgoOrders<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
}

impl Endpoint for CancelAllAlgoOrders<'_> {
    command!(DELETE "/fapi/v1/algoOpenOrders", Cancel, ());

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        decode_done(body)
    }
}

/// Reads an answer that says no more than that it is done: `{"code":200,"msg":"success"}`.
///
/// # Errors
/// `Decode` with the body; `Exchange` for another code.
pub(crate) fn decode_done(body: &[u8]) -> Result<(), Error> {
    let done: Done = decoded(body, object)?;
    if done.code == 200 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Exchange, done.text).with_code(done.code))
}

#[derive(Deserialize)]
struct Done {
    code: i64,
    #[serde(rename = "msg", default)]
    text: String,
}

fn order(raw: &str) -> Result<ExecutionReport, Fault> {
    object::<OrderRow<'_>>(raw)?.report()
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::{limit, order, target};
    use super::super::{algo_row, order_row};
    use super::*;
    use serde_json::json;
    use tradewire_core::ReportedStatus;

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    #[test]
    fn orders_cost_no_weight_and_cancels_do() {
        let order = order(limit());
        let place = PlaceOrder(OrderArguments::of(&order).expect("words"));
        assert_eq!((place.cost().weight, place.cost().orders), (0, 1));
        let target = target(Some("a"), None);
        assert_eq!((CancelOrder(&target).cost().weight, CancelOrder(&target).cost().orders), (1, 0));
        let body = order_row::tests::row(&[("status", json!("NEW"))]).to_string();
        assert_eq!(place.decode(body.as_bytes()).expect("a report").status, ReportedStatus::Open);
    }

    #[test]
    fn each_service_names_its_orders() {
        assert_eq!(query(&CancelOrder(&target(Some("a"), Some("7")))), "symbol=BTCUSDT&orderId=7");
        assert_eq!(query(&CancelOrder(&target(Some("a"), None))), "symbol=BTCUSDT&origClientOrderId=a");
        assert_eq!(query(&CancelAlgoOrder(&target(Some("a"), Some("algo-7")))), "algoId=7");
        assert_eq!(query(&CancelAlgoOrder(&target(Some("a"), None))), "clientAlgoId=a");
        let body = br#"{"algoId":7,"clientAlgoId":"a","code":"200","msg":"success"}"#;
        let cancelled = CancelAlgoOrder(&target(Some("a"), None)).decode(body).expect("done");
        assert_eq!((cancelled.id.as_str(), cancelled.client_id.as_str()), ("7", "a"));
        let placed = order(limit());
        let place = PlaceAlgoOrder(OrderArguments::of(&placed).expect("words"));
        let report = place.decode(algo_row::tests::row(&[]).to_string().as_bytes()).expect("a report");
        assert_eq!(report.exchange_order_id, Some("algo-77".into()));
    }

    #[test]
    fn a_change_tells_everything_again() {
        let target = target(Some("a"), Some("7"));
        let (quantity, price) = ("0.5".parse().expect("a number"), "61000.50".parse().expect("a number"));
        let modify = ModifyOrder { target: &target, side: Side::Sell, quantity, price };
        assert_eq!(query(&modify), "symbol=BTCUSDT&orderId=7&side=SELL&quantity=0.5&price=61000.5");
    }

    #[test]
    fn done_is_a_code_above_zero() {
        let all = CancelAllOrders { symbol: "BTCUSDT" };
        assert_eq!(query(&all), "symbol=BTCUSDT");
        assert!(all.decode(br#"{"code":200,"msg":"The operation of cancel all open order is done."}"#).is_ok());
        assert_eq!(all.decode(br#"{"code":417,"msg":"no"}"#).expect_err("not done").code(), Some(417));
        assert!(all.decode(b"[]").is_err());
        assert_eq!(query(&CancelAllAlgoOrders { symbol: "BTCUSDT" }), "symbol=BTCUSDT");
    }
}
