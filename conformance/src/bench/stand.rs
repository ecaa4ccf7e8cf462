use std::sync::Arc;

use tradewire_core::{
    Candle, Decimal, GapReason, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Pair, Quantity, Side,
    Step as RuleStep, Timestamp,
};
use tradewire_tracking::{
    BookMessage, DecodeError, Frame, FundingChange, LocalBook, MarketDecoder, MarketSink, MarketSource, OrderBook,
    RawBestPrices, RawTrade, Scale, SequenceRule, Slot, Step,
};

use super::Bench;
use crate::row::Failed;
use crate::{Wire, WireUpdate};

/// An instant for whatever needs one.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The ids of a change of a book, as far as the exchange's rule has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    pub(crate) previous: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// One side of a book as text: price and quantity.
pub(crate) type Levels<'a> = &'a [(&'a str, &'a str)];

/// One local book behind the subject's decoder: bytes in, book out, no socket.
pub(crate) struct Stand<'a> {
    wire: &'a dyn Wire,
    source: Arc<dyn MarketSource>,
    decoder: Box<dyn MarketDecoder>,
    pub(crate) sink: Sink,
}

/// Takes in what the decoder says about one instrument.
pub(crate) struct Sink {
    pub(crate) instrument: Arc<Instrument>,
    pub(crate) book: LocalBook,
    pub(crate) steps: Vec<Step>,
    pub(crate) trades: Vec<RawTrade>,
    pub(crate) now: Timestamp,
}

impl<'a> Stand<'a> {
    /// A book of BTC-USDT with these decimals that waits for its snapshot.
    pub(crate) fn new(bench: &'a Bench, scale: Scale) -> Result<Self, Failed> {
        let source = bench.unconnected()?;
        let pair = Pair::new("BTC", "USDT").map_err(|error| Failed::new("a pair", error))?;
        let instrument = Arc::new(instrument(bench.wire(), pair, scale));
        let book = LocalBook::of(&*source, scale, NOW);
        let sink = Sink { instrument, book, steps: Vec::new(), trades: Vec::new(), now: NOW };
        Ok(Self { wire: bench.wire(), decoder: source.decoder(), source, sink })
    }

    /// Gives a frame to the decoder and returns what it did to the book.
    pub(crate) fn frame(&mut self, frame: &[u8]) -> Result<(Frame, Vec<Step>), DecodeError> {
        self.sink.steps.clear();
        let frame = self.decoder.decode(frame, &mut self.sink)?;
        Ok((frame, std::mem::take(&mut self.sink.steps)))
    }

    /// Gives the next change of the book, as the exchange counts it, and returns what it did.
    pub(crate) fn change(&mut self, bids: Levels<'_>, asks: Levels<'_>) -> Result<Step, Failed> {
        self.update(self.next(3), bids, asks)
    }

    /// Gives a change of the book, as the exchange sends it, and returns what it did.
    pub(crate) fn update(&mut self, ids: Ids, bids: Levels<'_>, asks: Levels<'_>) -> Result<Step, Failed> {
        let frame = self.update_frame(ids, bids, asks);
        self.one_step(&frame)
    }

    fn one_step(&mut self, frame: &[u8]) -> Result<Step, Failed> {
        let (_, steps) = self.frame(frame).map_err(|error| Failed::new("a readable frame", error.error))?;
        match steps.as_slice() {
            [step] => Ok(*step),
            other => Err(Failed::new("one step of the book", format_args!("{other:?}"))),
        }
    }

    /// The ids of the next change of the book, which may hold so many of the exchange's changes where it counts those.
    pub(crate) fn next(&self, changes: u64) -> Ids {
        let previous = self.sink.book.update_id();
        match self.source.sequence_rule() {
            SequenceRule::FirstLast => Ids { previous, first: previous + 1, last: previous + changes },
            SequenceRule::Previous => Ids { previous, first: previous + 40, last: previous + 40 + changes },
            _ => Ids { previous, first: previous + 1, last: previous + 1 },
        }
    }

    /// The frame of the next change of the book.
    pub(crate) fn next_frame(&self, bids: Levels<'_>, asks: Levels<'_>) -> Vec<u8> {
        self.update_frame(self.next(2), bids, asks)
    }

