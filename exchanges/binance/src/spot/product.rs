use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::value::RawValue;
use tradewire_core::{Capabilities, Decimal, Error, ErrorKind, FeeRates, FundingRate, Instrument};
use tradewire_tracking::{SequenceRule, TopicSet, TradeStream};
use tradewire_transport::{PoolSpec, Route, Verdict};

use super::limits::{PATHS, POOLS, WEIGHTS};
use super::{CAPABILITIES, error_codes, symbols};
use crate::Binance;
use crate::config::{Addresses, has_path};
use crate::market::FrameForm;
use crate::market_stream::{MarketStreams, candles, named};
use crate::product::{Paths, Product, Weights};

/// Binance's spot market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spot;

/// The path at which every message has its stream's name around it.
const COMBINED_STREAMS: &str = "/stream";
/// Control frames in a second.
const FRAMES_PER_SECOND: usize = 5;

impl Product for Spot {
    const CAPABILITIES: &'static Capabilities = &CAPABILITIES;
    const SEQUENCE_RULE: SequenceRule = SequenceRule::FirstLast;
    const FORM: FrameForm = FrameForm::Spot;
    const PATHS: Paths = PATHS;
    const WEIGHTS: Weights = WEIGHTS;
    const SYMBOLS_MAX: usize = 100;
    const CALLS_PATH: &'static str = "/ws-api/v3";
    const CALLS_CONNECT_WEIGHT: u32 = 2;
    const POOLS: &'static [PoolSpec] = POOLS;
    const DEFAULT_FEES: FeeRates = FeeRates { maker: TENTH_OF_A_PERCENT, taker: TENTH_OF_A_PERCENT };

    fn kind(code: i64, text: &str) -> ErrorKind {
        error_codes::kind(code, text)
    }

    fn verdict(error: &Error) -> Verdict {
        error_codes::verdict(error)
    }

    /// A path of the caller's own is kept.
    fn streams(addresses: &Addresses, _: Route) -> MarketStreams {
        let path = if has_path(&addresses.streams) { "" } else { COMBINED_STREAMS };
        MarketStreams { url: format!("{}{path}", addresses.streams), frames_per_second: FRAMES_PER_SECOND }
    }

    fn route(_: &str) -> Route {
        Route::BOOKS
    }

    fn topics(instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>> {
        let trades = match of.trades {
            TradeStream::None => None,
            TradeStream::Single => Some("trade"),
            TradeStream::Aggregated => Some("aggTrade"),
        };
        let (best, candles) = (of.best_prices.then_some("bookTicker"), candles(of));
        let streams = [Some("depth@100ms"), trades, best, candles.as_deref()];
        named(instrument, streams.into_iter().flatten())
    }

    fn snapshot_depth(depth: u32) -> u32 {
        depth
    }

    fn is_snapshot_path(path: &str) -> bool {
        path.ends_with(PATHS.depth)
    }

    fn funding_rates<'a>(
        _: &'a Binance<Self>,
        _: &'a [Arc<Instrument>],
    ) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>> {
        let error = Error::new(ErrorKind::Unsupported, "assets have no funding");
        std::future::ready(Err(error)).boxed()
    }

    fn instrument(raw: &RawValue) -> Result<Option<Instrument>, String> {
        symbols::instrument(raw).map(Some)
    }
}

const TENTH_OF_A_PERCENT: Decimal = Decimal::from_parts(1, 0, 0, false, 3);
