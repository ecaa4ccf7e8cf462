//! An account's own orders, fills and movements of funds, live and past.

use std::time::Duration;

use serde_json::{Value, json};

use super::Usdm;
use super::digits::{Digits, money};
use super::order_errors::{Attempt, no_such_order, refused};
use super::order_json::account_trade;
use super::order_params::order_ref;
use super::orders::shown;
use crate::accounts::{Fill, Order, Origin, Transaction, TransactionKind};
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::clock::Timestamp;
use crate::engine::OrderId;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The longest interval of most queries, and the usual one of some.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// `limit` entries: the first ones, or the newest.
pub(super) fn page<T>(entries: &[T], limit: usize, oldest_first: bool) -> &[T] {
    if oldest_first { &entries[..entries.len().min(limit)] } else { &entries[entries.len().saturating_sub(limit)..] }
}

/// First and last time of a query: at most a week apart.
fn week(asked: &Asked<'_, Usdm>) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
    let (start, end) = asked.params.times()?;
    if let (Some(start), Some(end)) = (start, end)
        && end.since(start) > WEEK
    {
        return Err(ApiError::new(-4165, "Invalid time interval: the interval cannot be longer than 7 days."));
    }
    Ok((start, end))
}

/// Whether a time lies between two.
fn within((start, end): (Option<Timestamp>, Option<Timestamp>), time: Timestamp) -> bool {
    start.is_none_or(|start| time.millis() >= start.millis()) && end.is_none_or(|end| time.millis() <= end.millis())
}

/// Whether queries do not know an order any more: it ended untraded three days ago, or any way ninety.
fn vanished(asked: &Asked<'_, Usdm>, order: &Order) -> bool {
    let age = asked.exchange.clock.server_now().since(order.updated);
    let untraded = order.executed.is_zero();
    order.archived || !order.is_live() && (age > 90 * DAY || untraded && age > 3 * DAY)
}

/// The order that a request names, if it `suits`.
fn one(asked: &Asked<'_, Usdm>, suits: impl Fn(&Order) -> bool) -> Result<String, ApiError> {
    let wanted = order_ref(asked.params)?;
    let market = asked.params.market(asked.exchange)?.lock().id;
    let accounts = asked.exchange.accounts.lock();
    let found = accounts.account(asked.caller()?.account).and_then(|account| account.order(market, &wanted));
    let order = found.map_err(|error| refused(error, Attempt::Query))?;
    if asked.too_fresh(order.created) || vanished(asked, order) || !suits(order) {
        return Err(no_such_order());
    }
    text(&shown(asked, order).queried())
}

/// `GET /fapi/v1/order`
pub(super) fn order(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    one(asked, |_| true)
}

/// `GET /fapi/v1/openOrder`
pub(super) fn open_order(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    one(asked, Order::is_live)
}

/// `GET /fapi/v1/openOrders`
pub(super) fn open(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let market = asked.params.optional_market(asked.exchange)?;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    let orders = account.open_orders(market).filter(|order| !asked.too_fresh(order.created));
    text(&orders.map(|order| shown(asked, order).queried()).collect::<Vec<_>>())
}

/// `GET /fapi/v1/allOrders`
pub(super) fn orders(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let from = asked.params.number("orderId")?.map(i64::unsigned_abs);
    let times = week(asked)?;
    let limit = asked.params.limit(500, 1000)?;
    let found = past(asked, |order| from.is_none_or(|from| order.id >= OrderId(from)) && within(times, order.created))?;
    let chosen = page(&found, limit, from.is_some() || times.0.is_some());
    text(&chosen.iter().map(|order| shown(asked, order).past()).collect::<Vec<_>>())
}

/// Orders of the contract that is asked for, or of all, that are wanted, oldest first.
fn past(asked: &Asked<'_, Usdm>, wanted: impl Fn(&Order) -> bool) -> Result<Vec<Order>, ApiError> {
    let market = asked.params.optional_market(asked.exchange)?;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    let seen = account.orders.values().filter(|order| market.is_none_or(|market| market == order.market));
    let seen = seen.filter(|order| !vanished(asked, order) && !asked.too_fresh(order.created));
    let mut found: Vec<Order> = seen.filter(|order| wanted(order)).cloned().collect();
    found.sort_by_key(|order| (order.created, order.id));
    Ok(found)
}

