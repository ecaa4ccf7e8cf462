//! Connectors that differ in one thing from the connector under test.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tradewire_core::{
    Amendment, BalanceSnapshot, BalanceStream, BestPrices, Candle, Capabilities, CommandError, Error, ExecutionReport,
    FeeRates, FillReport, FundingRate, Instrument, LastPrice, Pair, PrivateMessage, Ticker24h, Timestamp, Trade,
};
use tradewire_tracking::{
    AccountSource, Action, DecodeError, FillQuery, Frame, History, InstrumentList, MarketDecoder, MarketSink,
    MarketSource, NewOrder, Page, PerpetualSource, PrivateFrame, RawAnswer, RawSnapshot, Replaced, Scale, SequenceRule,
    SnapshotRequest, Target, TopicSet,
};
use tradewire_transport::{
    CallWatch, ClockSample, ConnectPace, Limits, RenderedRequest, Route, ServerClock, StreamDialect,
};

use crate::Subject;

/// What is different.
#[derive(Clone, Debug, Default)]
pub(crate) struct Altered {
    /// What it declares.
    declared: Option<&'static Capabilities>,
    /// Its market decoders panic once after this was set.
    panics: Option<Arc<AtomicBool>>,
    /// Its decoder of private frames panics once after this was set.
    private_panics: Option<Arc<AtomicBool>>,
    /// Whether its private stream tells no balances.
    without_balances: bool,
}

impl Altered {
    /// Its market decoders panic once after they were armed.
    pub(crate) fn panicking(armed: &Arc<AtomicBool>) -> Self {
        Self { panics: Some(Arc::clone(armed)), ..Self::default() }
    }

    /// Its decoder of private frames panics once after it was armed.
    pub(crate) fn panicking_in_private(armed: &Arc<AtomicBool>) -> Self {
        Self { private_panics: Some(Arc::clone(armed)), ..Self::default() }
    }

    /// It declares something else, and believes it.
    pub(crate) fn declaring(capabilities: Capabilities) -> Self {
        // Declarations live as long as the program; a row makes few of them.
        Self { declared: Some(Box::leak(Box::new(capabilities))), ..Self::default() }
    }

    /// Its private stream tells no balances, and it says so.
    pub(crate) fn without_balance_stream(mut declared: Capabilities) -> Self {
        if let Some(trading) = &mut declared.trading {
            trading.balance_stream = BalanceStream::None;
        }
        Self { without_balances: true, ..Self::declaring(declared) }
    }

    /// The subject with this difference.
    pub(crate) fn subject(self, known: &Subject) -> Subject {
        let (of_market, of_account, altered) = (known.clone(), known.clone(), self.clone());
        let subject = known.connecting(move |addresses| Ok(altered.market(of_market.source(addresses)?)));
        let altered = self.clone();
        let subject = subject.with_account(move |addresses, credentials, order_entry| {
            let inner = of_account.account(addresses, credentials, order_entry)?;
            let market = altered.market(Arc::clone(inner.market()));
            Ok(Arc::new(AlteredAccount { inner, market, altered: altered.clone() }))
        });
        match self.declared {
            Some(declared) => subject.declaring(declared.clone()),
            None => subject,
        }
    }

    fn market(&self, inner: Arc<dyn MarketSource>) -> Arc<dyn MarketSource> {
        Arc::new(AlteredMarket { inner, altered: self.clone() })
    }
}

#[derive(Debug)]
struct AlteredMarket {
    inner: Arc<dyn MarketSource>,
    altered: Altered,
}

struct PanickingDecoder {
    inner: Box<dyn MarketDecoder>,
    armed: Arc<AtomicBool>,
}

#[derive(Debug)]
struct AlteredAccount {
    inner: Arc<dyn AccountSource>,
    market: Arc<dyn MarketSource>,
    altered: Altered,
}

impl MarketDecoder for PanickingDecoder {
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        assert!(!self.armed.swap(false, Ordering::Relaxed), "a panic on purpose");
        self.inner.decode(frame, sink)
    }
}

