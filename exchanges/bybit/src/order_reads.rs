use tradewire_core::{Error, ExecutionReport};
use tradewire_tracking::{History, Page, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, object};

use crate::category::Category;
use crate::envelope::{List, result};
use crate::limits::Group;
use crate::order_arguments::write_target;
use crate::page::{SettlePage, Window, page, write_page};
use crate::private::OrderRow;

/// The most rows of a list of orders.
const ORDERS_MAX: u32 = 50;

/// What all questions about an account have in common.
macro_rules! account_read {
    ($path:literal, $group:ident, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::GET;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::AccountRead
        }

        fn cost(&self) -> Cost {
            Group::$group.call()
        }
    };
}

pub(crate) use account_read;

/// One order among those that are open or have ended lately.
///
/// <https://bybit-exchange.github.io/docs/v5/order/open-order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryOrder<'a> {
    pub(crate) category: Category,
    pub(crate) target: &'a Target,
}

impl Endpoint for QueryOrder<'_> {
    account_read!("/v5/order/realtime", ORDERS, Option<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        write_target(query, self.category, self.target);
    }

    fn decode(&self, body: &[u8]) -> Result<Option<ExecutionReport>, Error> {
        one(body, self.category, self.target)
    }
}

/// One order in the history, which may lag.
///
/// <https://bybit-exchange.github.io/docs/v5/order/order-list>
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryEndedOrder<'a> {
    pub(crate) category: Category,
    pub(crate) target: &'a Target,
}

impl Endpoint for QueryEndedOrder<'_> {
    account_read!("/v5/order/history", ORDER_HISTORY, Option<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        write_target(query, self.category, self.target);
    }

    fn decode(&self, body: &[u8]) -> Result<Option<ExecutionReport>, Error> {
        one(body, self.category, self.target)
    }
}

