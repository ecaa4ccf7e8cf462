//! Payloads of the market streams that are driven by events.

use serde_json::{Value, json};

use super::digits::Digits;
use crate::binance::statistics::best;
use crate::binance::wish::Streams;
use crate::clock::Timestamp;
use crate::engine::Side;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::market::{Market, Moved};
use crate::tape::{Aggregate, TradeRecord};

/// Publishes what happened: trades, aggregates, best levels.
pub(super) fn live(hub: &Streams, exchange: &Exchange, market: &Market, moved: &Moved) {
    if hub.is_quiet() {
        return;
    }
    let now = exchange.clock.server_now();
    let lower = market.listing.symbol.to_lowercase();
    let topic = Topic::of(market, format!("{lower}@trade"));
    for record in &moved.trades {
        hub.publish(exchange, &topic, |_| trade(market, record, now).to_string());
    }
    let topic = Topic::of(market, format!("{lower}@aggTrade"));
    for made in &moved.aggregates {
        hub.publish(exchange, &topic, |_| aggregate(market, made, now).to_string());
    }
    if hub.best_changed(market.id, best(market)) {
        let topic = Topic::of(market, format!("{lower}@bookTicker"));
        hub.publish(exchange, &topic, |_| book_ticker(market, now).to_string());
    }
}

fn trade(market: &Market, record: &TradeRecord, now: Timestamp) -> Value {
    let (trade, digits) = (&record.trade, Digits::of(&market.listing));
    json!({
        "e": "trade", "E": now.millis(), "s": market.listing.symbol, "t": trade.id, "p": digits.price(trade.price),
        "q": digits.quantity(trade.quantity), "T": record.time.millis(), "m": trade.taker_side == Side::Sell,
        "X": "MARKET",
    })
}

fn aggregate(market: &Market, made: &Aggregate, now: Timestamp) -> Value {
    let digits = Digits::of(&market.listing);
    let quantity = digits.quantity(made.quantity);
    json!({
        "e": "aggTrade", "E": now.millis(), "s": market.listing.symbol, "a": made.id, "p": digits.price(made.price),
        "q": quantity, "nq": quantity, "f": made.first, "l": made.last, "T": made.time.millis(),
        "m": made.taker_side == Side::Sell, "st": 1,
    })
}

/// The best prices of a market.
pub(super) fn book_ticker(market: &Market, now: Timestamp) -> Value {
    let digits = Digits::of(&market.listing);
    let [bid, ask] = best(market);
    let symbol = &market.listing.symbol;
    json!({
        "e": "bookTicker", "u": market.engine.update_id(), "E": now.millis(), "T": now.millis(), "s": symbol,
        "ps": symbol, "b": digits.price(bid.0), "B": digits.quantity(bid.1), "a": digits.price(ask.0),
        "A": digits.quantity(ask.1), "st": 1,
    })
}
