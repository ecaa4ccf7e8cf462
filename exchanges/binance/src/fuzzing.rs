//! The decoders as functions of plain bytes, with their invariants as assertions. For the fuzzer, and for tests that run
//! the same functions over recorded and damaged messages.

use std::sync::Arc;

use tradewire_core::{
    BalanceUpdate, Candle, Error, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Pair, Price,
    PrivateMessage, Quantity,
};
use tradewire_tracking::{BookMessage, FundingChange, MarketSink, PrivateFrame, RawBestPrices, RawTrade, Scale, Slot};

use crate::market::{self, FrameDecoder, FrameForm};

/// Decodes a frame of a market stream in both forms.
///
/// # Panics
/// If the fast reader accepts what the typed one refuses or reads otherwise, or if a message that is refused reaches the
/// sink.
pub fn market_frame(frame: &[u8]) {
    for form in [FrameForm::Spot, FrameForm::Futures] {
        let (mut fast, mut typed) = (Recorder::default(), Recorder::default());
        let read = FrameDecoder::new(form).read(frame, &mut fast);
        let decoded = FrameDecoder::new(form).decode_json(frame, &mut typed);
        if read.is_some() {
            let decoded = decoded.expect("the typed reader refuses what the fast one accepts");
            assert_eq!(fast.said, typed.said);
            assert!(matches!(decoded, tradewire_tracking::Frame::Data { .. }));
        } else {
            assert!(fast.said.is_empty(), "told before it gave up");
            assert!(decoded.is_ok() || typed.said.is_empty(), "told before it was refused");
        }
    }
}

/// Decodes a book snapshot.
///
/// # Panics
/// If the fast reader accepts what the typed one refuses or reads otherwise.
pub fn snapshot(body: &[u8]) {
    let scale = Scale { price: 2, quantity: 5 };
    if let Some(read) = market::snapshot::read(body, scale) {
        assert_eq!(Ok(read), market::snapshot::from_json(body, scale));
    } else {
        let _ = market::snapshot::from_json(body, scale);
    }
}

/// Decodes a frame of spot's private stream.
///
/// # Panics
/// If a refused frame is not told with its beginning, or if what is told cannot be: a negative quantity, a fill of nothing.
pub fn private_frame(frame: &[u8]) {
    for message in told(crate::spot::decode_private, frame) {
        if let PrivateMessage::Balance(BalanceUpdate::Set { balances, .. }) = &message {
            assert!(balances.iter().all(|balance| balance.available <= Some(balance.total)), "{balances:?}");
        }
        check_order(&message);
    }
}

/// Decodes a frame of USD-M's private stream.
///
/// # Panics
/// As [`private_frame`].
pub fn usdm_private_frame(frame: &[u8]) {
    told(crate::usdm::decode_private, frame).iter().for_each(check_order);
}

/// What a frame tells; nothing if it is refused, which must be with the frame.
fn told(decode: fn(&[u8]) -> Result<PrivateFrame, Error>, frame: &[u8]) -> Vec<PrivateMessage> {
    match decode(frame) {
        Ok(PrivateFrame::Messages(told, errors)) => {
            assert!(errors.iter().all(|error| error.frame().is_some()), "{errors:?}");
            told
        }
        Ok(_) => Vec::new(),
        Err(error) => {
            assert!(error.frame().is_some(), "{error:?}");
            Vec::new()
        }
    }
}

fn check_order(message: &PrivateMessage) {
    if let PrivateMessage::Order(report) = message {
        assert!(report.filled.is_none_or(|filled| filled >= Quantity::ZERO), "{report:?}");
        assert!(report.fills.iter().all(|fill| fill.price > Price::ZERO && fill.quantity >= Quantity::ZERO));
    }
}

/// Reads an instrument list as each market does.
///
/// # Panics
/// If an instrument that was read cannot be used: a step or a bound that is negative.
pub fn exchange_info(body: &[u8]) {
    instruments::<crate::spot::Spot>(body);
    instruments::<crate::usdm::Usdm>(body);
}

