//! What the exchange's error codes mean, and what they prove about order commands: the exchange's own table, and nothing but it.

use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Answer, Refusal, Verdict};

/// What a caller can do about a code. A code that is not documented says nothing.
pub(crate) const fn kind(_code: i64) -> ErrorKind {
    ErrorKind::Exchange
}

/// What the error that answers an order command proves, by its code and status, never by its words. `Refused` only where the exchange
/// says that nothing was done.
pub(crate) fn verdict(_error: &Error) -> Verdict {
    Verdict::Unknown
}

/// An error as answers and frames hold it.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Stated<'a> {
    code: i64,
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
}

impl Stated<'_> {
    /// The error, with the exchange's code and text.
    pub(crate) fn error(self) -> Error {
        Error::new(kind(self.code), self.text.into_owned()).with_code(self.code)
    }
}

/// The error that an answer states; `None` for a good answer, and for one that is not the exchange's.
pub(crate) fn error(_answer: &Answer<'_>) -> Option<Error> {
    None
}

/// Whether an answer says that a limit was passed, and for how long to wait.
pub(crate) fn refusal(_answer: &Answer<'_>) -> Option<Refusal> {
    None
}
