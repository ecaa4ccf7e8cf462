//! The payloads that the exchange's documentation shows, where they are at hand.

use std::path::PathBuf;
use std::sync::Arc;

use tradewire_binance::spot::{BinanceSpot, SpotConfig, decode_instruments, rest};
use tradewire_core::{Candle, Instrument};
use tradewire_tracking::{
    BookMessage, Frame, FundingChange, MarketSink, MarketSource, RawBestPrices, RawTrade, Scale, Slot,
};
use tradewire_transport::{Clock, Endpoint};

fn example(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/protocols/examples/binance-spot");
    let path = PathBuf::from(folder).join(name).with_extension("json");
    let read = std::fs::read(&path).ok();
    if read.is_none() {
        println!("skipped: no example {name}");
    }
    read
}

fn spot() -> BinanceSpot {
    BinanceSpot::new(&SpotConfig::default(), Clock::start()).expect("the default configuration")
}

/// Follows one instrument and writes down what kinds of message it is told.
struct Kinds {
    instrument: Arc<Instrument>,
    told: Vec<&'static str>,
}

impl MarketSink for Kinds {
    fn find(&mut self, _: &[u8]) -> Option<(Slot, Scale)> {
        Some((Slot(0), Scale { price: 8, quantity: 8 }))
    }

    fn book(&mut self, _: Slot, _: BookMessage<'_>) {
        self.told.push("book");
    }

    fn trade(&mut self, _: Slot, _: RawTrade) {
        self.told.push("trade");
    }

    fn best_prices(&mut self, _: Slot, _: RawBestPrices) {
        self.told.push("best prices");
    }

    fn candle(&mut self, _: Slot, _: Candle) {
        self.told.push("candle");
    }

    fn funding(&mut self, _: Slot, _: FundingChange) {
        self.told.push("funding");
    }

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        &self.instrument
    }
}

#[test]
fn stream_examples_decode() {
    let list = decode_instruments(include_bytes!("../fixtures/exchange-info.json")).expect("a list").0;
    let instrument = Arc::new(list.instruments[0].clone());
    for (name, expected) in [
        ("stream_aggregate_trade_streams", Some("trade")),
        ("stream_average_price", None),
        ("stream_block_trade_streams", None),
        ("stream_diff_depth_stream", Some("book")),
        ("stream_individual_symbol_book_ticker_streams", Some("best prices")),
        ("stream_individual_symbol_mini_ticker_stream", None),
        ("stream_individual_symbol_rolling_window_statistics_streams", None),
        ("stream_individual_symbol_ticker_streams", None),
        ("stream_kline_candlestick_streams_for_utc", Some("candle")),
        ("stream_kline_candlestick_streams_with_timezone_offset", Some("candle")),
        ("stream_partial_book_depth_streams", None),
        ("stream_reference_price_streams", None),
        ("stream_trade_streams", Some("trade")),
    ] {
        let Some(frame) = example(name) else { continue };
        let mut sink = Kinds { instrument: instrument.clone(), told: Vec::new() };
        let frame = spot().decoder().decode(&frame, &mut sink).expect(name);
        assert_eq!(sink.told, Vec::from_iter(expected), "{name}: {frame:?}");
        assert_eq!(matches!(frame, Frame::Data { .. }), expected.is_some(), "{name}: {frame:?}");
    }
}

#[test]
fn control_examples_decode() {
    let list = decode_instruments(include_bytes!("../fixtures/exchange-info.json")).expect("a list").0;
    let mut sink = Kinds { instrument: Arc::new(list.instruments[0].clone()), told: Vec::new() };
    for name in ["stream_server_shutdown", "stream_server_shutdown_2"] {
        let Some(frame) = example(name) else { continue };
        assert!(matches!(spot().decoder().decode(&frame, &mut sink), Ok(Frame::ShutdownNotice)), "{name}");
    }
    for name in ["stream_subscribe_to_a_stream", "stream_unsubscribe_to_a_stream", "stream_listing_subscriptions"] {
        let Some(frame) = example(name) else { continue };
        let decoded = spot().decoder().decode(&frame, &mut sink);
        assert!(matches!(decoded, Ok(Frame::Reply { id: Some(_), refused: None })), "{name}: {decoded:?}");
    }
}

fn decoded<E: Endpoint>(endpoint: &E, name: &str) -> Option<E::Response> {
    Some(endpoint.decode(&example(name)?).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn rest_examples_decode() {
    let (symbol, limit) = ("BNBBTC", 5);
    decoded(&rest::ServerTime, "rest_check_server_time");
    decoded(&rest::Trades { symbol, limit }, "rest_recent_trades_list");
    decoded(&rest::HistoricalTrades { symbol, limit, from_id: None }, "rest_old_trade_lookup");
    let aggregates = rest::AggregateTrades { symbol, limit, from_id: None, start: None, end: None };
    decoded(&aggregates, "rest_compressed_aggregate_trades_list");
    let klines = rest::Klines { symbol, interval: "1m", start: None, end: None, limit };
    decoded(&klines, "rest_kline_candlestick_data");
    decoded(&rest::Ticker24h { symbol }, "rest_ticker_24hr_full");
    decoded(&rest::PriceTickers(rest::Symbols::of([symbol])), "rest_symbol_price_ticker");
    decoded(&rest::PriceTickers(rest::Symbols::of([])), "rest_symbol_price_ticker_2");
    decoded(&rest::BookTickers(rest::Symbols::of([symbol])), "rest_symbol_order_book_ticker");
    decoded(&rest::BookTickers(rest::Symbols::of([])), "rest_symbol_order_book_ticker_2");
    if let Some(body) = example("rest_order_book") {
        let snapshot = spot().decode_snapshot(&body, Scale { price: 8, quantity: 8 }).expect("a snapshot");
        assert!(!snapshot.bids.is_empty() && !snapshot.asks.is_empty());
    }
    if let Some(body) = example("rest_exchange_information") {
        let list = spot().decode_instruments(&body).expect("a list");
        assert_eq!((list.instruments.len(), list.unreadable.len(), list.problems.len()), (1, 0, 1));
    }
}