fn instruments<P: crate::Product>(body: &[u8]) {
    let Ok((list, _)) = crate::symbols::decode_instruments::<P>(body) else { return };
    for instrument in list.instruments {
        let rules = &instrument.rules;
        let steps = [rules.price_step, rules.quantity_step, rules.market_quantity_step];
        assert!(steps.iter().all(|step| step.size.is_sign_positive()), "{instrument:?}");
        let _ = rules.round_quantity(Quantity::from_scaled(12_345_678_901, 9));
    }
}

/// A sink that writes down what it is told.
#[derive(Debug)]
pub(crate) struct Recorder {
    instruments: Vec<(Arc<Instrument>, Scale)>,
    pub(crate) said: Vec<Said>,
}

/// One call of the sink.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Book(Slot, OwnedBook),
    Trade(Slot, RawTrade),
    BestPrices(Slot, RawBestPrices),
    Candle(Slot, Candle),
    /// A change of mark price or funding.
    Funding(Slot, FundingChange),
}

/// A [`BookMessage`] to keep.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct OwnedBook {
    pub(crate) ids: (u64, u64, Option<u64>),
    pub(crate) millis: i64,
    pub(crate) bids: Vec<(i64, i64)>,
    pub(crate) asks: Vec<(i64, i64)>,
}

impl Default for Recorder {
    fn default() -> Self {
        let known = [
            ("BTC-USDT", "BTCUSDT", (2, 5)),
            ("ETH-USDT", "ETHUSDT", (2, 4)),
            ("BTC-USD", "BTCUSD_PERP", (1, 0)),
            ("币安人生-USDT", "币安人生USDT", (4, 1)),
        ];
        let instruments = known.map(|(pair, symbol, (price, quantity))| {
            (Arc::new(instrument(pair.parse().expect("a pair"), symbol)), Scale { price, quantity })
        });
        Self { instruments: instruments.into(), said: Vec::new() }
    }
}

impl Recorder {
    /// The same instruments with so many decimals of quantities.
    #[cfg(test)]
    fn with_quantity_decimals(decimals: u32) -> Self {
        let mut recorder = Self::default();
        recorder.instruments.iter_mut().for_each(|(_, scale)| scale.quantity = decimals);
        recorder
    }
}

fn instrument(pair: Pair, symbol: &str) -> Instrument {
    Instrument {
        pair,
        kind: MarketKind::Spot,
        contract: None,
        symbol: symbol.into(),
        status: InstrumentStatus::Trading,
        rules: InstrumentRules::default(),
        unknown_filters: Vec::new(),
    }
}

