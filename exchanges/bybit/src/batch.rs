use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, ExecutionReport, Timestamp};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security, SocketEndpoint};
use tradewire_wire::{Fault, Text, decoded, object, unreadable};

use crate::calls::reply_result;
use crate::category::Category;
use crate::envelope::{List, result};
use crate::error_codes::stated;
use crate::limits::Command;
use crate::order_commands::{PlaceOrder, command, received};

/// The most orders of one command: no more than the limit of a second holds.
pub(crate) const BATCH_MAX: usize = 10;

/// What came of each order, in their order.
pub(crate) type Results = Vec<Result<ExecutionReport, Error>>;

/// Places several orders of a market. Each counts as one call.
///
/// <https://bybit-exchange.github.io/docs/v5/order/batch-place>
#[derive(Clone, Debug)]
pub(crate) struct PlaceBatch<'a> {
    pub(crate) category: Category,
    pub(crate) orders: Vec<PlaceOrder<'a>>,
}

impl Endpoint for PlaceBatch<'_> {
    command!("/v5/order/create-batch", Place, Results);

    fn cost(&self) -> Cost {
        Command::CreateBatch.group(self.category).orders(self.orders.len().try_into().unwrap_or(u32::MAX))
    }

    fn query(&self, query: &mut Query) {
        query.add("category", self.category);
        query.add_objects("request", &self.orders, |order, arguments| order.arguments.write_order(arguments));
    }

    fn decode(&self, body: &[u8]) -> Result<Results, Error> {
        let codes = Codes::read(body)?;
        result(body, |raw, time| self.results(raw, time, &codes))
    }
}

impl SocketEndpoint for PlaceBatch<'_> {
    const OP: &'static str = "order.create-batch";

    fn decode_result(&self, reply: &[u8]) -> Result<Results, Error> {
        let codes = Codes::read(reply)?;
        reply_result(reply, |raw, time| self.results(raw, time, &codes))
    }
}

impl PlaceBatch<'_> {
    /// Lays the list of orders beside that of codes.
    fn results(&self, raw: &str, time: Timestamp, codes: &[Code]) -> Result<Results, Fault> {
        let rows: Vec<&RawValue> = object::<List<'_>>(raw)?.list;
        if rows.len() != codes.len() {
            return Err(Fault::decode("as many codes as orders were expected"));
        }
        let each = self.orders.iter().zip(rows.into_iter().zip(codes));
        let outcome = |(order, (row, code)): (&PlaceOrder<'_>, (&RawValue, &Code))| match code.code {
            0 => received(order.symbol, row.get(), time).map_err(|fault| unreadable(fault, row.get().as_bytes())),
            refused => Err(stated(refused, code.text.clone())),
        };
        Ok(each.map(outcome).collect())
    }
}

/// What the exchange says of one order.
struct Code {
    code: i64,
    text: String,
}

impl Code {
    fn read(raw: &str) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Wire<'a> {
            code: i64,
            #[serde(borrow, rename = "msg")]
            text: Option<Text<'a>>,
        }
        let wire: Wire<'_> = object(raw)?;
        Ok(Self { code: wire.code, text: wire.text.as_deref().unwrap_or_default().to_owned() })
    }
}

/// The list of codes, which stands apart from that of orders.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Codes<'a> {
    #[serde(borrow)]
    ret_ext_info: &'a RawValue,
}

impl Codes<'_> {
    fn read(body: &[u8]) -> Result<Vec<Code>, Error> {
        decoded(body, |raw| object::<List<'_>>(object::<Codes<'_>>(raw)?.ret_ext_info.get())?.rows(Code::read))
    }
}

#[cfg(test)]
mod tests {
    use tradewire_core::ErrorKind;
    use tradewire_tracking::NewOrder;

    use super::*;
    use crate::order_arguments::OrderArguments;
    use crate::order_arguments::tests::{limit, order};

    fn placing(order: &NewOrder) -> PlaceOrder<'_> {
        let arguments = OrderArguments::of(Category::Linear, order).expect("words");
        PlaceOrder { category: Category::Linear, symbol: "BTCUSDT", arguments }
    }

    const LIST: &str = r#""list":[{"orderId":"o-1","orderLinkId":"a"},{"orderId":"","orderLinkId":"b"}]"#;
    const CODES: &str = r#""retExtInfo":{"list":[{"code":0,"msg":"OK"},{"code":110007,"msg":"ab not enough"}]}"#;

    #[test]
    fn each_order_has_its_own_code() {
        let (one, other) = (order(Category::Linear, limit()), order(Category::Linear, limit()));
        let batch = PlaceBatch { category: Category::Linear, orders: vec![placing(&one), placing(&other)] };
        assert_eq!(batch.cost().named, Some(("linear order/create-batch", 2)));
        let body = format!(r#"{{"retCode":0,"result":{{{LIST}}},{CODES},"time":7}}"#);
        let reply = format!(r#"{{"retCode":0,"data":{{{LIST}}},{CODES},"header":{{"Timenow":"7"}}}}"#);
        for told in [batch.decode(body.as_bytes()), batch.decode_result(reply.as_bytes())] {
            let told = told.expect("a list");
            let placed = told[0].as_ref().expect("an order");
            assert_eq!((placed.exchange_order_id.clone(), placed.time.as_millis()), (Some("o-1".into()), 7));
            assert_eq!(told[1].as_ref().expect_err("refused").kind(), ErrorKind::InsufficientBalance);
        }
        assert!(batch.decode(format!(r#"{{"retCode":0,"result":{{{LIST}}},"time":7}}"#).as_bytes()).is_err());
        let uneven = r#""retExtInfo":{"list":[]}"#;
        assert!(batch.decode(format!(r#"{{"retCode":0,"result":{{{LIST}}},{uneven},"time":7}}"#).as_bytes()).is_err());
    }

    #[test]
    fn orders_stand_in_one_list_without_their_market() {
        let one = order(Category::Spot, limit());
        let batch = PlaceBatch { category: Category::Spot, orders: vec![placing(&one), placing(&one)] };
        let mut query = Query::default();
        batch.query(&mut query);
        let arguments: Vec<_> = query.arguments().collect();
        assert_eq!((arguments[0].name, &*arguments[0].value, arguments[1].literal), ("category", "spot", true));
        let list: serde_json::Value = serde_json::from_str(&arguments[1].value).expect("JSON");
        assert_eq!(list[1]["orderLinkId"], one.client_order_id.as_str());
        assert!(list[0]["category"].is_null());
    }
}
