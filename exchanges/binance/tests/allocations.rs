//! A decoder in its steady state allocates nothing for what comes often.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use tradewire_binance::BinanceConfig;
use tradewire_binance::spot::BinanceSpot;
use tradewire_binance::usdm::BinanceUsdm;
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
        Some((Slot(0), Scale { price: 4, quantity: 5 }))
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
        unreachable!("spot has none");
    }

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        unreachable!("no candle is sent");
    }
}

/// Decodes these frames over and over, and tells how many calls of the sink and how many allocations there were after the
/// first round.
fn decoded(source: &dyn MarketSource, frames: &[&[u8]]) -> (u64, u64) {
    let (mut decoder, mut sink) = (source.decoder(), Counter::default());
    let mut decode_all = || frames.iter().for_each(|frame| drop(decoder.decode(frame, &mut sink).expect("a message")));
    decode_all();
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        decode_all();
    }
    let allocated = ALLOCATIONS.get() - before;
    (sink.0, allocated)
}

#[test]
fn frequent_messages_allocate_nothing_after_the_first() {
    let frames: [&[u8]; 6] = [
        include_bytes!("../fixtures/stream-depth-update.json"),
        include_bytes!("../fixtures/stream-depth-update-empty-side.json"),
        include_bytes!("../fixtures/stream-trade.json"),
        include_bytes!("../fixtures/stream-agg-trade.json"),
        include_bytes!("../fixtures/stream-book-ticker.json"),
        include_bytes!("../fixtures/stream-book-ticker-wide-symbol.json"),
    ];
    let spot = BinanceSpot::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration");
    assert_eq!(decoded(&spot, &frames), (606, 0));
}

#[test]
fn frequent_messages_of_futures_allocate_nothing_after_the_first() {
    let frames: [&[u8]; 3] = [
        include_bytes!("../fixtures/stream-depth-update-usdm.json"),
        include_bytes!("../fixtures/stream-agg-trade-usdm.json"),
        include_bytes!("../fixtures/stream-book-ticker-usdm.json"),
    ];
    let usdm = BinanceUsdm::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration");
    assert_eq!(decoded(&usdm, &frames), (303, 0));
}
