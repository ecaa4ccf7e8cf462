//! What the capability matrix shows: one row for each field of a declaration.

use serde::Serialize;
use tradewire::{Capabilities, MarketKind, PerpetualCapabilities, TradingCapabilities};

use crate::plain::word;

/// Facts that belong together.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) facts: &'static [Fact],
}

/// Something that the matrix shows, and how a declaration answers it.
pub(super) struct Fact {
    /// The field of the declaration that it shows.
    pub(super) field: &'static str,
    pub(super) name: &'static str,
    pub(super) of: fn(&Capabilities) -> String,
}

/// What is said of something that an exchange has not.
pub(super) const ABSENT: &str = "-";

/// The matrix, in its order.
pub(super) const GROUPS: &[Group] = &[
    Group { name: "market", facts: MARKET },
    Group { name: "orders", facts: ORDERS },
    Group { name: "contracts", facts: CONTRACTS },
];

/// The fields in which exchanges differ most: the rows of the overview.
pub(super) const OVERVIEW: &[&str] = &[
    "kind",
    "market.sequence_rule",
    "trading.order_types",
    "trading.time_in_force",
    "trading.order_socket",
    "trading.amend_quantity",
    "trading.amend_price",
    "trading.batch",
    "trading.dead_man_switch",
    "trading.balance_stream",
    "perpetual.position_modes",
    "perpetual.margin_modes",
    "perpetual.funding_stream",
    "environments",
];

const fn fact(field: &'static str, name: &'static str, of: fn(&Capabilities) -> String) -> Fact {
    Fact { field, name, of }
}

const MARKET: &[Fact] = &[
    fact("kind", "market", |known| kind(known.kind)),
    fact("environments", "environments", |known| {
        list(&known.environments.iter().map(|known| known.name).collect::<Vec<_>>())
    }),
    fact("trading", "trading", |known| if known.can_trade() { yes(true) } else { "market data only".to_owned() }),
    fact("missing", "missing for trading", |known| list(known.missing.0)),
    fact("market.book_stream", "book stream", |known| yes(known.market.book_stream)),
    fact("market.sequence_rule", "sequence rule", |known| known.market.sequence_rule.to_owned()),
    fact("market.snapshot_depths", "snapshot depths", |known| list(known.market.snapshot_depths)),
    fact("market.trade_stream", "trades", |known| yes(known.market.trade_stream)),
    fact("market.aggregate_trade_stream", "aggregated trades", |known| yes(known.market.aggregate_trade_stream)),
    fact("market.trade_ids_count_up", "trade ids count up", |known| yes(known.market.trade_ids_count_up)),
    fact("market.best_prices_stream", "best prices stream", |known| yes(known.market.best_prices_stream)),
    fact("market.candle_intervals", "candle intervals", |known| list(known.market.candle_intervals)),
    fact("market.candles", "candles by REST", |known| yes(known.market.candles)),
    fact("market.recent_trades", "recent trades by REST", |known| yes(known.market.recent_trades)),
    fact("market.ticker_24h", "24 h ticker", |known| yes(known.market.ticker_24h)),
    fact("market.bulk_last_prices", "last prices in bulk", |known| yes(known.market.bulk_last_prices)),
    fact("market.bulk_best_prices", "best prices in bulk", |known| yes(known.market.bulk_best_prices)),
    fact("market.shutdown_notice", "notice before closing", |known| yes(known.market.shutdown_notice)),
];

const ORDERS: &[Fact] = &[
    fact("trading.order_types", "order types", |known| trading(known, |offers| list(offers.order_types))),
    fact("trading.time_in_force", "times in force", |known| trading(known, |offers| list(offers.time_in_force))),
    fact("trading.quote_amount", "market orders by quote amount", |known| {
        trading(known, |offers| yes(offers.quote_amount))
    }),
    fact("trading.trigger_prices", "trigger prices", |known| trading(known, |offers| words(offers.trigger_prices))),
    fact("trading.trailing", "trailing orders", |known| trading(known, |offers| yes(offers.trailing))),
    fact("trading.iceberg", "partly visible orders", |known| trading(known, |offers| yes(offers.iceberg))),
    fact("trading.reduce_only", "reduce-only orders", |known| trading(known, |offers| yes(offers.reduce_only))),
    fact("trading.position_side", "orders by position side", |known| {
        trading(known, |offers| yes(offers.position_side))
    }),
    fact("trading.self_trade_prevention", "self-trade prevention", |known| {
        trading(known, |offers| words(offers.self_trade_prevention))
    }),
    fact("trading.client_order_id_max_len", "longest client order id", |known| {
        trading(known, |offers| offers.client_order_id_max_len.to_string())
    }),
    fact("trading.client_order_id_marks", "marks in client order ids", |known| {
        trading(known, |offers| offers.client_order_id_marks.to_owned())
    }),
    fact("trading.amend_quantity", "amend quantity", |known| trading(known, |offers| yes(offers.amend_quantity))),
    fact("trading.amend_price", "amend price", |known| trading(known, |offers| yes(offers.amend_price))),
    fact("trading.cancel_replace", "cancel and place at once", |known| {
        trading(known, |offers| yes(offers.cancel_replace))
    }),
    fact("trading.batch", "several orders at once", |known| trading(known, |offers| yes(offers.batch))),
    fact("trading.cancel_all", "cancel all of a pair at once", |known| trading(known, |offers| yes(offers.cancel_all))),
    fact("trading.dead_man_switch", "dead-man switch", |known| trading(known, |offers| yes(offers.dead_man_switch))),
    fact("trading.order_socket", "order socket", |known| trading(known, |offers| yes(offers.order_socket))),
    fact("trading.place_reply", "reply to a new order", |known| trading(known, |offers| word(offers.place_reply))),
    fact("trading.cancel_reply", "reply to a cancel", |known| trading(known, |offers| word(offers.cancel_reply))),
    fact("trading.balance_stream", "balance stream", |known| trading(known, |offers| word(offers.balance_stream))),
    fact("trading.fees_in_fills", "fees in streamed fills", |known| trading(known, |offers| yes(offers.fees_in_fills))),
    fact("trading.fee_locked_in_quote", "fee of a buy locked beside it", |known| {
        trading(known, |offers| yes(offers.fee_locked_in_quote))
    }),
    fact("trading.trades_window_seconds", "longest window of fills", |known| {
        trading(known, |offers| span(offers.trades_window_seconds))
    }),
    fact("trading.trades_page", "fills in a page", |known| trading(known, |offers| offers.trades_page.to_string())),
];

