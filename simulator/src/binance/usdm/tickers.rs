//! Statistics and last prices by REST.

use serde_json::{Value, json};

use super::digits::{Digits, plain};
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::binance::statistics::{DAY, Statistics, best, last_quantity};
use crate::binance::unit::TimeUnit;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::market::Market;
use crate::numbers::rounded;

/// An object for the market of `symbol`, a list of all without it.
pub(super) fn each(
    exchange: &Exchange,
    params: &Params,
    row: impl Fn(&mut Market) -> Value,
) -> Result<String, ApiError> {
    if params.text("symbol")?.is_some() {
        let market = params.market(exchange)?;
        return text(&row(&mut market.lock()));
    }
    text(&exchange.markets().iter().map(|market| row(&mut market.lock())).collect::<Vec<_>>())
}

/// Time of a market's last trade, or now if there was none.
pub(super) fn last_time(market: &Market, now: Timestamp) -> i64 {
    market.tape.trades().back().map_or(now, |record| record.time).millis()
}

/// `GET /fapi/v1/ticker/24hr`
pub(super) fn day(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let now = exchange.clock.server_now();
    each(exchange, params, |market| {
        market.roll(now);
        let day = Statistics::rolling(market, now, DAY);
        let digits = Digits::of(&market.listing);
        let candle = &day.candle;
        let (first, last) = day.ids();
        json!({
            "symbol": market.listing.symbol,
            "priceChange": digits.price(day.change()),
            "priceChangePercent": rounded(day.change_percent(), 3),
            "weightedAvgPrice": rounded(day.weighted(), digits.price),
            "lastPrice": digits.price(candle.close),
            "lastQty": digits.quantity(last_quantity(market)),
            "openPrice": digits.price(candle.open),
            "highPrice": digits.price(candle.high),
            "lowPrice": digits.price(candle.low),
            "volume": digits.quantity(candle.base),
            "quoteVolume": plain(candle.quote.round_dp(2)),
            "openTime": day.opened,
            "closeTime": day.closed,
            "firstId": first,
            "lastId": last,
            "count": candle.count,
        })
    })
}

/// `GET /fapi/v1/ticker/price` and `/fapi/v2/ticker/price`
pub(super) fn price(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let now = exchange.clock.server_now();
    each(exchange, params, |market| {
        let price = Digits::of(&market.listing).price(market.tape.last_price());
        json!({ "symbol": market.listing.symbol, "price": price, "time": last_time(market, now) })
    })
}

/// `GET /fapi/v1/ticker/bookTicker`
pub(super) fn book(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let now = exchange.clock.server_now().millis();
    each(exchange, params, |market| {
        let digits = Digits::of(&market.listing);
        let [bid, ask] = best(market);
        json!({
            "symbol": market.listing.symbol,
            "bidPrice": digits.price(bid.0),
            "bidQty": digits.quantity(bid.1),
            "askPrice": digits.price(ask.0),
            "askQty": digits.quantity(ask.1),
            "time": now,
            "lastUpdateId": market.engine.update_id(),
        })
    })
}
