use std::sync::Arc;

use tradewire_core::Instrument;
use tradewire_tracking::{TopicSet, TradeStream};
use tradewire_transport::{FrameKind, Login, StreamDialect, StreamLimits};

use crate::control;

/// Spot's market streams: one socket for any streams, subscribed by control messages.
#[derive(Clone, Debug)]
pub(crate) struct MarketStreams {
    pub(crate) url: String,
}

impl StreamDialect for MarketStreams {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn login(&self) -> Option<Login> {
        None
    }

    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::subscribe(id, topics)
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::unsubscribe(id, topics)
    }

    fn limits(&self) -> StreamLimits {
        // The exchange states the frames; the size of a request is a careful choice.
        StreamLimits { topics_per_request: 100, request_bytes_max: 4_096, frames_per_second: 5 }
    }

    fn ping(&self) -> Option<String> {
        None
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

/// The streams of one instrument. Their names begin with the symbol in lower case; letters without case stay.
pub(crate) fn topics(instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
    let symbol = instrument.symbol.to_lowercase();
    let mut topics = vec![format!("{symbol}@depth@100ms")];
    match of.trades {
        TradeStream::None => {}
        TradeStream::Single => topics.push(format!("{symbol}@trade")),
        TradeStream::Aggregated => topics.push(format!("{symbol}@aggTrade")),
    }
    if of.best_prices {
        topics.push(format!("{symbol}@bookTicker"));
    }
    if let Some(interval) = &of.candles {
        topics.push(format!("{symbol}@kline_{interval}"));
    }
    topics.into_iter().map(Arc::from).collect()
}
