//! A connector whose decoder panics when it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use tradewire_core::{BestPrices, Candle, Capabilities, Error, Instrument, LastPrice, Pair, Ticker24h, Trade};
use tradewire_tracking::{
    DecodeError, Frame, InstrumentList, MarketDecoder, MarketSink, MarketSource, RawAnswer, RawSnapshot, Scale,
    SequenceRule, SnapshotRequest, TopicSet,
};
use tradewire_transport::{ClockSample, ConnectPace, Limits, ServerClock, StreamDialect};

use crate::Subject;

/// A source that is another one but for its decoders, which panic once after they were armed.
#[derive(Debug)]
pub(crate) struct Panicking {
    inner: Arc<dyn MarketSource>,
    armed: Arc<AtomicBool>,
}

struct PanickingDecoder {
    inner: Box<dyn MarketDecoder>,
    armed: Arc<AtomicBool>,
}

impl Panicking {
    /// The subject with such decoders.
    pub(crate) fn subject(subject: &Subject, armed: &Arc<AtomicBool>) -> Subject {
        let (known, armed) = (subject.clone(), Arc::clone(armed));
        subject.connecting(move |addresses| {
            let (inner, armed) = (known.source(addresses)?, Arc::clone(&armed));
            Ok(Arc::new(Self { inner, armed }))
        })
    }
}

impl MarketDecoder for PanickingDecoder {
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError> {
        assert!(!self.armed.swap(false, Ordering::Relaxed), "a panic on purpose");
        self.inner.decode(frame, sink)
    }
}

impl MarketSource for Panicking {
    fn capabilities(&self) -> &'static Capabilities {
        self.inner.capabilities()
    }

    fn sequence_rule(&self) -> SequenceRule {
        self.inner.sequence_rule()
    }

    fn streams(&self) -> Arc<dyn StreamDialect> {
        self.inner.streams()
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
        Box::new(PanickingDecoder { inner: self.inner.decoder(), armed: Arc::clone(&self.armed) })
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
}
