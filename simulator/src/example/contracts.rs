//! What only contracts have: funding, margin tiers, positions, settings and payments.

use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::orders;
use super::params::Params;
use super::rest::Asked;
use super::rows::{fields, plain};
use crate::accounts::{
    FundingPayment, Leverage, MarginMode, Position, PositionMode, PositionSide, Quote, Scope, SettingError,
};
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::listing::Listing;
use crate::market::{Market, MarketId};

/// Whether contracts are traded.
pub(super) fn are_traded(exchange: &Exchange) -> bool {
    exchange.product == Product::LinearPerpetual
}

/// The answer to a public request about contracts; `None` for a path that is not one of them.
pub(super) fn answer(
    exchange: &Exchange,
    method: &str,
    path: &str,
    params: &Params,
) -> Option<Result<Value, ApiError>> {
    match (method, path) {
        _ if !are_traded(exchange) => None,
        ("GET", "/1/funding") => Some(fundings(exchange, params)),
        ("GET", "/1/tiers") => Some(tiers(exchange, params)),
        _ => None,
    }
}

/// The terms of a contract, as its instrument shows them.
pub(super) fn terms(listing: &Listing) -> Option<Value> {
    let contract = listing.contract.as_ref()?;
    Some(json!({
        "settle": listing.quote, "size": "1", "leverage_max": plain(contract.max_leverage()),
        "funding_hours": contract.funding_hours,
    }))
}

fn fundings(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let row = |market: &Market| {
        let mut row = funding(exchange, market)?;
        row.insert("symbol".to_owned(), json!(market.listing.symbol));
        Some(Value::Object(row))
    };
    let markets = params.markets(exchange)?;
    let rows: Vec<Value> = markets.iter().filter_map(|market| row(&market.lock())).collect();
    Ok(json!({ "funding": rows }))
}

/// What a contract is marked at, as answers and the topic tell it alike.
pub(super) fn funding(exchange: &Exchange, market: &Market) -> Option<Map<String, Value>> {
    let Quote { price, .. } = exchange.prices.marks.of(market.id)?;
    Some(fields(json!({
        "mark": plain(price.mark), "index": plain(price.index), "rate": plain(price.rate),
        "next": price.next_funding.millis(), "hours": price.funding_hours, "time": exchange.clock.server_now().millis(),
    })))
}

fn tiers(exchange: &Exchange, params: &Params) -> Result<Value, ApiError> {
    let market = params.market(exchange)?;
    let market = market.lock();
    let contract = market.listing.contract.as_ref().ok_or_else(ApiError::no_symbol)?;
    let rows = contract.tiers.iter().enumerate().map(|(at, tier)| {
        json!({
            "up_to": plain(tier.cap), "leverage_max": plain(tier.max_leverage),
            "maintenance": plain(tier.maintenance_rate), "deduction": plain(contract.deduction_of(at)),
        })
    });
    Ok(json!({ "tiers": rows.collect::<Vec<_>>() }))
}

/// `GET /1/positions`
pub(super) fn positions(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = orders::market(asked)?;
    let positions = asked.exchange.positions(asked.account, market);
    let open = positions.iter().filter(|position| !position.is_flat());
    Ok(json!({ "positions": open.map(position).collect::<Vec<_>>() }))
}

/// A position, as answers and events show it alike.
pub(super) fn position(position: &Position) -> Map<String, Value> {
    let open = !position.is_flat();
    let isolated = position.margin_mode == MarginMode::Isolated && open;
    fields(json!({
        "symbol": position.symbol, "position": side_word(position.side), "size": plain(position.size),
        "entry": open.then(|| plain(position.entry)), "mark": plain(position.mark),
        "profit": plain(position.unrealised), "liquidation": position.liquidation_price.filter(|_| open).map(plain),
        "isolated": isolated.then(|| plain(position.isolated)), "leverage": plain(position.leverage),
        "margin_mode": word(MARGIN_MODES, position.margin_mode),
        "updated": position.updated.or(position.opened).map_or(0, |time| time.millis()),
    }))
}

const SIDES: &[(&str, PositionSide)] = &[("long", PositionSide::Long), ("short", PositionSide::Short)];
const POSITION_MODES: &[(&str, PositionMode)] = &[("one_way", PositionMode::OneWay), ("hedge", PositionMode::Hedge)];
const MARGIN_MODES: &[(&str, MarginMode)] = &[("cross", MarginMode::Cross), ("isolated", MarginMode::Isolated)];

fn word<T: PartialEq>(known: &[(&'static str, T)], of: T) -> Option<&'static str> {
    known.iter().find(|(_, meaning)| *meaning == of).map(|(word, _)| *word)
}

/// The word for a position of hedge mode.
pub(super) fn side_word(side: PositionSide) -> Option<&'static str> {
    word(SIDES, side)
}

/// The position that an order names.
pub(super) fn side(params: &Params) -> Result<PositionSide, ApiError> {
    Ok(params.word("position", SIDES)?.unwrap_or(PositionSide::Both))
}

fn contract(asked: &Asked<'_>) -> Result<(MarketId, String), ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let market = market.lock();
    Ok((market.id, market.listing.symbol.clone()))
}

/// `GET /1/settings`
pub(super) fn settings(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (market, symbol) = contract(asked)?;
    let (leverage, mode, margin) = asked.exchange.settings(asked.account, market);
    Ok(json!({
        "symbol": symbol, "leverage": plain(leverage.buy), "position_mode": word(POSITION_MODES, mode),
        "margin_mode": word(MARGIN_MODES, margin),
    }))
}

/// `POST /1/settings`
pub(super) fn set(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (market, symbol) = contract(asked)?;
    let (params, scope) = (asked.params, Scope::Contract(symbol));
    let mode = params.word("position_mode", POSITION_MODES)?;
    let margin = params.word("margin_mode", MARGIN_MODES)?;
    let leverage = params.decimal("leverage")?;
    if let Some(leverage) = leverage {
        done(asked.exchange.set_leverage(asked.account, market, Leverage::of(leverage)))?;
    }
    if let Some(mode) = mode {
        done(asked.exchange.set_position_mode(asked.account, &scope, mode))?;
    }
    if let Some(margin) = margin {
        done(asked.exchange.set_margin_mode(asked.account, &scope, margin))?;
    }
    settings(asked)
}

/// What is so already is done.
fn done(set: Result<(), SettingError>) -> Result<(), ApiError> {
    match set {
        Ok(()) | Err(SettingError::Unchanged) => Ok(()),
        Err(error) => Err(ApiError::setting(error)),
    }
}

/// `GET /1/payments`
pub(super) fn payments(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (market, _) = contract(asked)?;
    let (from, until) = orders::window(asked)?;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account).map_err(ApiError::order)?;
    let wanted = |paid: &&FundingPayment| paid.market == market && (from..=until).contains(&paid.time.millis());
    let all: Vec<&FundingPayment> = account.margins.payments.iter().filter(wanted).rev().collect();
    let (rows, next) = orders::page(asked, &all)?;
    Ok(json!({ "payments": rows.iter().map(|paid| payment(paid)).collect::<Vec<_>>(), "next": next }))
}

/// A funding payment, as answers and events show it alike.
pub(super) fn payment(paid: &FundingPayment) -> Map<String, Value> {
    fields(json!({
        "id": paid.id.to_string(), "symbol": paid.symbol, "position": side_word(paid.position_side),
        "asset": paid.asset, "amount": plain(paid.amount), "rate": plain(paid.rate), "size": plain(paid.size),
        "time": paid.time.millis(),
    }))
}
