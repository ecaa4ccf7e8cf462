//! Questions about the account.

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Asset, BalanceReport, BalanceSnapshot, Error, ExchangeOrderId, ExecutionReport, FeeRates, FillReport,
};
use tradewire_tracking::{FillQuery, History, Page, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, Text, decoded, object, signed, unsigned};

use crate::fill_row::FillRow;
use crate::order_commands::write_target;
use crate::order_row::OrderRow;

/// Rows of a page.
pub(crate) const PAGE: u32 = 100;
/// The longest window.
pub(crate) const WINDOW_SECONDS: u64 = 24 * 60 * 60;

/// What all questions about the account have in common.
macro_rules! account_read {
    ($path:literal, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::GET;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::AccountRead
        }

        fn cost(&self) -> Cost {
            Cost::weight(1)
        }
    };
}
pub(crate) use account_read;

/// `GET /1/orders`
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryOrder<'a> {
    pub(crate) target: &'a Target,
}

impl Endpoint for QueryOrder<'_> {
    account_read!("/1/orders", ExecutionReport);

    fn query(&self, query: &mut Query) {
        write_target(query, self.target);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        decoded(body, |raw| object::<OrderRow<'_>>(raw)?.report())
    }
}

/// `GET /1/orders/open`
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenOrders<'a> {
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for OpenOrders<'_> {
    account_read!("/1/orders/open", Page<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        if let Some(symbol) = self.symbol {
            query.add("symbol", symbol);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        decoded(body, orders)
    }
}

/// `GET /1/orders/past`
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastOrders<'a> {
    pub(crate) of: &'a History<'a>,
}

impl Endpoint for PastOrders<'_> {
    account_read!("/1/orders/past", Page<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        write_window(query, self.of);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        decoded(body, orders)
    }
}

/// `GET /1/fills`
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fills<'a> {
    /// Those of a window.
    Window(&'a History<'a>),
    /// Those of one order.
    Order { symbol: &'a str, id: &'a ExchangeOrderId, page: Option<&'a str> },
    /// The newest.
    Newest { symbol: &'a str },
}

impl<'a> Fills<'a> {
    /// Those that are asked for.
    pub(crate) fn of(query: &'a FillQuery<'a>) -> Self {
        match query {
            FillQuery::Window(history) => Self::Window(history),
            FillQuery::Order { instrument, order, page } => {
                Self::Order { symbol: &instrument.symbol, id: order, page: *page }
            }
        }
    }
}

impl Endpoint for Fills<'_> {
    account_read!("/1/fills", Page<FillReport>);

    fn query(&self, query: &mut Query) {
        match self {
            Self::Window(history) => write_window(query, history),
            Self::Order { symbol, id, page } => {
                query.add("symbol", symbol).add("order", id);
                write_page(query, *page);
            }
            Self::Newest { symbol } => drop(query.add("symbol", symbol)),
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FillReport>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            fills: Vec<&'a RawValue>,
            next: Option<String>,
        }
        decoded(body, |raw| {
            let Body { fills, next } = object(raw)?;
            let rows: Result<_, Fault> =
                fills.iter().rev().map(|row| object::<FillRow<'_>>(row.get())?.report()).collect();
            Ok(Page { rows: rows?, next, goes_back: true })
        })
    }
}

pub(crate) fn write_window(query: &mut Query, of: &History<'_>) {
    query.add("symbol", &of.instrument.symbol).add("from", of.from.as_millis()).add("until", of.until.as_millis());
    write_page(query, of.page);
}

fn write_page(query: &mut Query, page: Option<&str>) {
    if let Some(page) = page {
        query.add("page", page);
    }
}

/// A page of orders, turned so that the oldest comes first.
fn orders(raw: &str) -> Result<Page<ExecutionReport>, Fault> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        orders: Vec<&'a RawValue>,
        next: Option<String>,
    }
    let Body { orders, next } = object(raw)?;
    let rows: Result<_, Fault> = orders.iter().rev().map(|row| object::<OrderRow<'_>>(row.get())?.report()).collect();
    Ok(Page { rows: rows?, next, goes_back: true })
}

/// `GET /1/balances`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Balances;

impl Endpoint for Balances {
    account_read!("/1/balances", BalanceSnapshot);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<BalanceSnapshot, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            balances: Vec<Row<'a>>,
        }
        #[derive(Deserialize)]
        struct Row<'a> {
            #[serde(borrow)]
            asset: Text<'a>,
            #[serde(borrow)]
            total: Number<'a>,
            #[serde(borrow)]
            free: Number<'a>,
        }
        decoded(body, |raw| {
            let rows = object::<Body<'_>>(raw)?.balances.into_iter().map(|row| {
                let (total, available) = (unsigned(&row.total)?, Some(unsigned(&row.free)?));
                Ok(BalanceReport { asset: Asset::from(&*row.asset), total, available })
            });
            let balances: Result<_, Fault> = rows.collect();
            Ok(BalanceSnapshot { balances: balances?, as_of: None })
        })
    }
}

/// `GET /1/fees`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fees<'a> {
    pub(crate) symbol: &'a str,
}

impl Endpoint for Fees<'_> {
    account_read!("/1/fees", FeeRates);

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<FeeRates, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            maker: Number<'a>,
            #[serde(borrow)]
            taker: Number<'a>,
        }
        decoded(body, |raw| {
            let Body { maker, taker } = object(raw)?;
            Ok(FeeRates { maker: signed(&maker)?, taker: signed(&taker)? })
        })
    }
}
