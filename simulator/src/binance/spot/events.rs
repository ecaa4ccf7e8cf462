//! Payloads of the market streams.

use serde_json::{Value, json};

use super::info::DECIMALS;
use super::streams::Timed;
use crate::binance::candles::candle;
use crate::binance::statistics::{DAY, Statistics, best, last_quantity};
use crate::binance::unit::TimeUnit;
use crate::binance::wish::Streams;
use crate::candles::Candle;
use crate::clock::Timestamp;
use crate::engine::Side;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::intervals::Interval;
use crate::market::{Market, Moved};
use crate::numbers::{fixed, rounded};
use crate::tape::{Aggregate, TradeRecord};

fn n(value: rust_decimal::Decimal) -> String {
    fixed(value, DECIMALS)
}

/// Publishes what happened: trades, aggregates, best levels.
pub(super) fn live(hub: &Streams, exchange: &Exchange, market: &Market, moved: &Moved) {
    if hub.is_quiet() {
        return;
    }
    let now = exchange.clock.server_now();
    let symbol = &market.listing.symbol;
    let lower = symbol.to_lowercase();
    let topic = Topic::of(market, format!("{lower}@trade"));
    for record in &moved.trades {
        hub.publish(exchange, &topic, |unit| trade(symbol, record, now, unit));
    }
    let topic = Topic::of(market, format!("{lower}@aggTrade"));
    for made in &moved.aggregates {
        hub.publish(exchange, &topic, |unit| aggregate(symbol, made, now, unit));
    }
    let best = best(market);
    if hub.best_changed(market.id, best) {
        let [bid, ask] = best;
        let topic = Topic::of(market, format!("{lower}@bookTicker"));
        let update_id = market.engine.update_id();
        hub.publish(exchange, &topic, |_| {
            json!({ "u": update_id, "s": symbol, "b": n(bid.0), "B": n(bid.1), "a": n(ask.0), "A": n(ask.1) })
                .to_string()
        });
    }
}

fn trade(symbol: &str, record: &TradeRecord, now: Timestamp, unit: TimeUnit) -> String {
    let trade = &record.trade;
    json!({
        "e": "trade", "E": unit.stamp(now), "s": symbol, "t": trade.id, "p": n(trade.price), "q": n(trade.quantity),
        "T": unit.stamp(record.time), "m": trade.taker_side == Side::Sell, "M": true,
    })
    .to_string()
}

fn aggregate(symbol: &str, made: &Aggregate, now: Timestamp, unit: TimeUnit) -> String {
    json!({
        "e": "aggTrade", "E": unit.stamp(now), "s": symbol, "a": made.id, "p": n(made.price), "q": n(made.quantity),
        "f": made.first, "l": made.last, "T": unit.stamp(made.time), "m": made.taker_side == Side::Sell, "M": true,
    })
    .to_string()
}

/// The notice that the server will close the connection.
pub(super) fn shutdown(time: i64) -> String {
    json!({ "e": "serverShutdown", "E": time }).to_string()
}

/// Publishes the streams that have a time of their own; `even` in every second second.
pub(super) fn every_second(hub: &Streams, exchange: &Exchange, even: bool) {
    for name in hub.names() {
        match Timed::named(&name) {
            Some(Timed::AllMiniTickers) => {
                all(hub, exchange, &name, mini_ticker);
            }
            Some(Timed::AllWindowTickers { window, span }) => {
                all(hub, exchange, &name, |market, now, unit| window_ticker(market, window, span, now, unit));
            }
            Some(timed) => one(hub, exchange, &name, timed, even),
            None => {}
        }
    }
}

/// A list of all symbols that traded within the last second.
fn all(hub: &Streams, exchange: &Exchange, name: &str, row: impl Fn(&Market, Timestamp, TimeUnit) -> Value) {
    let now = exchange.clock.server_now();
    let mut traded = Vec::new();
    for market in exchange.markets() {
        let mut guard = market.lock();
        guard.roll(now);
        let recent = guard.seconds.merged(now.millis() - 1000, now.millis() + 1);
        if recent.is_some_and(|candle| candle.count > 0) {
            drop(guard);
            traded.push(market);
        }
    }
    if !traded.is_empty() {
        hub.publish(exchange, &Topic::of_all(name.to_owned()), |unit| {
            Value::Array(traded.iter().map(|market| row(&market.lock(), now, unit)).collect()).to_string()
        });
    }
}

