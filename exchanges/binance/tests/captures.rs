//! Recordings of the real exchange, played through the production decoder and sequencing.
//!
//! They stand beside the checkout, in `../shared/captures`; without them these tests say so and end.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tradewire_binance::BinanceConfig;
use tradewire_binance::spot::BinanceSpot;
use tradewire_binance::usdm::BinanceUsdm;
use tradewire_core::{BookState, Pair};
use tradewire_tracking::{CaptureKind, CaptureReader, MarketSource, ReplaySummary, ReplayedBook, replay};
use tradewire_transport::Clock;

const BTC: &str = "spot-btcusdt-20240808.jsonl.gz";
const ETH: &str = "spot-ethusdt-20240808.jsonl.gz";
const USDM: &str = "usdm-btcusdt-20240808.jsonl.gz";
/// Of a market whose messages have the same form.
const COINM: &str = "coinm-btcusd_perp-20240808.jsonl.gz";
/// The depth message that the damaged recordings are damaged at.
const AT: usize = 1_000;

fn captures() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures/binance");
    if !folder.join(BTC).exists() {
        println!("skipped: no recordings beside the checkout");
        return None;
    }
    Some(folder)
}

fn played(path: &Path) -> ReplaySummary {
    replay(path, &source(), None).expect("a sound recording")
}

fn futures() -> Arc<dyn MarketSource> {
    Arc::new(BinanceUsdm::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration"))
}

fn source() -> Arc<dyn MarketSource> {
    Arc::new(BinanceSpot::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration"))
}

fn book<'a>(summary: &'a ReplaySummary, pair: &str) -> &'a ReplayedBook {
    &summary.books[&pair.parse::<Pair>().expect("a pair")]
}

/// A recording in lines, for damaging.
struct Recording {
    lines: Vec<String>,
    /// Places of the depth messages.
    depth: Vec<usize>,
}

impl Recording {
    fn read(path: &Path) -> Self {
        let mut reader = CaptureReader::open(path).expect("a recording");
        let (mut lines, mut depth) = (Vec::new(), Vec::new());
        while let Some(line) = reader.next_line().expect("a sound line") {
            if line.kind == CaptureKind::Ws && line.raw.contains("depthUpdate") {
                depth.push(lines.len());
            }
            lines.push(serde_json::to_string(&line).expect("a line"));
        }
        Self { lines, depth }
    }

    /// Last id of the n-th depth message.
    fn last_id(&self, n: usize) -> u64 {
        let line: Value = serde_json::from_str(&self.lines[self.depth[n]]).expect("JSON");
        let raw: Value = serde_json::from_str(line["raw"].as_str().expect("text")).expect("JSON");
        raw["data"]["u"].as_u64().expect("an id")
    }

    fn play(&self, name: &str) -> ReplaySummary {
        let path = std::env::temp_dir().join(format!("tradewire-{}-{name}.jsonl", std::process::id()));
        let mut file = File::create(&path).expect("a temporary file");
        for line in &self.lines {
            writeln!(file, "{line}").expect("room on the disk");
        }
        let summary = played(&path);
        std::fs::remove_file(path).expect("the temporary file");
        summary
    }
}

