use serde_json::value::RawValue;
use tradewire_core::{Error, ExecutionReport};
use tradewire_tracking::{History, Page, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use super::algo_row::AlgoRow;
use super::order_commands::write_algo_target;
use super::order_row::{OrderRow, is_live};
use crate::account_endpoints::{account_read, add, write_target};
use crate::market::{Fault, object};
use crate::page::Start;
use crate::private::decoded;

/// The page of an instrument's history with which the orders that wait for a trigger begin.
const WAITING: &str = "algo";

/// One order of the engine. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Query-Order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryOrder<'a>(pub(crate) &'a Target);

impl Endpoint for QueryOrder<'_> {
    account_read!("/fapi/v1/order", ExecutionReport);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.0.instrument.symbol);
        write_target(query, self.0, "orderId", "origClientOrderId");
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| object::<OrderRow<'_>>(raw)?.report())
    }
}

/// One order that waits, or has waited, for a trigger. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Query-Algo-Order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryAlgoOrder<'a>(pub(crate) &'a Target);

/// An order that waited for a trigger: what its service says, and whether the engine has it by now.
#[derive(Debug)]
pub(crate) struct AlgoOrder {
    pub(crate) report: ExecutionReport,
    pub(crate) triggered: bool,
}

impl Endpoint for QueryAlgoOrder<'_> {
    account_read!("/fapi/v1/algoOrder", AlgoOrder);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        write_algo_target(query, self.0);
    }

    fn decode(&self, body: &[u8]) -> Result<AlgoOrder, Error> {
        decoded(body, |raw| {
            let row: AlgoRow<'_> = object(raw)?;
            Ok(AlgoOrder { report: row.report()?, triggered: row.engine_order().is_some() })
        })
    }
}

