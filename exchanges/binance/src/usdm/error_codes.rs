use tradewire_core::{Error, ErrorKind};
use tradewire_transport::Verdict;

use crate::error_codes::{is_refusal, shared_kind};

/// The system is overloaded, and has thrown the request away: the one refusal that comes with a status of 5xx.
const OVERLOADED: i64 = -1008;

/// The kind of an error by its code.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code>
pub(crate) fn kind(code: i64) -> ErrorKind {
    match code {
        -4056 | -2017 | -1099 => ErrorKind::Auth,
        -5028 => ErrorKind::Clock,
        -1121 => ErrorKind::UnknownInstrument,
        // There is no such key of a stream, or no longer.
        -1125 => ErrorKind::StateConflict,
        -1136..=-1100 | -1023 => ErrorKind::InvalidRequest,
        -5041 | -5021 | -4141 | -4140 | -2020 => ErrorKind::NotTradable,
        -2013 | -2011 => ErrorKind::NotFound,
        -4051 | -4050 | -2019 | -2018 => ErrorKind::InsufficientBalance,
        -4118 | -2024 | -2022 => ErrorKind::ReduceOnly,
        -4402..=-4400 | -4192 | -4109 | -4088 | -4087 | -2028 | -2023 => ErrorKind::Restricted,
        -4045 | -2025 => ErrorKind::Capacity,
        -4061 => ErrorKind::Config,
        -4116 => ErrorKind::Duplicate,
        -4120 => ErrorKind::Unsupported,
        -5022 => ErrorKind::PostOnlyWouldTake,
        _ => filter(code).or_else(|| in_the_way(code)).or_else(|| wrong(code)).unwrap_or_else(|| shared_kind(code)),
    }
}

/// The order breaks a rule of its instrument.
fn filter(code: i64) -> Option<ErrorKind> {
    let broken = matches!(
        code,
        -5029 | -4211 | -4210 | -4184 | -4183 | -4164 | -4131 | -4024 | -4023 | -4016 | -4014 | -4013 | -4011
            ..=-4001 | -2027
    );
    broken.then_some(ErrorKind::FilterFailure)
}

/// An order, a position or a setting stands in the way, or it is so already.
fn in_the_way(code: i64) -> Option<ErrorKind> {
    let in_conflict = matches!(
        code,
        -5043
            | -5027..=-5024
            | -4531
            | -4172..=-4167
            | -4161
            | -4117
            | -4068
            | -4067
            | -4059
            | -4054
            | -4049..=-4046
    );
    in_conflict.then_some(ErrorKind::StateConflict)
}

/// The request asks for what cannot be.
fn wrong(code: i64) -> Option<ErrorKind> {
    let cannot_be = matches!(
        code,
        -5040..=-5037
            | -4403
            | -4209..=-4202
            | -4142
            | -4139..=-4137
            | -4135
            | -4083
            | -4082
            | -4062
            | -4060
            | -4055
            | -4028
            | -4021
            | -4015
            | -2026
            | -2021
    );
    cannot_be.then_some(ErrorKind::InvalidRequest)
}

/// What an error proves about an order command.
pub(crate) fn verdict(error: &Error) -> Verdict {
    let refused = error.code() == Some(OVERLOADED) || is_refusal(error, is_unknown_outcome, is_documented);
    if refused { Verdict::Refused } else { Verdict::Unknown }
}

/// Whether nobody knows after this code if an order command took effect.
fn is_unknown_outcome(code: i64) -> bool {
    matches!(code, -1007 | -1006 | -1001 | -1000)
}

/// Whether the exchange documents this code.
fn is_documented(code: i64) -> bool {
    kind(code) != ErrorKind::Exchange || matches!(code, -2012 | -2010)
}

