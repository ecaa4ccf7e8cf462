//! Prints what a connector costs from socket to callback, on loopback, beside the barest client there can be.
//!
//! * messages a second at full rate: own framing, the floor's parser and book, against the whole connector with its observer;
//! * time from sending to callback at 2 000 messages a second, also while the runtime polls without sleeping;
//! * the rate up to which a reader of events on another task gets every update.
//!
//! `MESSAGES` (200000) and `ROUNDS` (5) in the environment set the size.
#![allow(clippy::disallowed_methods)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tradewire_benches::loopback::{Feed, Pace, Sent, Server, follow};
use tradewire_binance::spot::{BinanceSpot, SpotConfig};
use tradewire_core::{Event, GapReason, Instrument, MarketEvent, Timestamp};
use tradewire_tracking::{LocalBook, MarketConfig, MarketData, MarketObserver, RawBestPrices, RawTrade, TopicSet, TradeStream};
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
    latency(&Arc::new(Feed::made(CALM as usize * SECONDS)));
    conflation(&feed);
}

fn throughput(feed: &Arc<Feed>, rounds: usize) {
    let (mut bare, mut product) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(bare_run(feed, Pace::Full).whole);
        product.push(product_run(feed, Pace::Full, false).whole);
    }
    let per_second = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        feed.wire.len() as f64 / times[times.len() / 2].as_secs_f64()
    };
    let (bare, product) = (per_second(&mut bare), per_second(&mut product));
    println!("| client | messages/s | x bare |\n| --- | --- | --- |");
    println!("| bare: own framing, FLOOR | {bare:.0} | 1.00 |");
    println!("| tradewire, observer | {product:.0} | {:.2} |\n", product / bare);
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
    let mut waits: Vec<_> = sent.iter().zip(&run.arrived[skipped..]).map(|(from, to)| to.duration_since(*from)).collect();
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
    follow(&server.address, feed, || arrived.push(Instant::now()));
    Run::new(arrived, Arc::clone(&server.sent))
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
    let config = SpotConfig {
        rest: Some(format!("http://{}", server.address)),
        ws: Some(format!("ws://{}", server.address)),
        ..SpotConfig::default()
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
