use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The most bytes of a frame that an error keeps.
const FRAME_MAX: usize = 4096;

/// What a caller can do about an [`Error`]. A kind exists only where a caller would act differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The order has ended already.
    AlreadyClosed,
    /// Key, secret, permission or address was refused. Do not repeat; mend the credentials.
    Auth,
    /// The exchange has banned this address for a while. Wait until [`Error::retry_at`].
    Banned,
    /// The account has as many orders as it may have. End some first.
    Capacity,
    /// The clocks differ by more than the exchange accepts.
    Clock,
    /// A setting is wrong or missing. Mend the configuration.
    Config,
    /// No connection: refused, not found, lost. Proved not sent only where the text says so.
    Connection,
    /// Bytes that are not what the exchange documents. [`Error::frame`] holds their beginning.
    Decode,
    /// The id is in use already.
    Duplicate,
    /// The exchange answered with an error that has no finer kind.
    Exchange,
    /// The order breaks a rule of its instrument: step, bounds, notional, price band, number of orders.
    FilterFailure,
    /// The account has too little of an asset.
    InsufficientBalance,
    /// A file or another local resource failed.
    Io,
    /// The caller's arguments are wrong.
    InvalidRequest,
    /// The record of orders cannot be written, or belongs to another. No order is sent without it.
    Journal,
    /// The instrument exists but is not tradable now.
    NotTradable,
    /// No such order is known.
    NotFound,
    /// A part that the call needs is not ready.
    NotReady,
    /// A post-only order would have taken.
    PostOnlyWouldTake,
    /// A request limit stands in the way. Wait until [`Error::retry_at`].
    RateLimited,
    /// A reduce-only order found no position to reduce.
    ReduceOnly,
    /// The account, or everybody, may not do this on this instrument now.
    Restricted,
    /// Something stands in the way: a state, a restriction of the caller's own, an open position.
    StateConflict,
    /// No answer in time.
    Timeout,
    /// The exchange is in maintenance or overloaded.
    Unavailable,
    /// The exchange knows no such instrument.
    UnknownInstrument,
    /// This exchange does not offer what was asked for.
    Unsupported,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auth => "credentials refused",
            Self::AlreadyClosed => "already closed",
            Self::Capacity => "too many orders",
            Self::Duplicate => "id in use",
            Self::FilterFailure => "against a rule of the instrument",
            Self::InsufficientBalance => "insufficient balance",
            Self::Journal => "journal",
            Self::NotFound => "no such order",
            Self::PostOnlyWouldTake => "post-only would take",
            Self::ReduceOnly => "nothing to reduce",
            Self::Restricted => "restricted",
            Self::StateConflict => "state in conflict",
            Self::Banned => "banned by the exchange",
            Self::Clock => "clock differs",
            Self::Config => "configuration",
            Self::Connection => "connection",
            Self::Decode => "cannot decode",
            Self::Exchange => "refused by the exchange",
            Self::Io => "input or output",
            Self::InvalidRequest => "invalid request",
            Self::NotTradable => "not tradable",
            Self::NotReady => "not ready",
            Self::RateLimited => "rate limited",
            Self::Timeout => "no answer in time",
            Self::Unavailable => "exchange unavailable",
            Self::UnknownInstrument => "unknown instrument",
            Self::Unsupported => "not offered by this exchange",
        })
    }
}

/// The one error of the library: a kind to branch on, and what is known about the occasion.
///
/// Every part but the kind is absent when unknown. Nothing in it holds a secret or a signature.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    context: Vec<(&'static str, String)>,
    code: Option<i64>,
    status: Option<u16>,
    retry_at: Option<Timestamp>,
    frame: Option<Vec<u8>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of a kind, with a text for people.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            context: Vec::new(),
            code: None,
            status: None,
            retry_at: None,
            frame: None,
            source: None,
        }))
    }

    /// Adds a fact: where, which, how much.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((key, value.to_string()));
        self
    }

    /// Adds the exchange's own error code.
    #[must_use]
    pub fn with_code(mut self, code: i64) -> Self {
        self.0.code = Some(code);
        self
    }

    /// Adds the HTTP status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the time before which a repetition is useless.
    #[must_use]
    pub fn with_retry_at(mut self, at: Timestamp) -> Self {
        self.0.retry_at = Some(at);
        self
    }

    /// Adds the frame or body that caused it; its first 4 KiB are kept.
    #[must_use]
    pub fn with_frame(mut self, frame: &[u8]) -> Self {
        self.0.frame = Some(frame[..frame.len().min(FRAME_MAX)].to_vec());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The text for people, without context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The fact added under `key`.
    pub fn context(&self, key: &str) -> Option<&str> {
        self.0.context.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str())
    }

    /// The exchange's own error code.
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The time before which a repetition is useless.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.0.retry_at
    }

    /// The beginning of the frame or body that caused it, at most 4 KiB.
    pub fn frame(&self) -> Option<&[u8]> {
        self.0.frame.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{}: {}", inner.kind, inner.message)?;
        for (key, value) in &inner.context {
            write!(f, ", {key} {value}")?;
        }
        if let Some(code) = inner.code {
            write!(f, ", code {code}")?;
        }
        if let Some(status) = inner.status {
            write!(f, ", HTTP status {status}")?;
        }
        if let Some(at) = inner.retry_at {
            write!(f, ", not before {at}")?;
        }
        if let Some(frame) = &inner.frame {
            let shown = String::from_utf8_lossy(&frame[..frame.len().min(200)]);
            write!(f, ", frame {shown:?}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
