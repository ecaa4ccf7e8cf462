//! What the exchange's error codes mean, and what they prove about order commands.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Answer, Refusal, RefusalKind, Unit, Verdict};

use crate::limits::Told;

/// How long an address waits that was refused for its frequency.
const IP_COOLDOWN: Duration = Duration::from_secs(600);
/// The window of limits of the socket for commands.
const SECOND: Duration = Duration::from_secs(1);

/// The beginning and the end of every answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    ret_code: i64,
    #[serde(borrow, default)]
    ret_msg: Cow<'a, str>,
    time: Option<u64>,
}

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// What a caller can do about it.
    pub(crate) kind: ErrorKind,
    /// What it proves about an order command.
    pub(crate) proves: Verdict,
}

/// Whether a code is no failure: what was asked for is so already.
pub(crate) const fn is_success(code: i64) -> bool {
    matches!(code, 0 | 34_040 | 110_025..=110_027 | 110_043)
}

/// What a code means; `None` for one that the exchange does not document.
///
/// <https://bybit-exchange.github.io/docs/v5/error>
pub(crate) const fn meaning(code: i64) -> Option<Meaning> {
    if let Some(kind) = unknown_outcome(code) {
        return Some(Meaning { kind, proves: Verdict::Unknown });
    }
    let kind = match (general(code), order(code)) {
        (Some(kind), _) | (None, Some(kind)) => kind,
        (None, None) => return None,
    };
    Some(Meaning { kind, proves: Verdict::Refused })
}

/// Codes after which nobody knows what became of an order command.
const fn unknown_outcome(code: i64) -> Option<ErrorKind> {
    match code {
        10_000 | 170_007 | 170_146 | 170_147 | 170_310 => Some(ErrorKind::Timeout),
        429 | 10_016 | 170_001 | 170_032 | 170_035 | 170_234 => Some(ErrorKind::Unavailable),
        _ => None,
    }
}

/// Codes about any request.
const fn general(code: i64) -> Option<ErrorKind> {
    Some(match code {
        -2015 | 10_003..=10_005 | 10_007..=10_010 | 10_024 | 10_027 | 10_028 | 33_004 => ErrorKind::Auth,
        -1 | 10_002 => ErrorKind::Clock,
        10_001 | 10_017 | 10_404 | 170_105 | 170_115..=170_117 | 170_130 | 170_201 => ErrorKind::InvalidRequest,
        10_006 | 10_403 | 10_429 | 20_003 | 170_005 | 170_222 => ErrorKind::RateLimited,
        10_014 | 20_006 | 110_072 | 170_141 => ErrorKind::Duplicate,
        10_019 => ErrorKind::Unavailable,
        10_029 | 170_121 => ErrorKind::UnknownInstrument,
        110_074 | 170_151 | 170_157 => ErrorKind::NotTradable,
        100_028 | 182_021 => ErrorKind::Config,
        _ => return None,
    })
}

/// Codes about orders and positions.
const fn order(code: i64) -> Option<ErrorKind> {
    Some(match code {
        110_001 | 170_143 | 170_213 => ErrorKind::NotFound,
        110_008 | 110_010 | 170_139 | 170_142 | 170_190 => ErrorKind::AlreadyClosed,
        40_004 | 110_064 | 110_079 | 170_144 | 170_145 | 170_150 | 170_191 | 170_212 | 170_311..=170_313 => {
            ErrorKind::StateConflict
        }
        110_024 | 110_028 | 110_029 | 110_036 | 110_038 | 110_073 | 3_400_045 => ErrorKind::StateConflict,
        30_208 | 30_209 | 110_003 | 110_013 | 110_094 | 110_120 | 110_121 => ErrorKind::FilterFailure,
        170_124 | 170_132..=170_134 | 170_136 | 170_137 | 170_140 | 170_148 => ErrorKind::FilterFailure,
        170_192..=170_194 | 170_203 | 170_204 | 170_341 | 170_371 | 170_372 | 170_381 | 170_382 => {
            ErrorKind::FilterFailure
        }
        110_017 => ErrorKind::ReduceOnly,
        110_004 | 110_006 | 110_007 | 110_012 | 110_044 | 110_045 | 110_051..=110_053 | 170_033 | 170_131 => {
            ErrorKind::InsufficientBalance
        }
        110_009 | 110_020 | 170_810 => ErrorKind::Capacity,
        30_228 | 110_021..=110_023 | 110_042 | 110_063 | 110_066 | 110_095 | 110_123..=110_125 | 110_132 => {
            ErrorKind::Restricted
        }
        110_103 | 110_119 | 170_031 | 170_159 | 170_209 | 170_217 | 170_355 => ErrorKind::Restricted,
        110_085 | 110_086 | 110_089 | 110_090 | 110_092 | 110_093 => ErrorKind::InvalidRequest,
        170_218 => ErrorKind::PostOnlyWouldTake,
        170_149 | 170_210 => ErrorKind::Exchange,
        _ => return None,
    })
}

