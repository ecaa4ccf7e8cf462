//! Several orders in one request, and cancels by time.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Usdm;
use super::orders::{cancel_one, client_ids, modify_one, place_one};
use crate::accounts::{AccountId, OrderRef};
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::binance::params::Params;
use crate::clock::Timestamp;
use crate::engine::OrderId;
use crate::exchange::Exchange;
use crate::market::MarketId;

/// Orders that one request may place or modify.
const MOST_ORDERS: usize = 5;
/// Orders that one request may cancel.
const MOST_CANCELS: usize = 10;
/// What a batch counts in each window.
const COUNTED: [u64; 2] = [5, 1];

/// `POST /fapi/v1/batchOrders`
pub(super) fn place(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let parts = parts(asked.params)?;
    asked.counted(COUNTED, || Ok(told(parts.iter().map(|params| place_one(asked, params)))))
}

/// `PUT /fapi/v1/batchOrders`
pub(super) fn modify(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let parts = parts(asked.params)?;
    asked.counted(COUNTED, || Ok(told(parts.iter().map(|params| modify_one(asked, params, true)))))
}

/// `DELETE /fapi/v1/batchOrders`
pub(super) fn cancel(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let ids = list::<u64>(asked.params, either_case(asked.params, "orderIdList", "orderidlist")?)?;
    let names = names(asked.params, either_case(asked.params, "origClientOrderIdList", "origclientorderidlist")?)?;
    let wanted: Vec<OrderRef> = match (ids, names) {
        (Some(ids), _) => ids.into_iter().map(|id| OrderRef::Id(OrderId(id))).collect(),
        (None, Some(names)) => client_ids(names)?,
        (None, None) => {
            return Err(crate::binance::order_fields::either("origClientOrderIdList", "orderIdList"));
        }
    };
    if wanted.len() > MOST_CANCELS {
        return Err(ApiError::new(-4082, "Invalid number of batch place orders."));
    }
    let market = asked.params.market(asked.exchange)?;
    Ok(told(wanted.into_iter().map(|order| cancel_one(asked, &market, order))))
}

/// The name under which a parameter came: deployed clients write some in lower case.
fn either_case(params: &Params, name: &'static str, lower: &'static str) -> Result<&'static str, ApiError> {
    Ok(if params.text(lower)?.is_some() { lower } else { name })
}

/// A list of texts, with or without quotation marks.
fn names(params: &Params, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(given) = params.text(name)? else { return Ok(None) };
    if let Ok(list) = serde_json::from_str(given) {
        return Ok(Some(list));
    }
    let inner =
        given.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or_else(|| ApiError::invalid(name))?;
    Ok(Some(inner.split(',').map(|part| part.trim().to_owned()).collect()))
}

/// A list of what came of each part, in their order.
fn told(results: impl Iterator<Item = Result<Value, ApiError>>) -> String {
    let row = |result: Result<Value, ApiError>| result.unwrap_or_else(|error| Value::Object(error.body()));
    Value::Array(results.map(row).collect()).to_string()
}

/// The orders of the parameter `batchOrders`.
fn parts(params: &Params) -> Result<Vec<Params>, ApiError> {
    let orders = list::<Map<String, Value>>(params, "batchOrders")?;
    let orders = orders.ok_or_else(|| ApiError::missing("batchOrders"))?;
    if orders.is_empty() || orders.len() > MOST_ORDERS {
        return Err(ApiError::new(-4082, "Invalid number of batch place orders."));
    }
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let part = |order: Map<String, Value>| {
        let given = order.into_iter().filter(|(_, value)| !value.is_null());
        Params::of_part(given.map(|(name, value)| (name, text(value))).collect())
    };
    Ok(orders.into_iter().map(part).collect())
}

fn list<T: DeserializeOwned>(params: &Params, name: &str) -> Result<Option<Vec<T>>, ApiError> {
    let Some(given) = params.text(name)? else { return Ok(None) };
    serde_json::from_str(given).map(Some).map_err(|_| ApiError::invalid(name))
}

/// Cancels of all orders of an account in a contract that are due unless they are put off.
#[derive(Debug, Default)]
pub(super) struct Countdowns {
    due: Mutex<BTreeMap<(AccountId, MarketId), Timestamp>>,
}

impl Countdowns {
    fn set(&self, account: AccountId, market: MarketId, due: Option<Timestamp>) {
        let mut all = self.due.lock();
        match due {
            Some(due) => all.insert((account, market), due),
            None => all.remove(&(account, market)),
        };
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        !self.due.lock().is_empty()
    }

    /// Carries out what is due.
    pub(super) fn pass(&self, exchange: &Exchange) {
        let now = exchange.clock.now();
        let due: Vec<_> = self.due.lock().extract_if(.., |_, due| *due <= now).collect();
        for ((account, market), _) in due {
            let market = exchange.market_by_id(market);
            if let Err(error) = exchange.cancel_all(account, &market) {
                tracing::debug!(%error, "nothing to cancel");
            }
        }
    }
}

/// `POST /fapi/v1/countdownCancelAll`
pub(super) fn countdown(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let millis = asked.params.number("countdownTime")?.ok_or_else(|| ApiError::missing("countdownTime"))?;
    let market = asked.params.market(asked.exchange)?;
    let (id, symbol) = {
        let market = market.lock();
        (market.id, market.listing.symbol.clone())
    };
    let wait = Duration::from_millis(millis.unsigned_abs());
    let due = (millis > 0).then(|| asked.exchange.clock.now().plus(wait));
    asked.api.countdowns.set(asked.caller()?.account, id, due);
    asked.exchange.wake.notify_one();
    text(&json!({ "symbol": symbol, "countdownTime": millis.to_string() }))
}
