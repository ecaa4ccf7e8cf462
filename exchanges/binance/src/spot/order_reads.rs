use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{ClientOrderId, Error, ExchangeOrderId, ExecutionReport};
use tradewire_tracking::{History, Page, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use super::order_row::OrderRow;
use crate::account_endpoints::{account_read, write_target};
use crate::market::{Fault, object};
use crate::page::Start;
use crate::private::decoded;

/// One order. Weight 4.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#query-order-user_data>
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryOrder<'a>(pub(crate) &'a Target);

impl Endpoint for QueryOrder<'_> {
    account_read!("/api/v3/order", ExecutionReport);

    fn cost(&self) -> Cost {
        Cost::weight(4)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.0.instrument.symbol);
        write_target(query, self.0, "orderId", "origClientOrderId");
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| object::<OrderRow<'_>>(raw)?.report(None))
    }
}

/// All open orders. Weight 6 for an instrument, 80 for the account.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#current-open-orders-user_data>
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenOrders<'a> {
    /// The instrument; `None` for all.
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for OpenOrders<'_> {
    account_read!("/api/v3/openOrders", Vec<ExecutionReport>);

    fn cost(&self) -> Cost {
        Cost::weight(if self.symbol.is_some() { 6 } else { 80 })
    }

    fn query(&self, query: &mut Query) {
        if let Some(symbol) = self.symbol {
            query.add("symbol", symbol);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<ExecutionReport>, Error> {
        decoded(body, reports)
    }
}

/// One page of the orders that were created in a window, ended ones too. Weight 20.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#all-orders-user_data>
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllOrders<'a> {
    symbol: &'a str,
    start: Start,
}

impl<'a> AllOrders<'a> {
    /// The page that is asked for.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that none of ours was named.
    pub(crate) fn of(history: &'a History<'_>) -> Result<Self, Error> {
        Ok(Self { symbol: &history.instrument.symbol, start: Start::of(history)? })
    }
}

impl Endpoint for AllOrders<'_> {
    account_read!("/api/v3/allOrders", Page<ExecutionReport>);

    fn cost(&self) -> Cost {
        Cost::weight(20)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
        self.start.write(query, "orderId");
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        let created = |report: &ExecutionReport| report.created.unwrap_or(report.time);
        let id = |report: &ExecutionReport| report.exchange_order_id.as_ref()?.as_str().parse().ok();
        decoded(body, |raw| Ok(self.start.page(reports(raw)?, created, id)))
    }
}

/// The changes of an order that kept its place in the queue, oldest first. Weight 4.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#query-order-amendments-user_data>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amendments<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) order: &'a ExchangeOrderId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AmendmentRow {
    orig_client_order_id: String,
}

impl Endpoint for Amendments<'_> {
    account_read!("/api/v3/order/amendments", Option<ClientOrderId>);

    fn cost(&self) -> Cost {
        Cost::weight(4)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
        query.add("orderId", self.order.as_str());
        query.add("limit", "1");
    }

    /// The id that the order had before the first of them.
    fn decode(&self, body: &[u8]) -> Result<Option<ClientOrderId>, Error> {
        let first = |rows: Vec<AmendmentRow>| rows.into_iter().next().map(|row| row.orig_client_order_id.into());
        decoded(body, |raw| Ok(first(serde_json::from_str(raw)?)))
    }
}

fn reports(raw: &str) -> Result<Vec<ExecutionReport>, Fault> {
    let rows: Vec<&RawValue> = serde_json::from_str(raw)?;
    rows.into_iter().map(|row| object::<OrderRow<'_>>(row.get())?.report(None)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::{instrument, target};
    use super::*;
    use serde_json::json;
    use tradewire_core::{ErrorKind, Timestamp};

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    #[test]
    fn questions_name_what_they_ask_for_and_cost_by_it() {
        let target = target(Some("a"), None);
        assert_eq!(query(&QueryOrder(&target)), "symbol=BTCUSDT&origClientOrderId=a");
        let (one, all) = (OpenOrders { symbol: Some("BTCUSDT") }, OpenOrders { symbol: None });
        assert_eq!((query(&one).as_str(), query(&all).as_str()), ("symbol=BTCUSDT", ""));
        assert_eq!((one.cost().weight, all.cost().weight), (6, 80));
    }

    #[test]
    fn history_comes_in_pages() {
        let instrument = instrument("BTCUSDT");
        let at = Timestamp::from_millis;
        let mut history = History { instrument: &instrument, from: at(5), until: at(10), page: None };
        let first = AllOrders::of(&history).expect("a page");
        assert_eq!(query(&first), "symbol=BTCUSDT&startTime=5&endTime=10&limit=1000");
        let rows: Vec<_> = (1..=1_000)
            .map(|id| {
                json!({
                    "symbol": "BTCUSDT", "orderId": id, "clientOrderId": "a", "price": "1", "origQty": "2",
                    "executedQty": "0", "status": "NEW", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY",
                    "time": 6, "updateTime": 99,
                })
            })
            .collect();
        let page = first.decode(serde_json::to_string(&rows).expect("JSON").as_bytes()).expect("a page");
        assert_eq!((page.rows.len(), page.next.as_deref()), (1_000, Some("1001")), "the time of creation counts");
        history.page = page.next.as_deref();
        assert_eq!(query(&AllOrders::of(&history).expect("a page")), "symbol=BTCUSDT&orderId=1001&limit=1000");
        history.page = Some("last");
        assert_eq!(AllOrders::of(&history).expect_err("no page").kind(), ErrorKind::InvalidRequest);
    }
}
