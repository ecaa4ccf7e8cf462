use tradewire_core::{
    BalanceStream, Capabilities, MarginMode, MarketCapabilities, MarketKind, Missing, OrderType, PerpetualCapabilities,
    PositionMode, ReplyMeans, SettingScope, TimeInForce, TradingCapabilities,
};
use tradewire_tracking::SequenceRule;

use crate::account_reads::EXECUTIONS_MAX;
use crate::config::environments;
use crate::order_arguments::{LINEAR_TRIGGERS, PREVENTION};
use crate::page::WINDOW_SECONDS;
use crate::rest::INTERVAL_NAMES;

/// What this connector offers of Bybit linear.
pub static CAPABILITIES: Capabilities = Capabilities {
    exchange: "bybit-linear",
    kind: MarketKind::LinearPerpetual,
    environments: environments!("linear"),
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
    trading: Some(TradingCapabilities {
        order_types: OrderType::ALL,
        time_in_force: &[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok],
        quote_amount: false,
        trailing: false,
        trigger_prices: LINEAR_TRIGGERS,
        iceberg: false,
        reduce_only: true,
        position_side: true,
        self_trade_prevention: PREVENTION,
        client_order_id_max_len: 36,
        client_order_id_marks: "-_",
        amend_quantity: true,
        amend_price: true,
        cancel_replace: false,
        batch: true,
        cancel_all: true,
        dead_man_switch: false,
        order_socket: true,
        place_reply: ReplyMeans::Received,
        cancel_reply: ReplyMeans::Received,
        balance_stream: BalanceStream::Totals,
        fees_in_fills: true,
        fee_locked_in_quote: false,
        trades_window_seconds: WINDOW_SECONDS,
        trades_page: EXECUTIONS_MAX,
    }),
    perpetual: Some(PerpetualCapabilities {
        position_modes: &[PositionMode::OneWay, PositionMode::Hedge],
        position_mode_scope: SettingScope::Instrument,
        margin_modes: &[MarginMode::Cross, MarginMode::Isolated, MarginMode::Portfolio],
        margin_mode_scope: SettingScope::Account,
        set_leverage: true,
        funding_stream: true,
        funding_payment_stream: true,
        lists_closed_positions: false,
        reduce_only_in_hedge_mode: true,
    }),
    fictional: false,
    missing: Missing(&[]),
};
