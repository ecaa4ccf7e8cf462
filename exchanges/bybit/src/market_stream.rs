use std::sync::Arc;

use tradewire_core::Instrument;
use tradewire_tracking::{TopicSet, TradeStream};
use tradewire_transport::{FrameKind, StreamDialect, StreamLimits};

use crate::config::BookLevels;
use crate::control;

/// The market streams of a category: one socket for any topics, subscribed by requests.
///
/// <https://bybit-exchange.github.io/docs/v5/ws/connect>
#[derive(Clone, Debug)]
pub(crate) struct MarketStreams {
    pub(crate) url: String,
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
        control::LIMITS
    }

    fn ping(&self) -> Option<String> {
        Some(control::PING.to_owned())
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

/// The topics of one instrument. There is no stream of aggregated trades.
pub(crate) fn topics(instrument: &Instrument, of: &TopicSet, levels: BookLevels) -> Vec<Arc<str>> {
    let symbol = &instrument.symbol;
    let mut topics = vec![format!("orderbook.{}.{symbol}", levels.number())];
    if of.trades == TradeStream::Single {
        topics.push(format!("publicTrade.{symbol}"));
    }
    if of.best_prices && levels != BookLevels::Best {
        topics.push(format!("orderbook.1.{symbol}"));
    }
    if of.funding && instrument.contract.is_some() {
        topics.push(format!("tickers.{symbol}"));
    }
    if let Some(interval) = &of.candles {
        topics.push(format!("kline.{interval}.{symbol}"));
    }
    topics.into_iter().map(Arc::from).collect()
}
