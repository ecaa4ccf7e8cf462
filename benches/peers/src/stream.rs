use std::hint::black_box;

use tradewire_benches::{OneSymbol, Set};
use tradewire_binance::BinanceConfig;
use tradewire_binance::spot::BinanceSpot;
use tradewire_core::{Price, Quantity};
use tradewire_tracking::{MarketDecoder, MarketSource, SequenceRule};
use tradewire_transport::Clock;

use crate::Follower;

/// A recorded depth stream of one symbol.
pub(crate) struct Stream {
    /// The recording.
    pub(crate) set: Set,
    /// Its frames as text, with the stream's name around the message.
    texts: Vec<String>,
    /// The symbol in the messages.
    pub(crate) symbol: String,
    /// How its messages follow each other.
    pub(crate) rule: SequenceRule,
    /// A version of the snapshot that the first message continues by anybody's rule.
    pub(crate) snapshot_id: u64,
}

impl Stream {
    pub(crate) fn new(set: Set) -> Self {
        let text = |frame: &[u8]| String::from_utf8(frame.to_vec()).expect("recorded text");
        let texts: Vec<_> = set.messages.iter().map(|message| text(&message.frame)).collect();
        let symbol =
            texts[0].split_once(r#""s":""#).and_then(|(_, rest)| rest.split('"').next()).expect("a symbol").to_owned();
        let mut ids = (0, None);
        let mut sink =
            OneSymbol::new(&symbol, set.layout.scale, |message| ids = (message.first_id, message.previous_id));
        decoder().decode(texts[0].as_bytes(), &mut sink).expect("a sound frame");
        let (rule, snapshot_id) = match ids {
            (first, None) => (SequenceRule::FirstLast, first - 1),
            (first, Some(_)) => (SequenceRule::Previous, first),
        };
        Self { set, texts, symbol, rule, snapshot_id }
    }

    /// Gives all messages to a follower.
    pub(crate) fn run(&self, follower: &mut dyn Follower) {
        for (number, text) in self.texts().enumerate() {
            follower.message(number, text);
        }
        black_box(follower.touch());
    }

    /// Its frames.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// The messages without the stream's name around them.
    pub(crate) fn bare_texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| {
            let inner = text.split_once(r#""data":"#).and_then(|(_, inner)| inner.strip_suffix('}'));
            inner.expect("a message within a frame")
        })
    }

    /// Its snapshot as the answer of the exchange.
    pub(crate) fn snapshot_json(&self) -> String {
        let scale = self.set.layout.scale;
        let written = |levels: &[(i64, i64)]| -> Vec<(String, String)> {
            let level = |(price, quantity): &(i64, i64)| {
                let price = Price::from_scaled(*price, scale.price).to_string();
                (price, Quantity::from_scaled(*quantity, scale.quantity).to_string())
            };
            levels.iter().map(level).collect()
        };
        let (bids, asks) = (written(&self.set.snapshots[0].bids), written(&self.set.snapshots[0].asks));
        serde_json::json!({ "lastUpdateId": self.snapshot_id, "bids": bids, "asks": asks }).to_string()
    }
}

/// The decoder of this project. Futures name one id more, which the decoder of spot hands on too.
pub(crate) fn decoder() -> Box<dyn MarketDecoder> {
    BinanceSpot::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration").decoder()
}
