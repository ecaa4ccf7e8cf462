//! The decoders as functions of plain bytes, with their invariants as assertions. For the fuzzer, and for tests.

use std::sync::Arc;

use tradewire_core::{Candle, Instrument, Price, PrivateMessage, Quantity};
use tradewire_tracking::{
    BookMessage, Frame, FundingChange, MarketSink, PrivateFrame, RawBestPrices, RawTrade, Scale, Slot,
};

use crate::category::Category;
use crate::config::BookLevels;
use crate::market::FrameDecoder;
use crate::private::WalletView;
use crate::user_stream::decode_private;

/// Decodes a frame of a market stream.
///
/// # Panics
/// If the fast reader accepts what the typed one refuses or reads otherwise, or if a message that is refused reaches the
/// sink.
pub fn market_frame(frame: &[u8]) {
    let (mut fast, mut typed) = (Recorder::new(), Recorder::new());
    let read = FrameDecoder::new(BookLevels::Thousand).read(frame, &mut fast);
    let decoded = FrameDecoder::new(BookLevels::Thousand).decode_json(frame, &mut typed);
    if read.is_some() {
        let decoded = decoded.expect("the typed reader refuses what the fast one accepts");
        assert_eq!(fast.said, typed.said);
        assert!(matches!(decoded, Frame::Data { .. }));
    } else {
        assert!(fast.said.is_empty(), "told before it gave up");
        assert!(decoded.is_ok() || typed.said.is_empty(), "told before it was refused");
    }
}

/// Decodes a frame of the private stream, as both markets do.
///
/// # Panics
/// If a refused frame is not told with its beginning, or if what is told cannot be: a negative quantity, a fill of nothing.
pub fn private_frame(frame: &[u8]) {
    for (category, view) in [(Category::Spot, WalletView::NotLocked), (Category::Linear, WalletView::TotalsOnly)] {
        match decode_private(category, view, frame) {
            Ok(PrivateFrame::Messages(told, errors)) => {
                assert!(errors.iter().all(|error| error.frame().is_some()), "{errors:?}");
                told.iter().for_each(can_be);
            }
            Ok(_) => {}
            Err(error) => assert!(error.frame().is_some(), "{error:?}"),
        }
    }
}

fn can_be(message: &PrivateMessage) {
    match message {
        PrivateMessage::Order(report) => {
            assert!(report.filled.is_none_or(|filled| filled >= Quantity::ZERO), "{report:?}");
        }
        PrivateMessage::Fill(fill) => assert!(fill.price > Price::ZERO && fill.quantity >= Quantity::ZERO, "{fill:?}"),
        _ => {}
    }
}

/// The place of the instrument that is followed.
pub(crate) const SLOT: Slot = Slot(3);
/// Its decimals.
pub(crate) const SCALE: Scale = Scale { price: 2, quantity: 3 };

/// What a sink is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Book { snapshot: bool, id: u64, time: i64, bids: Vec<(i64, i64)>, asks: Vec<(i64, i64)> },
    Trade(RawTrade),
    Best(RawBestPrices),
    Candle(Box<Candle>),
    Funding(FundingChange),
}

/// Follows one instrument.
pub(crate) struct Recorder {
    instrument: Arc<Instrument>,
    pub(crate) said: Vec<Said>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let body = include_bytes!("../fixtures/instruments-linear.json");
        let list = crate::linear::decode_instruments(body).expect("a list");
        let instrument = list.instruments.into_iter().find(|known| &*known.symbol == "BTCUSDT");
        Self { instrument: Arc::new(instrument.expect("listed")), said: Vec::new() }
    }
}

impl MarketSink for Recorder {
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        (symbol == b"BTCUSDT").then_some((SLOT, SCALE))
    }

    fn book(&mut self, _: Slot, message: BookMessage<'_>) {
        assert_eq!((message.first_id, message.previous_id), (message.last_id, None));
        self.said.push(Said::Book {
            snapshot: message.snapshot,
            id: message.last_id,
            time: message.time.as_millis(),
            bids: message.bids.to_vec(),
            asks: message.asks.to_vec(),
        });
    }

    fn trade(&mut self, _: Slot, trade: RawTrade) {
        self.said.push(Said::Trade(trade));
    }

    fn best_prices(&mut self, _: Slot, best: RawBestPrices) {
        self.said.push(Said::Best(best));
    }

    fn candle(&mut self, _: Slot, candle: Candle) {
        self.said.push(Said::Candle(Box::new(candle)));
    }

    fn funding(&mut self, _: Slot, change: FundingChange) {
        self.said.push(Said::Funding(change));
    }

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        &self.instrument
    }
}