#[test]
fn books_equal_an_independent_computation() {
    let Some(folder) = captures() else { return };
    let expected = std::fs::read(folder.join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_slice(&expected).expect("JSON");
    for (source, file, pair) in [
        (source(), BTC, "BTC-USDT"),
        (source(), ETH, "ETH-USDT"),
        (futures(), USDM, "BTC-USDT"),
        (futures(), COINM, "BTC-USD"),
    ] {
        let (summary, expected) = (replay(&folder.join(file), &source, None).expect("sound"), &expected[file]);
        let book = book(&summary, pair);
        assert_eq!(book.state, BookState::Live, "{file}");
        assert_eq!(book.digest, expected["sha256"].as_str().expect("text"), "{file}");
        assert_eq!(book.last_update_id, expected["last_update_id"], "{file}");
        assert_eq!(
            [book.bids as u64, book.asks as u64],
            [&expected["bids"], &expected["asks"]].map(|n| n.as_u64().expect("a number"))
        );
        assert_eq!((summary.gaps, summary.recoveries), (0, 0), "{file}");
        assert_eq!(summary.kinds["bookTicker"], expected["book_ticker"], "{file}");
        let agreement = summary.best_prices;
        // Futures state the best prices of a version more than once.
        assert!(agreement.compared >= expected["ticker_same_u"].as_u64().expect("a number"), "{file}");
        assert_eq!(agreement.equal, agreement.compared, "every best price of a version that the book had");
    }
}

#[test]
fn a_missing_frame_is_seen_at_the_next_one_and_nothing_is_served_after_it() {
    let Some(folder) = captures() else { return };
    let mut recording = Recording::read(&folder.join(BTC));
    let before = recording.last_id(AT - 1);
    recording.lines.remove(recording.depth[AT]);
    let summary = recording.play("missing");
    let book = book(&summary, "BTC-USDT");
    assert_eq!((book.state, book.reason.as_deref()), (BookState::Invalid, Some("sequence")));
    assert_eq!(book.last_update_id, before, "nothing after the gap was applied");
    assert_eq!(summary.gaps, 1);
}

#[test]
fn exchanged_frames_are_a_gap_at_the_first_of_them() {
    let Some(folder) = captures() else { return };
    let mut recording = Recording::read(&folder.join(BTC));
    let before = recording.last_id(AT - 1);
    recording.lines.swap(recording.depth[AT], recording.depth[AT + 1]);
    let summary = recording.play("exchanged");
    let book = book(&summary, "BTC-USDT");
    assert_eq!((book.state, book.last_update_id), (BookState::Invalid, before));
}

#[test]
fn a_doubled_frame_changes_nothing() {
    let Some(folder) = captures() else { return };
    let mut recording = Recording::read(&folder.join(BTC));
    let line = recording.lines[recording.depth[AT]].clone();
    recording.lines.insert(recording.depth[AT], line);
    let summary = recording.play("doubled");
    let sound = played(&folder.join(BTC));
    assert_eq!((summary.gaps, summary.recoveries), (0, 0));
    assert_eq!(book(&summary, "BTC-USDT").digest, book(&sound, "BTC-USDT").digest);
}

#[test]
fn a_broken_frame_makes_the_book_invalid_and_is_counted() {
    let Some(folder) = captures() else { return };
    let mut recording = Recording::read(&folder.join(BTC));
    let place = recording.depth[AT];
    let before = recording.last_id(AT - 1);
    let mut line: Value = serde_json::from_str(&recording.lines[place]).expect("JSON");
    let raw = line["raw"].as_str().expect("text").to_owned();
    line["raw"] = Value::from(&raw[..raw.len() / 2]);
    recording.lines[place] = line.to_string();
    let summary = recording.play("broken");
    let book = book(&summary, "BTC-USDT");
    assert_eq!(summary.kinds["undecodable"], 1);
    assert_eq!((book.state, book.last_update_id), (BookState::Invalid, before));
}

#[test]
fn a_recording_cut_between_lines_ends_live_and_one_torn_within_says_where() {
    let Some(folder) = captures() else { return };
    let mut recording = Recording::read(&folder.join(BTC));
    recording.lines.truncate(recording.depth[AT] + 1);
    let summary = recording.play("cut");
    let book = book(&summary, "BTC-USDT");
    assert_eq!((book.state, book.last_update_id), (BookState::Live, recording.last_id(AT)));

    let bytes = std::fs::read(folder.join(BTC)).expect("a recording");
    let path = std::env::temp_dir().join(format!("tradewire-{}-torn.jsonl.gz", std::process::id()));
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("a temporary file");
    let error = replay(&path, &source(), None).expect_err("a torn file");
    std::fs::remove_file(path).expect("the temporary file");
    assert!(error.context("line").is_some(), "{error}");
}
