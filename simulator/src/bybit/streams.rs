//! Payloads of the public topics other than books.

use serde_json::{Map, Value, json};

use super::Bybit;
use super::ids::trade_id;
use super::market::info::price_limits;
use super::market::klines::candle;
use super::market::tickers::ticker;
use super::market::trades::side;
use super::told_tickers::Origin;
use super::topics::Topic as Named;
use crate::candles::Candle;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::intervals::Interval;
use crate::market::{Market, Moved};
use crate::tape::TradeRecord;

/// Trades in one message.
const MOST_TRADES: usize = 1024;

impl Bybit {
    /// Tells trades as they happen.
    pub(super) fn tell_trades(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        let rows: Vec<Value> = moved.trades.iter().map(|record| self.trade(market, record)).collect();
        let topic = Topic::of(market, format!("publicTrade.{}", market.listing.symbol));
        let now = exchange.clock.server_now().millis();
        for data in rows.chunks(MOST_TRADES) {
            self.hub.publish(exchange, &topic, |()| {
                json!({ "topic": topic.name, "type": "snapshot", "ts": now, "data": data }).to_string()
            });
        }
    }

    fn trade(&self, market: &Market, record: &TradeRecord) -> Value {
        let (trade, listing) = (&record.trade, &market.listing);
        let direction = self.ticks.traded(market.id, trade.price);
        let mut row = json!({
            "T": record.time.millis(), "s": listing.symbol, "S": side(trade.taker_side),
            "v": self.category.quantity(listing, trade.quantity), "p": self.category.price(listing, trade.price),
            "L": direction, "i": trade_id(self.category, market.id, trade.id), "BT": false, "RPI": false,
            "seq": trade.id,
        });
        if self.category.is_spot()
            && let Some(fields) = row.as_object_mut()
        {
            fields.remove("L");
        }
        row
    }

    /// Tells what has a time of its own; `step` counts steps of 20 ms from a full second.
    pub(super) fn tell_timed(&self, exchange: &Exchange, step: u64) {
        let ticker_steps = if self.category.is_spot() { 3 } else { 5 };
        let due = [(ticker_steps, "tickers."), (15, "priceLimit."), (50, "kline.")];
        let due = due.iter().filter(|(steps, _)| step.is_multiple_of(*steps));
        let prefixes: Vec<&str> = due.map(|(_, prefix)| *prefix).collect();
        if prefixes.is_empty() || self.hub.is_quiet() {
            return;
        }
        for name in self.hub.names() {
            if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                self.tell_one(exchange, &name);
            }
        }
        if step.is_multiple_of(50) {
            self.books.repeat(&self.hub, exchange);
        }
    }

    fn tell_one(&self, exchange: &Exchange, name: &str) {
        let Some(named) = Named::named(name) else { return };
        let Some(market) = named.symbol().and_then(|symbol| exchange.market(symbol)) else { return };
        let mut market = market.lock();
        market.roll(exchange.clock.server_now());
        match named {
            Named::Ticker { .. } => self.tell_ticker(exchange, &market, name),
            Named::PriceLimit { .. } => self.tell_price_limit(exchange, &market, name),
            Named::Kline { interval, .. } => self.tell_kline(exchange, &market, name, interval),
            _ => {}
        }
    }

    /// Tells a ticker that has changed: of contracts what has changed, of spot everything.
    fn tell_ticker(&self, exchange: &Exchange, market: &Market, name: &str) {
        let origin = Origin::of(exchange, market);
        if !self.tickers.may_differ(market.id, &origin) {
            return;
        }
        let fields = ticker(self, exchange, market);
        let Some(before) = self.tickers.tell(market.id, origin, &fields) else { return };
        if before == fields {
            return;
        }
        let changed = |(name, value): &(String, Value)| name == "symbol" || before.get(name) != Some(value);
        let (kind, data) = if self.category.is_spot() {
            ("snapshot", fields)
        } else {
            ("delta", fields.into_iter().filter(changed).collect())
        };
        let topic = Topic::of(market, name.to_owned());
        self.hub.publish(exchange, &topic, |()| self.ticker_message(exchange, market, name, kind, &data));
    }

    /// The whole ticker, for who has just subscribed.
    pub(super) fn ticker_snapshot(&self, exchange: &Exchange, market: &Market, name: &str) -> String {
        let fields = ticker(self, exchange, market);
        self.tickers.begin(market.id, Origin::of(exchange, market), &fields);
        self.ticker_message(exchange, market, name, "snapshot", &fields)
    }

    fn ticker_message(
        &self,
        exchange: &Exchange,
        market: &Market,
        name: &str,
        kind: &str,
        data: &Map<String, Value>,
    ) -> String {
        let (now, cs) = (exchange.clock.server_now().millis(), market.engine.update_id());
        if self.category.is_spot() {
            json!({ "topic": name, "ts": now, "type": kind, "cs": cs, "data": data }).to_string()
        } else {
            json!({ "topic": name, "type": kind, "data": data, "cs": cs, "ts": now }).to_string()
        }
    }

    fn tell_price_limit(&self, exchange: &Exchange, market: &Market, name: &str) {
        let topic = Topic::of(market, name.to_owned());
        let now = exchange.clock.server_now().millis();
        self.hub.publish(exchange, &topic, |()| {
            json!({ "topic": name, "data": price_limits(self.category, exchange, market), "ts": now }).to_string()
        });
    }

    /// Tells the present candle, and before it the last one once it is over.
    fn tell_kline(&self, exchange: &Exchange, market: &Market, name: &str, interval: Interval) {
        let now = exchange.clock.server_now().millis();
        let start = interval.start(now, 0);
        let over = self.hub.candle_over(name, start);
        let topic = Topic::of(market, name.to_owned());
        for start in [over, Some(start)].into_iter().flatten() {
            let Some(candle) = candle(market, interval, start) else { continue };
            let data = [self.kline(market, &candle, interval, now)];
            self.hub.publish(exchange, &topic, |()| {
                json!({ "topic": name, "data": data, "ts": now, "type": "snapshot" }).to_string()
            });
        }
    }

    fn kline(&self, market: &Market, candle: &Candle, interval: Interval, now: i64) -> Value {
        let end = interval.next(candle.start, 0) - 1;
        let price = |value| self.category.price(&market.listing, value);
        json!({
            "start": candle.start, "end": end, "interval": interval.name, "open": price(candle.open),
            "close": price(candle.close), "high": price(candle.high), "low": price(candle.low),
            "volume": self.category.quantity(&market.listing, candle.base),
            "turnover": super::category::plain(candle.quote), "confirm": end < now, "timestamp": now,
        })
    }
}
