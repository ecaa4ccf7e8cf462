//! Positions and their settings.

use serde_json::{Map, Value, json};

use super::Bybit;
use super::call::{Asked, Reply};
use super::category::plain;
use super::errors::ApiError;
use super::ids::order_id;
use super::market::trades::side;
use super::order_json::position_index;
use super::order_params::position_side;
use super::orders::Scope;
use super::params::page;
use super::stops::{Stops, stops_of};
use crate::accounts::{
    AccountId, ClosedPosition, Leverage, MarginMode, Position, PositionMode, Scope as SettingScope, SettingError,
};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::market::MarketId;
use crate::numbers::ratio;

/// The product of a request about positions, which spot has not.
fn check_category(asked: &Asked<'_>) -> Result<&'static str, ApiError> {
    match asked.params.category()? {
        category if category.is_spot() => Err(ApiError::new(10001, "category only support linear, inverse or option")),
        category => Ok(category.as_str()),
    }
}

/// The contract of the parameter `symbol`.
pub(super) fn contract(asked: &Asked<'_>) -> Result<MarketId, ApiError> {
    check_category(asked)?;
    let symbol = asked.params.needed("symbol")?;
    let listed = if asked.is_ours()? { asked.exchange.market_number(symbol) } else { None };
    let listed = listed.filter(|_| asked.exchange.market(symbol).is_some());
    listed.ok_or_else(|| ApiError::invalid("symbol"))
}

/// `GET /v5/position/list`
pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = check_category(asked)?;
    let scope = Scope::of(asked)?;
    let account = asked.account()?;
    let named = matches!(scope, Scope::Symbol(_));
    let positions: Vec<Position> = if asked.is_ours()? { asked.exchange.positions(account, None) } else { Vec::new() };
    let wanted = |position: &Position| {
        let market = asked.exchange.market_by_id(position.market);
        (named || !position.is_flat()) && scope.has(true, &market.lock())
    };
    let positions: Vec<Position> = positions.into_iter().filter(wanted).collect();
    let name = |position: &Position| format!("{}:{}", position.symbol, position_index(position.side));
    let (positions, cursor) = page(asked.params, positions, asked.params.limit(20, 200)?, name)?;
    let row = |position: &Position| Value::Object(fields(asked.bybit, asked.exchange, account, position));
    let list: Vec<Value> = positions.iter().map(row).collect();
    Ok(json!({ "list": list, "nextPageCursor": cursor, "category": category }).into())
}

