use std::hint::black_box;

use serde::Deserialize;
use tradewire_benches::{
    FloorBestPrices, FloorParser, FloorTrades, Interleaved, MadePrices, OneSymbol, Stage, made_best_prices, made_trades,
};
use tradewire_tracking::Scale;

use crate::stream::{Stream, decoder};

/// Medians of parsing without a book: the floor, this project's decoder, sonic-rs.
pub(crate) fn depth<'a>(stream: &'a Stream) -> Interleaved<'a> {
    let (layout, first) = (stream.set.layout, &stream.set.messages[0]);
    let floor = move || FloorParser::new(layout, first).expect("a form that the floor knows");
    Interleaved::new(vec![
        Stage::new("FLOOR: unchecked parser", floor, |parser| stream.texts().for_each(|text| by_floor(parser, text))),
        decoded("tradewire: decoder", &stream.symbol, layout.scale, || stream.texts()),
        Stage::new("sonic-rs 0.5, typed, to i64", Vec::<(i64, i64)>::new, move |levels| {
            stream.texts().for_each(|text| by_sonic(text, layout.scale, levels));
        }),
    ])
}

/// As [`depth`], for made trades.
pub(crate) fn trades<'a>(made: &'a MadePrices) -> Interleaved<'a> {
    let floor = || FloorTrades::new(made).expect("a form that the floor knows");
    Interleaved::new(vec![
        Stage::new("FLOOR: unchecked parser", floor, |parser| {
            made_texts(made).for_each(|text| trade_by_floor(parser, text))
        }),
        decoded("tradewire: decoder", made.symbol, made.layout.scale, || made_texts(made)),
        by_sonic_alone::<Trade<'_>>(made),
    ])
}

/// As [`depth`], for made best prices.
pub(crate) fn best_prices<'a>(made: &'a MadePrices) -> Interleaved<'a> {
    let floor = || FloorBestPrices::new(made).expect("a form that the floor knows");
    Interleaved::new(vec![
        Stage::new("FLOOR: unchecked parser", floor, |parser| {
            made_texts(made).for_each(|text| best_by_floor(parser, text))
        }),
        decoded("tradewire: decoder", made.symbol, made.layout.scale, || made_texts(made)),
        by_sonic_alone::<BestPrices<'_>>(made),
    ])
}

/// Made trades and best prices to measure.
pub(crate) fn made() -> (MadePrices, MadePrices) {
    (made_trades(20_000), made_best_prices(20_000))
}

fn made_texts(made: &MadePrices) -> impl Iterator<Item = &str> {
    made.frames.iter().map(|frame| std::str::from_utf8(frame).expect("made text"))
}

fn decoded<'a, I: Iterator<Item = &'a str>>(
    name: &'static str,
    symbol: &'a str,
    scale: Scale,
    texts: impl Fn() -> I + 'a,
) -> Stage<'a> {
    Stage::new(name, decoder, move |decoder| {
        let mut sink = OneSymbol::new(symbol, scale, |message| {
            black_box(message);
        });
        for text in texts() {
            black_box(decoder.decode(text.as_bytes(), &mut sink)).expect("a sound frame");
        }
    })
}

/// Fields as text that stays in the frame: numbers are not read.
fn by_sonic_alone<'a, T: Deserialize<'a> + 'a>(made: &'a MadePrices) -> Stage<'a> {
    Stage::new(
        "sonic-rs 0.5, borrowed texts",
        || (),
        move |()| {
            for text in made_texts(made) {
                black_box(sonic_rs::from_str::<Frame<T>>(text).expect("a sound frame").data);
            }
        },
    )
}

fn by_sonic(text: &str, scale: Scale, levels: &mut Vec<(i64, i64)>) {
    let depth = sonic_rs::from_str::<Frame<Depth<'_>>>(text).expect("a sound frame").data;
    black_box((depth.symbol, depth.time, depth.first_id, depth.last_id, depth.previous_id));
    levels.clear();
    let scaled = |(price, quantity): &(&str, &str)| (scaled(price, scale.price), scaled(quantity, scale.quantity));
    levels.extend(depth.bids.iter().map(scaled));
    levels.extend(depth.asks.iter().map(scaled));
    black_box(levels);
}

/// A decimal number as an integer with so many decimals; what is finer is dropped.
fn scaled(text: &str, decimals: u32) -> i64 {
    let (mut value, mut left, mut past_point) = (0, decimals, false);
    for byte in text.bytes() {
        if byte == b'.' {
            past_point = true;
        } else if past_point && left == 0 {
            break;
        } else {
            left -= u32::from(past_point);
            value = value * 10 + i64::from(byte - b'0');
        }
    }
    value * 10_i64.pow(left)
}

#[allow(unsafe_code)]
fn by_floor(parser: &mut FloorParser, text: &str) {
    // SAFETY: the frames of a recording have one form; the tests of the benches compare what is read in them.
    black_box(unsafe { parser.parse(text.as_bytes()) });
}

#[allow(unsafe_code)]
fn trade_by_floor(parser: &FloorTrades, text: &str) {
    // SAFETY: as for depth.
    black_box(unsafe { parser.parse(text.as_bytes()) });
}

#[allow(unsafe_code)]
fn best_by_floor(parser: &FloorBestPrices, text: &str) {
    // SAFETY: as for depth.
    black_box(unsafe { parser.parse(text.as_bytes()) });
}

#[derive(Deserialize)]
struct Frame<T> {
    data: T,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(rename = "E")]
    time: i64,
    #[serde(rename = "s")]
    symbol: &'a str,
    #[serde(rename = "U")]
    first_id: u64,
    #[serde(rename = "u")]
    last_id: u64,
    #[serde(rename = "pu")]
    previous_id: Option<u64>,
    #[serde(rename = "b", borrow)]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(rename = "a", borrow)]
    asks: Vec<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, and dropped as a whole")]
struct Trade<'a> {
    #[serde(rename = "s")]
    symbol: &'a str,
    #[serde(rename = "t")]
    id: u64,
    #[serde(rename = "p")]
    price: &'a str,
    #[serde(rename = "q")]
    quantity: &'a str,
    #[serde(rename = "T")]
    time: i64,
    #[serde(rename = "m")]
    buyer_is_maker: bool,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, and dropped as a whole")]
struct BestPrices<'a> {
    #[serde(rename = "u")]
    update_id: u64,
    #[serde(rename = "s")]
    symbol: &'a str,
    #[serde(rename = "b")]
    bid: &'a str,
    #[serde(rename = "B")]
    bid_quantity: &'a str,
    #[serde(rename = "a")]
    ask: &'a str,
    #[serde(rename = "A")]
    ask_quantity: &'a str,
}
