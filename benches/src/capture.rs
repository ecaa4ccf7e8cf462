use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;
use tradewire_core::{Price, Quantity};
use tradewire_tracking::Scale;

use crate::{Layout, Message, Set, Snapshot};

/// Where the recordings are, beside the repository.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/captures/binance");

const FILES: [(&str, &str); 3] = [
    ("spot BTC", "spot-btcusdt-20240808.jsonl.gz"),
    ("USD-M BTC", "usdm-btcusdt-20240808.jsonl.gz"),
    ("COIN-M BTC", "coinm-btcusd_perp-20240808.jsonl.gz"),
];

/// The recorded depth streams, each from the first message that bridges its snapshot. Those that are absent are left out,
/// with a word on stderr.
pub fn recorded_sets() -> Vec<Set> {
    FILES.iter().filter_map(|(name, file)| read(name, &Path::new(FOLDER).join(file))).collect()
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    raw: String,
}

#[derive(Deserialize)]
struct Rest {
    #[serde(rename = "lastUpdateId")]
    id: u64,
    bids: Vec<(String, String)>,
    asks: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Frame {
    data: Depth,
}

#[derive(Deserialize)]
struct Depth {
    u: u64,
    pu: Option<u64>,
    b: Vec<(String, String)>,
    a: Vec<(String, String)>,
}

fn read(name: &str, path: &Path) -> Option<Set> {
    let Ok(file) = File::open(path) else {
        eprintln!("skipped: {name}: no {}", path.file_name()?.display());
        return None;
    };
    let (mut rest, mut frames) = (None, Vec::new());
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let line: Line = serde_json::from_str(&line.expect("a readable recording")).expect("a recorded line");
        match line.kind.as_str() {
            "rest" => rest = Some(serde_json::from_str::<Rest>(&line.raw).expect("a snapshot")),
            "ws" if line.raw.contains("\"e\":\"depthUpdate\"") => {
                let depth = serde_json::from_str::<Frame>(&line.raw).expect("a depth frame").data;
                frames.push((line.raw, depth));
            }
            _ => {}
        }
    }
    let rest = rest.expect("a recording with a snapshot");
    frames.retain(|(_, depth)| if depth.pu.is_some() { depth.u >= rest.id } else { depth.u > rest.id });
    Some(assemble(name, &rest, frames))
}

fn assemble(name: &str, rest: &Rest, frames: Vec<(String, Depth)>) -> Set {
    let sides = || frames.iter().flat_map(|(_, depth)| [&depth.b, &depth.a]).chain([&rest.bids, &rest.asks]);
    let needed = |text: &str| text.split_once('.').map_or(0, |(_, places)| places.trim_end_matches('0').len() as u32);
    let price = sides().flatten().map(|level| needed(&level.0)).max().unwrap_or(0);
    let quantity = sides().flatten().map(|level| needed(&level.1)).max().unwrap_or(0);
    let shown = |text: &str| text.split_once('.').map_or(0, |(_, places)| places.len() as u32);
    let layout = Layout {
        scale: Scale { price, quantity },
        shown_price: rest.bids.first().map_or(0, |level| shown(&level.0)),
        shown_quantity: rest.bids.first().map_or(0, |level| shown(&level.1)),
    };
    let scaled = |levels: &[(String, String)]| levels.iter().map(|level| scaled(layout.scale, level)).collect();
    let snapshot = Snapshot { bids: scaled(&rest.bids), asks: scaled(&rest.asks) };
    let messages = frames.iter().map(|(frame, depth)| Message {
        symbol: 0,
        frame: frame.as_bytes().into(),
        bids: scaled(&depth.b),
        asks: scaled(&depth.a),
    });
    Set { name: name.to_owned(), layout, snapshots: vec![snapshot], messages: messages.collect() }
}

fn scaled(scale: Scale, (price, quantity): &(String, String)) -> (i64, i64) {
    let price = price.parse::<Price>().ok().and_then(|price| price.to_scaled(scale.price));
    let quantity = quantity.parse::<Quantity>().ok().and_then(|quantity| quantity.to_scaled(scale.quantity));
    price.zip(quantity).expect("numbers that fit the scale chosen for them")
}
