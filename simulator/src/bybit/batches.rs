//! Several orders in one request: a result for each, in the order in which they were sent.

use serde_json::{Value, json};

use super::call::{Asked, Reply};
use super::errors::ApiError;
use super::orders;
use super::params::Params;

/// `POST /v5/order/create-batch`
pub(super) fn create(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let now = asked.now().millis().to_string();
    each(asked, orders::create_one, |row, done| {
        row["createAt"] = json!(if done { now.as_str() } else { "" });
    })
}

/// `POST /v5/order/amend-batch`
pub(super) fn amend(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    each(asked, orders::amend_one, |_, _| ())
}

/// `POST /v5/order/cancel-batch`
pub(super) fn cancel(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    each(asked, orders::cancel_one, |_, _| ())
}

fn each(
    asked: &Asked<'_>,
    one: impl Fn(&Asked<'_>) -> Result<Value, ApiError>,
    finish: impl Fn(&mut Value, bool),
) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    let elements = asked.params.elements().ok_or_else(|| ApiError::missing("request"))?;
    let most = if category.is_spot() { 10 } else { 20 };
    if elements.is_empty() || elements.len() > most {
        return Err(ApiError::new(10001, format!("the number of orders must be from 1 to {most}")));
    }
    let (mut list, mut told) = (Vec::new(), Vec::new());
    for (at, element) in elements.iter().enumerate() {
        let params = element.with("category", category.as_str());
        let outcome = if at < asked.granted { one(&asked.element(&params)) } else { Err(ApiError::too_often()) };
        let mut row = row(category.as_str(), element, outcome.as_ref().ok());
        finish(&mut row, outcome.is_ok());
        list.push(row);
        told.push(match outcome {
            Ok(_) => json!({ "code": 0, "msg": "OK" }),
            Err(error) => json!({ "code": error.code, "msg": error.message }),
        });
    }
    Ok(Reply { result: json!({ "list": list }), ext: json!({ "list": told }) })
}

/// The row of an order; of a failed one with what was sent.
fn row(category: &str, sent: &Params, done: Option<&Value>) -> Value {
    let text = |name: &str| sent.text(name).unwrap_or_default();
    let ids = done.cloned().unwrap_or_else(|| json!({ "orderId": "", "orderLinkId": text("orderLinkId") }));
    json!({
        "category": category, "symbol": text("symbol"), "orderId": ids["orderId"], "orderLinkId": ids["orderLinkId"],
    })
}
