//! Values with placeholders in them.

use serde_json::{Map, Value};

/// What has come in the places of placeholders, by name.
pub(super) type Captured = Map<String, Value>;

/// The placeholder that a value is.
pub(super) fn placeholder(value: &Value) -> Option<&str> {
    value.as_str()?.strip_prefix('$').filter(|name| !name.is_empty())
}

/// Compares what came with a pattern. `place` says where, for people.
///
/// # Errors
/// Where they differ, and how.
pub(super) fn compare(place: &str, pattern: &Value, came: &Value, captured: &mut Captured) -> Result<(), String> {
    if let Some(name) = placeholder(pattern) {
        let text = came.as_str().map_or_else(|| came.to_string(), str::to_owned);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if text.is_empty() || (matches!(name, "time" | "nonce") && !digits) {
            return Err(format!("{place}: expected ${name}, came {came}"));
        }
        captured.insert(name.to_owned(), came.clone());
        return Ok(());
    }
    match (pattern, came) {
        (Value::Object(pattern), Value::Object(came)) => {
            if let Some(surplus) = came.keys().find(|name| !pattern.contains_key(*name)) {
                return Err(format!("{place}.{surplus}: expected nothing, came {}", came[surplus]));
            }
            pattern.iter().try_for_each(|(name, wanted)| match came.get(name) {
                Some(value) => compare(&format!("{place}.{name}"), wanted, value, captured),
                None => Err(format!("{place}.{name}: expected {wanted}, came nothing")),
            })
        }
        (Value::Array(pattern), Value::Array(came)) if pattern.len() == came.len() => pattern
            .iter()
            .zip(came)
            .enumerate()
            .try_for_each(|(at, (wanted, value))| compare(&format!("{place}[{at}]"), wanted, value, captured)),
        _ if pattern == came => Ok(()),
        _ => Err(format!("{place}: expected {pattern}, came {came}")),
    }
}

/// A value with what has come in the places of its placeholders; those of which nothing has come stay.
pub(super) fn filled(value: &Value, captured: &Captured) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| filled(item, captured)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), filled(field, captured))).collect())
        }
        other => placeholder(other).and_then(|name| captured.get(name)).unwrap_or(other).clone(),
    }
}

/// A text as JSON, or as the text that it is.
pub(super) fn read(text: &str) -> Value {
    serde_json::from_str(text)
        .ok()
        .filter(|value: &Value| value.is_object() || value.is_array())
        .unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compared(pattern: &Value, came: &Value) -> Result<Captured, String> {
        let mut captured = Captured::new();
        compare("frame", pattern, came, &mut captured).map(|()| captured)
    }

    #[test]
    fn everything_but_placeholders_is_compared() {
        let pattern = json!({ "id": "$id", "at": "$time", "topics": ["a", "b"] });
        let captured = compared(&pattern, &json!({ "id": 7, "at": "1700", "topics": ["a", "b"] })).expect("alike");
        assert_eq!(filled(&json!({ "id": "$id", "of": ["$moon"] }), &captured), json!({ "id": 7, "of": ["$moon"] }));
        for (came, told) in [
            (json!({ "id": 7, "at": "now", "topics": ["a", "b"] }), "frame.at: expected $time, came \"now\""),
            (json!({ "id": 7, "at": "1", "topics": ["a", "c"] }), "frame.topics[1]: expected \"b\", came \"c\""),
            (json!({ "id": 7, "topics": ["a", "b"] }), "frame.at: expected \"$time\", came nothing"),
            (json!({ "id": 7, "at": "1", "topics": ["a", "b"], "x": 1 }), "frame.x: expected nothing, came 1"),
            (json!({ "id": 7, "at": "1", "topics": "a" }), "frame.topics: expected [\"a\",\"b\"], came \"a\""),
        ] {
            assert_eq!(compared(&pattern, &came).expect_err("different"), told);
        }
    }
}
