//! Several orders of one pair in one request: all are checked before the first is placed.

use serde_json::{Value, json};

use super::drafts::{Draft, check_deadline};
use super::errors::ApiError;
use super::order_rows::summary;
use super::orders::{Asked, called, put};
use super::params::Params;
use super::{ids, names};
use crate::accounts::Order;
use crate::exchange::Exchange;

/// Orders of a batch.
const MOST: usize = 15;

/// `AddOrderBatch`
pub(super) fn add_orders(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let rows = batch(asked, "pair", Draft::of_rest, |draft, placed| {
        let described = json!({ "order": summary(&draft.market.lock().listing, &draft.request) });
        match placed {
            Ok(Some(order)) => json!({ "txid": ids::order(order.market, order.id), "descr": described }),
            Ok(None) => json!({ "descr": described }),
            Err(error) => json!({ "error": error.text }),
        }
    })?;
    Ok(json!({ "orders": rows }))
}

/// The call `batch_add`.
pub(super) fn call_add(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let rows = batch(asked, "symbol", Draft::of_call, |_, placed| match placed {
        Ok(order) => called(order.as_ref()),
        Err(error) => json!({ "error": error.text }),
    })?;
    Ok(Value::Array(rows))
}

/// Reads all orders, counts them half, then places one after the other.
fn batch(
    asked: &Asked<'_>,
    pair: &str,
    read: fn(&Exchange, &Params) -> Result<Draft, ApiError>,
    told: fn(&Draft, Result<Option<Order>, ApiError>) -> Value,
) -> Result<Vec<Value>, ApiError> {
    check_deadline(asked.exchange, asked.params)?;
    let name = asked.params.needed(pair)?;
    let market = names::market(asked.exchange, &name)?.lock().id;
    let validate = asked.params.flag("validate", false)?;
    let Some(Value::Array(rows)) = asked.params.value("orders") else { return Err(ApiError::argument("orders")) };
    if !(2..=MOST).contains(&rows.len()) {
        return Err(ApiError::argument("orders"));
    }
    let mut drafts = Vec::new();
    for row in rows {
        let mut fields = row.as_object().cloned().ok_or_else(|| ApiError::argument("orders"))?;
        fields.insert(pair.to_owned(), json!(name));
        let draft = read(asked.exchange, &Params::of_call(fields))?;
        drafts.push(Draft { validate, ..draft });
    }
    let count = u64::try_from(drafts.len()).unwrap_or(u64::MAX);
    asked.kraken.used.place(asked.exchange, asked.caller.account, market, count.div_ceil(2))?;
    Ok(drafts.iter().map(|draft| told(draft, put(asked, draft))).collect())
}
