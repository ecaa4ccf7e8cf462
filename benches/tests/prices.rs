//! The floor for trades and best prices reads what the decoder reads: otherwise no ratio means anything.
#![allow(unsafe_code)]

use std::sync::Arc;

use tradewire_benches::{FloorBestPrices, FloorTrades, MadePrices, made_best_prices, made_trades};
use tradewire_binance::BinanceConfig;
use tradewire_binance::spot::BinanceSpot;
use tradewire_core::{Candle, Instrument, Side};
use tradewire_tracking::{BookMessage, FundingChange, MarketSink, MarketSource, RawBestPrices, RawTrade, Scale, Slot};
use tradewire_transport::Clock;

/// Keeps what it is told.
struct Kept {
    made: MadePrices,
    trades: Vec<RawTrade>,
    best_prices: Vec<RawBestPrices>,
}

impl Kept {
    fn decoded(made: MadePrices) -> Self {
        let source = BinanceSpot::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration");
        let mut decoder = source.decoder();
        let frames = made.frames.clone();
        let mut kept = Self { made, trades: Vec::new(), best_prices: Vec::new() };
        for frame in &frames {
            decoder.decode(frame, &mut kept).expect("a sound frame");
        }
        kept
    }
}

impl MarketSink for Kept {
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        (symbol == self.made.symbol.as_bytes()).then_some((Slot(0), self.made.layout.scale))
    }

    fn book(&mut self, _: Slot, _: BookMessage<'_>) {}

    fn trade(&mut self, _: Slot, trade: RawTrade) {
        self.trades.push(trade);
    }

    fn best_prices(&mut self, _: Slot, best: RawBestPrices) {
        self.best_prices.push(best);
    }

    fn candle(&mut self, _: Slot, _: Candle) {}

    fn funding(&mut self, _: Slot, _: FundingChange) {}

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        unreachable!("only candles ask for it")
    }
}

#[test]
fn the_floor_reads_trades_as_the_decoder_does() {
    let kept = Kept::decoded(made_trades(500));
    let floor = FloorTrades::new(&kept.made).expect("a known form");
    assert_eq!(kept.trades.len(), 500);
    for (frame, trade) in kept.made.frames.iter().zip(&kept.trades) {
        // SAFETY: all frames have one form; what is read is compared.
        let read = unsafe { floor.parse(frame) };
        assert_eq!(
            read,
            (
                trade.id.number().expect("a number"),
                trade.price,
                trade.quantity,
                trade.time.as_millis(),
                trade.taker == Side::Sell
            )
        );
    }
}

#[test]
fn the_floor_reads_best_prices_as_the_decoder_does() {
    let kept = Kept::decoded(made_best_prices(500));
    let floor = FloorBestPrices::new(&kept.made).expect("a known form");
    assert_eq!(kept.best_prices.len(), 500);
    for (frame, best) in kept.made.frames.iter().zip(&kept.best_prices) {
        // SAFETY: as above.
        let (id, bid, ask) = unsafe { floor.parse(frame) };
        assert_eq!((Some(id), bid, ask), (best.update_id, best.bid, best.ask));
    }
}
