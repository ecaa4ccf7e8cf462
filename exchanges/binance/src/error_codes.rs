//! Error answers in the form that all of Binance's markets share.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Answer, Refusal, RefusalKind, Unit};

/// Too many requests.
const TOO_MANY_REQUESTS: i64 = -1003;
/// Too many new orders.
const TOO_MANY_ORDERS: i64 = -1015;
/// How a body begins that states an error, whatever the status says.
const STATED: &[u8] = br#"{"code":-"#;

/// The kind of an error by its code, and a finer one by its whole text where that is documented.
pub(crate) type KindOf = fn(i64, &str) -> ErrorKind;

/// The body of an answer that refuses: `{"code":-1121,"msg":"Invalid symbol."}`. The WebSocket API sends the same as `error`.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorBody<'a> {
    pub(crate) code: i64,
    #[serde(rename = "msg", borrow, default)]
    pub(crate) text: Cow<'a, str>,
}

impl<'a> ErrorBody<'a> {
    /// The error that an answer's body states; a good answer can state one too.
    fn of(answer: &Answer<'a>) -> Option<Self> {
        let states_one =
            if answer.is_success() { answer.body.starts_with(STATED) } else { answer.body.starts_with(b"{") };
        if !states_one {
            return None;
        }
        serde_json::from_slice(answer.body).ok()
    }

    /// As an error of this library.
    pub(crate) fn into_error(self, kind_of: KindOf) -> Error {
        let kind = kind_of(self.code, &self.text);
        Error::new(kind, self.text.into_owned()).with_code(self.code)
    }
}

/// The error that an answer states, its kind by the status where that decides, else by its code.
pub(crate) fn error(answer: &Answer<'_>, kind_of: KindOf) -> Option<Error> {
    let by_status = match answer.status {
        403 => Some((ErrorKind::Exchange, "refused by the exchange's web application firewall")),
        418 => Some((ErrorKind::Banned, "banned for too many requests")),
        429 => Some((ErrorKind::RateLimited, "too many requests")),
        451 => Some((ErrorKind::Auth, "the exchange does not serve this location")),
        _ => None,
    };
    match (ErrorBody::of(answer), by_status) {
        (Some(body), None) => Some(body.into_error(kind_of)),
        (Some(body), Some((kind, _))) => Some(Error::new(kind, body.text.into_owned()).with_code(body.code)),
        (None, Some((kind, text))) => Some(Error::new(kind, text).with_frame(answer.body)),
        (None, None) => None,
    }
}

/// Whether the error that answers an order command proves that the command was refused, where `unknown` names the codes
/// after which nobody knows and `documented` those that have a meaning. The words of the answer decide nothing.
///
/// The exchange documents its 4xx answers as refusals and its 5xx answers as of unknown outcome.
pub(crate) fn is_refusal(error: &Error, unknown: fn(i64) -> bool, documented: fn(i64) -> bool) -> bool {
    match (error.status(), error.code()) {
        (None | Some(408 | 500..), _) => false,
        (Some(418 | 429), None) => true,
        (_, None) => false,
        (_, Some(code)) if unknown(code) => false,
        (Some(400..=499), Some(_)) => true,
        (_, Some(code)) => documented(code),
    }
}

/// Whether the answer says that a limit was passed, and which.
pub(crate) fn refusal(answer: &Answer<'_>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let code = ErrorBody::of(answer).map(|body| body.code);
    refusal_of(answer.status, code, || answer.retry_after())
}

/// As [`refusal`], by the status and code of an answer; `pause` is what it asks for.
pub(crate) fn refusal_of(status: u16, code: Option<i64>, pause: impl FnOnce() -> Option<Duration>) -> Option<Refusal> {
    let (kind, unit) = match (status, code) {
        (500.., _) => return None,
        (418, _) => (RefusalKind::Banned, None),
        (_, Some(TOO_MANY_ORDERS)) => (RefusalKind::TooMany, Some(Unit::Orders)),
        (429, _) | (_, Some(TOO_MANY_REQUESTS)) => (RefusalKind::TooMany, None),
        _ => return None,
    };
    Some(Refusal { kind, unit, pause: pause() })
}

