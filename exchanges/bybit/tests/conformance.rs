//! The conformance suite on Bybit's markets: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so.

use tradewire::Capabilities;
use tradewire_bybit::{linear, spot};
use tradewire_conformance::{Component, Subject, prove};

/// The stages that are proved. `tradewire conform bybit-spot` runs all of them and tells what happens.
const PROVED: &[Component] = &[Component::OrderBook, Component::MarketStream];

/// Rows of other stages that are proved: those that need no account, and of an account those that ask most of the wire. Those that
/// take long are left to the program.
const PROVED_ROWS: &[&str] = &[
    "CONF-01", "CONF-03", "LIMIT-01", "LIMIT-02", "LIMIT-03", "LIMIT-06", "LIMIT-07", "ERR-06", "ERR-07", "ERR-10",
    "ERR-11", "ORD-06", "ORD-33", "RECON-01", "RECON-02", "BAL-01", "BAL-02", "BAL-03", "BAL-06", "BAL-07", "CAP-03",
];

/// Besides on contracts.
const PROVED_ON_LINEAR: &[&str] = &["PERP-09", "PERP-17", "NOBAL-06"];

fn subject(declared: &'static Capabilities) -> Subject {
    let subject = Subject::named(declared, tradewire::market_source, tradewire::account_source);
    subject.expect("the exchange is known")
}

#[test]
fn spot() {
    prove(&subject(&spot::CAPABILITIES), PROVED, PROVED_ROWS);
}

#[test]
fn linear() {
    prove(&subject(&linear::CAPABILITIES), PROVED, &[PROVED_ROWS, PROVED_ON_LINEAR].concat());
}
