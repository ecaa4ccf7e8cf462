use serde_json::value::RawValue;
use tradewire_core::{Error, ExecutionReport};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use super::error_codes::kind;
use super::order_arguments::OrderArguments;
use super::order_row::OrderRow;
use crate::account_endpoints::command;
use crate::error_codes::ErrorBody;
use crate::market::{Fault, object};
use crate::private::{decoded, unreadable};

/// The most orders of one command.
pub(crate) const BATCH_MAX: usize = 5;

/// The status with which an answer comes that may refuse some of its orders.
const TAKEN: u16 = 200;

/// Places several orders, of which none is conditional. Weight 5, and one order of the order limits each. The answer lists
/// orders and refusals mixed, as they were asked for.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Place-Multiple-Orders>
#[derive(Clone, Debug)]
pub(crate) struct PlaceBatch<'a>(pub(crate) Vec<OrderArguments<'a>>);

impl Endpoint for PlaceBatch<'_> {
    command!(POST "/fapi/v1/batchOrders", Place, Vec<Result<ExecutionReport, Error>>);

    fn cost(&self) -> Cost {
        Cost::weight(5).with_orders(self.0.len().try_into().unwrap_or(u32::MAX))
    }

    fn query(&self, query: &mut Query) {
        query.add_objects("batchOrders", &self.0, |order, arguments| order.write(arguments));
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Result<ExecutionReport, Error>>, Error> {
        decoded(body, |raw| {
            let rows: Vec<&RawValue> = serde_json::from_str(raw)?;
            Ok(rows.into_iter().map(|row| element(row.get())).collect())
        })
    }
}

/// One order of the answer, or why there is none.
fn element(raw: &str) -> Result<ExecutionReport, Error> {
    if let Ok(refusal) = object::<ErrorBody<'_>>(raw) {
        return Err(refusal.into_error(|code, _| kind(code)).with_status(TAKEN));
    }
    let report = object::<OrderRow<'_>>(raw).and_then(|row| row.report());
    report.map_err(|fault: Fault| unreadable(fault, raw.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tradewire_core::ErrorKind;
    use tradewire_transport::Verdict;

    use super::super::error_codes::verdict;
    use super::super::order_arguments::tests::{limit, order};
    use super::super::order_row;
    use super::*;

    #[test]
    fn orders_are_one_list_in_their_order() {
        let (one, other) = (order(limit()), order(limit().post_only()));
        let words = [&one, &other].map(|order| OrderArguments::of(order).expect("words"));
        let batch = PlaceBatch(words.to_vec());
        assert_eq!((batch.cost().weight, batch.cost().orders), (5, 2));
        let mut query = Query::default();
        batch.query(&mut query);
        let list = query.arguments().next().expect("one argument").value.into_owned();
        let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
        let told = |place: usize, name: &str| list[place][name].as_str().map(str::to_owned);
        assert_eq!((told(0, "timeInForce"), told(1, "timeInForce")), (Some("GTC".into()), Some("GTX".into())));
        assert_eq!(told(0, "newClientOrderId").as_deref(), Some(one.client_order_id.as_str()));
    }

    #[test]
    fn every_element_of_the_answer_stands_for_itself() {
        let row = order_row::tests::row(&[("status", json!("NEW"))]);
        let body = json!([row, { "code": -5022, "msg": "no" }, { "code": -1007, "msg": "late" }, { "orderId": 1 }]);
        let told = PlaceBatch(Vec::new()).decode(body.to_string().as_bytes()).expect("a list");
        assert!(told[0].is_ok());
        let refused = told[1].as_ref().expect_err("refused");
        assert_eq!((refused.kind(), verdict(refused)), (ErrorKind::PostOnlyWouldTake, Verdict::Refused));
        assert_eq!(verdict(told[2].as_ref().expect_err("late")), Verdict::Unknown);
        let broken = told[3].as_ref().expect_err("not an order");
        assert_eq!((broken.kind(), verdict(broken)), (ErrorKind::Decode, Verdict::Unknown));
        assert!(broken.frame().is_some());
        assert!(PlaceBatch(Vec::new()).decode(b"{}").is_err());
    }
}
