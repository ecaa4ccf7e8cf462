//! What the exchange's error codes mean, and what they prove about order commands:
//! <https://docs.kraken.com/exchange/guides/general/errors>. They are words in the form `ECategory:What`, and come with status 200;
//! some have a detail behind another colon.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Answer, Refusal, RefusalKind, Unit, Verdict};
use tradewire_wire::object;

use crate::limits::CALLS;

/// How long nothing of a kind leaves after its counter was found full: ten units have drained then.
const ORDERS_PAUSE: Duration = Duration::from_secs(10);
/// As [`ORDERS_PAUSE`], for the slower call counter.
const CALLS_PAUSE: Duration = Duration::from_secs(15);

/// What a caller can do about a code. A code that is not documented says nothing.
pub(crate) fn kind(code: &str) -> ErrorKind {
    match what(code) {
        "EAPI:Invalid key"
        | "EAPI:Invalid signature"
        | "EGeneral:Permission denied"
        | "EAccount:Invalid permissions"
        | "EAuth:Account temporary disabled"
        | "EAuth:Account unconfirmed" => ErrorKind::Auth,
        "EAPI:Invalid nonce" => ErrorKind::Clock,
        "EAPI:Rate limit exceeded"
        | "EAuth:Rate limit exceeded"
        | "EAuth:Too many requests"
        | "EService:Throttled"
        | "EOrder:Rate limit exceeded"
        | "EOrder:Domain rate limit exceeded" => ErrorKind::RateLimited,
        "EGeneral:Temporary lockout" => ErrorKind::Banned,
        "EGeneral:Invalid arguments" | "ETrade:Invalid request" => ErrorKind::InvalidRequest,
        "EOrder:Order minimum not met"
        | "EOrder:Cost minimum not met"
        | "EOrder:Tick size check failed"
        | "EOrder:Invalid price" => ErrorKind::FilterFailure,
        "EOrder:Insufficient funds" | "EOrder:Insufficient margin" => ErrorKind::InsufficientBalance,
        "EOrder:Orders limit exceeded"
        | "EOrder:Positions limit exceeded"
        | "EOrder:Scheduled orders limit exceeded" => ErrorKind::Capacity,
        "EOrder:Unknown order" | "EOrder:Invalid order" => ErrorKind::NotFound,
        "EOrder:Post only order" => ErrorKind::PostOnlyWouldTake,
        "EOrder:Reduce only" => ErrorKind::ReduceOnly,
        "EOrder:Cannot open position"
        | "EOrder:Cannot open opposing position"
        | "EOrder:Margin allowance exceeded"
        | "EOrder:Margin level too low"
        | "EOrder:Margin position size exceeded"
        | "EBM:limit exceeded" => ErrorKind::Restricted,
        "EService:Market in cancel_only mode" | "EService:Market in post_only mode" => ErrorKind::NotTradable,
        "EQuery:Unknown asset pair" => ErrorKind::UnknownInstrument,
        "EService:Unavailable" | "EService:Busy" | "EGeneral:Internal error" => ErrorKind::Unavailable,
        "EService:Deadline elapsed" => ErrorKind::Timeout,
        _ => ErrorKind::Exchange,
    }
}

/// A code without its detail.
fn what(code: &str) -> &str {
    let end = code.match_indices(':').nth(1).map_or(code.len(), |(at, _)| at);
    code[..end].trim_end()
}

/// What the error that answers an order command proves. Every documented code refuses but those of a service that did not
/// come to a decision.
pub(crate) fn verdict(error: &Error) -> Verdict {
    let documented = error.context(CODE).is_some();
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Exchange => Verdict::Unknown,
        _ if documented && error.status().is_some_and(|status| status < 500) => Verdict::Refused,
        _ => Verdict::Unknown,
    }
}

/// The name under which an error has the exchange's code.
const CODE: &str = "code";

/// The error of a code.
pub(crate) fn stated(code: &str) -> Error {
    Error::new(kind(code), code.to_owned()).with(CODE, what(code))
}