impl MarketSource for AlteredMarket {
    fn capabilities(&self) -> &'static Capabilities {
        self.altered.declared.unwrap_or_else(|| self.inner.capabilities())
    }

    fn sequence_rule(&self) -> SequenceRule {
        self.inner.sequence_rule()
    }

    fn best_quantity_decimals(&self) -> Option<u32> {
        self.inner.best_quantity_decimals()
    }

    fn book_window(&self) -> Option<u32> {
        self.inner.book_window()
    }

    fn streams(&self, route: Route) -> Arc<dyn StreamDialect> {
        self.inner.streams(route)
    }

    fn route(&self, topic: &str) -> Route {
        self.inner.route(topic)
    }

    fn connect_pace(&self) -> &ConnectPace {
        self.inner.connect_pace()
    }

    fn limits(&self) -> &Limits {
        self.inner.limits()
    }

    fn topics(&self, instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
        self.inner.topics(instrument, of)
    }

    fn decoder(&self) -> Box<dyn MarketDecoder> {
        match &self.altered.panics {
            Some(armed) => Box::new(PanickingDecoder { inner: self.inner.decoder(), armed: Arc::clone(armed) }),
            None => self.inner.decoder(),
        }
    }

    fn server_clock(&self) -> &ServerClock {
        self.inner.server_clock()
    }

    fn time(&self) -> BoxFuture<'_, Result<ClockSample, Error>> {
        self.inner.time()
    }

    fn status(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.inner.status()
    }

    fn instruments(&self) -> BoxFuture<'_, Result<RawAnswer, Error>> {
        self.inner.instruments()
    }

    fn further_instruments<'a>(&'a self, page: &'a str) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        self.inner.further_instruments(page)
    }

    fn decode_instruments(&self, body: &[u8]) -> Result<InstrumentList, Error> {
        self.inner.decode_instruments(body)
    }

    fn snapshot<'a>(&'a self, instrument: &'a Instrument, depth: u32) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        self.inner.snapshot(instrument, depth)
    }

    fn decode_snapshot(&self, body: &[u8], scale: Scale) -> Result<RawSnapshot, DecodeError> {
        self.inner.decode_snapshot(body, scale)
    }

    fn is_instrument_list(&self, url: &str) -> bool {
        self.inner.is_instrument_list(url)
    }

    fn snapshot_request(&self, url: &str) -> Option<SnapshotRequest> {
        self.inner.snapshot_request(url)
    }

    fn guess_symbol(&self, pair: &Pair) -> String {
        self.inner.guess_symbol(pair)
    }

    fn guess_pair(&self, symbol: &str) -> Option<Pair> {
        self.inner.guess_pair(symbol)
    }

    fn last_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<LastPrice>, Error>> {
        self.inner.last_prices(instruments)
    }

    fn best_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<BestPrices>, Error>> {
        self.inner.best_prices(instruments)
    }

    fn candles<'a>(
        &'a self,
        instrument: &'a Instrument,
        interval: &'a str,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<Candle>, Error>> {
        self.inner.candles(instrument, interval, limit)
    }

    fn recent_trades<'a>(&'a self, instrument: &'a Instrument, limit: u32) -> BoxFuture<'a, Result<Vec<Trade>, Error>> {
        self.inner.recent_trades(instrument, limit)
    }

    fn ticker_24h<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Ticker24h, Error>> {
        self.inner.ticker_24h(instrument)
    }

    fn funding_rates<'a>(
        &'a self,
        instruments: &'a [Arc<Instrument>],
    ) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>> {
        self.inner.funding_rates(instruments)
    }
}

impl AccountSource for AlteredAccount {
    fn market(&self) -> &Arc<dyn MarketSource> {
        &self.market
    }

    fn account(&self) -> &str {
        self.inner.account()
    }

    fn default_fees(&self) -> FeeRates {
        self.inner.default_fees()
    }

    fn place(&self, order: Arc<NewOrder>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        self.inner.place(order)
    }

    fn place_batch(
        &self,
        orders: Vec<Arc<NewOrder>>,
    ) -> BoxFuture<'static, Vec<Result<ExecutionReport, CommandError>>> {
        self.inner.place_batch(orders)
    }

    fn batch_max(&self) -> usize {
        self.inner.batch_max()
    }

    fn dead_man_switch(
        &self,
        instrument: Arc<Instrument>,
        after: Option<Duration>,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        self.inner.dead_man_switch(instrument, after)
    }

    fn cancel(&self, order: Arc<Target>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        self.inner.cancel(order)
    }

    fn amend(
        &self,
        order: Arc<Target>,
        amendment: Amendment,
    ) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        self.inner.amend(order, amendment)
    }

    fn replace(&self, order: Arc<Target>, by: Arc<NewOrder>) -> BoxFuture<'static, Replaced> {
        self.inner.replace(order, by)
    }

    fn cancel_all(
        &self,
        instrument: Arc<Instrument>,
    ) -> BoxFuture<'static, Result<Vec<ExecutionReport>, CommandError>> {
        self.inner.cancel_all(instrument)
    }

    fn order<'a>(&'a self, order: &'a Target) -> BoxFuture<'a, Result<Option<ExecutionReport>, Error>> {
        self.inner.order(order)
    }

    fn looks_in_lists(&self) -> bool {
        self.inner.looks_in_lists()
    }

    fn open_orders<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
        page: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        self.inner.open_orders(instrument, page)
    }

    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        self.inner.orders(of)
    }

    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>> {
        self.inner.fills(of)
    }

    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>> {
        self.inner.balances()
    }

    fn fees<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>> {
        self.inner.fees(instrument)
    }

    fn perpetual(&self) -> Option<&dyn PerpetualSource> {
        self.inner.perpetual()
    }

    fn private_stream(&self) -> Arc<dyn StreamDialect> {
        self.inner.private_stream()
    }

    fn private_topics(&self) -> Vec<Arc<str>> {
        self.inner.private_topics()
    }

    fn decode_private(&self, frame: &[u8]) -> Result<PrivateFrame, Error> {
        let armed = self.altered.private_panics.as_ref().is_some_and(|armed| armed.swap(false, Ordering::Relaxed));
        assert!(!armed, "a panic on purpose");
        let left_out =
            |message: &PrivateMessage| self.altered.without_balances && matches!(message, PrivateMessage::Balance(_));
        let told = |message: &PrivateMessage| !left_out(message);
        Ok(match self.inner.decode_private(frame)? {
            PrivateFrame::Messages(messages, unreadable) => {
                PrivateFrame::Messages(messages.into_iter().filter(told).collect(), unreadable)
            }
            other => other,
        })
    }

    fn command_socket(&self) -> Option<CallWatch> {
        self.inner.command_socket()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }

    fn render<'a>(
        &'a self,
        action: &'a Action,
        at: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<RenderedRequest, Error>> {
        self.inner.render(action, at)
    }
}
