use std::sync::{Arc, LazyLock};

use futures_util::future::BoxFuture;
use tradewire_core::{BestPrices, Candle, Capabilities, Error, Instrument, LastPrice, Pair, Ticker24h, Trade};
use tradewire_transport::{Clock, ClockSample, ConnectPace, Limits, Route, ServerClock, StreamDialect};

use crate::checks::tests::capabilities;
use crate::{
    DecodeError, InstrumentList, MarketDecoder, MarketSource, RawAnswer, RawSnapshot, Scale, SequenceRule,
    SnapshotRequest, TopicSet,
};

static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(capabilities);

/// A market that nobody asks for anything but its clock.
#[derive(Debug)]
pub(super) struct UnusedMarket(pub(super) ServerClock);

impl UnusedMarket {
    pub(super) fn new() -> Self {
        Self(ServerClock::new(Clock::start()))
    }
}

fn unused() -> ! {
    panic!("the account asks the market for its clock alone")
}

impl MarketSource for UnusedMarket {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn server_clock(&self) -> &ServerClock {
        &self.0
    }

    fn sequence_rule(&self) -> SequenceRule {
        unused()
    }

    fn streams(&self, _: Route) -> Arc<dyn StreamDialect> {
        unused()
    }

    fn route(&self, _: &str) -> Route {
        unused()
    }

    fn connect_pace(&self) -> &ConnectPace {
        unused()
    }

    fn limits(&self) -> &Limits {
        unused()
    }

    fn topics(&self, _: &Instrument, _: &TopicSet) -> Vec<Arc<str>> {
        unused()
    }

    fn decoder(&self) -> Box<dyn MarketDecoder> {
        unused()
    }

    fn time(&self) -> BoxFuture<'_, Result<ClockSample, Error>> {
        unused()
    }

    fn status(&self) -> BoxFuture<'_, Result<(), Error>> {
        unused()
    }

    fn instruments(&self) -> BoxFuture<'_, Result<RawAnswer, Error>> {
        unused()
    }

    fn decode_instruments(&self, _: &[u8]) -> Result<InstrumentList, Error> {
        unused()
    }

    fn snapshot<'a>(&'a self, _: &'a Instrument, _: u32) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        unused()
    }

    fn decode_snapshot(&self, _: &[u8], _: Scale) -> Result<RawSnapshot, DecodeError> {
        unused()
    }

    fn is_instrument_list(&self, _: &str) -> bool {
        unused()
    }

    fn snapshot_request(&self, _: &str) -> Option<SnapshotRequest> {
        unused()
    }

    fn guess_symbol(&self, _: &Pair) -> String {
        unused()
    }

    fn guess_pair(&self, _: &str) -> Option<Pair> {
        unused()
    }

    fn last_prices<'a>(&'a self, _: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<LastPrice>, Error>> {
        unused()
    }

    fn best_prices<'a>(&'a self, _: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<BestPrices>, Error>> {
        unused()
    }

    fn candles<'a>(&'a self, _: &'a Instrument, _: &'a str, _: u32) -> BoxFuture<'a, Result<Vec<Candle>, Error>> {
        unused()
    }

    fn recent_trades<'a>(&'a self, _: &'a Instrument, _: u32) -> BoxFuture<'a, Result<Vec<Trade>, Error>> {
        unused()
    }

    fn ticker_24h<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<Ticker24h, Error>> {
        unused()
    }
}