/// An error of a code, with the exchange's text.
pub(crate) fn stated(code: i64, text: impl Into<Cow<'static, str>>) -> Error {
    let kind = meaning(code).map_or(ErrorKind::Exchange, |meaning| meaning.kind);
    Error::new(kind, text).with_code(code)
}

/// The error that an answer states; its status decides where its body is not the exchange's.
pub(crate) fn error(answer: &Answer<'_>) -> Option<Error> {
    let by_status = match answer.status {
        400 | 404 => Some((ErrorKind::InvalidRequest, "no such request")),
        401 => Some((ErrorKind::Auth, "the key was refused")),
        403 => Some((ErrorKind::Banned, "too many requests from this address, or a location that is not served")),
        429 => Some((ErrorKind::RateLimited, "too many requests")),
        _ => None,
    };
    match (head(answer.body), by_status) {
        (Some(head), None) if is_success(head.ret_code) => None,
        (Some(head), None) => Some(stated(head.ret_code, head.ret_msg.into_owned())),
        (Some(head), Some((kind, _))) if head.ret_code != 0 => {
            Some(Error::new(kind, head.ret_msg.into_owned()).with_code(head.ret_code))
        }
        (_, Some((kind, text))) => Some(Error::new(kind, text).with_frame(answer.body)),
        (None, None) => None,
    }
}

/// What the error that answers an order command proves: by its code, or by a status that the exchange documents. The words
/// of the answer decide nothing.
pub(crate) fn verdict(error: &Error) -> Verdict {
    match (error.status(), error.code()) {
        (Some(408 | 500..), _) => Verdict::Unknown,
        (Some(400 | 401 | 403 | 404 | 429), None) => Verdict::Refused,
        (_, Some(code)) => meaning(code).map_or(Verdict::Unknown, |meaning| meaning.proves),
        (_, None) => Verdict::Unknown,
    }
}

/// Whether an answer says that a limit was passed, and which.
pub(crate) fn refusal(answer: &Answer<'_>, told: &Told) -> Option<Refusal> {
    match answer.status {
        403 => Some(Refusal { kind: RefusalKind::Banned, unit: None, pause: Some(IP_COOLDOWN) }),
        429 => Some(Refusal { kind: RefusalKind::TooMany, unit: None, pause: answer.retry_after() }),
        _ => refusal_of(head(answer.body)?.ret_code, told),
    }
}

/// As [`refusal`], by a code.
pub(crate) fn refusal_of(code: i64, told: &Told) -> Option<Refusal> {
    let (unit, pause) = match code {
        10_006 | 170_005 | 170_222 => (Some(Unit::Endpoint), Some(told.pause())),
        20_003 => (Some(Unit::Endpoint), Some(SECOND)),
        10_403 => (None, Some(SECOND)),
        10_429 => (None, None),
        _ => return None,
    };
    Some(Refusal { kind: RefusalKind::TooMany, unit, pause })
}

/// The exchange's time in an answer.
pub(crate) fn time_of(body: &[u8]) -> Option<u64> {
    // A good answer's time is not needed, and it may be long.
    if body.starts_with(GOOD) { None } else { head(body)?.time }
}

/// How a good answer begins.
const GOOD: &[u8] = br#"{"retCode":0,"#;

