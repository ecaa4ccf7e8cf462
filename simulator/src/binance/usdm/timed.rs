//! Payloads of the streams that have a time of their own.

use serde_json::{Value, json};

use super::digits::{Digits, plain};
use super::events::book_ticker;
use super::figures::Figures;
use super::streams::Timed;
use crate::binance::candles::candle;
use crate::binance::depths::is_turn;
use crate::binance::statistics::{DAY, Statistics, last_quantity};
use crate::binance::wish::Streams;
use crate::candles::Candle;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::intervals::Interval;
use crate::market::Market;
use crate::numbers::rounded;

/// Publishes the streams whose turn is in this step.
pub(super) fn publish(hub: &Streams, exchange: &Exchange, step: u64) {
    for name in hub.names() {
        let Some(timed) = Timed::named(&name).filter(|timed| is_turn(step, timed.every())) else { continue };
        match timed {
            Timed::AllMarkPrices { .. } => {
                all(hub, exchange, &name, |_| true, |market, now| mark_price(exchange, market, now))
            }
            Timed::AllMiniTickers => all(hub, exchange, &name, has_traded(exchange), mini_ticker),
            Timed::AllTickers => all(hub, exchange, &name, has_traded(exchange), ticker),
            Timed::AllBookTickers => best_prices(hub, exchange, &name),
            Timed::ContractInfo => {}
            _ => one(hub, exchange, &name, timed),
        }
    }
}

/// Whether a market traded within the last second.
fn has_traded(exchange: &Exchange) -> impl Fn(&mut Market) -> bool {
    let now = exchange.clock.server_now();
    move |market| {
        market.roll(now);
        let recent = market.seconds.merged(now.millis() - 1000, now.millis() + 1);
        recent.is_some_and(|candle| candle.count > 0)
    }
}

/// A list of all symbols that are wanted.
fn all(
    hub: &Streams,
    exchange: &Exchange,
    name: &str,
    wanted: impl Fn(&mut Market) -> bool,
    row: impl Fn(&Market, Timestamp) -> Value,
) {
    let now = exchange.clock.server_now();
    let rows = exchange.markets().into_iter().filter_map(|market| {
        let mut market = market.lock();
        wanted(&mut market).then(|| row(&market, now))
    });
    let rows: Vec<Value> = rows.collect();
    if !rows.is_empty() {
        let text = Value::Array(rows).to_string();
        hub.publish(exchange, &Topic::of_all(name.to_owned()), |_| text.clone());
    }
}

/// One frame for each symbol.
fn best_prices(hub: &Streams, exchange: &Exchange, name: &str) {
    let now = exchange.clock.server_now();
    for market in exchange.markets() {
        let market = market.lock();
        hub.publish(exchange, &Topic::of(&market, name.to_owned()), |_| book_ticker(&market, now).to_string());
    }
}

/// One symbol's frame.
fn one(hub: &Streams, exchange: &Exchange, name: &str, timed: Timed<'_>) {
    let Some(market) = timed.symbol().and_then(|symbol| exchange.market_of_stream(symbol)) else { return };
    let mut market = market.lock();
    let now = exchange.clock.server_now();
    market.roll(now);
    let market = &*market;
    let topic = Topic::of(market, name.to_owned());
    match timed {
        Timed::Kline { interval, .. } | Timed::ContinuousKline { interval, .. } => {
            let continuous = matches!(timed, Timed::ContinuousKline { .. });
            klines(hub, exchange, market, &topic, (interval, continuous));
        }
        Timed::MarkPrice { .. } => hub.publish(exchange, &topic, |_| mark_price(exchange, market, now).to_string()),
        Timed::MiniTicker { .. } => hub.publish(exchange, &topic, |_| mini_ticker(market, now).to_string()),
        Timed::Ticker { .. } => hub.publish(exchange, &topic, |_| ticker(market, now).to_string()),
        _ => {}
    }
}

