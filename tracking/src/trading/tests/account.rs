use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::future::ready;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tradewire_core::{
    BalanceSnapshot, ClientOrderId, CommandError, Decimal, Error, ErrorKind, ExchangeOrderId, ExecutionReport,
    FeeRates, FillReport, Instrument, Timestamp,
};
use tradewire_transport::{RenderedRequest, StreamDialect};

use super::market::UnusedMarket;
use crate::{AccountSource, Action, FillQuery, History, MarketSource, NewOrder, Page, PrivateFrame, Target};

/// What the exchange knows of an account's orders.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) open: Vec<ExecutionReport>,
    pub(super) history: Vec<ExecutionReport>,
    pub(super) fills: Vec<FillReport>,
    /// Under which client order id an order was placed, by the exchange's id.
    pub(super) renamed: BTreeMap<String, ClientOrderId>,
    /// The question that fails, by the word that [`ScriptedAccount::asked`] has for it.
    pub(super) fails: Option<&'static str>,
}

/// An account that answers what a test has it know, and notes what it is asked.
#[derive(Debug)]
pub(super) struct ScriptedAccount {
    market: Arc<dyn MarketSource>,
    in_lists: bool,
    known: Mutex<Known>,
    asked: Mutex<Vec<String>>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

/// What happens while balances are read.
struct Meanwhile(Box<dyn FnOnce() + Send>);

impl Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meanwhile")
    }
}

impl ScriptedAccount {
    /// `in_lists`: it has no question for single orders.
    pub(super) fn new(in_lists: bool) -> Self {
        Self {
            market: Arc::new(UnusedMarket::new()),
            in_lists,
            known: Mutex::default(),
            asked: Mutex::default(),
            meanwhile: Mutex::default(),
        }
    }

    /// Has this happen while balances are read next.
    pub(super) fn meanwhile(&self, happens: impl FnOnce() + Send + 'static) {
        *self.meanwhile.lock() = Some(Meanwhile(Box::new(happens)));
    }

    pub(super) fn knows(&self, known: Known) {
        *self.known.lock() = known;
    }

    /// What was asked since the last look, in short.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock())
    }

    fn answer<'a, T: Send + 'a>(
        &self,
        question: &'static str,
        of: Option<&str>,
        answer: impl FnOnce(&Known) -> T,
    ) -> BoxFuture<'a, Result<T, Error>> {
        self.asked.lock().push(of.map_or_else(|| question.to_owned(), |of| format!("{question} {of}")));
        let known = self.known.lock();
        let failure = || Error::new(ErrorKind::Timeout, "no answer");
        Box::pin(ready(if known.fails == Some(question) { Err(failure()) } else { Ok(answer(&known)) }))
    }
}

fn page<T: Clone>(rows: &[T], is_wanted: impl Fn(&T) -> bool) -> Page<T> {
    Page { rows: rows.iter().filter(|row| is_wanted(row)).cloned().collect(), next: None, goes_back: false }
}

fn unused() -> ! {
    panic!("nothing is asked but of orders, fills and balances")
}

impl AccountSource for ScriptedAccount {
    fn market(&self) -> &Arc<dyn MarketSource> {
        &self.market
    }

    fn account(&self) -> &str {
        "test"
    }

    fn default_fees(&self) -> FeeRates {
        FeeRates { maker: Decimal::ZERO, taker: Decimal::ZERO }
    }

    fn looks_in_lists(&self) -> bool {
        self.in_lists
    }

    fn order<'a>(&'a self, order: &'a Target) -> BoxFuture<'a, Result<Option<ExecutionReport>, Error>> {
        let id = order.client_order_id.as_ref().map(ToString::to_string);
        self.answer("order", id.as_deref(), |known| {
            let all = known.open.iter().chain(&known.history);
            all.clone().find(|report| report.client_order_id == order.client_order_id).cloned()
        })
    }

    fn open_orders<'a>(
        &'a self,
        of: Option<&'a Instrument>,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let of_it = |report: &ExecutionReport| of.is_none_or(|of| *of.symbol == *report.symbol);
        self.answer("open orders", None, |known| page(&known.open, of_it))
    }

    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let of_it = |report: &ExecutionReport| *of.instrument.symbol == *report.symbol;
        self.answer("orders", None, |known| page(&known.history, of_it))
    }

    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>> {
        match of {
            FillQuery::Window(of) => {
                let of_it = |fill: &FillReport| *of.instrument.symbol == *fill.symbol;
                self.answer("fills", None, |known| page(&known.fills, of_it))
            }
            FillQuery::Order { order, .. } => {
                let of_it = |fill: &FillReport| fill.exchange_order_id.as_ref() == Some(order);
                self.answer("fills of", Some(&order.to_string()), |known| page(&known.fills, of_it))
            }
        }
    }

    fn placed_as<'a>(
        &'a self,
        _: &'a Instrument,
        order: &'a ExchangeOrderId,
    ) -> BoxFuture<'a, Result<Option<ClientOrderId>, Error>> {
        let id = order.to_string();
        self.answer("placed as", Some(&id), |known| known.renamed.get(&id).cloned())
    }

    fn place(&self, _: Arc<NewOrder>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        unused()
    }

    fn cancel(&self, _: Arc<Target>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        unused()
    }

    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>> {
        if let Some(Meanwhile(happens)) = self.meanwhile.lock().take() {
            happens();
        }
        self.answer("balances", None, |_| BalanceSnapshot { balances: Vec::new(), as_of: None })
    }

    fn fees<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>> {
        unused()
    }

    fn private_stream(&self) -> Arc<dyn StreamDialect> {
        unused()
    }

    fn decode_private(&self, _: &[u8]) -> Result<PrivateFrame, Error> {
        unused()
    }

    fn render<'a>(&'a self, _: &'a Action, _: Option<Timestamp>) -> BoxFuture<'a, Result<RenderedRequest, Error>> {
        unused()
    }
}
