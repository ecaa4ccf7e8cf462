//! Payloads of the public channels other than books.

use std::collections::HashMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Kraken;
use super::candles;
use super::exact::{self, exact, price, price_places, quantity};
use super::instruments;
use super::times::rfc3339;
use super::topics::Topic as Named;
use crate::engine::Side;
use crate::exchange::Exchange;
use crate::hub::{Hub, Topic, Wish};
use crate::intervals::DAY;
use crate::market::{Market, MarketId, Moved};
use crate::numbers::ratio;
use crate::tape::TradeRecord;

/// Steps of 20 ms between tickers.
const TICKER_STEPS: u64 = 5;
/// Steps of 20 ms in a second.
const SECOND_STEPS: u64 = 50;

/// The subscriptions of the public sockets.
pub(super) type Streams = Hub<AllAlike>;

/// How a public socket wants its frames: all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AllAlike;

impl Wish for AllAlike {
    type Form = ();

    fn form(&self) {}

    fn hears(&self, _: &str) -> bool {
        true
    }

    fn dressed(&self, _: &str, payload: &str) -> String {
        payload.to_owned()
    }

    fn new_event(_: &str) -> String {
        json!({ "channel": "never_seen", "type": "update", "data": [{}] }).to_string()
    }

    fn with_new_enum(payload: &str) -> String {
        let unknown = r#""never_seen""#;
        let words = [r#""side":"buy""#, r#""side":"sell""#, r#""type":"update""#];
        let Some(known) = words.iter().find(|known| payload.contains(**known)) else { return payload.to_owned() };
        let name = known.split(':').next().unwrap_or_default();
        payload.replacen(known, &format!("{name}:{unknown}"), 1)
    }
}

/// Number of the last trade, and the best bid and ask where they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    traded: u64,
    best: [Option<(Decimal, Decimal)>; 2],
}

/// What was told last by channels that tell only what is new.
#[derive(Debug, Default)]
pub(super) struct Last {
    /// By name of the stream.
    marks: Mutex<HashMap<String, Mark>>,
    /// Pairs as they were told.
    pairs: Mutex<HashMap<MarketId, Value>>,
}

impl Kraken {
    /// Tells trades as they happen.
    pub(super) fn tell_trades(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        let topic = Topic::of(market, Named::Trade { symbol: market.listing.symbol.clone() }.name());
        self.streams.publish(exchange, &topic, |()| {
            let rows: Vec<Value> = moved.trades.iter().map(|record| trade(market, record)).collect();
            exact::text(&json!({ "channel": "trade", "type": "update", "data": rows }))
        });
    }

    /// Tells what has a time of its own; `step` counts steps of 20 ms from a full second.
    pub(super) fn tell_timed(&self, exchange: &Exchange, step: u64) {
        let (tickers, seconds) = (step.is_multiple_of(TICKER_STEPS), step.is_multiple_of(SECOND_STEPS));
        if !tickers || self.streams.is_quiet() {
            return;
        }
        for name in self.streams.names() {
            match Named::named(&name) {
                Some(named @ Named::Ticker { .. }) => self.tell_market(exchange, &named, ticker_message),
                Some(named @ Named::Ohlc { .. }) if seconds => self.tell_market(exchange, &named, ohlc_message),
                Some(Named::Instrument) if seconds => self.tell_pairs(exchange),
                _ => {}
            }
        }
    }

    /// Tells a stream of a market if there is something new.
    fn tell_market(&self, exchange: &Exchange, named: &Named, message: fn(&Exchange, &Market, &Named) -> Value) {
        let Some(market) = named.symbol().and_then(|symbol| exchange.market(symbol)) else { return };
        let mut market = market.lock();
        market.roll(exchange.clock.server_now());
        let name = named.name();
        let mark = mark(&market, named);
        if self.last.marks.lock().insert(name.clone(), mark) == Some(mark) {
            return;
        }
        let topic = Topic::of(&market, name);
        self.streams.publish(exchange, &topic, |()| exact::text(&message(exchange, &market, named)));
    }

