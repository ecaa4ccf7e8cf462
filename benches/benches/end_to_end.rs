//! Prints what a connector costs from socket to callback, on loopback, beside the barest client there can be.
//!
//! * messages a second at full rate: own framing with the floor's parser and book, own framing with this project's, and the
//!   whole connector with its observer;
//! * time from sending to callback at 2 000 messages a second, also while the runtime polls without sleeping;
//! * the rate up to which a reader of events on another task gets every update.
//!
//! `MESSAGES` (200000) and `ROUNDS` (5) in the environment set the size; `ONLY=throughput` leaves the rest out.
#![allow(clippy::disallowed_methods)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tradewire_benches::loopback::{Feed, Pace, SYMBOL, Sent, Server, follow};
use tradewire_benches::{Book, DenseBook, FloorParser};
use tradewire_binance::BinanceConfig;
use tradewire_binance::spot::BinanceSpot;
use tradewire_core::{Candle, Event, GapReason, Instrument, MarketEvent, Timestamp};
use tradewire_tracking::{
    BookMessage, FundingChange, LocalBook, MarketConfig, MarketData, MarketObserver, MarketSink, MarketSource,
    OrderBook, RawBestPrices, RawTrade, Scale, Slot, TopicSet, TradeStream,
};
use tradewire_transport::Clock;

/// Messages a second for latencies.
const CALM: u32 = 2_000;
/// Seconds of them.
const SECONDS: usize = 3;

fn main() {
    let number = |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let feed = Arc::new(Feed::made(number("MESSAGES", 200_000)));
    let bytes = feed.wire.iter().map(|frame| frame.len()).sum::<usize>() / feed.wire.len();
    println!("{} messages of {bytes} bytes on average\n", feed.wire.len());
    throughput(&feed, number("ROUNDS", 5));
    if std::env::var_os("ONLY").is_some() {
        return;
    }
    latency(&Arc::new(Feed::made(CALM as usize * SECONDS)));
    conflation(&feed);
}

fn throughput(feed: &Arc<Feed>, rounds: usize) {
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        times[0].push(bare_run(feed, Pace::Full).whole);
        times[1].push(thin_run(feed).whole);
        times[2].push(product_run(feed, Pace::Full, false).whole);
    }
    let per_second = times.map(|mut times| {
        times.sort_unstable();
        feed.wire.len() as f64 / times[times.len() / 2].as_secs_f64()
    });
    println!("| client | messages/s | x FLOOR | x bare |\n| --- | --- | --- | --- |");
    let names = ["own framing, FLOOR", "bare: own framing, tradewire's decoder and book", "tradewire, observer"];
    for (name, rate) in names.iter().zip(per_second) {
        println!("| {name} | {rate:.0} | {:.2} | {:.2} |", rate / per_second[0], rate / per_second[1]);
    }
    println!();
}

fn latency(feed: &Arc<Feed>) {
    println!("| client at {CALM}/s | p50 us | p99 us | p99.9 us |\n| --- | --- | --- | --- |");
    let pace = Pace::PerSecond(CALM);
    print_latency("bare, blocking read", bare_run(feed, pace));
    print_latency("tradewire, observer", product_run(feed, pace, false));
    print_latency("tradewire, observer, busy poll", product_run(feed, pace, true));
    println!();
}

fn print_latency(name: &str, run: Run) {
    let sent = run.sent.lock().map(|sent| sent.clone()).unwrap_or_default();
    let skipped = run.arrived.len() - sent.len();
    let mut waits: Vec<_> =
        sent.iter().zip(&run.arrived[skipped..]).map(|(from, to)| to.duration_since(*from)).collect();
    waits.sort_unstable();
    let at = |share: f64| waits[(waits.len() as f64 * share) as usize].as_secs_f64() * 1e6;
    println!("| {name} | {:.1} | {:.1} | {:.1} |", at(0.5), at(0.99), at(0.999));
}

/// When messages reached the callback.
struct Run {
    arrived: Vec<Instant>,
    sent: Sent,
    /// From the second message, the first at full rate, to the last.
    whole: Duration,
}

impl Run {
    fn new(arrived: Vec<Instant>, sent: Sent) -> Self {
        let whole = arrived[arrived.len() - 1].duration_since(arrived[1]);
        Self { arrived, sent, whole }
    }
}

fn bare_run(feed: &Arc<Feed>, pace: Pace) -> Run {
    let server = Server::start(Arc::clone(feed), pace);
    let mut arrived = Vec::with_capacity(feed.wire.len());
    let mut parser = FloorParser::new(feed.layout, &feed.set.messages[0]).expect("a form that the floor knows");
    let mut book = DenseBook::loaded(feed.layout.scale, &feed.set.snapshots[0]);
    follow(&server.address, feed.wire.len(), |frame| {
        parse(&mut parser, frame);
        book.apply(&parser.bids, &parser.asks);
        std::hint::black_box(book.touch());
        arrived.push(Instant::now());
    });
    Run::new(arrived, Arc::clone(&server.sent))
}

#[allow(unsafe_code)]
fn parse(parser: &mut FloorParser, frame: &[u8]) {
    // SAFETY: the server sends the frames of the feed, all of one form.
    std::hint::black_box(unsafe { parser.parse(frame) });
}

