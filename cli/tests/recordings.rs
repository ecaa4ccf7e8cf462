//! Recordings: made, replayed, damaged.

mod common;

use std::io::Write;
use std::path::Path;

use common::{Simulated, tradewire};
use serde_json::Value;

/// Records two pairs of a simulated exchange and replays that: live books without gaps. `kind` is its name of book messages.
fn records_and_replays(exchange: &str, pairs: [&str; 2], kind: &str) {
    let simulated = Simulated::of(exchange, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("made.jsonl.gz");
    let file = file.to_str().expect("UTF-8");
    let record = ["record", exchange, pairs[0], pairs[1], "--out", file, "--seconds", "2", "--json"];
    let made = simulated.tradewire(&record);
    assert_eq!((made.status, made.stderr.as_str()), (Some(0), ""));
    let made = &made.json()[0];
    assert_eq!((&made["file"], &made["lost"]), (&file.into(), &0.into()), "{made}");
    assert!(made["lines"].as_u64() > Some(0), "{made}");

    let run = tradewire(&["replay", file, "--exchange", exchange, "--json"]);
    let summary = run.json().pop().expect("a summary");
    assert_eq!((run.status, &summary["gaps"], &summary["recoveries"]), (Some(0), &0.into(), &0.into()), "{summary}");
    assert!(summary["messages"].as_u64() > Some(0) && summary["kinds"][kind].as_u64() > Some(0), "{summary}");
    assert_eq!(summary["kinds"].get("undecodable"), None, "{summary}");
    assert!(summary["messages_per_second"].as_u64() > Some(0), "{summary}");
    for pair in pairs {
        let book = &summary["books"][pair];
        assert_eq!(book["state"], "live", "{summary}");
        assert!(book["last_update_id"].as_u64() > Some(0) && book["bids"].as_u64() > Some(20), "{summary}");
        assert_eq!(book["digest"].as_str().map(str::len), Some(64), "{summary}");
        assert_eq!(book["top"]["asks"].as_array().map(Vec::len), Some(20), "{summary}");
        assert!(book["top"]["bids"][0][0].is_string(), "decimal text: {summary}");
    }
    simulated.tradewire(&record).refused(1, &[file, "exists"]);
    let nothing = folder.path().join("nothing.jsonl.gz");
    let unlisted = ["record", exchange, "MOON-USDT", "--out", nothing.to_str().expect("UTF-8")];
    simulated.tradewire(&unlisted).refused(1, &["MOON-USDT"]);
    assert!(!nothing.exists(), "a file with nothing in it is in the way");
}

#[test]
fn a_recording_of_the_simulated_exchange_replays_to_live_books_without_gaps() {
    records_and_replays("binance-spot", ["BTC-USDT", "ETH-BTC"], "depthUpdate");
}

#[test]
fn a_recording_of_the_simulated_bybit_spot_replays_from_the_snapshots_on_its_stream() {
    records_and_replays("bybit-spot", ["BTC-USDT", "ETH-BTC"], "orderbook");
}

#[test]
fn a_recording_of_the_simulated_bybit_linear_replays_from_the_snapshots_on_its_stream() {
    records_and_replays("bybit-linear", ["BTC-USDT", "ETH-USDT"], "orderbook");
}

#[test]
fn damaged_recordings_fail_with_the_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = |name: &str, content: &[u8]| {
        let file = folder.path().join(name);
        std::fs::File::create(&file).and_then(|mut file| file.write_all(content)).expect("written");
        tradewire(&["replay", file.to_str().expect("UTF-8"), "--exchange", "binance-spot"])
    };
    let good = br#"{"t":1,"conn":1,"kind":"open","url":"ws://x","raw":""}"#;
    let damaged = [&good[..], b"\n{\"t\":2,\"conn\":1,\n"].concat();
    replay("damaged.jsonl", &damaged).refused(1, &["damaged.jsonl", "line 2"]);
    replay("empty.jsonl", b"").refused(1, &["no"]);
    replay("cut.jsonl.gz", &[0x1f, 0x8b, 8, 0, 0]).refused(1, &["cut.jsonl.gz"]);
    tradewire(&["replay", "none.jsonl", "--exchange", "binance-spot"]).refused(1, &["none.jsonl"]);
}

#[test]
fn recordings_of_the_real_exchange_give_the_expected_books() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures/binance");
    let Ok(expected) = std::fs::read_to_string(folder.join("expected.json")) else {
        println!("skipped: no recordings in {}", folder.display());
        return;
    };
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    for (name, pair) in [("spot-btcusdt-20240808", "BTC-USDT"), ("spot-ethusdt-20240808", "ETH-USDT")] {
        let name = format!("{name}.jsonl.gz");
        let file = folder.join(&name);
        let run = tradewire(&["replay", file.to_str().expect("UTF-8"), "--exchange", "binance-spot", "--json"]);
        let summary = run.json().pop().expect("a summary");
        let (book, expected) = (&summary["books"][pair], &expected[&name]);
        assert_eq!(book["digest"], expected["sha256"], "{name}");
        assert_eq!(book["last_update_id"], expected["last_update_id"], "{name}");
        assert_eq!((&book["bids"], &book["asks"]), (&expected["bids"], &expected["asks"]), "{name}");
        assert_eq!((&summary["gaps"], &book["state"]), (&0.into(), &"live".into()), "{name}");
        let agreed = &summary["best_prices"];
        assert_eq!(agreed["equal"], agreed["compared"], "{name}");
    }
}