/// The kind of a code that means the same on all markets.
pub(crate) fn shared_kind(code: i64) -> ErrorKind {
    match code {
        -1002 | -1022 | -2014 | -2015 => ErrorKind::Auth,
        -1003 | -1015 | -1034 => ErrorKind::RateLimited,
        -1000 | -1001 | -1006 | -1008 | -1016 => ErrorKind::Unavailable,
        -1007 => ErrorKind::Timeout,
        -1020 => ErrorKind::Unsupported,
        -1021 => ErrorKind::Clock,
        -1121 => ErrorKind::UnknownInstrument,
        -1013 | -1014 => ErrorKind::InvalidRequest,
        -1108..=-1100 | -1111 | -1120..=-1114 | -1122 => ErrorKind::InvalidRequest,
        -1127 | -1128 | -1130 | -1134 | -1135 | -1139 | -1145 | -1151 => ErrorKind::InvalidRequest,
        _ => ErrorKind::Exchange,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_transport::HeaderMap;

    fn answer<'a>(status: u16, headers: &'a HeaderMap, body: &'a [u8]) -> Answer<'a> {
        Answer { status, headers, body }
    }

    fn by_code(code: i64, _: &str) -> ErrorKind {
        shared_kind(code)
    }

    #[test]
    fn the_kind_comes_from_the_code_and_never_from_the_text() {
        let headers = HeaderMap::new();
        for text in ["Invalid symbol.", "Timestamp for this request is outside of the recvWindow.", ""] {
            let body = format!(r#"{{"code":-1121,"msg":"{text}"}}"#);
            let error = error(&answer(400, &headers, body.as_bytes()), by_code).expect("an error");
            assert_eq!(
                (error.kind(), error.code(), error.message()),
                (ErrorKind::UnknownInstrument, Some(-1121), text)
            );
        }
    }

    #[test]
    fn the_status_decides_where_the_body_is_not_the_exchanges() {
        let headers = HeaderMap::new();
        let kind = |status, body: &'static [u8]| error(&answer(status, &headers, body), by_code).map(|e| e.kind());
        assert_eq!(kind(403, b"<html>"), Some(ErrorKind::Exchange));
        assert_eq!(kind(418, b""), Some(ErrorKind::Banned));
        assert_eq!(
            kind(451, br#"{"code":0,"msg":"Service unavailable from a restricted location"}"#),
            Some(ErrorKind::Auth)
        );
        assert_eq!(kind(502, b"<html>"), None, "left to the transport");
        assert_eq!(
            kind(200, br#"{"code":-1121,"msg":""}"#),
            Some(ErrorKind::UnknownInstrument),
            "an error all the same"
        );
        assert_eq!(kind(200, br#"{"codename":"good"}"#), None);
    }

    #[test]
    fn limits_that_were_passed() {
        let mut headers = HeaderMap::new();
        let too_many = refusal(&answer(429, &headers, br#"{"code":-1003,"msg":""}"#)).expect("a refusal");
        assert_eq!(too_many, Refusal { kind: RefusalKind::TooMany, unit: None, pause: None });
        headers.insert("retry-after", "7".parse().expect("a value"));
        let pause = Some(Duration::from_secs(7));
        let orders = refusal(&answer(429, &headers, br#"{"code":-1015,"msg":""}"#)).expect("a refusal");
        assert_eq!(orders, Refusal { kind: RefusalKind::TooMany, unit: Some(Unit::Orders), pause });
        let banned = refusal(&answer(418, &headers, b"")).expect("a refusal");
        assert_eq!(banned, Refusal { kind: RefusalKind::Banned, unit: None, pause });
        assert_eq!(refusal(&answer(400, &headers, br#"{"code":-1121,"msg":""}"#)), None);
    }
}
