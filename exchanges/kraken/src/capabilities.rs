use tradewire_core::{
    BalanceStream, Capabilities, MarketCapabilities, MarketKind, Missing, OrderType, ReplyMeans, SelfTradePrevention,
    TimeInForce, TradingCapabilities,
};
use tradewire_tracking::SequenceRule;

use crate::account_reads::{PAGE, WINDOW_SECONDS};
use crate::config::ENVIRONMENTS;

/// What this connector offers. What is not declared here is refused before anything is sent.
///
/// The 24 hour ticker begins at midnight and tells no value, and candles tell none either: neither is offered. A market order by
/// quote amount can only buy.
pub static CAPABILITIES: Capabilities = Capabilities {
    exchange: "kraken-spot",
    kind: MarketKind::Spot,
    environments: ENVIRONMENTS,
    market: MarketCapabilities {
        book_stream: true,
        sequence_rule: SequenceRule::Checked.name(),
        snapshot_depths: &[500],
        trade_stream: true,
        aggregate_trade_stream: false,
        trade_ids_count_up: true,
        best_prices_stream: false,
        candle_intervals: &[],
        bulk_last_prices: true,
        bulk_best_prices: true,
        ticker_24h: false,
        candles: false,
        recent_trades: true,
        shutdown_notice: false,
    },
    trading: Some(TradingCapabilities {
        order_types: &[OrderType::Limit, OrderType::Market, OrderType::PostOnly],
        time_in_force: &[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok],
        quote_amount: false,
        trailing: false,
        trigger_prices: &[],
        iceberg: false,
        reduce_only: false,
        position_side: false,
        self_trade_prevention: &[
            SelfTradePrevention::ExpireTaker,
            SelfTradePrevention::ExpireMaker,
            SelfTradePrevention::ExpireBoth,
        ],
        client_order_id_max_len: 18,
        client_order_id_marks: "-_",
        amend_quantity: true,
        amend_price: true,
        cancel_replace: false,
        batch: false,
        cancel_all: false,
        dead_man_switch: false,
        order_socket: false,
        place_reply: ReplyMeans::Received,
        cancel_reply: ReplyMeans::Received,
        balance_stream: BalanceStream::Totals,
        fees_in_fills: true,
        fee_locked_in_quote: false,
        trades_window_seconds: WINDOW_SECONDS,
        trades_page: PAGE,
    }),
    perpetual: None,
    fictional: false,
    missing: Missing(&[]),
};
