use std::fmt;
use std::hint::black_box;

use hftbacktest::depth::{BTreeMarketDepth, HashMapMarketDepth, L2MarketDepth, MarketDepth, ROIVectorMarketDepth};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::Follower;
use crate::stream::Stream;

/// A depth of hftbacktest, fed as its connectors feed it: message by message, level by level, in binary floats.
///
/// They make a `String` of each number first and look at the kind of the message through a buffer; this reads the floats at
/// once, which is faster.
pub(crate) struct Hft<D> {
    depth: D,
}

impl Hft<ROIVectorMarketDepth> {
    /// Keeps only what is within 5 % of the best bid.
    pub(crate) fn roi(stream: &Stream) -> Self {
        let (tick, lot) = steps(stream);
        let best = stream.set.snapshots[0].bids[0].0 as f64 * tick;
        Self { depth: ROIVectorMarketDepth::new(tick, lot, best * 0.95, best * 1.05) }.loaded(stream)
    }
}

impl Hft<HashMapMarketDepth> {
    pub(crate) fn hash_map(stream: &Stream) -> Self {
        let (tick, lot) = steps(stream);
        Self { depth: HashMapMarketDepth::new(tick, lot) }.loaded(stream)
    }
}

impl Hft<BTreeMarketDepth> {
    pub(crate) fn tree(stream: &Stream) -> Self {
        let (tick, lot) = steps(stream);
        Self { depth: BTreeMarketDepth::new(tick, lot) }.loaded(stream)
    }
}

impl<D: L2MarketDepth> Hft<D> {
    fn loaded(mut self, stream: &Stream) -> Self {
        let ((tick, lot), snapshot) = (steps(stream), &stream.set.snapshots[0]);
        for (price, quantity) in &snapshot.bids {
            self.depth.update_bid_depth(*price as f64 * tick, *quantity as f64 * lot, 0);
        }
        for (price, quantity) in &snapshot.asks {
            self.depth.update_ask_depth(*price as f64 * tick, *quantity as f64 * lot, 0);
        }
        self
    }
}

impl<D: L2MarketDepth + MarketDepth> Follower for Hft<D> {
    fn message(&mut self, _: usize, text: &str) {
        let depth = serde_json::from_str::<Frame<'_>>(text).expect("a sound frame").data;
        black_box((depth.symbol, depth.first_id, depth.last_id, depth.previous_id));
        for (price, quantity) in depth.bids {
            self.depth.update_bid_depth(price.0, quantity.0, depth.time);
        }
        for (price, quantity) in depth.asks {
            self.depth.update_ask_depth(price.0, quantity.0, depth.time);
        }
        black_box((self.depth.best_bid_tick(), self.depth.best_ask_tick()));
    }

    fn touch(&self) -> (i64, i64) {
        (self.depth.best_bid_tick(), self.depth.best_ask_tick())
    }
}

/// Price and quantity step: one unit of the stream's scale.
fn steps(stream: &Stream) -> (f64, f64) {
    let scale = stream.set.layout.scale;
    (10_f64.powi(-(scale.price as i32)), 10_f64.powi(-(scale.quantity as i32)))
}

#[derive(serde::Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    data: Depth<'a>,
}

#[derive(serde::Deserialize)]
struct Depth<'a> {
    #[serde(rename = "E")]
    time: i64,
    #[serde(rename = "s")]
    symbol: &'a str,
    #[serde(rename = "U")]
    first_id: i64,
    #[serde(rename = "u")]
    last_id: i64,
    #[serde(rename = "pu")]
    previous_id: Option<i64>,
    #[serde(rename = "b")]
    bids: Vec<(Float, Float)>,
    #[serde(rename = "a")]
    asks: Vec<(Float, Float)>,
}

/// A number in quotes.
struct Float(f64);

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Float;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number in quotes")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Float, E> {
                text.parse().map(Float).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}
