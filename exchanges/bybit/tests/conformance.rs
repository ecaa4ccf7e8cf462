//! The conformance suite on Bybit's markets: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so.

use tradewire::Capabilities;
use tradewire_bybit::{linear, spot};
use tradewire_conformance::{Component, RowReport, Selection, Subject, run};

/// The stages that are proved. `tradewire conform bybit-spot` runs all of them and tells what happens.
const PROVED: &[Component] = &[Component::OrderBook, Component::MarketStream];

/// Rows of other stages that are proved: those that need no account, and of an account those that ask most of the wire. Those that
/// take long are left to the program.
const PROVED_ROWS: &[&str] = &[
    "CONF-01", "CONF-03", "LIMIT-01", "LIMIT-02", "LIMIT-03", "LIMIT-06", "LIMIT-07", "ERR-06", "ERR-07", "ERR-10",
    "ERR-11", "ORD-06", "ORD-33", "RECON-01", "RECON-02", "BAL-01", "BAL-02", "BAL-03", "BAL-06", "BAL-07", "CAP-03",
    "PERP-09", "PERP-17", "NOBAL-06",
];

/// Runs rows, of which none may fail. Returns whether any ran.
fn conforms(declared: &'static Capabilities, selection: &Selection) -> bool {
    let subject = Subject::named(declared, tradewire::market_source, tradewire::account_source);
    let subject = subject.expect("the exchange is known");
    let report = run(&subject, selection);
    println!("{}", report.text());
    let failed: Vec<&str> = report.failed().map(|row| row.id.as_str()).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
    report.rows.iter().any(RowReport::ran)
}

fn proved(declared: &'static Capabilities) {
    let rows = |ids: Vec<String>| Selection { component: None, ids };
    let named = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let named: Vec<String> = named.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if !named.is_empty() {
        conforms(declared, &rows(named));
        return;
    }
    for stage in PROVED {
        let ran = conforms(declared, &Selection { component: Some(*stage), ids: Vec::new() });
        assert!(ran, "no behaviour of {stage} ran");
    }
    assert!(conforms(declared, &rows(PROVED_ROWS.iter().map(|id| (*id).to_owned()).collect())), "no row ran");
}

#[test]
fn spot() {
    proved(&spot::CAPABILITIES);
}

#[test]
fn linear() {
    proved(&linear::CAPABILITIES);
}
