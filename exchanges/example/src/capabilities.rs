use tradewire_core::{
    BalanceStream, Capabilities, MarketCapabilities, MarketKind, Missing, OrderType, ReplyMeans, TimeInForce,
    TradingCapabilities,
};
use tradewire_tracking::SequenceRule;

use crate::account_reads::{PAGE, WINDOW_SECONDS};
use crate::config::ENVIRONMENTS;

/// What this connector offers of the spot market. What is not declared here is refused before anything is sent.
pub static CAPABILITIES: Capabilities = Capabilities {
    exchange: "example-spot",
    kind: MarketKind::Spot,
    environments: ENVIRONMENTS,
    market: MARKET,
    trading: Some(TRADING),
    perpetual: None,
    fictional: true,
    missing: Missing(&[]),
};

/// What it offers of the market, and of perpetual contracts likewise.
pub(crate) const MARKET: MarketCapabilities = MarketCapabilities {
    book_stream: true,
    sequence_rule: SequenceRule::Previous.name(),
    snapshot_depths: &[1_000],
    trade_stream: true,
    aggregate_trade_stream: false,
    trade_ids_count_up: true,
    best_prices_stream: false,
    candle_intervals: &[],
    bulk_last_prices: true,
    bulk_best_prices: true,
    ticker_24h: true,
    candles: false,
    recent_trades: true,
    shutdown_notice: true,
};

/// What it offers for trading.
pub(crate) const TRADING: TradingCapabilities = TradingCapabilities {
    order_types: &[OrderType::Limit, OrderType::Market, OrderType::PostOnly],
    time_in_force: &[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok],
    quote_amount: false,
    trailing: false,
    trigger_prices: &[],
    iceberg: false,
    reduce_only: false,
    position_side: false,
    self_trade_prevention: &[],
    client_order_id_max_len: 32,
    client_order_id_marks: "-_",
    amend_quantity: false,
    amend_price: false,
    cancel_replace: false,
    batch: false,
    cancel_all: false,
    dead_man_switch: false,
    order_socket: false,
    place_reply: ReplyMeans::Done,
    cancel_reply: ReplyMeans::Done,
    balance_stream: BalanceStream::None,
    fees_in_fills: true,
    fee_locked_in_quote: false,
    trades_window_seconds: WINDOW_SECONDS,
    trades_page: PAGE,
};
