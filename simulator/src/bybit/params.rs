//! Reading of request parameters, with the exchange's errors.

use std::str::FromStr;
use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::category::Category;
use super::errors::ApiError;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::front::{Request, parameters};
use crate::intervals::DAY;
use crate::market::Market;

/// The longest interval of the queries for orders, fills and movements.
const WEEK: i64 = 7 * DAY;

/// The parameters of one request as texts; what is null is absent.
#[derive(Clone, Debug, Default)]
pub(super) struct Params {
    given: Vec<(String, String)>,
    /// The orders of a batch, in the order in which they were sent.
    elements: Option<Vec<Params>>,
}

impl Params {
    /// Those of a REST request: of the query if it is a GET, else of the body.
    pub(super) fn of_request(request: &Request) -> Result<Params, ApiError> {
        if request.method == "GET" {
            let given = parameters(&request.query).into_iter().filter(|(_, value)| !value.is_empty());
            return Ok(Params { given: given.collect(), elements: None });
        }
        if request.body.is_empty() {
            return Ok(Params::default());
        }
        match serde_json::from_slice(&request.body) {
            Ok(Value::Object(fields)) => Ok(Params::of_fields(&fields)),
            _ => Err(ApiError::new(10001, "params error: the body is not a JSON object")),
        }
    }

    /// Those of a JSON object.
    pub(super) fn of_fields(fields: &Map<String, Value>) -> Params {
        let mut params = Params::default();
        for (name, value) in fields {
            match value {
                Value::Null => {}
                Value::String(text) if text.is_empty() => {}
                Value::String(text) => params.given.push((name.clone(), text.clone())),
                Value::Array(list) if name == "request" => {
                    let elements = list.iter().filter_map(Value::as_object);
                    params.elements = Some(elements.map(Params::of_fields).collect());
                }
                other => params.given.push((name.clone(), other.to_string())),
            }
        }
        params
    }

    /// The same with one parameter more, unless it is there.
    pub(super) fn with(&self, name: &str, value: &str) -> Params {
        let mut more = self.clone();
        if more.text(name).is_none() {
            more.given.push((name.to_owned(), value.to_owned()));
        }
        more
    }

    /// The orders of a batch.
    pub(super) fn elements(&self) -> Option<&[Params]> {
        self.elements.as_deref()
    }

    /// `a=1&b=2`, for the log.
    pub(super) fn shown(&self) -> String {
        let pairs: Vec<String> = self.given.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// The text of a parameter.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The text of a parameter that must be there.
    pub(super) fn needed(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::missing(name))
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.parsed(name)
    }

    /// A decimal number.
    pub(super) fn decimal(&self, name: &str) -> Result<Option<Decimal>, ApiError> {
        self.parsed(name)
    }

    fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| ApiError::invalid(name))
    }

    /// `true` or `false`; absent is `false`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(ApiError::invalid(name)),
        }
    }

    /// The parameter `limit`, from 1 to `most`.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, ApiError> {
        match self.number("limit")? {
            None => Ok(default),
            Some(limit) if limit < 1 => Err(ApiError::invalid("limit")),
            Some(limit) => Ok(usize::try_from(limit).unwrap_or(most).min(most)),
        }
    }

    /// The product that a request is about.
    pub(super) fn category(&self) -> Result<Category, ApiError> {
        Category::named(self.needed("category")?).ok_or_else(|| ApiError::new(10001, "Illegal category"))
    }

    /// The market of the parameter `symbol` if it is listed.
    pub(super) fn market(&self, exchange: &Exchange) -> Result<Option<Arc<Mutex<Market>>>, ApiError> {
        Ok(exchange.market(self.needed("symbol")?))
    }

    /// A time in milliseconds.
    pub(super) fn time(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.number(name)? {
            Some(time) if time < 0 => Err(ApiError::invalid(name)),
            found => Ok(found),
        }
    }

    /// `startTime` and `endTime` in milliseconds, both included: the last `usual` milliseconds without them, as long
    /// from or to the one that is given, and at most a week.
    pub(super) fn window(&self, now: Timestamp, usual: i64) -> Result<(i64, i64), ApiError> {
        let window = match (self.time("startTime")?, self.time("endTime")?) {
            (None, None) => (now.millis() - usual, now.millis()),
            (Some(start), None) => (start, start + usual),
            (None, Some(end)) => (end - usual, end),
            (Some(start), Some(end)) => (start, end),
        };
        if window.1 < window.0 {
            return Err(ApiError::new(10001, "The time range startTime to endTime is invalid"));
        }
        if window.1 - window.0 > WEEK {
            return Err(ApiError::new(10001, "The time range between startTime and endTime cannot exceed 7 days"));
        }
        Ok(window)
    }

    /// [`Params::window`] of a week.
    pub(super) fn week(&self, now: Timestamp) -> Result<(i64, i64), ApiError> {
        self.window(now, WEEK)
    }
}

/// One page of `rows`, which begins after the row named by the parameter `cursor`, and the cursor of the next page:
/// empty after the last. `name` says what a row is called in a cursor.
pub(super) fn page<T>(
    params: &Params,
    rows: Vec<T>,
    limit: usize,
    name: impl Fn(&T) -> String,
) -> Result<(Vec<T>, String), ApiError> {
    let from = match params.text("cursor") {
        None => 0,
        Some(cursor) => {
            let at = rows.iter().position(|row| name(row) == cursor);
            at.ok_or_else(|| ApiError::invalid("cursor"))? + 1
        }
    };
    let more = rows.len() > from + limit;
    let page: Vec<T> = rows.into_iter().skip(from).take(limit).collect();
    let cursor = if more { page.last().map(&name).unwrap_or_default() } else { String::new() };
    Ok((page, cursor))
}
