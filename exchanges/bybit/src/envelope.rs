//! What stands around every answer: `{"retCode":0,"retMsg":"OK","result":{…},"retExtInfo":{…},"time":…}`.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, Timestamp};
use tradewire_wire::{Fault, Text, decoded, millis, object};

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
    time: Option<u64>,
}

/// A result that is a list, or a page of one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List<'a> {
    /// Its rows.
    #[serde(borrow)]
    pub(crate) list: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    next_page_cursor: Option<Text<'a>>,
}

impl List<'_> {
    /// The name of the next page, as it was before the exchange encoded it for a query.
    pub(crate) fn next_page(&self) -> Option<String> {
        let cursor = self.next_page_cursor.as_deref().filter(|cursor| !cursor.is_empty() && !self.list.is_empty())?;
        Some(percent_decode_str(cursor).decode_utf8_lossy().into_owned())
    }

    /// Reads every row.
    pub(crate) fn rows<T>(&self, read: impl Fn(&str) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        self.list.iter().map(|row| read(row.get())).collect()
    }
}

/// Reads the result of a good answer. The time is the exchange's, zero where the answer has none.
///
/// # Errors
/// `Decode` with the body.
pub(crate) fn result<'a, T>(
    body: &'a [u8],
    read: impl FnOnce(&'a str, Timestamp) -> Result<T, Fault>,
) -> Result<T, Error> {
    decoded(body, |raw| {
        let envelope: Envelope<'a> = object(raw)?;
        read(envelope.result.get(), millis(envelope.time.unwrap_or_default())?)
    })
}

/// Reads the rows of a good answer that holds a list.
///
/// # Errors
/// `Decode` with the body.
pub(crate) fn rows<T>(body: &[u8], read: impl Fn(&str) -> Result<T, Fault>) -> Result<Vec<T>, Error> {
    result(body, |raw, _| object::<List<'_>>(raw)?.rows(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_the_next_one() {
        let next = |body: &str| {
            result(body.as_bytes(), |raw, _| Ok(object::<List<'_>>(raw)?.next_page()))
                .unwrap_or_else(|error| panic!("{error}"))
        };
        let page = |list: &str, cursor: &str| format!(r#"{{"result":{{"list":{list},"nextPageCursor":"{cursor}"}}}}"#);
        assert_eq!(next(&page("[1]", "a%3D1%26b")).as_deref(), Some("a=1&b"));
        assert_eq!(next(&page("[1]", "")), None);
        assert_eq!(next(&page("[]", "x")), None, "an empty page is the last");
        assert_eq!(next(r#"{"result":{"list":[1]}}"#), None);
        assert!(rows(b"{}", |_| Ok(())).is_err() && rows(b"[]", |_| Ok(())).is_err());
    }
}