/// `GET /fapi/v1/forceOrders`
pub(super) fn forced(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let kind = match asked.params.text("autoCloseType")? {
        None => None,
        Some("LIQUIDATION") => Some(Origin::Liquidation),
        Some("ADL") => Some(Origin::Adl),
        Some(_) => return Err(ApiError::invalid("autoCloseType")),
    };
    let times = asked.params.times()?;
    let limit = asked.params.limit(50, 100)?;
    let forced = |order: &Order| match kind {
        Some(kind) => order.origin == kind,
        None => matches!(order.origin, Origin::Liquidation | Origin::Adl),
    };
    let found = past(asked, |order| forced(order) && within(times, order.created))?;
    let chosen = page(&found, limit, times.0.is_some());
    text(&chosen.iter().map(|order| shown(asked, order).past()).collect::<Vec<_>>())
}

/// `GET /fapi/v1/userTrades`
pub(super) fn fills(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let of_order = asked.params.number("orderId")?.map(|id| OrderId(id.unsigned_abs()));
    let from = asked.params.number("fromId")?.map(i64::unsigned_abs);
    let times = week(asked)?;
    let limit = asked.params.limit(500, 1000)?;
    if from.is_some() && (times.0.is_some() || times.1.is_some()) {
        return Err(ApiError::bad_combination());
    }
    let now = asked.exchange.clock.server_now();
    let last_week = of_order.is_none() && from.is_none() && times == (None, None);
    let market = asked.params.market(asked.exchange)?;
    let (market, asset, digits) = {
        let market = market.lock();
        (market.id, market.listing.quote.clone(), Digits::of(&market.listing))
    };
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    let wanted = |fill: &&Fill| {
        of_order.is_none_or(|order| fill.order == order)
            && from.is_none_or(|from| fill.trade_id >= from)
            && within(times, fill.time)
            && (!last_week || now.since(fill.time) <= WEEK)
            && !asked.too_fresh(fill.time)
    };
    let mut found: Vec<&Fill> = account.fills_in(market).filter(wanted).collect();
    found.sort_by_key(|fill| fill.trade_id);
    let chosen = page(&found, limit, from.is_some() || times.0.is_some());
    text(&chosen.iter().map(|fill| account_trade(fill, digits, &asset)).collect::<Vec<_>>())
}

/// The word for a movement of funds.
fn income_type(kind: TransactionKind) -> &'static str {
    match kind {
        TransactionKind::FundingFee => "FUNDING_FEE",
        TransactionKind::Commission => "COMMISSION",
        TransactionKind::RealizedPnl => "REALIZED_PNL",
        TransactionKind::Transfer => "TRANSFER",
        TransactionKind::InsuranceClear => "INSURANCE_CLEAR",
    }
}

/// `GET /fapi/v1/income`
pub(super) fn income(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let params = asked.params;
    let kind = params.text("incomeType")?;
    let symbol = params.text("symbol")?;
    let times = params.times()?;
    let limit = params.limit(100, 1000)?;
    let skipped = params.number("page")?.map_or(0, |page| page.saturating_sub(1).unsigned_abs());
    let now = asked.exchange.clock.server_now();
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    let wanted = |moved: &&Transaction| {
        kind.is_none_or(|kind| kind == income_type(moved.kind))
            && symbol.is_none_or(|symbol| moved.symbol.as_deref() == Some(symbol))
            && within(times, moved.time)
            && (times != (None, None) || now.since(moved.time) <= WEEK)
    };
    let found: Vec<&Transaction> = account.margins.transactions.iter().filter(wanted).collect();
    let from = usize::try_from(skipped).unwrap_or(usize::MAX).saturating_mul(limit).min(found.len());
    let chosen = page(&found[from..], limit, times.0.is_some() || skipped > 0);
    text(&chosen.iter().map(|moved| income_row(moved)).collect::<Vec<_>>())
}

fn income_row(moved: &Transaction) -> Value {
    let trade = moved.trade_id.map(|id| id.to_string()).unwrap_or_default();
    let word = income_type(moved.kind);
    let info = if trade.is_empty() { word } else { &trade };
    json!({
        "symbol": moved.symbol.as_deref().unwrap_or_default(),
        "incomeType": word,
        "income": money(moved.amount),
        "asset": moved.asset,
        "info": info,
        "time": moved.time.millis(),
        "tranId": moved.id,
        "tradeId": trade,
    })
}
