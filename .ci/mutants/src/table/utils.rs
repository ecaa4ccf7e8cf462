//! Mistakes in configuration, limits and errors.

use crate::mutant::{Mutant, UTILS};
use crate::subject::EXAMPLE;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "snapshot-cost",
        wrong: "a book snapshot counts as one unit of weight",
        file: "src/rest.rs",
        right: r#"public_read!("/1/book", Snapshot, 10, bytes::Bytes);"#,
        instead: r#"public_read!("/1/book", Snapshot, 1, bytes::Bytes);"#,
        rows: "LIMIT-04,LIMIT-07",
        tells: "requests that failed",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "order-limit",
        wrong: "the limit of new orders is taken for twice as much",
        file: "src/limits.rs",
        right: r"unit: Unit::Orders,
        limit: 100,",
        instead: r"unit: Unit::Orders,
        limit: 200,",
        rows: "LIMIT-09",
        tells: "the limit of new orders 100",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "used-weight-unread",
        wrong: "the count of used weight is read from another header",
        file: "src/limits.rs",
        right: r#"answer.header("ex-weight")"#,
        instead: r#"answer.header("ex-used")"#,
        rows: "LIMIT-05",
        tells: "the local count after an answer",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "retry-after-unread",
        wrong: "the time of a pause is not read",
        file: "src/error_codes.rs",
        right: "pause: answer.retry_after()",
        instead: "pause: None",
        rows: "LIMIT-10",
        tells: "no request for 17 s",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "ban-unknown",
        wrong: "a ban counts as too many requests",
        file: "src/error_codes.rs",
        right: "418 => RefusalKind::Banned",
        instead: "418 => RefusalKind::TooMany",
        rows: "LIMIT-11,LIMIT-12",
        tells: "PartNotReady(exchange, banned)",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "overload-refuses",
        wrong: "an error that proves nothing counts as a refusal",
        file: "src/error_codes.rs",
        right: "(Some(400..=407 | 409..=499), Some(_)) => Verdict::Refused",
        instead: "(Some(400..=599), Some(_)) => Verdict::Refused",
        rows: "ERR-01",
        tells: "code 5001",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "timeout-refuses",
        wrong: "an answer of status 408 counts as a refusal",
        file: "src/error_codes.rs",
        right: "(Some(400..=407 | 409..=499), Some(_)) => Verdict::Refused",
        instead: "(Some(400..=499), Some(_)) => Verdict::Refused",
        rows: "ERR-02",
        tells: "status 408",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "refusal-proves-nothing",
        wrong: "a code that is not documented proves nothing, whatever its status",
        file: "src/error_codes.rs",
        right: "(Some(400..=407 | 409..=499), Some(_)) => Verdict::Refused",
        instead: "(Some(400..=407 | 409..=499), Some(1001..=5002)) => Verdict::Refused",
        rows: "ERR-02",
        tells: "status 400",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "kind-of-a-code",
        wrong: "too small a balance counts as a broken rule",
        file: "src/error_codes.rs",
        right: r"3001 => ErrorKind::InsufficientBalance,
        3002 | 3012 => ErrorKind::FilterFailure,",
        instead: "3001 | 3002 | 3012 => ErrorKind::FilterFailure,",
        rows: "ERR-01",
        tells: "code 3001",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "testnet-socket",
        wrong: "the testnet goes with the market socket of production",
        file: "src/config.rs",
        right: "market: known.ws.to_owned(),",
        instead: "market: ENVIRONMENTS[0].ws.to_owned(),",
        rows: "CONF-01",
        tells: "streams of testnet",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "fees-swapped",
        wrong: "commission of makers and takers is swapped",
        file: "src/account_reads.rs",
        right: "Ok(FeeRates { maker: signed(&maker)?, taker: signed(&taker)? })",
        instead: "Ok(FeeRates { maker: signed(&taker)?, taker: signed(&maker)? })",
        rows: "CONF-06",
        tells: "commission",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "client-id-length",
        wrong: "client order ids may be longer than the exchange takes",
        file: "src/capabilities.rs",
        right: "client_order_id_max_len: 32",
        instead: "client_order_id_max_len: 36",
        rows: "CONF-05",
        tells: "an accepted order",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
    Mutant {
        name: "duplicate-refuses",
        wrong: "a client order id in use counts as any broken rule: the order may have landed",
        file: "src/error_codes.rs",
        right: "3003 => ErrorKind::Duplicate,",
        instead: "3003 => ErrorKind::FilterFailure,",
        rows: "ERR-01,ERR-08",
        tells: "kind Duplicate",
        ..Mutant::of(&UTILS, &EXAMPLE)
    },
];
