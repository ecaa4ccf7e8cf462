use tradewire_core::{
    BalanceStream, Capabilities, MarginMode, MarketCapabilities, MarketKind, Missing, OrderType, PerpetualCapabilities,
    PositionMode, ReplyMeans, SelfTradePrevention, SettingScope, TimeInForce, TradingCapabilities, TriggerPrice,
};
use tradewire_tracking::SequenceRule;

use super::environments::ENVIRONMENTS;
use super::limits::SNAPSHOT_DEPTHS;
use crate::page::ROWS_MAX;

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
        shutdown_notice: true,
    },
    trading: Some(TradingCapabilities {
        order_types: OrderType::ALL,
        time_in_force: &[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok],
        quote_amount: false,
        trailing: true,
        trigger_prices: &[TriggerPrice::Last, TriggerPrice::Mark],
        iceberg: false,
        reduce_only: true,
        position_side: true,
        self_trade_prevention: &[
            SelfTradePrevention::ExpireMaker,
            SelfTradePrevention::ExpireTaker,
            SelfTradePrevention::ExpireBoth,
        ],
        client_order_id_max_len: 36,
        client_order_id_marks: ".:/_-",
        amend_quantity: true,
        amend_price: true,
        cancel_replace: false,
        batch: true,
        cancel_all: true,
        dead_man_switch: true,
        order_socket: true,
        place_reply: ReplyMeans::Done,
        cancel_reply: ReplyMeans::Done,
        balance_stream: BalanceStream::Totals,
        fees_in_fills: true,
        fee_locked_in_quote: false,
        trades_window_seconds: 7 * 86_400,
        trades_page: ROWS_MAX,
    }),
    perpetual: Some(PerpetualCapabilities {
        position_modes: &[PositionMode::OneWay, PositionMode::Hedge],
        position_mode_scope: SettingScope::Account,
        margin_modes: &[MarginMode::Cross, MarginMode::Isolated],
        margin_mode_scope: SettingScope::Instrument,
        set_leverage: true,
        funding_stream: true,
        funding_payment_stream: false,
        lists_closed_positions: false,
        reduce_only_in_hedge_mode: false,
    }),
    fictional: false,
    missing: Missing(&[]),
};

#[cfg(test)]
mod tests {
    use super::super::words::{conditional_word, trigger_price_word, type_word};
    use super::*;
    use crate::private::{prevention_word, time_in_force_word};

    #[test]
    fn what_is_offered_has_a_word() {
        assert!(CAPABILITIES.can_trade());
        let trading = CAPABILITIES.trading.as_ref().expect("declared");
        let word = |order_type| type_word(order_type).or(conditional_word(order_type, false));
        assert!(trading.order_types.iter().all(|known| word(*known).is_some()));
        assert!(trading.time_in_force.iter().all(|known| time_in_force_word(*known).is_some()));
        assert!(trading.self_trade_prevention.iter().all(|known| prevention_word(*known).is_some()));
        assert!(trading.trigger_prices.iter().all(|known| trigger_price_word(*known).is_some()));
    }
}
