use tradewire_core::{Capabilities, MarketCapabilities, MarketKind, Missing, REQUIRED_FOR_TRADING};
use tradewire_tracking::SequenceRule;

use crate::config::environments;
use crate::rest::INTERVAL_NAMES;

/// What this connector offers of Bybit spot.
pub static CAPABILITIES: Capabilities = Capabilities {
    exchange: "bybit-spot",
    kind: MarketKind::Spot,
    environments: environments!("spot"),
    market: MarketCapabilities {
        book_stream: true,
        sequence_rule: SequenceRule::Counted.name(),
        snapshot_depths: &[1, 50, 200, 1_000],
        trade_stream: true,
        aggregate_trade_stream: false,
        trade_ids_count_up: false,
        best_prices_stream: true,
        candle_intervals: INTERVAL_NAMES,
        bulk_last_prices: true,
        bulk_best_prices: true,
        ticker_24h: true,
        candles: true,
        recent_trades: true,
        shutdown_notice: false,
    },
    trading: None,
    perpetual: None,
    missing: Missing(REQUIRED_FOR_TRADING),
};