fn head(body: &[u8]) -> Option<Head<'_>> {
    if body.starts_with(GOOD) {
        return Some(Head { ret_code: 0, ret_msg: Cow::Borrowed(""), time: None });
    }
    if !body.starts_with(b"{") {
        return None;
    }
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_transport::HeaderMap;

    /// Every code of the exchange's documents that is an error, by kind, and whether it leaves an order command open.
    const DOCUMENTED: &[(ErrorKind, &[i64])] = &[
        (
            ErrorKind::Auth,
            &[10_003, 10_004, 10_005, 10_007, 10_008, 10_009, 10_010, 10_024, 10_027, 10_028, 33_004, -2_015],
        ),
        (ErrorKind::Clock, &[10_002, -1]),
        (ErrorKind::RateLimited, &[10_006, 170_005, 170_222, 10_403, 20_003, 10_429]),
        (
            ErrorKind::InvalidRequest,
            &[
                10_001, 170_105, 170_115, 170_116, 170_117, 170_130, 170_201, 10_017, 10_404, 110_085, 110_086,
                110_089, 110_090, 110_092, 110_093,
            ],
        ),
        (ErrorKind::Duplicate, &[10_014, 20_006, 110_072, 170_141]),
        (ErrorKind::UnknownInstrument, &[10_029, 170_121]),
        (ErrorKind::NotTradable, &[110_074, 170_151, 170_157]),
        (ErrorKind::NotFound, &[110_001, 170_213, 170_143]),
        (ErrorKind::AlreadyClosed, &[110_008, 110_010, 170_139, 170_142, 170_190]),
        (
            ErrorKind::StateConflict,
            &[
                40_004, 110_079, 170_144, 170_191, 170_212, 170_145, 170_150, 170_311, 170_312, 170_313, 110_064,
                110_024, 110_028, 110_029, 110_036, 110_038, 110_073, 3_400_045,
            ],
        ),
        (
            ErrorKind::FilterFailure,
            &[
                110_003, 110_013, 110_120, 110_121, 170_132, 170_133, 170_192, 170_193, 170_194, 170_203, 170_204,
                170_371, 170_372, 30_208, 30_209, 110_094, 170_140, 170_136, 170_124, 170_134, 170_137, 170_148,
                170_341, 170_381, 170_382,
            ],
        ),
        (ErrorKind::ReduceOnly, &[110_017]),
        (
            ErrorKind::InsufficientBalance,
            &[110_004, 110_006, 110_007, 110_012, 110_044, 110_045, 110_051, 110_052, 110_053, 170_131, 170_033],
        ),
        (ErrorKind::Capacity, &[110_020, 110_009, 170_810]),
        (
            ErrorKind::Restricted,
            &[
                110_021, 110_022, 110_023, 110_042, 110_063, 110_066, 110_095, 110_123, 110_124, 110_125, 110_132,
                170_031, 170_159, 170_209, 30_228, 170_217, 110_103, 110_119, 170_355,
            ],
        ),
        (ErrorKind::PostOnlyWouldTake, &[170_218]),
        (ErrorKind::Exchange, &[170_210, 170_149]),
        (ErrorKind::Config, &[182_021, 100_028]),
        (ErrorKind::Unavailable, &[10_019]),
    ];
    const UNKNOWN_OUTCOME: &[i64] =
        &[429, 10_000, 10_016, 170_001, 170_234, 170_032, 170_035, 170_007, 170_146, 170_147, 170_310];

    fn answered(status: u16, body: &str) -> Option<Error> {
        let headers = HeaderMap::new();
        error(&Answer { status, headers: &headers, body: body.as_bytes() }).map(|error| error.with_status(status))
    }

    fn body(code: i64, text: &str) -> String {
        format!(r#"{{"retCode":{code},"retMsg":"{text}","result":{{}},"retExtInfo":{{}},"time":1700000000000}}"#)
    }

    #[test]
    fn every_documented_code_has_one_kind_and_one_outcome_whatever_the_text_is() {
        for (kind, codes) in DOCUMENTED {
            for code in *codes {
                for text in ["", "Order not exists or too late to cancel", "server error"] {
                    let error = answered(200, &body(*code, text)).expect("an error");
                    assert_eq!((error.kind(), error.code(), error.message()), (*kind, Some(*code), text), "{code}");
                    assert_eq!(verdict(&error), Verdict::Refused, "{code}");
                }
            }
        }
        for code in UNKNOWN_OUTCOME {
            let error = answered(200, &body(*code, "Order rejected")).expect("an error");
            assert_eq!(verdict(&error), Verdict::Unknown, "{code}");
            assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable), "{code}");
        }
    }

    #[test]
    fn what_is_so_already_is_success() {
        for code in [0, 110_043, 110_025, 110_026, 110_027, 34_040] {
            assert!(answered(200, &body(code, "not modified")).is_none(), "{code}");
        }
    }

    #[test]
    fn what_is_not_documented_proves_nothing() {
        let error = answered(200, &body(-99_999, "Order rejected")).expect("an error");
        assert_eq!((error.kind(), verdict(&error)), (ErrorKind::Exchange, Verdict::Unknown));
        for status in [408, 500, 503] {
            let error = answered(status, &body(110_007, "")).expect("an error");
            assert_eq!(verdict(&error), Verdict::Unknown, "{status}");
        }
        for (status, text) in [(502, "<html>"), (200, ""), (200, "[]"), (418, "<html>"), (200, r#"{"retCode":"#)] {
            assert!(answered(status, text).is_none(), "left to the transport: {status} {text}");
        }
    }

    #[test]
    fn documented_statuses_refuse() {
        for (status, kind) in [
            (400, ErrorKind::InvalidRequest),
            (401, ErrorKind::Auth),
            (403, ErrorKind::Banned),
            (404, ErrorKind::InvalidRequest),
            (429, ErrorKind::RateLimited),
        ] {
            let error = answered(status, "<html>").expect("an error");
            assert_eq!((error.kind(), verdict(&error)), (kind, Verdict::Refused), "{status}");
        }
    }

    #[test]
    fn limits_that_were_passed() {
        let headers = HeaderMap::new();
        let of = |status, body: &str| {
            refusal(&Answer { status, headers: &headers, body: body.as_bytes() }, &Told::default())
        };
        let banned = of(403, "access too frequent").expect("a refusal");
        assert_eq!((banned.kind, banned.unit, banned.pause), (RefusalKind::Banned, None, Some(IP_COOLDOWN)));
        assert_eq!(of(429, "").expect("a refusal").pause, None);
        for (code, unit) in [(10_006, Some(Unit::Endpoint)), (170_222, Some(Unit::Endpoint)), (10_429, None)] {
            let refusal = of(200, &body(code, "")).expect("a refusal");
            assert_eq!((refusal.kind, refusal.unit), (RefusalKind::TooMany, unit), "{code}");
        }
        assert!(of(200, &body(110_007, "")).is_none() && of(200, "").is_none());
    }
}
