use tradewire_transport::{PoolSpec, Unit};

use crate::limits::pool;
use crate::product::{Paths, Weights};

/// The limits before the exchange has published its own, at the lowest values seen.
pub(crate) const POOLS: &[PoolSpec] =
    &[pool(Unit::Weight, 2_400, 60), pool(Unit::Orders, 300, 10), pool(Unit::Orders, 1_200, 60)];

/// Levels a side that a snapshot can be asked for with.
pub(crate) const SNAPSHOT_DEPTHS: &[u32] = &[5, 10, 20, 50, 100, 500, 1_000];

/// The endpoints that read the market.
pub(crate) const PATHS: Paths = Paths {
    ping: "/fapi/v1/ping",
    time: "/fapi/v1/time",
    exchange_info: "/fapi/v1/exchangeInfo",
    depth: "/fapi/v1/depth",
    trades: "/fapi/v1/trades",
    historical_trades: "/fapi/v1/historicalTrades",
    aggregate_trades: "/fapi/v1/aggTrades",
    klines: "/fapi/v1/klines",
    ticker_24h: "/fapi/v1/ticker/24hr",
    price: "/fapi/v2/ticker/price",
    book_ticker: "/fapi/v1/ticker/bookTicker",
};

/// What they cost.
pub(crate) const WEIGHTS: Weights = Weights {
    exchange_info: 1,
    depth: depth_weight,
    trades: 5,
    historical_trades: 200,
    aggregate_trades: 20,
    klines: klines_weight,
    ticker_24h: 1,
    price: (1, 2),
    book_ticker: (2, 5),
};

fn depth_weight(depth: u32) -> u32 {
    match depth {
        0..=50 => 2,
        51..=100 => 5,
        101..=500 => 10,
        _ => 20,
    }
}

fn klines_weight(rows: u32) -> u32 {
    match rows {
        0..100 => 1,
        100..500 => 2,
        500..=1_000 => 5,
        _ => 10,
    }
}
