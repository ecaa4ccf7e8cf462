use serde::Serialize;

use crate::MarketKind;

/// What an exchange offers, as data. The matrix in the documentation and on the command line is printed from it, and the
/// conformance suite proves it in both directions.
#[derive(Clone, Debug, Serialize)]
pub struct Capabilities {
    /// The exchange's name, for example `binance-spot`.
    pub exchange: &'static str,
    /// The market kind that it serves.
    pub kind: MarketKind,
    /// Its environments by name; the first is the default.
    pub environments: &'static [Environment],
    /// What it offers of the market.
    pub market: MarketCapabilities,
    /// What of [`REQUIRED_FOR_TRADING`] this connector does not do. Unless empty, the exchange is for market data only.
    pub missing: Missing,
}

/// What an exchange must offer before a connector trades on it.
pub const REQUIRED_FOR_TRADING: &[&str] = &[
    "rules",
    "status",
    "open orders",
    "place",
    "cancel",
    "query by client order id",
    "balances",
    "trades",
    "time",
    "documented limits",
];

/// The requirements for trading that a connector does not meet, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Missing(pub &'static [&'static str]);

impl Missing {
    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Capabilities {
    /// Whether orders can be sent: nothing that trading requires is missing.
    pub fn trading(&self) -> bool {
        self.missing.is_empty()
    }
}

/// A set of addresses that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// Its name, for example `testnet`.
    pub name: &'static str,
    /// Where REST requests go.
    pub rest: &'static str,
    /// Where market streams come from.
    pub ws: &'static str,
}

/// What an exchange offers of the market.
#[derive(Clone, Debug, Serialize)]
pub struct MarketCapabilities {
    /// A stream of book changes at full depth.
    pub book_stream: bool,
    /// The sequence rule of that stream, by name.
    pub sequence_rule: &'static str,
    /// Levels a side that a snapshot can have, largest last.
    pub snapshot_depths: &'static [u32],
    /// A stream of single trades.
    pub trade_stream: bool,
    /// A stream of aggregated trades.
    pub aggregate_trade_stream: bool,
    /// Whether trade ids of a pair count up by one.
    pub trade_ids_count_up: bool,
    /// A stream of best bid and ask.
    pub best_prices_stream: bool,
    /// Intervals of the candle stream and of candle reads; empty if there are none.
    pub candle_intervals: &'static [&'static str],
    /// One read for the last prices of many pairs.
    pub bulk_last_prices: bool,
    /// One read for the best prices of many pairs.
    pub bulk_best_prices: bool,
    /// A 24 hour ticker.
    pub ticker_24h: bool,
    /// Candles by REST.
    pub candles: bool,
    /// Past trades by REST.
    pub recent_trades: bool,
    /// A notice before the exchange closes a connection.
    pub shutdown_notice: bool,
}
