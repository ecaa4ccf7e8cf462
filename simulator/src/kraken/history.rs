//! Questions about orders and trades, by REST.

use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::ids;
use super::order_rows;
use super::orders::Asked;
use crate::accounts::{Account, Fill, Order};
use crate::clock::Timestamp;

/// Rows of a page.
const PAGE: usize = 50;
/// Ids that one question may name.
const MOST_NAMED: usize = 50;

/// Answers from the account of who asks.
fn with_account<T>(asked: &Asked<'_>, answer: impl FnOnce(&Account) -> Result<T, ApiError>) -> Result<T, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    answer(accounts.account(asked.caller.account).map_err(ApiError::order)?)
}

/// Whether something is too fresh to be seen by questions.
fn hidden(asked: &Asked<'_>, at: Timestamp) -> bool {
    let lag = asked.exchange.query_lag();
    !lag.is_zero() && at.plus(lag) > asked.exchange.clock.server_now()
}

/// Whether the question is about this order, by the ids of the client.
fn is_wanted(asked: &Asked<'_>, order: &Order) -> Result<bool, ApiError> {
    let reference: Option<i64> = asked.params.parsed("userref")?;
    let client_id = asked.params.text("cl_ord_id");
    let by_client = client_id.is_none_or(|id| order.named && order.client_id == id);
    let by_reference = reference.is_none_or(|reference| order.strategy_id == Some(reference));
    Ok(by_client && by_reference && !order.archived && !hidden(asked, order.created))
}

fn row(asked: &Asked<'_>, account: &Account, order: &Order) -> Result<Option<(String, Value)>, ApiError> {
    let trades = asked.params.flag("trades", false)?;
    let listing = asked.exchange.listing_of(order.market);
    let id = ids::order(order.market, order.id);
    Ok(listing.map(|listing| (id, order_rows::order(account, &listing, order, trades))))
}

/// `OpenOrders`
pub(super) fn open_orders(asked: &Asked<'_>) -> Result<Value, ApiError> {
    with_account(asked, |account| {
        let mut orders: Vec<&Order> = account.open_orders(None).collect();
        orders.sort_by_key(|order| std::cmp::Reverse((order.created, order.market, order.id)));
        let mut rows = Map::new();
        for order in orders {
            if is_wanted(asked, order)? {
                rows.extend(row(asked, account, order)?);
            }
        }
        Ok(json!({ "open": rows }))
    })
}

/// The span that a question is about, in seconds: later than the first, up to the second.
fn span(asked: &Asked<'_>) -> Result<(f64, f64), ApiError> {
    let start = asked.params.parsed("start")?.unwrap_or(0.0);
    Ok((start, asked.params.parsed("end")?.unwrap_or(f64::MAX)))
}

fn within((start, end): (f64, f64), at: Timestamp) -> bool {
    let at = super::times::seconds(at);
    at > start && at <= end
}

/// The page that begins after so many rows.
fn page<'a, T>(asked: &Asked<'_>, rows: &'a [T]) -> Result<&'a [T], ApiError> {
    let from: usize = asked.params.parsed("ofs")?.unwrap_or(0);
    let rows = rows.get(from..).unwrap_or_default();
    Ok(&rows[..rows.len().min(PAGE)])
}

/// `ClosedOrders`: newest first.
pub(super) fn closed_orders(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let span = span(asked)?;
    let by = asked.params.text("closetime").unwrap_or_else(|| "both".to_owned());
    let fits = |order: &Order| match by.as_str() {
        "open" => within(span, order.created),
        "close" => within(span, order.updated),
        _ => within(span, order.created) || within(span, order.updated),
    };
    with_account(asked, |account| {
        let mut orders = Vec::new();
        for order in account.orders.values().filter(|order| !order.is_live() && fits(order)) {
            if is_wanted(asked, order)? {
                orders.push(order);
            }
        }
        orders.sort_by_key(|order| std::cmp::Reverse((order.updated, order.market, order.id)));
        let mut rows = Map::new();
        for order in page(asked, &orders)? {
            rows.extend(row(asked, account, order)?);
        }
        Ok(json!({ "closed": rows, "count": orders.len() }))
    })
}

/// The ids that a question names.
fn names(asked: &Asked<'_>) -> Result<Vec<String>, ApiError> {
    let names = asked.params.list("txid");
    if names.len() > MOST_NAMED { Err(ApiError::argument("txid")) } else { Ok(names) }
}

/// `QueryOrders`: by id, or by client id; of several with the same the newest.
pub(super) fn query_orders(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let unknown = || ApiError::new("EOrder:Unknown order");
    let names = names(asked)?;
    with_account(asked, |account| {
        let mut rows = Map::new();
        for name in &names {
            let order = ids::named_order(name).and_then(|key| account.orders.get(&key));
            let order = order.filter(|order| !order.archived && !hidden(asked, order.created)).ok_or_else(unknown)?;
            rows.extend(row(asked, account, order)?);
        }
        if names.is_empty() {
            let mut found: Option<&Order> = None;
            for order in account.orders.values() {
                if is_wanted(asked, order)? && found.is_none_or(|before| before.created <= order.created) {
                    found = Some(order);
                }
            }
            let named = asked.params.text("cl_ord_id").is_some() || asked.params.text("userref").is_some();
            let found = found.filter(|_| named).ok_or_else(unknown)?;
            rows.extend(row(asked, account, found)?);
        }
        Ok(Value::Object(rows))
    })
}

/// `TradesHistory`: newest first.
pub(super) fn trades_history(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let span = span(asked)?;
    with_account(asked, |account| {
        let fits = |fill: &&Fill| within(span, fill.time) && !hidden(asked, fill.time);
        let mut fills: Vec<&Fill> = account.fills.iter().filter(fits).collect();
        fills.reverse();
        let rows: Map<String, Value> =
            page(asked, &fills)?.iter().filter_map(|fill| trade(asked, account, fill)).collect();
        Ok(json!({ "trades": rows, "count": fills.len() }))
    })
}

/// `QueryTrades`
pub(super) fn query_trades(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let names = names(asked)?;
    with_account(asked, |account| {
        let mut rows = Map::new();
        for name in &names {
            let found = account.fills.iter().find(|fill| ids::fill(fill) == *name && !hidden(asked, fill.time));
            let fill = found.ok_or_else(|| ApiError::new("EQuery:Unknown trade"))?;
            rows.extend(trade(asked, account, fill));
        }
        Ok(Value::Object(rows))
    })
}

fn trade(asked: &Asked<'_>, account: &Account, fill: &Fill) -> Option<(String, Value)> {
    let listing = asked.exchange.listing_of(fill.market)?;
    let order = account.orders.get(&(fill.market, fill.order))?;
    Some((ids::fill(fill), order_rows::trade(&listing, order, fill)))
}