/// One symbol's frame.
fn one(hub: &Streams, exchange: &Exchange, name: &str, timed: Timed<'_>, even: bool) {
    let (Timed::Kline { symbol, .. }
    | Timed::MiniTicker { symbol }
    | Timed::Ticker { symbol }
    | Timed::WindowTicker { symbol, .. }
    | Timed::AveragePrice { symbol }) = timed
    else {
        return;
    };
    let Some(market) = exchange.market_of_stream(symbol) else { return };
    let mut market = market.lock();
    let now = exchange.clock.server_now();
    market.roll(now);
    let market = &*market;
    let topic = Topic::of(market, name.to_owned());
    match timed {
        Timed::Kline { interval, offset, .. } => klines(hub, exchange, market, &topic, (interval, offset), even),
        Timed::MiniTicker { .. } => hub.publish(exchange, &topic, |unit| mini_ticker(market, now, unit).to_string()),
        Timed::Ticker { .. } => hub.publish(exchange, &topic, |unit| ticker(market, now, unit).to_string()),
        Timed::WindowTicker { window, span, .. } => {
            hub.publish(exchange, &topic, |unit| window_ticker(market, window, span, now, unit).to_string());
        }
        Timed::AveragePrice { .. } => hub.publish(exchange, &topic, |unit| average(market, now, unit).to_string()),
        Timed::AllMiniTickers | Timed::AllWindowTickers { .. } => {}
    }
}

fn klines(
    hub: &Streams,
    exchange: &Exchange,
    market: &Market,
    topic: &Topic,
    (interval, offset): (Interval, i64),
    even: bool,
) {
    let now = exchange.clock.server_now();
    let start = interval.start(now.millis(), offset);
    let over = hub.candle_over(&topic.name, start);
    let present = (even && !interval.is_seconds()).then_some(start);
    for start in [over, present].into_iter().flatten() {
        let Some(candle) = candle(market, interval, offset, start) else { continue };
        let end = interval.next(start, offset);
        hub.publish(exchange, topic, |unit| kline(market, &candle, interval, end, now, unit).to_string());
    }
}

fn kline(market: &Market, candle: &Candle, interval: Interval, end: i64, now: Timestamp, unit: TimeUnit) -> Value {
    let id = |id: Option<u64>| id.map_or(json!(-1), |id| json!(id));
    json!({
        "e": "kline", "E": unit.stamp(now), "s": market.listing.symbol,
        "k": {
            "t": unit.first(candle.start), "T": unit.last_before(end), "s": market.listing.symbol, "i": interval.name,
            "f": id(candle.first_trade()), "L": id(candle.last_trade()),
            "o": n(candle.open), "c": n(candle.close), "h": n(candle.high), "l": n(candle.low),
            "v": n(candle.base), "n": candle.count, "x": end <= now.millis(), "q": n(candle.quote),
            "V": n(candle.taker_buy_base), "Q": n(candle.taker_buy_quote), "B": "0",
        }
    })
}

fn mini_ticker(market: &Market, now: Timestamp, unit: TimeUnit) -> Value {
    let candle = market.statistics(now, DAY);
    json!({
        "e": "24hrMiniTicker", "E": unit.stamp(now), "s": market.listing.symbol, "c": n(candle.close),
        "o": n(candle.open), "h": n(candle.high), "l": n(candle.low), "v": n(candle.base), "q": n(candle.quote),
    })
}

fn ticker(market: &Market, now: Timestamp, unit: TimeUnit) -> Value {
    let day = Statistics::rolling(market, now, DAY);
    let candle = &day.candle;
    let [bid, ask] = best(market);
    let (first, last) = day.ids();
    json!({
        "e": "24hrTicker", "E": unit.stamp(now), "s": market.listing.symbol, "p": n(day.change()),
        "P": rounded(day.change_percent(), 3), "w": rounded(day.weighted(), DECIMALS), "x": n(candle.open),
        "c": n(candle.close), "Q": n(last_quantity(market)), "b": n(bid.0), "B": n(bid.1), "a": n(ask.0),
        "A": n(ask.1), "o": n(candle.open), "h": n(candle.high), "l": n(candle.low), "v": n(candle.base),
        "q": n(candle.quote), "O": unit.first(day.opened), "C": unit.first(day.closed), "F": first, "L": last,
        "n": candle.count,
    })
}

fn window_ticker(market: &Market, window: &str, span: i64, now: Timestamp, unit: TimeUnit) -> Value {
    let rolling = Statistics::rolling(market, now, span);
    let candle = &rolling.candle;
    let (first, last) = rolling.ids();
    json!({
        "e": format!("{window}Ticker"), "E": unit.stamp(now), "s": market.listing.symbol, "p": n(rolling.change()),
        "P": rounded(rolling.change_percent(), 2), "o": n(candle.open), "h": n(candle.high), "l": n(candle.low),
        "c": n(candle.close), "w": rounded(rolling.weighted(), DECIMALS), "v": n(candle.base), "q": n(candle.quote),
        "O": unit.first(rolling.opened), "C": unit.first(rolling.closed), "F": first, "L": last, "n": candle.count,
    })
}

fn average(market: &Market, now: Timestamp, unit: TimeUnit) -> Value {
    let price = market.average_price(now, 5 * 60_000);
    let traded = market.tape.trades().back().map_or(now, |record| record.time);
    json!({
        "e": "avgPrice", "E": unit.stamp(now), "s": market.listing.symbol, "i": "5m", "w": rounded(price, DECIMALS),
        "T": unit.stamp(traded),
    })
}
