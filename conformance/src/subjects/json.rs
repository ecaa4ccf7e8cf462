//! JSON objects that differ in a few fields.

use serde_json::{Map, Value};

/// An object with some fields otherwise.
pub(super) fn with(object: &Value, changes: &Value) -> Value {
    let fields = |value: &Value| value.as_object().cloned().unwrap_or_default();
    Value::Object(fields(object).into_iter().chain(fields(changes)).collect::<Map<_, _>>())
}

/// An object without one of its fields.
pub(super) fn without(object: &Value, name: &str) -> Value {
    let fields = object.as_object().cloned().unwrap_or_default();
    Value::Object(fields.into_iter().filter(|(field, _)| field != name).collect())
}