/// The order that was asked for, if the answer has it.
fn one(body: &[u8], category: Category, target: &Target) -> Result<Option<ExecutionReport>, Error> {
    let is_it = |report: &ExecutionReport| match (&target.exchange_order_id, &target.client_order_id) {
        (Some(id), _) => report.exchange_order_id.as_ref() == Some(id),
        (None, id) => report.client_order_id == *id,
    };
    result(body, |raw, _| Ok(reports(&object::<List<'_>>(raw)?, category)?.rows.into_iter().find(is_it)))
}

fn reports(list: &List<'_>, category: Category) -> Result<Page<ExecutionReport>, Fault> {
    page(list, |row| object::<OrderRow<'_>>(row)?.asked(category).map(Some))
}

/// A page of the open orders of an instrument, or of all.
///
/// <https://bybit-exchange.github.io/docs/v5/order/open-order>
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenOrders<'a> {
    category: Category,
    which: Which<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Which<'a> {
    /// Those of an instrument, or of spot as a whole.
    Plain { symbol: Option<&'a str>, page: Option<&'a str> },
    /// Those of all contracts, one settle coin after the other.
    Settled(SettlePage<'a>),
}

impl<'a> OpenOrders<'a> {
    /// The page that is asked for.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that none of ours was named.
    pub(crate) fn of(category: Category, symbol: Option<&'a str>, page: Option<&'a str>) -> Result<Self, Error> {
        let which = match (category, symbol) {
            (Category::Linear, None) => Which::Settled(SettlePage::named(page)?),
            (_, symbol) => Which::Plain { symbol, page },
        };
        Ok(Self { category, which })
    }
}

impl Endpoint for OpenOrders<'_> {
    account_read!("/v5/order/realtime", ORDERS, Page<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category);
        let page = match self.which {
            Which::Plain { symbol, page } => {
                if let Some(symbol) = symbol {
                    query.add("symbol", symbol);
                }
                page
            }
            Which::Settled(SettlePage { coin, cursor }) => {
                query.add("settleCoin", coin);
                cursor
            }
        };
        query.add("openOnly", 0).add("limit", ORDERS_MAX);
        write_page(query, page);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        let mut page = result(body, |raw, _| reports(&object::<List<'_>>(raw)?, self.category))?;
        if let Which::Settled(settled) = self.which {
            page.next = settled.next(page.next.as_deref());
        }
        Ok(page)
    }
}

/// A page of the orders that were created in a window, ended ones too.
///
/// <https://bybit-exchange.github.io/docs/v5/order/order-list>
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderHistory<'a> {
    category: Category,
    symbol: &'a str,
    window: Window<'a>,
}

impl<'a> OrderHistory<'a> {
    /// The page that is asked for.
    pub(crate) fn of(category: Category, history: &'a History<'a>) -> Self {
        Self { category, symbol: &history.instrument.symbol, window: Window::of(history) }
    }
}

impl Endpoint for OrderHistory<'_> {
    account_read!("/v5/order/history", ORDER_HISTORY, Page<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category).add("symbol", self.symbol).add("limit", ORDERS_MAX);
        self.window.write(query);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        result(body, |raw, _| reports(&object::<List<'_>>(raw)?, self.category))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order_arguments::tests::{instrument, target};
    use serde_json::{Value, json};
    use tradewire_core::Timestamp;

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    fn body(ids: &[&str], cursor: &str) -> Vec<u8> {
        let row = |id: &&str| {
            json!({"symbol": "BTCUSDT", "orderId": id, "orderLinkId": "a", "side": "Buy", "orderType": "Limit",
                "timeInForce": "GTC", "price": "1", "qty": "2", "orderStatus": "New", "createdTime": "5", "updatedTime": "6"})
        };
        let rows: Vec<Value> = ids.iter().map(row).collect();
        json!({"retCode": 0, "result": {"list": rows, "nextPageCursor": cursor}, "time": 1}).to_string().into_bytes()
    }

    #[test]
    fn a_question_for_one_order_takes_no_other_for_it() {
        let target = target(Category::Linear, Some("a"), Some("o-2"));
        let ask = QueryOrder { category: Category::Linear, target: &target };
        assert_eq!(query(&ask), "category=linear&symbol=BTCUSDT&orderId=o-2");
        let found = ask.decode(&body(&["o-1", "o-2"], "")).expect("an answer").expect("found");
        assert_eq!(found.exchange_order_id, Some("o-2".into()));
        assert!(ask.decode(&body(&[], "")).expect("an answer").is_none());
        assert!(ask.decode(&body(&["o-1"], "")).expect("an answer").is_none());
    }

    #[test]
    fn open_orders_come_in_pages_of_one_coin_after_the_other() {
        let of = |category, symbol, page| OpenOrders::of(category, symbol, page).expect("a page");
        assert_eq!(query(&of(Category::Spot, None, None)), "category=spot&openOnly=0&limit=50");
        assert_eq!(
            query(&of(Category::Linear, Some("BTCUSDT"), Some("a=1"))),
            "category=linear&symbol=BTCUSDT&openOnly=0&limit=50&cursor=a%3D1"
        );
        let all = of(Category::Linear, None, None);
        assert_eq!(query(&all), "category=linear&settleCoin=USDT&openOnly=0&limit=50");
        let page = all.decode(&body(&["1"], "p%3D2")).expect("a page");
        assert_eq!((page.rows.len(), page.next.as_deref()), (1, Some("USDT p=2")));
        assert_eq!(all.decode(&body(&["1"], "")).expect("a page").next.as_deref(), Some("USDC"));
        assert!(OpenOrders::of(Category::Linear, None, Some("moon")).is_err());
    }

    #[test]
    fn history_comes_newest_first_and_is_turned() {
        let instrument = instrument(Category::Spot);
        let at = Timestamp::from_millis;
        let history = History { instrument: &instrument, from: at(5), until: at(10), page: Some("p=1") };
        let ask = OrderHistory::of(Category::Spot, &history);
        assert_eq!(query(&ask), "category=spot&symbol=BTCUSDT&limit=50&startTime=5&endTime=10&cursor=p%3D1");
        let page = ask.decode(&body(&["newer", "older"], "")).expect("a page");
        let ids: Vec<_> = page.rows.iter().filter_map(|row| row.exchange_order_id.clone()).collect();
        assert_eq!((ids, page.next), (vec!["older".into(), "newer".into()], None));
    }
}