/// All open orders of the engine. Weight 1 for an instrument, 40 for the account.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Current-All-Open-Orders>
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenOrders<'a> {
    /// The instrument; `None` for all.
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for OpenOrders<'_> {
    account_read!("/fapi/v1/openOrders", Vec<ExecutionReport>);

    fn cost(&self) -> Cost {
        of_one_or_all(self.symbol)
    }

    fn query(&self, query: &mut Query) {
        add(query, "symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<ExecutionReport>, Error> {
        decoded(body, |raw| rows(raw, |row| object::<OrderRow<'_>>(row)?.report()))
    }
}

/// All orders that wait for a trigger. Weight 1 for an instrument, 40 for the account. Those that the engine has are left to
/// it.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Current-All-Algo-Open-Orders>
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenAlgoOrders<'a> {
    /// The instrument; `None` for all.
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for OpenAlgoOrders<'_> {
    account_read!("/fapi/v1/openAlgoOrders", Vec<ExecutionReport>);

    fn cost(&self) -> Cost {
        of_one_or_all(self.symbol)
    }

    fn query(&self, query: &mut Query) {
        add(query, "symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<ExecutionReport>, Error> {
        let waiting = |report: &ExecutionReport| report.trigger.is_some() && is_live(report);
        let mut reports = decoded(body, |raw| rows(raw, |row| object::<AlgoRow<'_>>(row)?.report()))?;
        reports.retain(waiting);
        Ok(reports)
    }
}

/// One page of the orders that were created in a window, ended ones too. Weight 5. The engine's come first, then those that
/// wait or have waited for a trigger.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OrdersPage<'a> {
    /// Of the engine.
    Engine(AllOrders<'a>),
    /// Of the other service.
    Waiting(AllAlgoOrders<'a>),
}

impl<'a> OrdersPage<'a> {
    /// The page that is asked for.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that none of ours was named.
    pub(crate) fn of(history: &'a History<'_>) -> Result<Self, Error> {
        let symbol = &*history.instrument.symbol;
        let start = |page| Start::of(&History { page, ..*history });
        let waiting = history.page.and_then(|page| page.strip_prefix(WAITING));
        Ok(match waiting {
            None => Self::Engine(AllOrders { symbol, start: start(history.page)? }),
            Some("") => Self::Waiting(AllAlgoOrders { symbol, start: start(None)? }),
            Some(id) => Self::Waiting(AllAlgoOrders { symbol, start: start(id.strip_prefix('-'))? }),
        })
    }
}

/// The engine's part of [`OrdersPage`].
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/All-Orders>
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllOrders<'a> {
    symbol: &'a str,
    start: Start,
}

impl Endpoint for AllOrders<'_> {
    account_read!("/fapi/v1/allOrders", Page<ExecutionReport>);

    fn cost(&self) -> Cost {
        Cost::weight(5)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
        self.start.write(query, "orderId");
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        let id = |report: &ExecutionReport| report.exchange_order_id.as_ref()?.as_str().parse().ok();
        decoded(body, |raw| {
            let reports = rows(raw, |row| object::<OrderRow<'_>>(row)?.report())?;
            let page = self.start.page(reports, |report| report.created.unwrap_or(report.time), id);
            Ok(Page { next: page.next.or_else(|| Some(WAITING.to_owned())), ..page })
        })
    }
}

/// The other part of [`OrdersPage`].
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Query-All-Algo-Orders>
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllAlgoOrders<'a> {
    symbol: &'a str,
    start: Start,
}

impl Endpoint for AllAlgoOrders<'_> {
    account_read!("/fapi/v1/allAlgoOrders", Page<ExecutionReport>);

    fn cost(&self) -> Cost {
        Cost::weight(5)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
        self.start.write(query, "algoId");
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        decoded(body, |raw| {
            let reports = rows(raw, |row| {
                let row: AlgoRow<'_> = object(row)?;
                Ok((row.algo_id.text().parse::<u64>().ok(), row.report()?))
            })?;
            let page = self.start.page(reports, |(_, report)| report.created.unwrap_or(report.time), |(id, _)| *id);
            let rows = page.rows.into_iter().map(|(_, report)| report).collect();
            Ok(Page { rows, next: page.next.map(|id| format!("{WAITING}-{id}")), goes_back: false })
        })
    }
}

fn of_one_or_all(symbol: Option<&str>) -> Cost {
    Cost::weight(if symbol.is_some() { 1 } else { 40 })
}

/// Reads a list row by row.
pub(crate) fn rows<'a, T>(raw: &'a str, read: impl Fn(&'a str) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let rows: Vec<&'a RawValue> = serde_json::from_str(raw)?;
    rows.into_iter().map(|row| read(row.get())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::{instrument, target};
    use super::super::{algo_row, order_row};
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
        assert_eq!(query(&QueryOrder(&target(Some("a"), None))), "symbol=BTCUSDT&origClientOrderId=a");
        assert_eq!(query(&QueryAlgoOrder(&target(Some("a"), Some("algo-7")))), "algoId=7");
        let (one, all) = (OpenOrders { symbol: Some("BTCUSDT") }, OpenOrders { symbol: None });
        assert_eq!((query(&one).as_str(), query(&all).as_str()), ("symbol=BTCUSDT", ""));
        assert_eq!((one.cost().weight, all.cost().weight), (1, 40));
        let waiting = OpenAlgoOrders { symbol: None };
        let triggered = [("algoStatus", json!("TRIGGERED")), ("actualOrderId", json!("9"))];
        let body = json!([algo_row::tests::row(&[]), algo_row::tests::row(&triggered)]).to_string();
        assert_eq!(waiting.decode(body.as_bytes()).expect("reports").len(), 1, "the engine tells of the other");
        let asked =
            QueryAlgoOrder(&target(Some("a"), None)).decode(algo_row::tests::row(&triggered).to_string().as_bytes());
        assert!(asked.expect("an order").triggered);
    }

    #[test]
    fn history_is_that_of_both_services() {
        let instrument = instrument();
        let at = Timestamp::from_millis;
        let mut history = History { instrument: &instrument, from: at(5), until: at(1_780_000_000_000), page: None };
        let OrdersPage::Engine(first) = OrdersPage::of(&history).expect("a page") else { panic!("the engine's first") };
        assert_eq!(query(&first), "symbol=BTCUSDT&startTime=5&endTime=1780000000000&limit=1000");
        let order = |id: u64| order_row::tests::row(&[("orderId", json!(id)), ("time", json!(6))]);
        let many: Vec<_> = (1..=1_000).map(order).collect();
        let page = first.decode(serde_json::to_string(&many).expect("JSON").as_bytes()).expect("a page");
        assert_eq!((page.rows.len(), page.next.as_deref()), (1_000, Some("1001")));
        let page = first.decode(json!([order(1)]).to_string().as_bytes()).expect("a page");
        assert_eq!(page.next.as_deref(), Some("algo"));
        history.page = page.next.as_deref();
        let OrdersPage::Waiting(waiting) = OrdersPage::of(&history).expect("a page") else { panic!("the others") };
        assert_eq!(query(&waiting), "symbol=BTCUSDT&startTime=5&endTime=1780000000000&limit=1000");
        let many: Vec<_> = (1..=1_000).map(|id: u64| algo_row::tests::row(&[("algoId", json!(id))])).collect();
        let page = waiting.decode(serde_json::to_string(&many).expect("JSON").as_bytes()).expect("a page");
        assert_eq!((page.rows.len(), page.next.as_deref()), (1_000, Some("algo-1001")));
        history.page = page.next.as_deref();
        let OrdersPage::Waiting(next) = OrdersPage::of(&history).expect("a page") else { panic!("the others") };
        assert_eq!(query(&next), "symbol=BTCUSDT&algoId=1001&limit=1000");
        assert_eq!(next.decode(b"[]").expect("a page").next, None);
        history.page = Some("last");
        assert_eq!(OrdersPage::of(&history).expect_err("no page").kind(), ErrorKind::InvalidRequest);
    }
}
