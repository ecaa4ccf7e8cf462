//! Statistics of the last 24 hours.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::chosen;
use super::contracts;
use crate::bybit::Bybit;
use crate::bybit::call::{Asked, Reply};
use crate::bybit::category::plain;
use crate::bybit::errors::ApiError;
use crate::exchange::Exchange;
use crate::intervals::{DAY, HOUR};
use crate::market::Market;
use crate::numbers::{ratio, rounded};

/// `GET /v5/market/tickers`
pub(in crate::bybit) fn tickers(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    let row = |market: &Market| {
        let mut fields = ticker(asked.bybit, asked.exchange, market);
        fields.extend(best(asked.bybit, market));
        Value::Object(fields)
    };
    let list: Vec<Value> = chosen(asked)?.iter().map(|market| row(&market.lock())).collect();
    Ok(json!({ "category": category.as_str(), "list": list }).into())
}

/// What both REST and the topic tell.
pub(in crate::bybit) fn ticker(bybit: &Bybit, exchange: &Exchange, market: &Market) -> Map<String, Value> {
    let category = bybit.category;
    let (now, listing) = (exchange.clock.server_now(), &market.listing);
    let day = market.statistics(now, DAY);
    let price = |value| json!(category.price(listing, value));
    let change = ratio(market.tape.last_price() - day.open, day.open).unwrap_or_default();
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    set("symbol", json!(listing.symbol));
    set("lastPrice", price(market.tape.last_price()));
    set("highPrice24h", price(day.high));
    set("lowPrice24h", price(day.low));
    set("prevPrice24h", price(day.open));
    set("volume24h", json!(category.quantity(listing, day.base)));
    set("turnover24h", json!(plain(day.quote)));
    if category.is_spot() {
        set("price24hPcnt", json!(rounded(change, 4)));
        set("usdIndexPrice", json!(in_dollars(exchange, market)));
        return fields;
    }
    set("price24hPcnt", json!(rounded(change, 6)));
    set("tickDirection", json!(bybit.ticks.direction(market.id)));
    set("prevPrice1h", price(market.statistics(now, HOUR).open));
    fields.extend(contracts::figures(exchange, market));
    fields.extend(best(bybit, market));
    fields
}

/// The best prices, which the topic of spot does not tell.
fn best(bybit: &Bybit, market: &Market) -> Map<String, Value> {
    let (category, book) = (bybit.category, market.engine.book());
    let mut fields = Map::new();
    for (name, best) in [("bid1", book.best_bid()), ("ask1", book.best_ask())] {
        let (price, quantity) = best.unwrap_or_default();
        let shown = |text: String| json!(if best.is_some() { text } else { String::new() });
        fields.insert(format!("{name}Price"), shown(category.price(&market.listing, price)));
        fields.insert(format!("{name}Size"), shown(category.quantity(&market.listing, quantity)));
    }
    fields
}

/// The price of a pair's base in dollars, which a stable coin stands for; empty if it is not known.
fn in_dollars(exchange: &Exchange, market: &Market) -> String {
    let price = exchange.prices.convert(Decimal::ONE, &market.listing.base, "USDT");
    price.map(plain).unwrap_or_default()
}