    /// The frame of a change of the book.
    pub(crate) fn update_frame(&self, ids: Ids, bids: Levels<'_>, asks: Levels<'_>) -> Vec<u8> {
        let Ids { previous, first, last } = ids;
        let update = WireUpdate { first, last, previous, time: NOW, bids, asks };
        let mut after = self.sink.book.last_known().clone();
        after.apply(&self.integers(bids), &self.integers(asks));
        self.wire.summed(self.wire.update(&self.sink.instrument.symbol, &update), &after)
    }

    /// Levels in integers, as far as they are levels.
    fn integers(&self, levels: Levels<'_>) -> Vec<(i64, i64)> {
        let Scale { price, quantity } = self.sink.scale();
        let integer = |text: &str, scale: u32| {
            let mut number: Decimal = text.parse().ok()?;
            number.rescale(scale);
            i64::try_from(number.mantissa()).ok().filter(|integer| *integer >= 0)
        };
        let level = |(at, size): &(&str, &str)| integer(at, price).filter(|at| *at > 0).zip(integer(size, quantity));
        levels.iter().filter_map(level).collect()
    }

    /// Gives a snapshot as the exchange does: the answer to a request for up to `asked` levels a side, or a frame.
    pub(crate) fn snapshot(&mut self, id: u64, asked: u32, bids: Levels<'_>, asks: Levels<'_>) -> Result<Step, Failed> {
        let mut after = OrderBook::new(self.sink.scale());
        after.load_snapshot(&self.integers(bids), &self.integers(asks), true, true);
        let body = self.wire.summed(self.wire.snapshot(&self.sink.instrument.symbol, id, bids, asks), &after);
        if !self.source.sequence_rule().snapshot_by_rest() {
            return self.one_step(&body);
        }
        let scale = self.sink.scale();
        let snapshot = self.source.decode_snapshot(&body, scale);
        let snapshot = snapshot.map_err(|error| Failed::new("a readable snapshot", error.error))?;
        Ok(self.sink.book.on_snapshot(&snapshot, asked, self.sink.now))
    }

    /// The book, if it is valid.
    pub(crate) fn valid(&self) -> Result<&OrderBook, Failed> {
        self.sink.book.valid().map_err(|not| Failed::new("a valid book", not))
    }

    /// The levels of a side as text, best first.
    pub(crate) fn levels(&self, side: Side) -> Vec<(String, String)> {
        let levels = self.sink.book.last_known().levels(side);
        levels.map(|level| (level.price.to_string(), level.quantity.to_string())).collect()
    }
}

impl Sink {
    pub(crate) fn scale(&self) -> Scale {
        Scale::of(&self.instrument.rules)
    }
}

impl MarketSink for Sink {
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        (symbol == self.instrument.symbol.as_bytes()).then(|| (Slot(0), self.scale()))
    }

    fn book(&mut self, _: Slot, message: BookMessage<'_>) {
        let step = self.book.on_message(&message, self.now);
        self.steps.push(step);
    }

    fn trade(&mut self, _: Slot, trade: RawTrade) {
        self.trades.push(trade);
    }

    fn best_prices(&mut self, _: Slot, _: RawBestPrices) {}

    fn candle(&mut self, _: Slot, _: Candle) {}

    fn funding(&mut self, _: Slot, _: FundingChange) {}

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        &self.instrument
    }
}

/// An instrument with these decimals.
pub(crate) fn instrument(wire: &dyn Wire, pair: Pair, scale: Scale) -> Instrument {
    let step = |decimals: u32| RuleStep::of(Quantity::from_scaled(1, decimals).value());
    Instrument {
        symbol: wire.symbol(&pair).into(),
        pair,
        kind: MarketKind::Spot,
        status: InstrumentStatus::Trading,
        contract: None,
        rules: InstrumentRules {
            price_step: step(scale.price),
            quantity_step: step(scale.quantity),
            ..InstrumentRules::default()
        },
        unknown_filters: Vec::new(),
    }
}

/// Whether an error says that a frame of the instrument's could not be read, for this reason.
pub(crate) fn is_about_it(error: &DecodeError, reason: GapReason) -> bool {
    error.slot == Some(Slot(0)) && error.reason == reason
}
