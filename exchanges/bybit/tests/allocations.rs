//! A decoder in its steady state allocates nothing for what comes often.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use tradewire_bybit::{Bybit, BybitConfig, Product, linear, spot};
use tradewire_core::{Candle, Instrument};
use tradewire_tracking::{BookMessage, FundingChange, MarketSink, MarketSource, RawBestPrices, RawTrade, Scale, Slot};
use tradewire_transport::Clock;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Follows every symbol and counts what it is told.
#[derive(Default)]
struct Counter(u64);

impl MarketSink for Counter {
    fn find(&mut self, _: &[u8]) -> Option<(Slot, Scale)> {
        Some((Slot(0), Scale { price: 2, quantity: 5 }))
    }

    fn book(&mut self, _: Slot, _: BookMessage<'_>) {
        self.0 += 1;
    }

    fn trade(&mut self, _: Slot, _: RawTrade) {
        self.0 += 1;
    }

    fn best_prices(&mut self, _: Slot, _: RawBestPrices) {
        self.0 += 1;
    }

    fn candle(&mut self, _: Slot, _: Candle) {
        unreachable!("no candle is sent");
    }

    fn funding(&mut self, _: Slot, _: FundingChange) {
        self.0 += 1;
    }

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        unreachable!("no candle is sent");
    }
}

/// Decodes these frames over and over, and tells how many calls of the sink and how many allocations there were after the
/// first round.
fn decoded(product: &'static Product, frames: &[&str]) -> (u64, u64) {
    let source = Bybit::new(product, &BybitConfig::default(), Clock::start()).expect("the default configuration");
    let (mut decoder, mut sink) = (source.decoder(), Counter::default());
    let mut decode_all =
        || frames.iter().for_each(|frame| drop(decoder.decode(frame.as_bytes(), &mut sink).expect("a message")));
    decode_all();
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        decode_all();
    }
    let allocated = ALLOCATIONS.get() - before;
    (sink.0, allocated)
}

const BOOK: &str = r#"{"topic":"orderbook.1000.BTCUSDT","type":"delta","ts":1700000000005,"data":{"s":"BTCUSDT","b":[["61000.10","0.5"],["61000.00","0"]],"a":[["61000.20","1.250"]],"u":77,"seq":900},"cts":1700000000001}"#;
const BOOK_OF_SPOT: &str = r#"{"topic":"orderbook.1000.BTCUSDT","ts":1700000000005,"type":"delta","data":{"s":"BTCUSDT","b":[["61000.10","0.5"]],"a":[],"u":77,"seq":900},"cts":1700000000001}"#;
const BEST: &str = r#"{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1700000000005,"data":{"s":"BTCUSDT","b":[["61000.10","0.5"]],"a":[["61000.20","1.250"]],"u":77,"seq":900},"cts":1700000000001}"#;
const TRADES: &str = r#"{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1700000000009,"data":[{"T":1700000000007,"s":"BTCUSDT","S":"Buy","v":"0.130","p":"61000.20","L":"PlusTick","i":"0a1b2c3d-0000-5eef-8899-00aabbccddee","BT":false,"RPI":false,"seq":17}]}"#;
const TRADES_OF_SPOT: &str = r#"{"topic":"publicTrade.BTCUSDT","ts":1700000000009,"type":"snapshot","data":[{"i":"2290000000061666327","T":1700000000007,"p":"61000.20","v":"0.130","S":"Sell","s":"BTCUSDT","BT":false,"RPI":false,"seq":17}]}"#;
const TICKER: &str = r#"{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","markPrice":"61000.25","indexPrice":"61001","fundingRate":"-0.0001","nextFundingTime":"1700006400000","lastPrice":"1"},"cs":5,"ts":1700000000009}"#;

#[test]
fn frequent_messages_of_spot_allocate_nothing_after_the_first() {
    assert_eq!(decoded(&spot::PRODUCT, &[BOOK_OF_SPOT, BEST, TRADES_OF_SPOT]), (303, 0));
}

#[test]
fn frequent_messages_of_contracts_allocate_nothing_after_the_first() {
    assert_eq!(decoded(&linear::PRODUCT, &[BOOK, BEST, TRADES, TICKER]), (404, 0));
}
