//! Mistakes in signing.

use crate::mutant::{AUTH, Mutant};
use crate::subject::EXAMPLE;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "sign-order",
        wrong: "the path is signed before the method",
        file: "src/auth.rs",
        right: r#"format!("{method}\n{path}\n{}\n{}", draft.query, draft.body)"#,
        instead: r#"format!("{path}\n{method}\n{}\n{}", draft.query, draft.body)"#,
        rows: "AUTH-01,AUTH-02,AUTH-04",
        tells: "signature of 'place' over",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
    Mutant {
        name: "sign-body-missing",
        wrong: "the body of a POST is not signed",
        file: "src/auth.rs",
        right: r#"format!("{method}\n{path}\n{}\n{}", draft.query, draft.body)"#,
        instead: r#"format!("{method}\n{path}\n{}\n", draft.query)"#,
        rows: "AUTH-01,AUTH-04",
        tells: "signature of 'place' over",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
    Mutant {
        name: "time-in-seconds",
        wrong: "requests are stamped in seconds",
        file: "src/auth.rs",
        right: r#"draft.query.push_str(&format!("time={}&window={window}", stamp.at.as_millis()));"#,
        instead: r#"draft.query.push_str(&format!("time={}&window={window}", stamp.at.as_millis() / 1_000));"#,
        rows: "AUTH-01,AUTH-03",
        tells: "the time among what is signed",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
    Mutant {
        name: "login-order",
        wrong: "the window is signed before the time when the socket logs in",
        file: "src/auth.rs",
        right: r#"draft.payload = Some(format!("LOGIN\n{time}\n{window}"));"#,
        instead: r#"draft.payload = Some(format!("LOGIN\n{window}\n{time}"));"#,
        rows: "AUTH-01,AUTH-08",
        tells: "signature of 'login' over",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
    Mutant {
        name: "public-signed",
        wrong: "public requests are signed",
        file: "src/rest.rs",
        right: "const SECURITY: Security = Security::None;",
        instead: "const SECURITY: Security = Security::Signed;",
        rows: "AUTH-04,AUTH-01",
        tells: "this request needs an API key",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
    Mutant {
        name: "clock-refusal-unknown",
        wrong: "a refused time counts as a refused key",
        file: "src/error_codes.rs",
        right: r"2001 | 2002 | 2004 => ErrorKind::Auth,
        2003 => ErrorKind::Clock,",
        instead: "2001..=2004 => ErrorKind::Auth,",
        rows: "AUTH-06",
        tells: "the time is outside of the window",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
    Mutant {
        name: "address-with-password",
        wrong: "an address with a password is taken",
        file: "src/config.rs",
        right: ".any(|address| address.contains('@'))",
        instead: r#".any(|address| address.contains('\\'))"#,
        rows: "SEC-01,SEC-02",
        tells: "no secret in",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
    Mutant {
        name: "key-printed",
        wrong: "the name of the account holds its API key, and names are printed",
        file: "src/account.rs",
        right: "let name = credentials.account_name(market.capabilities().exchange, &market.servers().label);",
        instead: r#"let name = format!("{} {} {}", market.capabilities().exchange, market.servers().label, credentials.api_key());"#,
        rows: "SEC-01,SEC-02",
        tells: "no secret in",
        ..Mutant::of(&AUTH, &EXAMPLE)
    },
];
