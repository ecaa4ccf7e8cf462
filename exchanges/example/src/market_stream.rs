//! The market socket: where it is, and what is asked of it.

use std::sync::Arc;

use tradewire_core::Instrument;
use tradewire_tracking::{TopicSet, TradeStream};
use tradewire_transport::{FrameKind, StreamDialect, StreamLimits};

use crate::frames::{BOOK, TRADES};
use crate::funding::FUNDING;
use crate::{control, limits};

/// The topics of one instrument, that of its book first.
pub(crate) fn topics(instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
    let mut topics = vec![format!("{BOOK}:{}", instrument.symbol).into()];
    if of.trades == TradeStream::Single {
        topics.push(format!("{TRADES}:{}", instrument.symbol).into());
    }
    if of.funding && instrument.contract.is_some() {
        topics.push(format!("{FUNDING}:{}", instrument.symbol).into());
    }
    topics
}

/// How the socket is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct MarketStream {
    pub(crate) url: String,
}

impl StreamDialect for MarketStream {
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
        limits::STREAM_LIMITS
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}