fn klines(
    hub: &Streams,
    exchange: &Exchange,
    market: &Market,
    topic: &Topic,
    (interval, continuous): (Interval, bool),
) {
    let now = exchange.clock.server_now();
    let start = interval.start(now.millis(), 0);
    let over = hub.candle_over(&topic.name, start);
    for start in [over, Some(start)].into_iter().flatten() {
        let Some(candle) = candle(market, interval, 0, start) else { continue };
        let end = interval.next(start, 0);
        hub.publish(exchange, topic, |_| kline(market, &candle, (interval, continuous), end, now).to_string());
    }
}

fn kline(
    market: &Market,
    candle: &Candle,
    (interval, continuous): (Interval, bool),
    end: i64,
    now: Timestamp,
) -> Value {
    let digits = Digits::of(&market.listing);
    let symbol = &market.listing.symbol;
    let id = |id: Option<u64>| id.map_or(json!(-1), |id| json!(id));
    let mut body = json!({ "t": candle.start, "T": end - 1 });
    if !continuous {
        body["s"] = json!(symbol);
    }
    let figures = json!({
        "i": interval.name, "f": id(candle.first_trade()), "L": id(candle.last_trade()),
        "o": digits.price(candle.open), "c": digits.price(candle.close), "h": digits.price(candle.high),
        "l": digits.price(candle.low), "v": digits.quantity(candle.base), "n": candle.count,
        "x": end <= now.millis(), "q": plain(candle.quote), "V": digits.quantity(candle.taker_buy_base),
        "Q": plain(candle.taker_buy_quote), "B": "0",
    });
    if let (Some(body), Value::Object(figures)) = (body.as_object_mut(), figures) {
        body.extend(figures);
    }
    if continuous {
        return json!({ "e": "continuous_kline", "E": now.millis(), "ps": symbol, "ct": "PERPETUAL", "k": body });
    }
    json!({ "e": "kline", "E": now.millis(), "s": symbol, "k": body, "st": 1 })
}

fn mark_price(exchange: &Exchange, market: &Market, now: Timestamp) -> Value {
    let figures = Figures::of(exchange, market.id);
    let price = |value| rounded(value, 8);
    json!({
        "e": "markPriceUpdate", "E": now.millis(), "s": market.listing.symbol, "p": price(figures.mark),
        "ap": price(figures.mark), "i": price(figures.index), "P": price(figures.index),
        "r": price(figures.rate), "T": figures.next_funding.millis(), "st": 1,
    })
}

fn mini_ticker(market: &Market, now: Timestamp) -> Value {
    let digits = Digits::of(&market.listing);
    let candle = market.statistics(now, DAY);
    let symbol = &market.listing.symbol;
    json!({
        "e": "24hrMiniTicker", "E": now.millis(), "s": symbol, "c": digits.price(candle.close),
        "o": digits.price(candle.open), "h": digits.price(candle.high), "l": digits.price(candle.low),
        "v": digits.quantity(candle.base), "q": plain(candle.quote.round_dp(2)), "ps": symbol, "st": 1,
    })
}

fn ticker(market: &Market, now: Timestamp) -> Value {
    let digits = Digits::of(&market.listing);
    let day = Statistics::rolling(market, now, DAY);
    let candle = &day.candle;
    let (first, last) = day.ids();
    let symbol = &market.listing.symbol;
    json!({
        "e": "24hrTicker", "E": now.millis(), "s": symbol, "p": digits.price(day.change()),
        "P": rounded(day.change_percent(), 3), "w": rounded(day.weighted(), digits.price),
        "c": digits.price(candle.close), "Q": digits.quantity(last_quantity(market)), "o": digits.price(candle.open),
        "h": digits.price(candle.high), "l": digits.price(candle.low), "v": digits.quantity(candle.base),
        "q": plain(candle.quote.round_dp(2)), "O": day.opened, "C": day.closed, "F": first, "L": last,
        "n": candle.count, "ps": symbol, "st": 1,
    })
}
