use tradewire_transport::{PoolSpec, Unit};

use crate::limits::pool;
use crate::product::{Paths, Weights};

/// The limits before the exchange has published its own, at the lowest values seen.
pub(crate) const POOLS: &[PoolSpec] = &[
    pool(Unit::Weight, 6_000, 60),
    pool(Unit::Requests, 61_000, 300),
    pool(Unit::Orders, 50, 10),
    pool(Unit::Orders, 160_000, 86_400),
];

/// The endpoints that read the market.
pub(crate) const PATHS: Paths = Paths {
    ping: "/api/v3/ping",
    time: "/api/v3/time",
    exchange_info: "/api/v3/exchangeInfo",
    depth: "/api/v3/depth",
    trades: "/api/v3/trades",
    historical_trades: "/api/v3/historicalTrades",
    aggregate_trades: "/api/v3/aggTrades",
    klines: "/api/v3/klines",
    ticker_24h: "/api/v3/ticker/24hr",
    price: "/api/v3/ticker/price",
    book_ticker: "/api/v3/ticker/bookTicker",
};

/// What they cost.
pub(crate) const WEIGHTS: Weights = Weights {
    exchange_info: 20,
    depth: depth_weight,
    trades: 25,
    historical_trades: 25,
    aggregate_trades: 4,
    klines: |_| 2,
    ticker_24h: 2,
    price: (2, 4),
    book_ticker: (2, 4),
};

fn depth_weight(depth: u32) -> u32 {
    match depth {
        0..=100 => 5,
        101..=500 => 25,
        501..=1_000 => 50,
        _ => 250,
    }
}