const CONTRACTS: &[Fact] = &[
    fact("perpetual.position_modes", "position modes", |known| perpetual(known, |offers| list(offers.position_modes))),
    fact("perpetual.position_mode_scope", "position mode holds for", |known| {
        perpetual(known, |offers| word(offers.position_mode_scope))
    }),
    fact("perpetual.margin_modes", "margin modes", |known| perpetual(known, |offers| list(offers.margin_modes))),
    fact("perpetual.margin_mode_scope", "margin mode holds for", |known| {
        perpetual(known, |offers| word(offers.margin_mode_scope))
    }),
    fact("perpetual.set_leverage", "leverage can be set", |known| perpetual(known, |offers| yes(offers.set_leverage))),
    fact("perpetual.reduce_only_in_hedge_mode", "reduce-only in hedge mode", |known| {
        perpetual(known, |offers| yes(offers.reduce_only_in_hedge_mode))
    }),
    fact("perpetual.lists_closed_positions", "lists closed positions", |known| {
        perpetual(known, |offers| yes(offers.lists_closed_positions))
    }),
    fact("perpetual.funding_stream", "funding stream", |known| perpetual(known, |offers| yes(offers.funding_stream))),
    fact("perpetual.funding_payment_stream", "funding payments streamed", |known| {
        perpetual(known, |offers| yes(offers.funding_payment_stream))
    }),
];

/// What is said of something that only an exchange to trade on has.
fn trading(known: &Capabilities, say: fn(&TradingCapabilities) -> String) -> String {
    known.trading.as_ref().map_or_else(|| ABSENT.to_owned(), say)
}

/// What is said of something that only perpetuals have.
fn perpetual(known: &Capabilities, say: fn(&PerpetualCapabilities) -> String) -> String {
    known.perpetual.as_ref().map_or_else(|| ABSENT.to_owned(), say)
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn kind(kind: MarketKind) -> String {
    match kind {
        MarketKind::Spot => "spot",
        MarketKind::LinearPerpetual => "linear perpetual",
        MarketKind::InversePerpetual => "inverse perpetual",
        _ => "other",
    }
    .to_owned()
}

fn list(items: &[impl ToString]) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn words(items: &[impl Serialize]) -> String {
    list(&items.iter().map(word).collect::<Vec<_>>())
}

fn span(seconds: u64) -> String {
    const HOUR: u64 = 3_600;
    match seconds {
        0 => "any".to_owned(),
        whole if whole % (24 * HOUR) == 0 => format!("{} d", whole / (24 * HOUR)),
        whole if whole % HOUR == 0 => format!("{} h", whole / HOUR),
        other => format!("{other} s"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// The fields of a declaration, those of its parts by the part's name too. What names an exchange, and whether it is
    /// fictional, are no facts of the matrix.
    fn declared(known: &Capabilities) -> BTreeSet<String> {
        let Value::Object(fields) = serde_json::to_value(known).expect("JSON") else { panic!("an object") };
        let parts = fields.into_iter().filter(|(name, _)| !["exchange", "fictional"].contains(&name.as_str()));
        let names = parts.flat_map(|(part, value)| match value {
            Value::Object(fields) => fields.keys().map(|field| format!("{part}.{field}")).collect(),
            Value::Null => Vec::new(),
            _ => vec![part],
        });
        names.collect()
    }

    #[test]
    fn every_declared_field_has_one_row() {
        let declared: BTreeSet<_> = tradewire::exchanges().into_iter().flat_map(declared).collect();
        // Whether an exchange is for trading at all has a row beside those of what it offers.
        let shown: Vec<_> = GROUPS.iter().flat_map(|group| group.facts).map(|fact| fact.field.to_owned()).collect();
        let rows: BTreeSet<_> = shown.iter().filter(|field| *field != "trading").cloned().collect();
        assert_eq!(rows, declared, "a declared field without a row, or a row without a field");
        assert_eq!(shown.len(), rows.len() + 1, "a field with two rows");
    }

    #[test]
    fn spans_are_told_in_the_largest_unit_that_fits() {
        assert_eq!([0, 604_800, 3_600, 90].map(span), ["any", "7 d", "1 h", "90 s"]);
    }
}
