//! Questions about the account. Paths, arguments and weights are the exchange's.

use tradewire_core::{BalanceSnapshot, Error, ExchangeOrderId, ExecutionReport, FeeRates, FillReport};
use tradewire_tracking::{FillQuery, History, Page, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{decoded, object};

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

/// One order.
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

/// Open orders, of a symbol or of the account.
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

    fn decode(&self, _body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        unwritten!("read a page of open orders, the oldest first")
    }
}

/// Orders of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastOrders<'a> {
    pub(crate) of: &'a History<'a>,
}

impl Endpoint for PastOrders<'_> {
    account_read!("/1/orders/past", Page<ExecutionReport>);

    /// Its arguments: window and page are to be added.
    fn query(&self, query: &mut Query) {
        query.add("symbol", &self.of.instrument.symbol);
    }

    fn decode(&self, _body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        unwritten!("ask for a window of past orders, and read a page of them, the oldest first")
    }
}

/// Fills.
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

    /// Its arguments: window, order and page are to be added.
    fn query(&self, query: &mut Query) {
        match self {
            Self::Window(history) => query.add("symbol", &history.instrument.symbol),
            Self::Order { symbol, .. } | Self::Newest { symbol } => query.add("symbol", symbol),
        };
    }

    fn decode(&self, _body: &[u8]) -> Result<Page<FillReport>, Error> {
        unwritten!("ask for fills, and read a page of them, the oldest first")
    }
}

/// Balances.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Balances;

impl Endpoint for Balances {
    account_read!("/1/balances", BalanceSnapshot);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, _body: &[u8]) -> Result<BalanceSnapshot, Error> {
        unwritten!("read the balances")
    }
}

/// The account's fee rates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fees<'a> {
    pub(crate) symbol: &'a str,
}

impl Endpoint for Fees<'_> {
    account_read!("/1/fees", FeeRates);

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, _body: &[u8]) -> Result<FeeRates, Error> {
        unwritten!("read the fee rates")
    }
}
