//! Arguments of a request.

use std::str::FromStr;
use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::Value;

use super::errors::ApiError;
use crate::exchange::Exchange;
use crate::front::{Request, parameters};
use crate::market::Market;

/// Arguments by name: those of the query, and those of the body.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// # Errors
    /// 1001 for a body that is no object.
    pub(super) fn of(request: &Request) -> Result<Params, ApiError> {
        let mut given = parameters(&request.query);
        if !request.body.is_empty() {
            let body: Value = serde_json::from_slice(&request.body).map_err(|_| ApiError::argument("body"))?;
            for (name, value) in body.as_object().ok_or_else(|| ApiError::argument("body"))? {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                given.push((name.clone(), text));
            }
        }
        Ok(Params(given))
    }

    /// An argument that may be left out.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// An argument that must be there.
    ///
    /// # Errors
    /// 1001
    pub(super) fn needed(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::argument(name))
    }

    /// An argument of some type, which may be left out.
    ///
    /// # Errors
    /// 1001 for a malformed one.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        self.text(name).map(|text| text.parse().map_err(|_| ApiError::argument(name))).transpose()
    }

    /// A decimal number that may be left out.
    ///
    /// # Errors
    /// As [`Params::parsed`].
    pub(super) fn decimal(&self, name: &str) -> Result<Option<Decimal>, ApiError> {
        self.parsed(name)
    }

    /// One of the words that an argument can be, which may be left out.
    ///
    /// # Errors
    /// 1001 for another.
    pub(super) fn word<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Result<Option<T>, ApiError> {
        let meaning = |text| known.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        self.text(name).map(|text| meaning(text).ok_or_else(|| ApiError::argument(name))).transpose()
    }

    /// The market of `symbol`, or all of them without one.
    ///
    /// # Errors
    /// 1002.
    pub(super) fn markets(&self, exchange: &Exchange) -> Result<Vec<Arc<Mutex<Market>>>, ApiError> {
        match self.text("symbol") {
            Some(_) => Ok(vec![self.market(exchange)?]),
            None => Ok(exchange.markets()),
        }
    }

    /// The market of `symbol`.
    ///
    /// # Errors
    /// 1001 without one, 1002.
    pub(super) fn market(&self, exchange: &Exchange) -> Result<Arc<Mutex<Market>>, ApiError> {
        exchange.market(self.needed("symbol")?).ok_or_else(ApiError::no_symbol)
    }
}