    /// Tells the pairs that have changed.
    fn tell_pairs(&self, exchange: &Exchange) {
        let mut changed = Vec::new();
        for market in exchange.markets() {
            let market = market.lock();
            let told = instruments::told(&market.listing);
            let before = self.last.pairs.lock().insert(market.id, told.clone());
            if before.is_some_and(|before| before != told) {
                changed.push(told);
            }
        }
        if !changed.is_empty() {
            let topic = Topic::of_all(Named::Instrument.name());
            self.streams.publish(exchange, &topic, |()| exact::text(&instruments::update(&changed)));
        }
    }

    /// What who has just subscribed is told at first; `None` where there is nothing.
    pub(super) fn first_message(
        &self,
        exchange: &Exchange,
        named: &Named,
        market: Option<&mut Market>,
    ) -> Option<Value> {
        let now = exchange.clock.server_now();
        let Some(market) = market else {
            // All pairs are noted as they are told.
            self.tell_pairs(exchange);
            return Some(instruments::snapshot(exchange));
        };
        market.roll(now);
        match named {
            Named::Book { depth, .. } => Some(self.books.snapshot(&self.streams, exchange, market, *depth)),
            Named::Trade { .. } => Some(last_trades(market)),
            Named::Ticker { .. } => {
                self.last.marks.lock().entry(named.name()).or_insert_with(|| mark(market, named));
                Some(ticker(market, exchange, "snapshot"))
            }
            Named::Ohlc { minutes, .. } => Some(candles::snapshot(market, *minutes, now)),
            Named::Instrument => None,
        }
    }
}

/// What must differ from the last time for a stream to be told.
fn mark(market: &Market, named: &Named) -> Mark {
    let traded = market.tape.trades().back().map_or(0, |record| record.trade.id);
    let book = market.engine.book();
    let by_best = matches!(named, Named::Ticker { by_best: true, .. });
    Mark { traded, best: if by_best { [book.best_bid(), book.best_ask()] } else { [None, None] } }
}

fn ticker_message(exchange: &Exchange, market: &Market, _: &Named) -> Value {
    ticker(market, exchange, "update")
}

fn ohlc_message(exchange: &Exchange, market: &Market, named: &Named) -> Value {
    let minutes = if let Named::Ohlc { minutes, .. } = named { *minutes } else { 1 };
    candles::update(market, minutes, exchange.clock.server_now())
}

/// The last 50 trades.
fn last_trades(market: &Market) -> Value {
    let tape = market.tape.trades();
    let rows: Vec<Value> =
        tape.iter().skip(tape.len().saturating_sub(50)).map(|record| trade(market, record)).collect();
    json!({ "channel": "trade", "type": "snapshot", "data": rows })
}

fn trade(market: &Market, record: &TradeRecord) -> Value {
    let (trade, listing) = (&record.trade, &market.listing);
    json!({
        "symbol": listing.symbol, "side": side(trade.taker_side), "price": price(listing, trade.price),
        "qty": quantity(listing, trade.quantity), "ord_type": "limit", "trade_id": trade.id,
        "timestamp": rfc3339(record.time),
    })
}

/// The word for a side.
pub(super) fn side(side: Side) -> &'static str {
    if side == Side::Buy { "buy" } else { "sell" }
}

fn ticker(market: &Market, exchange: &Exchange, kind: &str) -> Value {
    let (listing, book, now) = (&market.listing, market.engine.book(), exchange.clock.server_now());
    let day = market.statistics(now, DAY);
    let last = market.tape.last_price();
    let change = last - day.open;
    let percent = ratio(change * Decimal::ONE_HUNDRED, day.open).unwrap_or_default().round_dp(2);
    let average = ratio(day.quote, day.base).unwrap_or(last).round_dp(price_places(listing));
    let (bid, ask) = (book.best_bid().unwrap_or_default(), book.best_ask().unwrap_or_default());
    json!({
        "channel": "ticker", "type": kind,
        "data": [{
            "symbol": listing.symbol, "bid": price(listing, bid.0), "bid_qty": quantity(listing, bid.1),
            "ask": price(listing, ask.0), "ask_qty": quantity(listing, ask.1), "last": price(listing, last),
            "volume": quantity(listing, day.base), "vwap": price(listing, average), "low": price(listing, day.low),
            "high": price(listing, day.high), "change": price(listing, change), "change_pct": exact(percent, 2),
            "timestamp": rfc3339(now),
        }],
    })
}