/// Own framing with the decoder and the book of the connector, and nothing else of it.
fn thin_run(feed: &Arc<Feed>) -> Run {
    let server = Server::start(Arc::clone(feed), Pace::Full);
    let mut arrived = Vec::with_capacity(feed.wire.len());
    let source = BinanceSpot::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration");
    let mut decoder = source.decoder();
    let mut thin =
        Thin { scale: feed.layout.scale, book: OrderBook::loaded(feed.layout.scale, &feed.set.snapshots[0]) };
    follow(&server.address, feed.wire.len(), |frame| {
        decoder.decode(frame, &mut thin).expect("a sound frame");
        std::hint::black_box(thin.book.touch());
        arrived.push(Instant::now());
    });
    Run::new(arrived, Arc::clone(&server.sent))
}

/// A sink that applies and does not check.
struct Thin {
    scale: Scale,
    book: OrderBook,
}

impl MarketSink for Thin {
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        (symbol == SYMBOL.as_bytes()).then_some((Slot(0), self.scale))
    }

    fn book(&mut self, _: Slot, message: BookMessage<'_>) {
        self.book.apply(message.bids, message.asks);
    }

    fn trade(&mut self, _: Slot, _: RawTrade) {}

    fn best_prices(&mut self, _: Slot, _: RawBestPrices) {}

    fn candle(&mut self, _: Slot, _: Candle) {}

    fn funding(&mut self, _: Slot, _: FundingChange) {}

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        unreachable!("only candles ask for it")
    }
}

fn product_run(feed: &Arc<Feed>, pace: Pace, busy: bool) -> Run {
    let server = Server::start(Arc::clone(feed), pace);
    let observer = Arc::new(Arrivals::new(feed.wire.len()));
    runtime(busy).block_on(async {
        let spinning = busy.then(|| tokio::spawn(spin()));
        let market = market(&server, Some(Arc::clone(&observer)));
        observer.whole.notified().await;
        market.close().await;
        if let Some(spinning) = spinning {
            spinning.abort();
        }
    });
    let arrived = observer.at.lock().map(|mut at| std::mem::take(&mut *at)).unwrap_or_default();
    Run::new(arrived, Arc::clone(&server.sent))
}

/// One thread; for busy polling one that looks at its sockets after every task instead of after 61.
fn runtime(busy: bool) -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all();
    if busy {
        builder.event_interval(1);
    }
    builder.build().expect("a runtime")
}

/// Keeps a runtime from sleeping.
async fn spin() {
    loop {
        tokio::task::yield_now().await;
    }
}

fn market(server: &Server, observer: Option<Arc<Arrivals>>) -> MarketData {
    let config = BinanceConfig {
        rest: Some(format!("http://{}", server.address)),
        ws: Some(format!("ws://{}", server.address)),
        ..BinanceConfig::default()
    };
    let source = Arc::new(BinanceSpot::new(&config, Clock::start()).expect("addresses"));
    let config = MarketConfig {
        topics: TopicSet { trades: TradeStream::None, ..TopicSet::default() },
        observer: observer.map(|observer| observer as Arc<dyn MarketObserver>),
        ..MarketConfig::default()
    };
    MarketData::start(source, config, ["MADE-USDT".parse().expect("a pair")])
}

/// Notes when each book message was applied.
struct Arrivals {
    expected: usize,
    at: Mutex<Vec<Instant>>,
    whole: Notify,
}

impl Arrivals {
    fn new(messages: usize) -> Self {
        // The first message waits for the snapshot and is not told.
        Self { expected: messages - 1, at: Mutex::new(Vec::with_capacity(messages)), whole: Notify::new() }
    }
}

impl MarketObserver for Arrivals {
    fn book(&self, _: &Instrument, book: &LocalBook, _: Timestamp) {
        std::hint::black_box(book.update_id());
        if let Ok(mut at) = self.at.lock() {
            at.push(Instant::now());
            if at.len() == self.expected {
                self.whole.notify_one();
            }
        }
    }

    fn trade(&self, _: &Instrument, _: &RawTrade, _: Timestamp) {}

    fn best_prices(&self, _: &Instrument, _: &RawBestPrices, _: Timestamp) {}
}

/// Raises the rate until a reader of events is told that it fell behind.
fn conflation(feed: &Arc<Feed>) {
    let mut highest = 0;
    for rate in [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000] {
        let messages = (rate as usize / 2).min(feed.wire.len());
        if !reads_all(&Arc::new(Feed::made(messages)), rate) {
            break;
        }
        highest = rate;
    }
    println!("a reader of events on another thread gets every update of one book up to at least {highest} messages/s");
}

fn reads_all(feed: &Arc<Feed>, rate: u32) -> bool {
    let server = Server::start(Arc::clone(feed), Pace::PerSecond(rate));
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let read = AtomicUsize::new(0);
    runtime.block_on(async {
        let market = market(&server, None);
        let mut events = market.events();
        let mut kept_up = true;
        while kept_up && read.load(Ordering::Relaxed) + 1 < feed.wire.len() {
            match events.next().await {
                Some(Event::Market(MarketEvent::BookUpdate(_))) => {
                    read.fetch_add(1, Ordering::Relaxed);
                }
                Some(Event::Market(MarketEvent::Gap { reason: GapReason::Overflow, .. })) | None => kept_up = false,
                Some(_) => {}
            }
        }
        market.close().await;
        kept_up
    })
}
