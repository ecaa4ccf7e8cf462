//! Error answers in the form that all of Binance's markets share.

use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Answer, Refusal, RefusalKind, Unit};

/// Too many requests.
const TOO_MANY_REQUESTS: i64 = -1003;
/// Too many new orders.
const TOO_MANY_ORDERS: i64 = -1015;

/// The body of an answer that refuses: `{"code":-1121,"msg":"Invalid symbol."}`.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorBody<'a> {
    code: i64,
    #[serde(rename = "msg", borrow, default)]
    text: Cow<'a, str>,
}

impl<'a> ErrorBody<'a> {
    fn of(answer: &Answer<'a>) -> Option<Self> {
        if !answer.body.starts_with(b"{") {
            return None;
        }
        serde_json::from_slice(answer.body).ok()
    }
}

/// The error that an answer states, its kind by the status where that decides, else by the code alone.
pub(crate) fn error(answer: &Answer<'_>, kind_of: fn(i64) -> ErrorKind) -> Option<Error> {
    if answer.is_success() {
        return None;
    }
    let body = ErrorBody::of(answer);
    let by_status = match answer.status {
        403 => Some((ErrorKind::Exchange, "refused by the exchange's web application firewall")),
        418 => Some((ErrorKind::Banned, "banned for too many requests")),
        429 => Some((ErrorKind::RateLimited, "too many requests")),
        451 => Some((ErrorKind::Auth, "the exchange does not serve this location")),
        _ => None,
    };
    match (body, by_status) {
        (Some(body), by_status) => {
            let kind = by_status.map_or_else(|| kind_of(body.code), |(kind, _)| kind);
            Some(Error::new(kind, body.text.into_owned()).with_code(body.code))
        }
        (None, Some((kind, text))) => Some(Error::new(kind, text).with_frame(answer.body)),
        (None, None) => None,
    }
}

/// Whether the answer says that a limit was passed, and which.
pub(crate) fn refusal(answer: &Answer<'_>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let code = ErrorBody::of(answer).map(|body| body.code);
    let (kind, unit) = match (answer.status, code) {
        (418, _) => (RefusalKind::Banned, None),
        (_, Some(TOO_MANY_ORDERS)) => (RefusalKind::TooMany, Some(Unit::Orders)),
        (429, _) | (_, Some(TOO_MANY_REQUESTS)) => (RefusalKind::TooMany, None),
        _ => return None,
    };
    Some(Refusal { kind, unit, pause: answer.retry_after() })
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
    use std::time::Duration;
    use tradewire_transport::HeaderMap;

    fn answer<'a>(status: u16, headers: &'a HeaderMap, body: &'a [u8]) -> Answer<'a> {
        Answer { status, headers, body }
    }

    #[test]
    fn the_kind_comes_from_the_code_and_never_from_the_text() {
        let headers = HeaderMap::new();
        for text in ["Invalid symbol.", "Timestamp for this request is outside of the recvWindow.", ""] {
            let body = format!(r#"{{"code":-1121,"msg":"{text}"}}"#);
            let error = error(&answer(400, &headers, body.as_bytes()), shared_kind).expect("an error");
            assert_eq!(
                (error.kind(), error.code(), error.message()),
                (ErrorKind::UnknownInstrument, Some(-1121), text)
            );
        }
    }

    #[test]
    fn the_status_decides_where_the_body_is_not_the_exchanges() {
        let headers = HeaderMap::new();
        let kind = |status, body: &'static [u8]| error(&answer(status, &headers, body), shared_kind).map(|e| e.kind());
        assert_eq!(kind(403, b"<html>"), Some(ErrorKind::Exchange));
        assert_eq!(kind(418, b""), Some(ErrorKind::Banned));
        assert_eq!(
            kind(451, br#"{"code":0,"msg":"Service unavailable from a restricted location"}"#),
            Some(ErrorKind::Auth)
        );
        assert_eq!(kind(502, b"<html>"), None, "left to the transport");
        assert_eq!(kind(200, br#"{"code":-1121,"msg":""}"#), None);
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
