//! Arguments of a request by REST, or of a call on a socket.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::errors::ApiError;
use crate::front::{Request, parameters};

/// Arguments by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// Those of the query and of the body, which is a form or JSON.
    ///
    /// # Errors
    /// A body that is neither.
    pub(super) fn of(request: &Request) -> Result<Params, ApiError> {
        let body = String::from_utf8_lossy(&request.body);
        let is_json = body.trim_start().starts_with('{');
        let mut given = Map::new();
        let mut add = |pairs: &str| {
            given.extend(parameters(pairs).into_iter().map(|(name, text)| (name, Value::String(text))));
        };
        add(&request.query);
        if !is_json {
            add(&body);
            return Ok(Params(given));
        }
        let object: Map<String, Value> =
            serde_json::from_str(&body).map_err(|_| ApiError::new("EGeneral:Invalid arguments"))?;
        given.extend(object);
        Ok(Params(given))
    }

    /// Those of a call on a socket.
    pub(super) fn of_call(given: Map<String, Value>) -> Params {
        Params(given)
    }

    /// As it came.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// An argument that may be left out, numbers as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.value(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (!text.is_empty()).then_some(text)
    }

    /// An argument that must be there.
    ///
    /// # Errors
    /// `EGeneral:Invalid arguments:` and its name.
    pub(super) fn needed(&self, name: &str) -> Result<String, ApiError> {
        self.text(name).ok_or_else(|| ApiError::argument(name))
    }

    /// An argument of some type, which may be left out.
    ///
    /// # Errors
    /// As [`Params::needed`], for a malformed one.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        self.text(name).map(|text| text.parse().map_err(|_| ApiError::argument(name))).transpose()
    }

    /// A decimal number that may be left out.
    ///
    /// # Errors
    /// As [`Params::parsed`].
    pub(super) fn decimal(&self, name: &str) -> Result<Option<Decimal>, ApiError> {
        let number = |text: String| {
            let read = if text.contains(['e', 'E']) { Decimal::from_scientific(&text) } else { text.parse() };
            read.map_err(|_| ApiError::argument(name))
        };
        self.text(name).map(number).transpose()
    }

    /// Whether something is wanted.
    ///
    /// # Errors
    /// As [`Params::parsed`].
    pub(super) fn flag(&self, name: &str, usual: bool) -> Result<bool, ApiError> {
        match self.text(name).map(|text| text.to_lowercase()).as_deref() {
            None => Ok(usual),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(ApiError::argument(name)),
        }
    }

    /// Texts, in a list or with commas between them.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Some(Value::Array(values)) => {
                values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
            }
            _ => self.text(name).map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default(),
        }
    }

    /// All of them as JSON, the token left out.
    pub(super) fn shown(&self) -> String {
        let shown: Map<String, Value> =
            self.0.iter().filter(|(name, _)| *name != "token").map(|(n, v)| (n.clone(), v.clone())).collect();
        Value::Object(shown).to_string()
    }
}
