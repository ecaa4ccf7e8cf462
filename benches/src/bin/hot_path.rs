//! Runs one stage of the hot path over made messages, for a tool that counts instructions: `hot_path STAGE MESSAGES`.
//!
//! It makes the same messages whatever `MESSAGES` says and uses the first so many of them: the difference between two runs
//! is what the messages between the two numbers cost. Without arguments it prints the stages.

use std::hint::black_box;
use std::process::ExitCode;

use tradewire_benches::loopback::{Feed, SYMBOL};
use tradewire_benches::{
    Book, DenseBook, FloorBestPrices, FloorParser, FloorTrades, MadePrices, Message, OneSymbol, checked_book,
    made_best_prices, made_trades,
};
use tradewire_binance::BinanceConfig;
use tradewire_binance::spot::BinanceSpot;
use tradewire_tracking::{MarketDecoder, MarketSink, MarketSource, OrderBook, SequenceRule};
use tradewire_transport::Clock;

/// Messages that are made in every run.
const MADE: usize = 6_000;

/// What is counted, by name.
struct Stage {
    name: &'static str,
    run: fn(usize),
}

/// Each stage follows its floor.
const STAGES: [Stage; 10] = [
    Stage { name: "parse-floor", run: parse_floor },
    Stage { name: "parse", run: parse },
    Stage { name: "apply-floor", run: apply_floor },
    Stage { name: "apply", run: apply },
    Stage { name: "parse-apply-floor", run: parse_apply_floor },
    Stage { name: "parse-apply", run: parse_apply },
    Stage { name: "trade-floor", run: trade_floor },
    Stage { name: "trade", run: trade },
    Stage { name: "best-prices-floor", run: best_prices_floor },
    Stage { name: "best-prices", run: best_prices },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let stage = arguments.next().unwrap_or_default();
    let messages = arguments.next().and_then(|text| text.parse().ok());
    let stage = STAGES.iter().find(|known| known.name == stage);
    match (stage, messages) {
        (Some(stage), Some(messages @ 0..=MADE)) => {
            (stage.run)(messages);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("hot_path STAGE MESSAGES, with up to {MADE} messages and a stage of");
            STAGES.iter().for_each(|stage| println!("{}", stage.name));
            ExitCode::FAILURE
        }
    }
}

fn parse_floor(messages: usize) {
    let feed = Feed::made(MADE);
    let mut parser = floor_of(&feed);
    for message in &feed.set.messages[..messages] {
        floor(&mut parser, message);
    }
}

fn parse(messages: usize) {
    let feed = Feed::made(MADE);
    let frames = feed.set.messages.iter().map(|message| &*message.frame);
    let mut sink = OneSymbol::new(SYMBOL, feed.layout.scale, |message| {
        black_box(message);
    });
    decode(frames.take(messages), &mut sink);
}

fn apply_floor(messages: usize) {
    apply_to::<DenseBook>(messages);
}

fn apply(messages: usize) {
    apply_to::<OrderBook>(messages);
}

fn apply_to<B: Book>(messages: usize) {
    let feed = Feed::made(MADE);
    let mut book = B::loaded(feed.layout.scale, &feed.set.snapshots[0]);
    for message in &feed.set.messages[..messages] {
        book.apply(&message.bids, &message.asks);
        black_box(book.touch());
    }
}

fn parse_apply_floor(messages: usize) {
    let feed = Feed::made(MADE);
    let mut parser = floor_of(&feed);
    let mut book = DenseBook::loaded(feed.layout.scale, &feed.set.snapshots[0]);
    for message in &feed.set.messages[..messages] {
        floor(&mut parser, message);
        book.apply(&parser.bids, &parser.asks);
        black_box(book.touch());
    }
}

fn parse_apply(messages: usize) {
    let feed = Feed::made(MADE);
    let mut book =
        checked_book(SequenceRule::FirstLast, feed.layout.scale, &feed.set.snapshots[0], feed.snapshot_update_id());
    let frames = feed.set.messages.iter().map(|message| &*message.frame);
    let mut sink = OneSymbol::new(SYMBOL, feed.layout.scale, |message| {
        black_box(book.on_message(message, message.time));
    });
    decode(frames.take(messages), &mut sink);
    assert_eq!(book.counters().applied, messages as u64, "all messages follow the snapshot");
}

fn trade_floor(messages: usize) {
    let made = made_trades(MADE);
    let parser = FloorTrades::new(&made).expect("a form that the floor knows");
    for frame in &made.frames[..messages] {
        trade_by_floor(&parser, frame);
    }
}

fn trade(messages: usize) {
    decode_prices(&made_trades(MADE), messages);
}

fn best_prices_floor(messages: usize) {
    let made = made_best_prices(MADE);
    let parser = FloorBestPrices::new(&made).expect("a form that the floor knows");
    for frame in &made.frames[..messages] {
        best_prices_by_floor(&parser, frame);
    }
}

fn best_prices(messages: usize) {
    decode_prices(&made_best_prices(MADE), messages);
}

fn decode_prices(made: &MadePrices, messages: usize) {
    let frames = made.frames.iter().map(|frame| &**frame);
    let mut sink = OneSymbol::new(made.symbol, made.layout.scale, |_| unreachable!("no depth"));
    decode(frames.take(messages), &mut sink);
}

fn decode<'a>(frames: impl Iterator<Item = &'a [u8]>, sink: &mut dyn MarketSink) {
    let source = BinanceSpot::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration");
    let mut decoder: Box<dyn MarketDecoder> = source.decoder();
    for frame in frames {
        black_box(decoder.decode(frame, sink)).expect("a sound frame");
    }
}

fn floor_of(feed: &Feed) -> FloorParser {
    FloorParser::new(feed.layout, &feed.set.messages[0]).expect("a form that the floor knows")
}

#[allow(unsafe_code)]
#[inline]
fn floor(parser: &mut FloorParser, message: &Message) {
    // SAFETY: all frames of a feed have one form; `tests/agreement.rs` compares what the floor reads in them.
    black_box(unsafe { parser.parse(&message.frame) });
}

#[allow(unsafe_code)]
#[inline]
fn trade_by_floor(parser: &FloorTrades, frame: &[u8]) {
    // SAFETY: as for depth.
    black_box(unsafe { parser.parse(frame) });
}

#[allow(unsafe_code)]
#[inline]
fn best_prices_by_floor(parser: &FloorBestPrices, frame: &[u8]) {
    // SAFETY: as for depth.
    black_box(unsafe { parser.parse(frame) });
}
