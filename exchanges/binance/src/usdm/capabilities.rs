use tradewire_core::{Capabilities, MarketCapabilities, MarketKind, Missing, PerpetualCapabilities, SettingScope};
use tradewire_tracking::SequenceRule;

use super::environments::ENVIRONMENTS;
use super::limits::SNAPSHOT_DEPTHS;

/// What this connector offers of Binance USD-M perpetuals.
pub static CAPABILITIES: Capabilities = Capabilities {
    exchange: "binance-usdm",
    kind: MarketKind::LinearPerpetual,
    environments: ENVIRONMENTS,
    market: MarketCapabilities {
        book_stream: true,
        sequence_rule: SequenceRule::Previous.name(),
        snapshot_depths: SNAPSHOT_DEPTHS,
        trade_stream: false,
        aggregate_trade_stream: true,
        trade_ids_count_up: true,
        best_prices_stream: true,
        candle_intervals: &[
            "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M",
        ],
        bulk_last_prices: true,
        bulk_best_prices: true,
        ticker_24h: true,
        candles: true,
        recent_trades: true,
        shutdown_notice: false,
    },
    trading: None,
    perpetual: Some(PerpetualCapabilities {
        position_modes: &[],
        position_mode_scope: SettingScope::Account,
        margin_modes: &[],
        margin_mode_scope: SettingScope::Instrument,
        set_leverage: false,
        funding_stream: true,
        funding_payment_stream: false,
        lists_closed_positions: false,
        reduce_only_in_hedge_mode: false,
    }),
    missing: Missing(&["open orders", "place", "cancel", "query by client order id", "balances", "trades"]),
};
