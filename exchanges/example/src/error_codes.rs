//! What the exchange's error codes mean, and what they prove about order commands: the table of `API.md`, and nothing but it.

use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Answer, Refusal, RefusalKind, Verdict};
use tradewire_wire::object;

/// What a caller can do about a code. A code that is not documented says nothing.
pub(crate) const fn kind(code: i64) -> ErrorKind {
    match code {
        1001 | 1003 => ErrorKind::InvalidRequest,
        1002 => ErrorKind::UnknownInstrument,
        2001 | 2002 | 2004 => ErrorKind::Auth,
        2003 => ErrorKind::Clock,
        3001 => ErrorKind::InsufficientBalance,
        3002 | 3012 => ErrorKind::FilterFailure,
        3003 => ErrorKind::Duplicate,
        3004 => ErrorKind::NotFound,
        3005 => ErrorKind::AlreadyClosed,
        3006 => ErrorKind::PostOnlyWouldTake,
        3007 => ErrorKind::NotTradable,
        3008 => ErrorKind::Capacity,
        3009 => ErrorKind::ReduceOnly,
        3010 => ErrorKind::Config,
        3011 => ErrorKind::StateConflict,
        4001 => ErrorKind::RateLimited,
        4002 => ErrorKind::Banned,
        5001 => ErrorKind::Unavailable,
        5002 => ErrorKind::Timeout,
        _ => ErrorKind::Exchange,
    }
}

/// What the error that answers an order command proves: the exchange's own answers with these statuses refuse, whatever the code.
pub(crate) fn verdict(error: &Error) -> Verdict {
    match (error.status(), error.code()) {
        (Some(400..=407 | 409..=499), Some(_)) => Verdict::Refused,
        _ => Verdict::Unknown,
    }
}

/// An error as answers and frames hold it.
#[derive(Debug, Deserialize)]
pub(crate) struct Stated<'a> {
    code: i64,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

impl Stated<'_> {
    /// The error, with the exchange's code and text.
    pub(crate) fn error(self) -> Error {
        Error::new(kind(self.code), self.text.into_owned()).with_code(self.code)
    }
}

/// What an answer with a good status begins with that states an error all the same.
const STATED: &[u8] = br#"{"error""#;

/// The error that an answer states, whatever its status is; `None` for a good answer, and for one that is not the exchange's.
pub(crate) fn error(answer: &Answer<'_>) -> Option<Error> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        error: Stated<'a>,
    }
    if answer.is_success() && !answer.body.starts_with(STATED) {
        return None;
    }
    let body: Body<'_> = object(str::from_utf8(answer.body).ok()?).ok()?;
    Some(body.error.error())
}

/// Whether an answer says that a limit was passed.
pub(crate) fn refusal(answer: &Answer<'_>) -> Option<Refusal> {
    let kind = match answer.status {
        429 => RefusalKind::TooMany,
        418 => RefusalKind::Banned,
        _ => return None,
    };
    Some(Refusal { kind, unit: None, pause: answer.retry_after() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_transport::HeaderMap;

    fn answered(status: u16, body: &str) -> Option<Error> {
        let headers = HeaderMap::new();
        error(&Answer { status, headers: &headers, body: body.as_bytes() }).map(|error| error.with_status(status))
    }

    #[test]
    fn a_status_of_refusal_proves_one() {
        for (status, code, kind, proves) in [
            (400, 3001, ErrorKind::InsufficientBalance, Verdict::Refused),
            (404, 3004, ErrorKind::NotFound, Verdict::Refused),
            (401, 2003, ErrorKind::Clock, Verdict::Refused),
            (429, 4001, ErrorKind::RateLimited, Verdict::Refused),
            (503, 5001, ErrorKind::Unavailable, Verdict::Unknown),
            (504, 5002, ErrorKind::Timeout, Verdict::Unknown),
            (400, 9999, ErrorKind::Exchange, Verdict::Refused),
        ] {
            let body = format!(r#"{{"error":{{"code":{code},"text":"order rejected"}}}}"#);
            let error = answered(status, &body).expect("an error");
            assert_eq!((error.kind(), error.code(), verdict(&error)), (kind, Some(code), proves), "{code}");
        }
        let odd = answered(200, r#"{"error":{"code":5001,"text":"closed"}}"#).expect("an error");
        assert_eq!((odd.kind(), verdict(&odd)), (ErrorKind::Unavailable, Verdict::Unknown));
        assert!(answered(200, "{}").is_none());
        assert!(answered(502, "<html>bad gateway</html>").is_none());
    }
}
