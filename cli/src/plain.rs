//! Values of the library as plain texts.

use serde::Serialize;
use serde_json::Value;
use tradewire::{Decimal, EndReason, Timestamp};
use tradewire_journal::rfc3339;

/// The word that stands for a value in JSON; empty for one that is not a word.
pub(crate) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A decimal without trailing zeros.
pub(crate) fn number(decimal: Decimal) -> String {
    decimal.normalize().to_string()
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_millis)
}

/// Milliseconds since 1970 for people.
pub(crate) fn time(millis: i64) -> String {
    rfc3339(Timestamp::from_millis(millis))
}

/// Why an order ended: a word, and the kind of error if it was refused.
pub(crate) fn reason(reason: EndReason) -> (String, Option<String>) {
    match reason {
        EndReason::Refused(kind) => ("refused".to_owned(), Some(word(kind))),
        other => (word(other), None),
    }
}

/// The same for people.
pub(crate) fn reason_text(end: EndReason) -> String {
    match reason(end) {
        (word, Some(kind)) => format!("{word}: {kind}"),
        (word, None) => word,
    }
}