impl MarketSink for Recorder {
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        let place = self.instruments.iter().position(|(instrument, _)| instrument.symbol.as_bytes() == symbol)?;
        Some((Slot(u32::try_from(place).ok()?), self.instruments[place].1))
    }

    fn book(&mut self, slot: Slot, message: BookMessage<'_>) {
        let book = OwnedBook {
            ids: (message.first_id, message.last_id, message.previous_id),
            millis: message.time.as_millis(),
            bids: message.bids.to_vec(),
            asks: message.asks.to_vec(),
        };
        self.said.push(Said::Book(slot, book));
    }

    fn trade(&mut self, slot: Slot, trade: RawTrade) {
        self.said.push(Said::Trade(slot, trade));
    }

    fn best_prices(&mut self, slot: Slot, best: RawBestPrices) {
        self.said.push(Said::BestPrices(slot, best));
    }

    fn candle(&mut self, slot: Slot, candle: Candle) {
        self.said.push(Said::Candle(slot, candle));
    }

    fn funding(&mut self, slot: Slot, change: FundingChange) {
        self.said.push(Said::Funding(slot, change));
    }

    fn instrument(&self, slot: Slot) -> &Arc<Instrument> {
        &self.instruments[slot.0 as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{BufRead, BufReader};

    /// A small deterministic generator: damage must be the same in every run.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % sides.max(1)
        }

        fn damage(&mut self, message: &[u8]) -> Vec<u8> {
            let mut bytes = message.to_vec();
            for _ in 0..=self.roll(3) {
                self.damage_once(&mut bytes);
            }
            bytes
        }

        fn damage_once(&mut self, bytes: &mut Vec<u8>) {
            const PIECES: [&[u8]; 14] = [
                b"\"",
                b"\\",
                b"0",
                b"-",
                b"e",
                b",",
                b" ",
                b"[]",
                b"{}",
                b"null",
                b"\"s\":1,",
                b"0.001",
                b"\xff",
                b"9999999999",
            ];
            let at = self.roll(bytes.len() + 1);
            let end = (at + self.roll(12)).min(bytes.len());
            match self.roll(5) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
                3 => drop(bytes.splice(at..at, PIECES[self.roll(PIECES.len())].iter().copied())),
                _ if at < bytes.len() => bytes[at] = b"\"{}[]:,.0123456789etfn \\"[self.roll(23)],
                _ => {}
            }
        }
    }

    fn fixtures(of: &str) -> Vec<Vec<u8>> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
        let names = std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path());
        let wanted = names.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(of)));
        let mut wanted: Vec<_> = wanted.collect();
        wanted.sort();
        assert!(!wanted.is_empty(), "no fixture of {of}");
        wanted.into_iter().map(|path| std::fs::read(path).expect("readable")).collect()
    }

    fn damaged(of: &str, times: u64, check: fn(&[u8])) {
        for (number, message) in fixtures(of).iter().enumerate() {
            check(message);
            let line: Vec<u8> = message.iter().copied().filter(|byte| *byte != b'\n').collect();
            for seed in 0..times {
                check(&Dice(seed * 1_000 + number as u64).damage(&line));
            }
        }
    }

    #[test]
    fn damaged_frames_are_read_alike_or_refused() {
        damaged("stream-", 4_000, market_frame);
    }

    #[test]
    fn damaged_private_frames_are_read_or_refused() {
        damaged("user-", 4_000, private_frame);
        damaged("usdm-", 4_000, usdm_private_frame);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            private_frame(&bytes);
            usdm_private_frame(&bytes);
        }
    }

    #[test]
    fn damaged_instrument_lists_are_read_or_refused() {
        damaged("exchange-info", 2_000, exchange_info);
    }

    #[test]
    fn damaged_snapshots_are_read_alike_or_refused() {
        damaged("depth-", 4_000, snapshot);
    }

    /// Recordings of the real exchange, if they are there.
    fn recorded(name: &str, mut each: impl FnMut(&str, &str)) {
        let path = format!("{}/../../../shared/captures/binance/{name}-20240808.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
        let Ok(file) = std::fs::File::open(&path) else {
            println!("skipped: no recording {name}");
            return;
        };
        for line in BufReader::new(flate2::read::GzDecoder::new(file)).lines() {
            let line: Line = serde_json::from_str(&line.expect("readable")).expect("a line");
            each(&line.kind, &line.raw);
        }
    }

    #[derive(serde::Deserialize)]
    struct Line {
        kind: String,
        raw: String,
    }

    #[test]
    fn recorded_frames_are_all_read_fast_and_alike_by_both_readers() {
        for (name, form) in [
            ("spot-btcusdt", FrameForm::Spot),
            ("spot-ethusdt", FrameForm::Spot),
            ("usdm-btcusdt", FrameForm::Futures),
            ("coinm-btcusd_perp", FrameForm::Futures),
        ] {
            let (mut decoder, mut number) = (FrameDecoder::new(form), 0);
            recorded(name, |kind, raw| {
                number += 1;
                let mut sink = Recorder::with_quantity_decimals(8);
                match kind {
                    "rest" => {
                        snapshot(raw.as_bytes());
                        assert!(market::snapshot::read(raw.as_bytes(), Scale { price: 2, quantity: 8 }).is_some());
                    }
                    _ => assert!(decoder.read(raw.as_bytes(), &mut sink).is_some(), "{raw}"),
                }
                if number % 25 == 0 {
                    market_frame(raw.as_bytes());
                }
            });
        }
    }
}
