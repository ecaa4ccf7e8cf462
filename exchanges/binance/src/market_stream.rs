use std::sync::Arc;

use tradewire_core::Instrument;
use tradewire_tracking::TopicSet;
use tradewire_transport::{FrameKind, StreamDialect, StreamLimits};

use crate::control;

/// Market streams of one address: any streams that it carries, subscribed by control messages.
#[derive(Clone, Debug)]
pub struct MarketStreams {
    pub(crate) url: String,
    /// Frames that the exchange takes in a second.
    pub(crate) frames_per_second: usize,
}

impl StreamDialect for MarketStreams {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::subscribe(id, topics)
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::unsubscribe(id, topics)
    }

    fn limits(&self) -> StreamLimits {
        // The exchange states the frames; the size of a request is a careful choice.
        let frames_per_second = self.frames_per_second;
        StreamLimits { topics_per_request: 100, request_bytes_max: 4_096, frames_per_second }
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

/// The streams of one instrument. Their names begin with the symbol in lower case; letters without case stay.
pub(crate) fn named<'a>(instrument: &Instrument, streams: impl Iterator<Item = &'a str>) -> Vec<Arc<str>> {
    let symbol = instrument.symbol.to_lowercase();
    streams.map(|stream| format!("{symbol}@{stream}").into()).collect()
}

/// The stream of candles, if they are wanted.
pub(crate) fn candles(of: &TopicSet) -> Option<String> {
    of.candles.as_ref().map(|interval| format!("kline_{interval}"))
}
