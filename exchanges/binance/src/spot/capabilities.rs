use tradewire_core::{
    BalanceStream, Capabilities, MarketCapabilities, MarketKind, Missing, OrderType, ReplyMeans, SelfTradePrevention,
    TimeInForce, TradingCapabilities, TriggerPrice,
};
use tradewire_tracking::SequenceRule;

use super::environments::ENVIRONMENTS;
use crate::page::ROWS_MAX;

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
    trading: Some(TradingCapabilities {
        order_types: OrderType::ALL,
        time_in_force: &[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok],
        quote_amount: true,
        trailing: true,
        trigger_prices: &[TriggerPrice::Last],
        iceberg: true,
        reduce_only: false,
        position_side: false,
        self_trade_prevention: SelfTradePrevention::ALL,
        client_order_id_max_len: 36,
        client_order_id_marks: "-_",
        amend_quantity: true,
        amend_price: false,
        cancel_replace: true,
        batch: false,
        cancel_all: true,
        dead_man_switch: false,
        order_socket: true,
        place_reply: ReplyMeans::Done,
        cancel_reply: ReplyMeans::Done,
        balance_stream: BalanceStream::Whole,
        fees_in_fills: true,
        fee_locked_in_quote: false,
        trades_window_seconds: 86_400,
        trades_page: ROWS_MAX,
    }),
    perpetual: None,
    fictional: false,
    missing: Missing(&[]),
};

#[cfg(test)]
mod tests {
    use super::super::order_words::type_word;
    use super::*;
    use crate::private::{prevention_word, time_in_force_word};

    #[test]
    fn what_is_offered_has_a_word() {
        assert!(CAPABILITIES.can_trade());
        let trading = CAPABILITIES.trading.as_ref().expect("declared");
        assert!(trading.order_types.iter().all(|known| type_word(*known).is_some()));
        assert!(trading.time_in_force.iter().all(|known| time_in_force_word(*known).is_some()));
        assert!(trading.self_trade_prevention.iter().all(|known| prevention_word(*known).is_some()));
    }
}