/// A position as lists tell it.
pub(super) fn fields(
    bybit: &Bybit,
    exchange: &Exchange,
    account: AccountId,
    position: &Position,
) -> Map<String, Value> {
    let Some(listing) = exchange.listing_of(position.market) else { return Map::new() };
    let category = bybit.category;
    let Stops { take_profit, stop_loss } = stops_of(exchange, account, position.market, position.side);
    let price = |value: rust_decimal::Decimal| category.price(&listing, value);
    let stop = |order: Option<rust_decimal::Decimal>| order.map_or_else(String::new, price);
    let time = |time: Option<Timestamp>| time.map_or(0, Timestamp::millis);
    let tiers = listing.contract.as_ref().and_then(|contract| contract.tiers.get(position.tier));
    let direction = match position.size.cmp(&rust_decimal::Decimal::ZERO) {
        std::cmp::Ordering::Greater => "Buy",
        std::cmp::Ordering::Less => "Sell",
        std::cmp::Ordering::Equal => "",
    };
    let never = position.updated.is_none();
    let row = json!({
        "positionIdx": position_index(position.side), "riskId": position.tier + 1,
        "riskLimitValue": tiers.map(|tier| plain(tier.cap)).unwrap_or_default(), "symbol": listing.symbol,
        "side": direction, "size": category.quantity(&listing, position.size.abs()),
        "avgPrice": plain(position.entry), "positionValue": plain(position.cost), "tradeMode": 0,
        "positionStatus": "Normal", "autoAddMargin": u8::from(position.auto_add_margin),
        "adlRankIndicator": if position.is_flat() { 0 } else { 2 }, "leverage": plain(position.leverage),
        "breakEvenPrice": if position.is_flat() { String::new() } else { plain(position.break_even) },
        "positionBalance": plain(position.isolated), "markPrice": plain(position.mark),
        "liqPrice": position.liquidation_price.map(price).unwrap_or_default(), "bustPrice": "",
        "positionMM": plain(position.maintenance_margin), "positionMMByMp": plain(position.maintenance_margin),
        "positionIM": plain(position.initial_margin), "positionIMByMp": plain(position.initial_margin),
        "tpslMode": "Full", "takeProfit": stop(take_profit), "stopLoss": stop(stop_loss), "trailingStop": "0",
        "unrealisedPnl": plain(position.unrealised), "curRealisedPnl": plain(position.realised),
        "cumRealisedPnl": plain(position.realised_ever),
        "seq": if never { json!(-1) } else { json!(position.changes) }, "isReduceOnly": false,
        "mmrSysUpdatedTime": "", "mmrSysUpdateTime": "", "leverageSysUpdatedTime": "", "sessionAvgPrice": "",
        "createdTime": time(position.opened.or(position.updated)).to_string(),
        "updatedTime": time(position.updated).to_string(), "openTime": time(position.opened),
    });
    match row {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A position as its topic tells it.
pub(super) fn told(bybit: &Bybit, exchange: &Exchange, account: AccountId, position: &Position) -> Map<String, Value> {
    let mut fields = fields(bybit, exchange, account, position);
    if let Some(entry) = fields.shift_remove("avgPrice") {
        fields.insert("entryPrice".to_owned(), entry);
    }
    fields.insert("category".to_owned(), json!(bybit.category.as_str()));
    fields
}

/// `GET /v5/position/closed-pnl`
pub(super) fn closed(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = check_category(asked)?;
    let window = asked.params.week(asked.now())?;
    let limit = asked.params.limit(50, 100)?;
    let scope = if asked.params.text("symbol").is_some() { Scope::of(asked)? } else { Scope::All };
    let ours = asked.is_ours()?;
    let mut by_order: Vec<Vec<ClosedPosition>> = Vec::new();
    {
        let accounts = asked.exchange.accounts.lock();
        let account = accounts.account(asked.account()?).map_err(|_| ApiError::bad_key())?;
        for part in &account.margins.closed {
            let same = |parts: &Vec<ClosedPosition>| {
                parts.first().is_some_and(|p| (p.market, p.order) == (part.market, part.order))
            };
            match by_order.iter_mut().find(|parts| same(parts)) {
                Some(parts) => parts.push(part.clone()),
                None => by_order.push(vec![part.clone()]),
            }
        }
    }
    by_order.reverse();
    by_order.retain(|parts| {
        parts.last().is_some_and(|part| {
            (window.0..=window.1).contains(&part.time.millis())
                && scope.has(ours, &asked.exchange.market_by_id(part.market).lock())
        })
    });
    let list: Vec<Value> = by_order.iter().filter_map(|parts| closed_row(asked, parts)).collect();
    let name = |row: &Value| row["orderId"].as_str().unwrap_or_default().to_owned();
    let (list, cursor) = page(asked.params, list, limit, name)?;
    Ok(json!({ "nextPageCursor": cursor, "category": category, "list": list }).into())
}

/// What one order has closed.
fn closed_row(asked: &Asked<'_>, parts: &[ClosedPosition]) -> Option<Value> {
    let (first, last) = (parts.first()?, parts.last()?);
    let sum = |of: fn(&ClosedPosition) -> rust_decimal::Decimal| parts.iter().map(of).sum::<rust_decimal::Decimal>();
    let (quantity, entry, exit) = (sum(|p| p.quantity), sum(|p| p.entry_value), sum(|p| p.exit_value));
    let average = |value| plain(ratio(value, quantity).unwrap_or_default().round_dp(8));
    let (category, listing) = (asked.bybit.category, asked.exchange.listing_of(first.market)?);
    let fee = sum(|part| part.fee);
    let order = {
        let accounts = asked.exchange.accounts.lock();
        accounts.account(asked.account().ok()?).ok()?.orders.get(&(first.market, first.order))?.clone()
    };
    Some(json!({
        "symbol": listing.symbol, "orderType": if order.kind.has_price() { "Limit" } else { "Market" },
        "leverage": plain(last.leverage), "updatedTime": last.time.millis().to_string(), "side": side(first.side),
        "orderId": order_id(category, first.market, first.order), "closedPnl": plain(sum(|part| part.realised) - fee),
        "avgEntryPrice": average(entry), "qty": category.quantity(&listing, order.quantity),
        "cumEntryValue": plain(entry), "createdTime": order.created.millis().to_string(),
        "orderPrice": category.price(&listing, order.price), "closedSize": category.quantity(&listing, quantity),
        "avgExitPrice": average(exit), "execType": "Trade", "fillCount": parts.len().to_string(),
        "cumExitValue": plain(exit), "openFee": "0", "closeFee": plain(fee),
    }))
}

/// `GET /v5/position/symbol-info`
pub(super) fn leverages(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = check_category(asked)?;
    let account = asked.account()?;
    let market = asked.params.text("symbol").map(|_| contract(asked)).transpose()?;
    let positions = if asked.is_ours()? { asked.exchange.positions(account, market) } else { Vec::new() };
    let row = |position: &Position| {
        json!({ "symbol": position.symbol, "leverage": plain(position.leverage), "side": "",
            "positionIdx": position_index(position.side) })
    };
    let list: Vec<Value> = positions.iter().map(row).collect();
    Ok(json!({ "category": category, "list": list, "nextPageCursor": "" }).into())
}

/// The refusal of a setting.
fn refused(error: SettingError) -> ApiError {
    let (code, text) = match error {
        SettingError::LeverageRange => (10001, "leverage invalid"),
        SettingError::LeverageSides => (10001, "buy leverage invalid: it must be equal to sell leverage"),
        SettingError::LeverageForPosition => (110_013, "Cannot set leverage due to risk limit level."),
        SettingError::InsufficientMargin => (110_012, "Insufficient available balance."),
        SettingError::NotIsolated => (110_073, "Set auto-add margin or margin failed: the position is not isolated"),
        SettingError::NoPosition => (110_010, "The position does not exist."),
        SettingError::OrdersOpen => (110_028, "There are existing orders, so you cannot switch position mode."),
        SettingError::PositionOpen => (110_024, "There are existing positions, so you cannot switch position mode."),
        _ => (10001, "params error"),
    };
    ApiError::new(code, text)
}

/// `POST /v5/position/set-leverage`
pub(super) fn set_leverage(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let market = contract(asked)?;
    let side = |name| asked.params.decimal(name)?.ok_or_else(|| ApiError::missing(name));
    let to = Leverage { buy: side("buyLeverage")?, sell: side("sellLeverage")? };
    match asked.exchange.set_leverage(asked.account()?, market, to) {
        Ok(()) => Ok(json!({}).into()),
        Err(SettingError::Unchanged) => Err(ApiError::new(110_043, "leverage not modified")),
        Err(error) => Err(refused(error)),
    }
}

/// `POST /v5/position/switch-mode`
pub(super) fn switch_mode(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    check_category(asked)?;
    let mode = match asked.params.number("mode")? {
        Some(0) => PositionMode::OneWay,
        Some(3) => PositionMode::Hedge,
        _ => return Err(ApiError::invalid("mode")),
    };
    let scope = match (asked.params.text("symbol"), asked.params.text("coin")) {
        (Some(symbol), _) => {
            contract(asked)?;
            SettingScope::Contract(symbol.to_owned())
        }
        (None, Some(coin)) => SettingScope::Settle(coin.into()),
        (None, None) => return Err(ApiError::missing("symbol")),
    };
    if !asked.is_ours()? {
        return Ok(json!({}).into());
    }
    match asked.exchange.set_position_mode(asked.account()?, &scope, mode) {
        Ok(()) => Ok(json!({}).into()),
        Err(SettingError::Unchanged) => Err(ApiError::new(110_025, "Position mode is not modified")),
        Err(SettingError::NotListed) => Ok(json!({}).into()),
        Err(error) => Err(refused(error)),
    }
}

/// `POST /v5/position/add-margin`
pub(super) fn add_margin(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let (market, account) = (contract(asked)?, asked.account()?);
    let which = position_side(asked.params)?;
    let amount = asked.params.decimal("margin")?.ok_or_else(|| ApiError::missing("margin"))?;
    asked.exchange.add_margin(account, market, which, amount).map_err(refused)?;
    let position = asked.exchange.positions(account, Some(market)).into_iter().find(|found| found.side == which);
    let mut row = position.map(|found| fields(asked.bybit, asked.exchange, account, &found)).unwrap_or_default();
    row.insert("category".to_owned(), json!(asked.bybit.category.as_str()));
    Ok(Value::Object(row).into())
}

/// `POST /v5/position/set-auto-add-margin`
pub(super) fn auto_add_margin(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let market = contract(asked)?;
    let account = asked.account()?;
    let on = asked.params.number("autoAddMargin")?.or(asked.params.number("autoAddmargin")?) == Some(1);
    if asked.exchange.settings(account, market).2 != MarginMode::Isolated {
        return Err(refused(SettingError::NotIsolated));
    }
    asked.exchange.set_auto_add_margin(account, market, position_side(asked.params)?, on).map_err(refused)?;
    Ok(json!({}).into())
}
