use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::value::RawValue;
use tradewire_core::{Capabilities, Decimal, Error, ErrorKind, FeeRates, FundingRate, Instrument};
use tradewire_tracking::{SequenceRule, TopicSet, TradeStream};
use tradewire_transport::{PoolSpec, Route, Verdict};

use super::limits::{PATHS, POOLS, SNAPSHOT_DEPTHS, WEIGHTS};
use super::{CAPABILITIES, error_codes, funding, symbols};
use crate::Binance;
use crate::config::Addresses;
use crate::market::FrameForm;
use crate::market_stream::{MarketStreams, candles, named};
use crate::product::{Paths, Product, Weights};

/// Binance's market of USD-M perpetuals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usdm;

/// Where books and best prices come from.
const PUBLIC_STREAMS: &str = "/public/stream";
/// Where trades, candles and mark prices come from. Over the other route they would be silent.
const MARKET_STREAMS: &str = "/market/stream";
/// The route of [`MARKET_STREAMS`].
const MARKET: Route = Route(1);
/// Control frames in a second.
const FRAMES_PER_SECOND: usize = 10;
/// Book snapshots of recordings: also those of COIN-M, whose messages have the same form.
const RECORDED_SNAPSHOTS: [&str; 2] = [PATHS.depth, "/dapi/v1/depth"];

impl Product for Usdm {
    const CAPABILITIES: &'static Capabilities = &CAPABILITIES;
    const SEQUENCE_RULE: SequenceRule = SequenceRule::Previous;
    const FORM: FrameForm = FrameForm::Futures;
    const PATHS: Paths = PATHS;
    const WEIGHTS: Weights = WEIGHTS;
    const SYMBOLS_MAX: usize = 1;
    const CALLS_PATH: &'static str = "/ws-fapi/v1";
    const CALLS_CONNECT_WEIGHT: u32 = 5;
    const POOLS: &'static [PoolSpec] = POOLS;
    const DEFAULT_FEES: FeeRates =
        FeeRates { maker: Decimal::from_parts(2, 0, 0, false, 4), taker: Decimal::from_parts(5, 0, 0, false, 4) };

    fn kind(code: i64, _: &str) -> ErrorKind {
        error_codes::kind(code)
    }

    fn verdict(error: &Error) -> Verdict {
        error_codes::verdict(error)
    }

    fn streams(addresses: &Addresses, route: Route) -> MarketStreams {
        let path = if route == MARKET { MARKET_STREAMS } else { PUBLIC_STREAMS };
        MarketStreams { url: format!("{}{path}", addresses.streams), frames_per_second: FRAMES_PER_SECOND }
    }

    fn route(stream: &str) -> Route {
        let (_, kind) = stream.split_once('@').unwrap_or_default();
        if kind == "bookTicker" || kind.starts_with("depth") { Route::BOOKS } else { MARKET }
    }

    /// There is no stream of single trades: aggregated ones are the finest.
    fn topics(instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
        let trades = (of.trades != TradeStream::None).then_some("aggTrade");
        let (best, funding) = (of.best_prices.then_some("bookTicker"), of.funding.then_some("markPrice@1s"));
        let candles = candles(of);
        let streams = [Some("depth@100ms"), trades, best, funding, candles.as_deref()];
        named(instrument, streams.into_iter().flatten())
    }

    fn snapshot_depth(depth: u32) -> u32 {
        let enough = SNAPSHOT_DEPTHS.iter().copied().find(|offered| *offered >= depth);
        enough.unwrap_or(SNAPSHOT_DEPTHS[SNAPSHOT_DEPTHS.len() - 1])
    }

    fn is_snapshot_path(path: &str) -> bool {
        RECORDED_SNAPSHOTS.iter().any(|known| path.ends_with(known))
    }

    fn funding_rates<'a>(
        source: &'a Binance<Self>,
        instruments: &'a [Arc<Instrument>],
    ) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>> {
        funding::rates(source.rest(), instruments).boxed()
    }

    fn instrument(raw: &RawValue) -> Result<Option<Instrument>, String> {
        symbols::instrument(raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BinanceConfig;
    use tradewire_core::Pair;
    use tradewire_tracking::MarketSource;
    use tradewire_transport::Clock;

    fn usdm(config: &BinanceConfig) -> Binance<Usdm> {
        Binance::new(config, Clock::start()).expect("a configuration")
    }

    #[test]
    fn every_stream_comes_by_its_route() {
        let source = usdm(&BinanceConfig::of("demo"));
        let list = source.decode_instruments(include_bytes!("../../fixtures/exchange-info-usdm.json")).expect("a list");
        let of = TopicSet { best_prices: true, candles: Some("1m".to_owned()), ..TopicSet::default() };
        let mut shown: Vec<_> = source
            .topics(&list.instruments[0], &of)
            .iter()
            .map(|topic| (source.streams(source.route(topic)).url(), topic.to_string()))
            .collect();
        shown.sort();
        let at = |route: &str, kind: &str| {
            (format!("wss://demo-fstream.binance.com/{route}/stream"), format!("btcusdt@{kind}"))
        };
        for expected in [
            at("market", "aggTrade"),
            at("market", "kline_1m"),
            at("market", "markPrice@1s"),
            at("public", "bookTicker"),
            at("public", "depth@100ms"),
        ] {
            assert!(shown.contains(&expected), "{expected:?} in {shown:?}");
        }
    }

    #[test]
    fn own_addresses_are_roots() {
        let own = tradewire_core::Addresses::own("http://127.0.0.1:1", "ws://127.0.0.1:1/");
        let source = usdm(&BinanceConfig::from(&own));
        assert_eq!(source.streams(Route::BOOKS).url(), "ws://127.0.0.1:1/public/stream");
        let addresses = source.addresses();
        assert_eq!(
            (addresses.calls.as_str(), addresses.private.as_str()),
            ("ws://127.0.0.1:1/ws-fapi/v1", "ws://127.0.0.1:1")
        );
    }

    #[test]
    fn snapshots_have_one_of_the_depths_offered() {
        assert_eq!([1, 5, 6, 500, 501, 5_000].map(Usdm::snapshot_depth), [5, 5, 10, 500, 1_000, 1_000]);
        assert_eq!([50, 100, 500, 1_000].map(WEIGHTS.depth), [2, 5, 10, 20]);
        assert_eq!([99, 100, 500, 1_000, 1_001].map(WEIGHTS.klines), [1, 2, 5, 5, 10]);
    }

    #[test]
    fn recordings_of_both_futures_markets_are_understood() {
        let source = usdm(&BinanceConfig::default());
        for (url, symbol) in [
            ("https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000", "BTCUSDT"),
            ("https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000", "BTCUSD_PERP"),
        ] {
            assert_eq!(source.snapshot_request(url).map(|asked| asked.symbol).as_deref(), Some(symbol));
        }
        assert!(source.snapshot_request("https://fapi.binance.com/fapi/v1/trades?symbol=BTCUSDT").is_none());
        assert_eq!(source.guess_pair("BTCUSD_PERP"), Pair::new("BTC", "USD").ok());
    }
}
