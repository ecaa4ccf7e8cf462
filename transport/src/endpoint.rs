use std::fmt::Debug;
use std::time::Duration;

pub use http::Method;
use http::header::RETRY_AFTER;
pub use http::{HeaderMap, HeaderName, HeaderValue};
use tradewire_core::Error;

use crate::{Class, Cost, Query, Refusal, Used};

/// What a request must carry besides its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Security {
    /// Nothing: it is public.
    None,
    /// The API key alone.
    Key,
    /// The API key, the time and a signature.
    Signed,
}

/// Whether a second sending could do something a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing and may be repeated.
    Read,
    /// It changes something and is never repeated by itself.
    Command,
}

/// One REST endpoint with its arguments. One place sends them all: [`RestClient::send`](crate::RestClient::send).
pub trait Endpoint: Send + Sync {
    /// What a good answer holds.
    type Response: Send;
    /// The method.
    const METHOD: Method;
    /// The path, from the slash on.
    const PATH: &'static str;
    /// What it must carry.
    const SECURITY: Security;
    /// Whether it may be repeated.
    const EFFECT: Effect;

    /// How urgent it is.
    fn class(&self) -> Class;

    /// What it takes from the limits.
    fn cost(&self) -> Cost;

    /// Writes its arguments.
    fn query(&self, query: &mut Query);

    /// Reads the body of a good answer.
    ///
    /// # Errors
    /// Kind `Decode` for a body that is not as documented.
    fn decode(&self, body: &[u8]) -> Result<Self::Response, Error>;
}

/// An answer, before it is known whether it is a good one.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The pause that `Retry-After` asks for in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header(RETRY_AFTER.as_str())?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

/// What an exchange's answers say besides their content. Pure: no clock, no state.
pub trait RestDialect: Send + Sync + Debug {
    /// How much of which limits is used, by the headers.
    fn used(&self, answer: &Answer<'_>) -> Vec<Used>;

    /// Whether the answer says that a limit was passed.
    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal>;

    /// The error that the answer states, also where its status is one of success. `None` for a good answer, and for a
    /// bad one whose body is not the exchange's: its status then decides.
    fn error(&self, answer: &Answer<'_>) -> Option<Error>;
}
