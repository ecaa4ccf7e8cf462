use std::borrow::Cow;
use std::ops::Deref;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::fault::Fault;

/// Reads a body that must be as documented.
///
/// # Errors
/// `Decode` with the body.
pub fn decoded<'a, T>(body: &'a [u8], read: impl FnOnce(&'a str) -> Result<T, Fault>) -> Result<T, Error> {
    utf8(body).and_then(read).map_err(|fault| unreadable(fault, body))
}

/// A body as text, from its first value on.
///
/// # Errors
/// `Decode` for what is not UTF-8.
pub fn utf8(body: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::decode("not UTF-8"))?;
    Ok(text.trim_ascii_start())
}

/// The error of an event, or of one part of it, that could not be read.
pub fn unreadable(fault: Fault, raw: &[u8]) -> Error {
    Error::new(ErrorKind::Decode, fault.message).with_frame(raw)
}

/// Reads an object. (Lists would be taken for its fields in order.)
///
/// # Errors
/// `Decode` for anything else, or for an object of another form.
pub fn object<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, Fault> {
    if !raw.starts_with('{') {
        return Err(Fault::decode("not an object"));
    }
    Ok(serde_json::from_str(raw)?)
}

/// A time of the exchange, in milliseconds.
///
/// # Errors
/// `Decode` for one that is no time.
#[inline]
pub fn millis(time: u64) -> Result<Timestamp, Fault> {
    i64::try_from(time).map(Timestamp::from_millis).map_err(|_| Fault::decode("a time out of range"))
}

/// Reads a field that may hold null, which is told from its absence.
///
/// # Errors
/// Those of the format.
pub fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A text that is borrowed where it has no escapes, also as an `Option`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The bytes of the string after the first `name` that a colon follows, however broken the frame is; `name` has its
/// quotation marks. Escapes are left as they are.
pub fn value_of<'a>(frame: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = frame.windows(name.len()).position(|window| window == name)?;
    let value =
        frame[at + name.len()..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    value.split(|byte| *byte == b'"').next()
}
