//! Taking out of recordings what must not be in them.

use serde_json::Value;

/// What is taken out of a recording: values that are named, and fields that hold secrets or change from run to run.
#[derive(Clone, Default)]
pub struct Scrub {
    /// Values, with what stands in their place.
    values: Vec<(String, String)>,
    /// Names of further fields, with what stands in their place.
    fields: Vec<(String, String)>,
}

impl std::fmt::Debug for Scrub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scrub").field("fields", &self.fields).finish_non_exhaustive()
    }
}

/// Fields that are known by a part of their names, small letters and digits alone, with what stands in their place.
const KNOWN: &[(&str, &str)] = &[
    ("sign", "signature"),
    ("secret", "secret"),
    ("passphrase", "secret"),
    ("authorization", "secret"),
    ("cookie", "secret"),
    ("token", "token"),
    ("listenkey", "token"),
    ("apikey", "key"),
    ("email", "account"),
    ("userid", "account"),
    ("accountid", "account"),
    ("uid", "account"),
];

/// Fields of what the client says that change from run to run, by their whole names.
const CHANGING: &[(&str, &str)] =
    &[("time", "time"), ("timestamp", "time"), ("expires", "time"), ("nonce", "nonce"), ("key", "key"), ("id", "id")];

impl Scrub {
    /// Takes out fields of usual names: signatures, keys, tokens, secrets and ids of accounts everywhere; times, nonces and ids of
    /// requests where the client says them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes out a value wherever it stands: an API key, or the number of an account. `$name` stands in its place.
    #[must_use]
    pub fn value(mut self, value: &str, name: &str) -> Self {
        if !value.is_empty() {
            self.values.push((value.to_owned(), format!("${name}")));
        }
        self
    }

    /// Takes out a field of this name wherever it stands. `$name` stands in its place.
    #[must_use]
    pub fn field(mut self, field: &str, name: &str) -> Self {
        self.fields.push((plain(field), format!("${name}")));
        self
    }

    /// Takes them out of what the client says, or of what the exchange says.
    pub(super) fn take_out(&self, of: &mut Value, client: bool) {
        match of {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match self.placeholder(name, client) {
                        Some(by) if !value.is_null() && !value.is_object() => *value = by.into(),
                        _ => self.take_out(value, client),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.take_out(item, client)),
            Value::String(text) => self.take_out_of_text(text),
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    /// Takes values out of a text.
    pub(super) fn take_out_of_text(&self, text: &mut String) {
        for (value, by) in &self.values {
            *text = text.replace(value.as_str(), by);
        }
    }

    fn placeholder(&self, field: &str, client: bool) -> Option<String> {
        let name = plain(field);
        let own = self.fields.iter().find(|(known, _)| *known == name).map(|(_, by)| by.clone());
        let known = || KNOWN.iter().find(|(part, _)| name.contains(part)).map(|(_, by)| format!("${by}"));
        let changing = || CHANGING.iter().find(|(whole, _)| client && *whole == name).map(|(_, by)| format!("${by}"));
        own.or_else(known).or_else(changing)
    }
}

/// A field's name in small letters and digits alone.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_taken_out_wherever_they_stand() {
        let scrub = Scrub::new().value("k3y", "key").field("moon_phase", "any");
        let mut said =
            json!({ "X-SIGN": "ab", "time": 17, "args": ["k3y", 1], "body": { "moonPhase": 3, "listenKey": "t" } });
        scrub.take_out(&mut said, true);
        let left = json!({ "X-SIGN": "$signature", "time": "$time", "args": ["$key", 1], "body": { "moonPhase": "$any", "listenKey": "$token" } });
        assert_eq!(said, left);
        let mut told = json!({ "time": 17, "uid": 5, "text": "of k3y" });
        scrub.take_out(&mut told, false);
        assert_eq!(told, json!({ "time": 17, "uid": "$account", "text": "of $key" }));
        assert!(!format!("{scrub:?}").contains("k3y"));
    }
}
