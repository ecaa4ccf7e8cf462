//! Mark price, funding and open interest by REST.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::digits::Digits;
use super::figures::Figures;
use super::tickers::each;
use crate::accounts::{FundingRecord, PositionSide};
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::binance::unit::TimeUnit;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::market::{Market, MarketId};
use crate::numbers::rounded;

/// Hours between fundings where nothing is told of it.
const USUAL_HOURS: u32 = 8;
/// Fundings that are told without a time.
const NEWEST: usize = 200;
/// Open interest of those who have no account, in steps of the quantity.
const STRANGERS: i64 = 1_000_000;

fn n(value: Decimal) -> String {
    rounded(value, 8)
}

/// `GET /fapi/v1/premiumIndex`
pub(super) fn premium_index(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let now = exchange.clock.server_now();
    each(exchange, params, |market| {
        let figures = Figures::of(exchange, market.id);
        json!({
            "symbol": market.listing.symbol,
            "markPrice": n(figures.mark),
            "indexPrice": n(figures.index),
            "estimatedSettlePrice": n(figures.index),
            "lastFundingRate": n(figures.rate),
            "interestRate": "0.00010000",
            "nextFundingTime": figures.next_funding.millis(),
            "time": now.millis(),
        })
    })
}

/// `GET /fapi/v1/fundingRate`
pub(super) fn funding_rate(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let (start, end) = params.times()?;
    let limit = params.limit(if start.is_none() && end.is_none() { NEWEST } else { 100 }, 1000)?;
    let markets = match params.text("symbol")? {
        Some(_) => vec![params.market(exchange)?],
        None => exchange.markets(),
    };
    let within = |time: Timestamp| {
        start.is_none_or(|start| time.millis() >= start.millis()) && end.is_none_or(|end| time.millis() <= end.millis())
    };
    let mut rows: Vec<(FundingRecord, String)> = Vec::new();
    for market in markets {
        let (id, symbol) = named(&market.lock());
        let known = exchange.prices.marks.history(id).into_iter().filter(|record| within(record.time));
        rows.extend(known.map(|record| (record, symbol.clone())));
    }
    rows.sort_by_key(|(record, _)| record.time);
    let chosen =
        if start.is_some() { &rows[..rows.len().min(limit)] } else { &rows[rows.len().saturating_sub(limit)..] };
    let row = |(record, symbol): &(FundingRecord, String)| {
        json!({ "symbol": symbol, "fundingRate": n(record.rate), "fundingTime": record.time.millis(),
            "markPrice": n(record.mark), "rateType": "Regular" })
    };
    text(&chosen.iter().map(row).collect::<Vec<_>>())
}

fn named(market: &Market) -> (MarketId, String) {
    (market.id, market.listing.symbol.clone())
}

/// `GET /fapi/v1/fundingInfo`: contracts whose interval or bounds are not the usual ones.
pub(super) fn funding_info(exchange: &Exchange, _: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let quotes = exchange.prices.marks.quotes();
    let adjusted = quotes.values().filter(|quote| quote.contract.funding_hours != USUAL_HOURS);
    let rows = adjusted.map(|quote| {
        let cap = quote.contract.funding_cap;
        json!({ "symbol": quote.symbol, "adjustedFundingRateCap": n(cap), "adjustedFundingRateFloor": n(-cap),
            "fundingIntervalHours": quote.contract.funding_hours, "disclaimer": false })
    });
    text(&Value::Array(rows.collect()))
}

/// `GET /fapi/v1/openInterest`
pub(super) fn open_interest(exchange: &Exchange, params: &Params, _: TimeUnit) -> Result<String, ApiError> {
    let market = params.market(exchange)?;
    let market = market.lock();
    let strangers = market.listing.step * Decimal::from(STRANGERS);
    let long = long_size(exchange, market.id);
    text(&json!({ "openInterest": Digits::of(&market.listing).quantity(strangers + long),
        "symbol": market.listing.symbol, "time": exchange.clock.server_now().millis() }))
}

/// What all accounts hold long of a contract.
fn long_size(exchange: &Exchange, market: MarketId) -> Decimal {
    let accounts = exchange.accounts.lock();
    let sides = [PositionSide::Both, PositionSide::Long];
    let sizes = accounts.all().iter().flat_map(|account| sides.map(|side| account.margins.size(market, side)));
    sizes.filter(|size| size.is_sign_positive()).sum()
}
