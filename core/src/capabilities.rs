use serde::Serialize;

use crate::{
    CommandError, Error, ErrorKind, MarginMode, MarketKind, OrderRequest, OrderType, PositionMode, SelfTradePrevention,
    TimeInForce, TriggerPrice,
};

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
    /// What it offers for trading; `None` for market data only.
    pub trading: Option<TradingCapabilities>,
    /// What it offers for perpetuals; `None` where assets are traded.
    pub perpetual: Option<PerpetualCapabilities>,
    /// Whether it exists in the simulator alone: it is there to be learnt from, and left out where the others are meant.
    pub fictional: bool,
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
    pub fn can_trade(&self) -> bool {
        self.missing.is_empty() && self.trading.is_some()
    }

    /// Refuses, before anything is sent, an order with something that this exchange does not offer.
    ///
    /// # Errors
    /// `NotSent` with kind `Unsupported` and the field.
    pub fn check(&self, order: &OrderRequest) -> Result<(), CommandError> {
        let refused = |field| {
            let text = "this exchange does not offer what the order asks for";
            Err(CommandError::NotSent(Error::new(ErrorKind::Unsupported, text).with("field", field)))
        };
        match &self.trading {
            Some(trading) => trading.unsupported(order).map_or(Ok(()), refused),
            None => refused("place"),
        }
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
    /// Where commands go over a socket, and the account's events come from where they come over the same.
    pub ws_api: Option<&'static str>,
    /// Where the account's events come from, where they have an address of their own.
    pub ws_private: Option<&'static str>,
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

/// What the good reply to a place or cancel command means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyMeans {
    /// It is done: the order is accepted or ended.
    Done,
    /// The exchange has received it; the private stream or a query tells what became of it.
    Received,
}

/// What the private stream tells of balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BalanceStream {
    /// Total and available.
    Whole,
    /// Totals. What is available is estimated between reads.
    Totals,
    /// Nothing. Both are estimated between reads.
    None,
}

/// What an exchange offers for trading.
#[derive(Clone, Debug, Serialize)]
pub struct TradingCapabilities {
    /// Order types.
    pub order_types: &'static [OrderType],
    /// Times in force of orders with a price.
    pub time_in_force: &'static [TimeInForce],
    /// Market orders by quote amount.
    pub quote_amount: bool,
    /// Conditional orders that trail the best price.
    pub trailing: bool,
    /// Prices that can send conditional orders; the first is the default.
    pub trigger_prices: &'static [TriggerPrice],
    /// Orders that show a part of their quantity only.
    pub iceberg: bool,
    /// Orders that only make a position smaller.
    pub reduce_only: bool,
    /// Orders for one side of a position.
    pub position_side: bool,
    /// Choices of self-trade prevention.
    pub self_trade_prevention: &'static [SelfTradePrevention],
    /// The longest client order id.
    pub client_order_id_max_len: usize,
    /// The characters of client order ids besides ASCII letters and digits.
    pub client_order_id_marks: &'static str,
    /// An order's quantity can be changed with its place kept.
    pub amend_quantity: bool,
    /// An order's price can be changed.
    pub amend_price: bool,
    /// One command that cancels an order and places another.
    pub cancel_replace: bool,
    /// One command for several orders.
    pub batch: bool,
    /// One command that cancels all orders of a pair.
    pub cancel_all: bool,
    /// A switch at the exchange that cancels all orders when it is not renewed.
    pub dead_man_switch: bool,
    /// Commands over a socket.
    pub order_socket: bool,
    /// What the good reply to a new order means.
    pub place_reply: ReplyMeans,
    /// What the good reply to a cancel means.
    pub cancel_reply: ReplyMeans,
    /// What the private stream tells of balances.
    pub balance_stream: BalanceStream,
    /// Whether the stream's fills say what was charged.
    pub fees_in_fills: bool,
    /// Whether the commission in quote units of a buy order is locked beside its price.
    pub fee_locked_in_quote: bool,
    /// The longest window of one read of trades, in seconds.
    pub trades_window_seconds: u64,
    /// The most rows of one read of trades.
    pub trades_page: u32,
}

/// What an exchange offers for perpetuals.
#[derive(Clone, Debug, Serialize)]
pub struct PerpetualCapabilities {
    /// Position modes of an account.
    pub position_modes: &'static [PositionMode],
    /// What a change of the position mode reaches.
    pub position_mode_scope: SettingScope,
    /// Margin modes of an account.
    pub margin_modes: &'static [MarginMode],
    /// What a change of the margin mode reaches.
    pub margin_mode_scope: SettingScope,
    /// The leverage of an instrument can be set.
    pub set_leverage: bool,
    /// A stream of mark prices and funding rates.
    pub funding_stream: bool,
    /// Funding payments come by the private stream, each with what names it.
    pub funding_payment_stream: bool,
    /// Whether a read of all positions lists closed ones too.
    pub lists_closed_positions: bool,
    /// Whether an order in hedge mode can be marked as reduce-only.
    pub reduce_only_in_hedge_mode: bool,
}

/// What a setting of an account reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingScope {
    /// The whole account.
    Account,
    /// One instrument.
    Instrument,
}

impl TradingCapabilities {
    /// The first field of an order that this exchange does not offer.
    fn unsupported(&self, order: &OrderRequest) -> Option<&'static str> {
        let quote = order.quantity().is_none();
        let trailing = order.trigger.is_some_and(|trigger| trigger.trailing_bips.is_some());
        let prevention = order.self_trade_prevention;
        [
            ("order_type", !self.order_types.contains(&order.order_type)),
            ("time_in_force", order.order_type.has_price() && !self.time_in_force.contains(&order.time_in_force)),
            ("amount", quote && !self.quote_amount),
            ("trailing_bips", trailing && !self.trailing),
            ("trigger", order.trigger.is_some_and(|trigger| !self.trigger_prices.contains(&trigger.by))),
            ("visible", order.visible.is_some() && !self.iceberg),
            ("reduce_only", order.reduce_only && !self.reduce_only),
            ("position_side", order.position_side.is_some() && !self.position_side),
            ("self_trade_prevention", prevention.is_some_and(|mode| !self.self_trade_prevention.contains(&mode))),
        ]
        .into_iter()
        .find_map(|(field, refused)| refused.then_some(field))
    }
}
