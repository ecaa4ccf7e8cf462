//! Mistakes in orders, history, balances and declarations.

use crate::mutant::{CONNECTOR, Mutant};
use crate::subject::EXAMPLE;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "side-reversed",
        wrong: "the side of an order is reversed",
        file: "src/order_commands.rs",
        right: r#"if request.side == Side::Buy { "buy" } else { "sell" }"#,
        instead: r#"if request.side == Side::Buy { "sell" } else { "buy" }"#,
        rows: "ORD-03,ORD-22",
        tells: "happened: Pending → Open → Fill",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "client-id-not-sent",
        wrong: "the client order id is not sent",
        file: "src/order_commands.rs",
        right: r#"        query.add("client_id", &self.order.client_order_id);
"#,
        instead: "",
        rows: "ORD-01,ORD-10,ORD-11",
        tells: "requests to place it 1",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "post-only-lost",
        wrong: "a post-only order is sent as a limit order",
        file: "src/order_row.rs",
        right: r#"OrderType::PostOnly => Some("post_only"),"#,
        instead: r#"OrderType::PostOnly => Some("limit"),"#,
        rows: "CAP-01,ORD-07",
        tells: "kind of post-only LimitMaker",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "fok-as-ioc",
        wrong: "a fill-or-kill order is sent as immediate-or-cancel",
        file: "src/order_row.rs",
        right: r#"TimeInForce::Fok => Some("fok"),"#,
        instead: r#"TimeInForce::Fok => Some("ioc"),"#,
        rows: "CAP-01,ORD-18",
        tells: "fok at the exchange",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "page-dropped",
        wrong: "only the first page of past fills is read",
        file: "src/account_reads.rs",
        right: r"Ok(Page { rows: rows?, next, goes_back: true })
        })",
        instead: r"Ok(Page { rows: rows?, next: next.filter(|_| false), goes_back: true })
        })",
        rows: "RECON-05",
        tells: "fills told 2500",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "free-taken-for-total",
        wrong: "what is free of a balance is taken for all of it",
        file: "src/account_reads.rs",
        right: "(unsigned(&row.total)?, Some(unsigned(&row.free)?))",
        instead: "(unsigned(&row.free)?, Some(unsigned(&row.free)?))",
        rows: "BAL-08,BAL-01",
        tells: "balances (total, available)",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "not-found-is-an-error",
        wrong: "an order that is not there is an error of the question",
        file: "src/account.rs",
        right: "Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),",
        instead: "Err(error) if error.kind() == ErrorKind::Duplicate => Ok(None),",
        rows: "ORD-13",
        tells: "OutcomeKnown → Rejected; happened: Pending → OutcomeUnknown",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "declares-reduce-only",
        wrong: "reduce-only is declared, which the exchange does not have",
        file: "src/capabilities.rs",
        right: "reduce_only: false,",
        instead: "reduce_only: true,",
        rows: "CAP-01",
        tells: "reduce_only",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "window-too-long",
        wrong: "windows of history are asked for that are longer than the exchange answers",
        file: "src/account_reads.rs",
        right: "WINDOW_SECONDS: u64 = 24 * 60 * 60;",
        instead: "WINDOW_SECONDS: u64 = 48 * 60 * 60;",
        rows: "CAP-03",
        tells: "trades_window_seconds",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "command-as-read",
        wrong: "a new order is sent as what may be sent again",
        file: "src/order_commands.rs",
        right: r"    const EFFECT: Effect = Effect::Command;

    fn class(&self) -> Class {
        Class::Place",
        instead: r"    const EFFECT: Effect = Effect::Read;

    fn class(&self) -> Class {
        Class::Place",
        rows: "ORD-11,ORD-10",
        tells: "requests to place it 1",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "declares-balances",
        wrong: "a stream of balances is declared, which the exchange does not have",
        file: "src/capabilities.rs",
        right: "balance_stream: BalanceStream::None,",
        instead: "balance_stream: BalanceStream::Whole,",
        rows: "CAP-03",
        tells: "balance_stream",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
    Mutant {
        name: "ticker-undeclared",
        wrong: "the figures of the last 24 hours are not declared, though they can be read",
        file: "src/capabilities.rs",
        right: "ticker_24h: true,",
        instead: "ticker_24h: false,",
        rows: "CAP-02,CAP-01",
        tells: "refused, as it is not declared",
        ..Mutant::of(&CONNECTOR, &EXAMPLE)
    },
];
