use tradewire_core::{Capabilities, MarketCapabilities, MarketKind, Missing};
use tradewire_tracking::SequenceRule;

use super::config::ENVIRONMENTS;

/// What this connector offers of Binance spot.
pub static CAPABILITIES: Capabilities = Capabilities {
    exchange: "binance-spot",
    kind: MarketKind::Spot,
    environments: ENVIRONMENTS,
    market: MarketCapabilities {
        book_stream: true,
        sequence_rule: SequenceRule::FirstLast.name(),
        snapshot_depths: &[100, 500, 1_000, 5_000],
        trade_stream: true,
        aggregate_trade_stream: true,
        trade_ids_count_up: true,
        best_prices_stream: true,
        candle_intervals: &[
            "1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M",
        ],
        bulk_last_prices: true,
        bulk_best_prices: true,
        ticker_24h: true,
        candles: true,
        recent_trades: true,
        shutdown_notice: true,
    },
    trading: None,
    // `trades` are the account's own.
    missing: Missing(&["open orders", "place", "cancel", "query by client order id", "balances", "trades"]),
};

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::REQUIRED_FOR_TRADING;

    #[test]
    fn what_is_missing_is_named_as_required() {
        assert!(CAPABILITIES.missing.0.iter().all(|missing| REQUIRED_FOR_TRADING.contains(missing)));
        assert!(!CAPABILITIES.can_trade());
    }
}
