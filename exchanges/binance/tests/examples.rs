//! The payloads that the exchange's documentation shows, where they are at hand.

use std::path::PathBuf;
use std::sync::Arc;

use tradewire_binance::spot::{BinanceSpot, Spot};
use tradewire_binance::usdm::{BinanceUsdm, Usdm};
use tradewire_binance::{BinanceConfig, Product, rest};
use tradewire_core::{Candle, Instrument};
use tradewire_tracking::{
    BookMessage, Frame, FundingChange, MarketSink, MarketSource, RawBestPrices, RawTrade, Scale, Slot,
};
use tradewire_transport::{Clock, Endpoint};

fn example<P: Product>(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/protocols/examples");
    let path = PathBuf::from(folder).join(P::CAPABILITIES.exchange).join(name).with_extension("json");
    let read = std::fs::read(&path).ok();
    if read.is_none() {
        println!("skipped: no example {name}");
    }
    read
}

fn spot() -> BinanceSpot {
    BinanceSpot::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration")
}

fn usdm() -> BinanceUsdm {
    BinanceUsdm::new(&BinanceConfig::default(), Clock::start()).expect("the default configuration")
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

fn instrument() -> Arc<Instrument> {
    let list = spot().decode_instruments(include_bytes!("../fixtures/exchange-info.json")).expect("a list");
    Arc::new(list.instruments[0].clone())
}

/// Decodes stream messages by name, each with what the sink is to be told.
fn streams<P: Product>(source: &tradewire_binance::Binance<P>, examples: &[(&str, Option<&'static str>)]) {
    for (name, expected) in examples {
        let Some(frame) = example::<P>(name) else { continue };
        let mut sink = Kinds { instrument: instrument(), told: Vec::new() };
        let frame = source.decoder().decode(&frame, &mut sink).expect(name);
        assert_eq!(sink.told, Vec::from_iter(*expected), "{name}: {frame:?}");
        assert_eq!(matches!(frame, Frame::Data { .. }), expected.is_some(), "{name}: {frame:?}");
    }
}

#[test]
fn stream_examples_decode() {
    let examples = [
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
    ];
    streams(&spot(), &examples);
}

#[test]
fn futures_stream_examples_decode() {
    let examples = [
        ("stream_aggTrade", Some("trade")),
        ("stream_bookTicker", Some("best prices")),
        ("stream_bookTicker_all", Some("best prices")),
        ("stream_contractInfo", None),
        ("stream_depth_diff", Some("book")),
        ("stream_forceOrder", None),
        ("stream_kline", Some("candle")),
        ("stream_markPrice", Some("funding")),
        ("stream_miniTicker", None),
        ("stream_ticker", None),
        ("stream_trading_session_stream", None),
    ];
    streams(&usdm(), &examples);
    let mut sink = Kinds { instrument: instrument(), told: Vec::new() };
    let mut replied = |name| {
        let frame = example::<Usdm>(name)?;
        let Ok(Frame::Reply { id, refused }) = usdm().decoder().decode(&frame, &mut sink) else { panic!("{name}") };
        Some((id.is_some(), refused.is_some()))
    };
    for (name, expected) in [
        ("stream_subscribe_response", (true, false)),
        ("stream_list_subscriptions_response", (true, false)),
        ("stream_error_invalid_json", (false, true)),
    ] {
        assert!(replied(name).is_none_or(|told| told == expected), "{name}");
    }
}

#[test]
fn control_examples_decode() {
    let mut sink = Kinds { instrument: instrument(), told: Vec::new() };
    for name in ["stream_server_shutdown", "stream_server_shutdown_2"] {
        let Some(frame) = example::<Spot>(name) else { continue };
        assert!(matches!(spot().decoder().decode(&frame, &mut sink), Ok(Frame::ShutdownNotice)), "{name}");
    }
    for name in ["stream_subscribe_to_a_stream", "stream_unsubscribe_to_a_stream", "stream_listing_subscriptions"] {
        let Some(frame) = example::<Spot>(name) else { continue };
        let decoded = spot().decoder().decode(&frame, &mut sink);
        assert!(matches!(decoded, Ok(Frame::Reply { id: Some(_), refused: None })), "{name}: {decoded:?}");
    }
}

fn decoded<P: Product, E: Endpoint>(_: P, endpoint: &E, name: &str) -> Option<E::Response> {
    Some(endpoint.decode(&example::<P>(name)?).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn rest_examples_decode() {
    rest_examples(Spot, ["rest_old_trade_lookup", "rest_ticker_24hr_full", "rest_symbol_price_ticker"]);
    let all = |name| rest::PriceTickers(Spot, rest::Symbols::of(Spot, [])).decode(&example::<Spot>(name)?).ok();
    assert!(all("rest_symbol_price_ticker_2").is_none_or(|rows| !rows.is_empty()));
    decoded(Spot, &rest::BookTickers(Spot, rest::Symbols::of(Spot, [])), "rest_symbol_order_book_ticker_2");
    // The one of futures shows no whole row.
    let klines = rest::Klines { market: Spot, symbol: "BNBBTC", interval: "1m", start: None, end: None, limit: 5 };
    decoded(Spot, &klines, "rest_kline_candlestick_data");
    listed(&spot(), 1);
}

#[test]
fn futures_rest_examples_decode() {
    rest_examples(
        Usdm,
        ["rest_old_trades_lookup", "rest_ticker24hr_price_change_statistics", "rest_symbol_price_ticker_v2"],
    );
    listed(&usdm(), 0);
}

/// The answers that both markets show, those with names of their own by name.
fn rest_examples<P: Product>(market: P, [old_trades, day, prices]: [&str; 3]) {
    let (symbol, limit) = ("BNBBTC", 5);
    decoded(market, &rest::ServerTime(market), "rest_check_server_time");
    decoded(market, &rest::Trades { market, symbol, limit }, "rest_recent_trades_list");
    decoded(market, &rest::HistoricalTrades { market, symbol, limit, from_id: None }, old_trades);
    let aggregates = rest::AggregateTrades { market, symbol, limit, from_id: None, start: None, end: None };
    decoded(market, &aggregates, "rest_compressed_aggregate_trades_list");
    decoded(market, &rest::Ticker24h { market, symbol }, day);
    decoded(market, &rest::PriceTickers(market, rest::Symbols::of(market, [symbol])), prices);
    let best = rest::BookTickers(market, rest::Symbols::of(market, [symbol]));
    decoded(market, &best, "rest_symbol_order_book_ticker");
}

/// Reads the book and the instrument list that a market shows; its list has so many limits that are not known.
fn listed<P: Product>(source: &tradewire_binance::Binance<P>, problems: usize) {
    if let Some(body) = example::<P>("rest_order_book") {
        let snapshot = source.decode_snapshot(&body, Scale { price: 8, quantity: 8 }).expect("a snapshot");
        assert!(!snapshot.bids.is_empty() && !snapshot.asks.is_empty());
    }
    if let Some(body) = example::<P>("rest_exchange_information") {
        let list = source.decode_instruments(&body).expect("a list");
        assert_eq!((list.instruments.len(), list.unreadable.len(), list.problems.len()), (1, 0, problems));
    }
}