/// The error that an answer states; `None` for a good answer, and for one that is not the exchange's. Warnings, which begin with
/// a `W`, are none.
pub(crate) fn error(answer: &Answer<'_>) -> Option<Error> {
    first_code(answer).map(|code| stated(&code))
}

fn first_code<'a>(answer: &Answer<'a>) -> Option<Cow<'a, str>> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow, default)]
        error: Vec<tradewire_wire::Text<'a>>,
    }
    let body: Body<'a> = object(str::from_utf8(answer.body).ok()?).ok()?;
    body.error.into_iter().map(|text| text.0).find(|code| code.starts_with('E'))
}

/// Whether an answer says that a limit was passed.
pub(crate) fn refusal(answer: &Answer<'_>) -> Option<Refusal> {
    let too_many = |unit, pause| Refusal { kind: RefusalKind::TooMany, unit, pause };
    if answer.status == 429 {
        return Some(too_many(None, answer.retry_after()));
    }
    let code = first_code(answer)?;
    match (kind(&code), what(&code)) {
        (ErrorKind::RateLimited, "EOrder:Rate limit exceeded" | "EOrder:Domain rate limit exceeded") => {
            Some(too_many(Some(Unit::Orders), Some(ORDERS_PAUSE)))
        }
        (ErrorKind::RateLimited, "EAPI:Rate limit exceeded") => {
            Some(too_many(Some(Unit::Named(CALLS)), Some(CALLS_PAUSE)))
        }
        (ErrorKind::RateLimited, _) => Some(too_many(None, answer.retry_after())),
        (ErrorKind::Banned, _) => Some(Refusal { kind: RefusalKind::Banned, unit: None, pause: answer.retry_after() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_transport::HeaderMap;

    fn answered<T>(status: u16, body: &str, read: impl Fn(&Answer<'_>) -> T) -> T {
        let headers = HeaderMap::new();
        read(&Answer { status, headers: &headers, body: body.as_bytes() })
    }

    #[test]
    fn a_code_proves_what_is_documented() {
        for (code, kind, proves) in [
            ("EOrder:Insufficient funds", ErrorKind::InsufficientBalance, Verdict::Refused),
            ("EGeneral:Invalid arguments:volume", ErrorKind::InvalidRequest, Verdict::Refused),
            ("EOrder:Reduce only:No position exists", ErrorKind::ReduceOnly, Verdict::Refused),
            ("EAPI:Invalid nonce", ErrorKind::Clock, Verdict::Refused),
            ("EOrder:Unknown order", ErrorKind::NotFound, Verdict::Refused),
            ("EService:Unavailable", ErrorKind::Unavailable, Verdict::Unknown),
            ("EService:Deadline elapsed", ErrorKind::Timeout, Verdict::Unknown),
            ("EGeneral:Internal error:77", ErrorKind::Unavailable, Verdict::Unknown),
            ("EOrder:Something new", ErrorKind::Exchange, Verdict::Unknown),
        ] {
            let error = answered(200, &format!(r#"{{"error":["{code}"]}}"#), error).expect("an error").with_status(200);
            assert_eq!((error.kind(), verdict(&error)), (kind, proves), "{code}");
            assert_eq!(verdict(&error.with_status(502)), Verdict::Unknown, "{code} behind a gateway");
        }
        for good in [r#"{"error":[],"result":{}}"#, r#"{"error":["WGeneral:Danger"],"result":{}}"#, "<html>"] {
            assert!(answered(200, good, error).is_none(), "{good}");
        }
    }

    #[test]
    fn a_full_counter_stops_what_it_counts() {
        let unit =
            |code: &str| answered(200, &format!(r#"{{"error":["{code}"]}}"#), refusal).map(|refusal| refusal.unit);
        assert_eq!(unit("EOrder:Rate limit exceeded"), Some(Some(Unit::Orders)));
        assert_eq!(unit("EAPI:Rate limit exceeded"), Some(Some(Unit::Named(CALLS))));
        assert_eq!(unit("EService:Throttled: 1700000000"), Some(None));
        assert_eq!(unit("EOrder:Insufficient funds"), None);
        assert!(answered(429, "slow down", refusal).is_some());
    }
}