/// Whether it is as it was to be already.
pub(crate) fn is_so_already(error: &Error) -> bool {
    matches!(error.code(), Some(-4171 | -4059 | -4046))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_codes::error;
    use tradewire_transport::{Answer, HeaderMap};

    /// Every code that the exchange documents, with its kind.
    const DOCUMENTED: &[(ErrorKind, &[i64])] = &[
        (ErrorKind::Auth, &[-1002, -2014, -2015, -2017, -1099, -4056, -1022]),
        (ErrorKind::Capacity, &[-2025, -4045]),
        (ErrorKind::Clock, &[-1021, -5028]),
        (ErrorKind::Config, &[-4061]),
        (ErrorKind::Duplicate, &[-4116]),
        (ErrorKind::Exchange, &[-2010, -2012]),
        (
            ErrorKind::FilterFailure,
            &[
                -2027, -4001, -4002, -4003, -4004, -4005, -4006, -4007, -4008, -4009, -4010, -4011, -4013, -4014,
                -4016, -4023, -4024, -4131, -4164, -4183, -4184, -4210, -4211, -5029,
            ],
        ),
        (ErrorKind::InsufficientBalance, &[-2018, -2019, -4050, -4051]),
        (
            ErrorKind::InvalidRequest,
            &[
                -1023, -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1111, -1112, -1114, -1115, -1116,
                -1117, -1118, -1119, -1120, -1127, -1128, -1130, -1136, -2021, -2026, -4015, -4021, -4028, -4055,
                -4060, -4062, -4082, -4083, -4135, -4137, -4138, -4139, -4142, -4202, -4203, -4205, -4206, -4208,
                -4209, -4403, -5037, -5038, -5039, -5040,
            ],
        ),
        (ErrorKind::NotFound, &[-2011, -2013]),
        (ErrorKind::NotTradable, &[-2020, -4140, -4141, -5021, -5041]),
        (ErrorKind::PostOnlyWouldTake, &[-5022]),
        (ErrorKind::RateLimited, &[-1003, -1015]),
        (ErrorKind::ReduceOnly, &[-2022, -2024, -4118]),
        (ErrorKind::Restricted, &[-2023, -2028, -4087, -4088, -4109, -4192, -4400, -4401, -4402]),
        (
            ErrorKind::StateConflict,
            &[
                -1125, -4046, -4047, -4048, -4049, -4054, -4059, -4067, -4068, -4117, -4161, -4167, -4168, -4169,
                -4170, -4171, -4172, -4531, -5024, -5025, -5026, -5027, -5043,
            ],
        ),
        (ErrorKind::UnknownInstrument, &[-1121]),
        (ErrorKind::Unsupported, &[-4120]),
        (ErrorKind::Unavailable, &[-1008, -1016]),
    ];

    fn refused(status: u16, code: i64, text: &str) -> bool {
        let (headers, body) = (HeaderMap::new(), format!(r#"{{"code":{code},"msg":"{text}"}}"#));
        let answer = Answer { status, headers: &headers, body: body.as_bytes() };
        let error = error(&answer, |code, _| kind(code)).expect("an error");
        verdict(&error.with_status(status)) == Verdict::Refused
    }

    #[test]
    fn every_documented_code_has_one_kind_and_refuses() {
        for (expected, codes) in DOCUMENTED {
            for code in *codes {
                assert_eq!(kind(*code), *expected, "{code}");
                assert!(refused(400, *code, "") && refused(200, *code, "Timeout"), "{code}");
            }
        }
    }

    #[test]
    fn after_these_nobody_knows() {
        for (code, expected) in [
            (-1000, ErrorKind::Unavailable),
            (-1001, ErrorKind::Unavailable),
            (-1006, ErrorKind::Unavailable),
            (-1007, ErrorKind::Timeout),
        ] {
            assert_eq!(kind(code), expected);
            for status in [200, 400, 408, 500, 503] {
                assert!(!refused(status, code, "Unknown order sent."), "{status} {code}");
            }
        }
        for status in [408, 500, 502, 503] {
            assert!(!refused(status, -2011, "") && !refused(status, -99_999, ""), "{status}");
        }
    }

    #[test]
    fn an_overload_refuses_whatever_the_status() {
        assert!(refused(503, OVERLOADED, "") && refused(400, OVERLOADED, ""));
    }

    #[test]
    fn a_code_that_is_not_documented_refuses_only_by_its_class() {
        assert_eq!(kind(-99_999), ErrorKind::Exchange);
        assert!(refused(400, -99_999, "") && !refused(200, -99_999, ""));
    }

    #[test]
    fn already_so_is_no_failure() {
        let of = |code| Error::new(kind(code), "").with_code(code);
        assert!([-4046, -4059, -4171].into_iter().all(|code| is_so_already(&of(code))));
        assert!(!is_so_already(&of(-4047)) && !is_so_already(&Error::new(ErrorKind::StateConflict, "")));
    }
}
