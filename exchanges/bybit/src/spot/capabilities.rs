use tradewire_core::{
    BalanceStream, Capabilities, MarketCapabilities, MarketKind, Missing, OrderType, ReplyMeans, TimeInForce,
    TradingCapabilities,
};
use tradewire_tracking::SequenceRule;

use crate::account_reads::EXECUTIONS_MAX;
use crate::config::environments;
use crate::order_arguments::{PREVENTION, SPOT_TRIGGERS};
use crate::page::WINDOW_SECONDS;
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
    trading: Some(TradingCapabilities {
        order_types: OrderType::ALL,
        time_in_force: &[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok],
        quote_amount: true,
        trailing: false,
        trigger_prices: SPOT_TRIGGERS,
        iceberg: false,
        reduce_only: false,
        position_side: false,
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
        balance_stream: BalanceStream::Whole,
        fees_in_fills: true,
        fee_locked_in_quote: false,
        trades_window_seconds: WINDOW_SECONDS,
        trades_page: EXECUTIONS_MAX,
    }),
    perpetual: None,
    fictional: false,
    missing: Missing(&[]),
};
