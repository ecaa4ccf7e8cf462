use barter_data::books::OrderBook;
use barter_data::error::DataError;
use barter_data::event::MarketEvent;
use barter_data::exchange::binance::book::l2::BinanceOrderBookL2Snapshot;
use barter_data::exchange::binance::futures::BinanceFuturesUsd;
use barter_data::exchange::binance::futures::l2::BinanceFuturesUsdOrderBooksL2Transformer;
use barter_data::exchange::binance::spot::BinanceSpot;
use barter_data::exchange::binance::spot::l2::BinanceSpotOrderBooksL2Transformer;
use barter_data::subscription::Map;
use barter_data::subscription::book::{OrderBookEvent, OrderBooksL2};
use barter_data::transformer::ExchangeTransformer;
use barter_instrument::exchange::ExchangeId;
use barter_integration::Transformer;
use barter_integration::subscription::SubscriptionId;
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tradewire_core::Price;
use tradewire_tracking::SequenceRule;

use crate::Follower;
use crate::stream::Stream;

/// The key of the one instrument.
type Key = u32;
type Event = MarketEvent<Key, OrderBookEvent>;

/// A book of barter-data, fed by its own messages and transformer, which check the sequence; without the lock around it.
struct Barter<'a, T> {
    bare: Vec<&'a str>,
    transformer: T,
    book: OrderBook,
    scale: u32,
}

/// Follows with the transformer of the stream's market.
pub(crate) fn follower(stream: &Stream) -> Box<dyn Follower + '_> {
    match stream.rule {
        SequenceRule::FirstLast => Box::new(Barter::<BinanceSpotOrderBooksL2Transformer<Key>>::new::<BinanceSpot>(
            stream,
            ExchangeId::BinanceSpot,
        )),
        _ => Box::new(Barter::<BinanceFuturesUsdOrderBooksL2Transformer<Key>>::new::<BinanceFuturesUsd>(
            stream,
            ExchangeId::BinanceFuturesUsd,
        )),
    }
}

impl<'a, T> Barter<'a, T> {
    fn new<E>(stream: &'a Stream, exchange: ExchangeId) -> Self
    where
        T: ExchangeTransformer<E, Key, OrderBooksL2>,
    {
        let snapshot: BinanceOrderBookL2Snapshot = serde_json::from_str(&stream.snapshot_json()).expect("a snapshot");
        let snapshot = Event::from((exchange, 0, snapshot));
        let id = SubscriptionId::from(format!("@depth@100ms|{}", stream.symbol));
        let instruments = Map::from_iter([(id, 0)]);
        let (to_exchange, _) = mpsc::unbounded_channel();
        let transformer = T::init(instruments, std::slice::from_ref(&snapshot), to_exchange);
        let transformer = transformer.now_or_never().and_then(Result::ok).expect("nothing to wait for");
        let mut book = OrderBook::default();
        book.update(&snapshot.kind);
        Self { bare: stream.bare_texts().collect(), transformer, book, scale: stream.set.layout.scale.price }
    }
}

impl<T> Follower for Barter<'_, T>
where
    T: Transformer<Output = Event, Error = DataError, Input: DeserializeOwned>,
{
    fn message(&mut self, number: usize, _: &str) {
        // Its connections are of the kind without the stream's name around messages.
        let update = serde_json::from_str(self.bare[number]).expect("a sound message");
        for event in self.transformer.transform(update) {
            self.book.update(&event.expect("no hole").kind);
        }
    }

    fn touch(&self) -> (i64, i64) {
        let scaled = |level: Option<&barter_data::books::Level>| {
            let price = level.and_then(|level| level.price.to_string().parse::<Price>().ok());
            price.and_then(|price| price.to_scaled(self.scale)).unwrap_or_default()
        };
        (scaled(self.book.bids().best()), scaled(self.book.asks().best()))
    }
}
