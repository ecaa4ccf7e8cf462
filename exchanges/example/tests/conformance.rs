//! The conformance suite on this connector.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05 cargo test -p tradewire-example --test conformance -- --nocapture` runs only the rows whose
//! ids begin so.

use std::sync::Arc;

use tradewire_conformance::{Component, Subject, prove};
use tradewire_core::{Addresses, Capabilities};
use tradewire_example::{CAPABILITIES, Example, ExampleAccount, PERPETUAL_CAPABILITIES};
use tradewire_tracking::MarketSource;

fn subject(market: &'static Capabilities) -> Subject {
    let source = move |addresses: &Addresses| Ok(Example::shared(market, addresses)? as Arc<dyn MarketSource>);
    Subject::known(market.clone(), source).expect("a known wire").with_account(move |addresses, credentials, _| {
        Ok(Arc::new(ExampleAccount::new(Example::shared(market, addresses)?, credentials)?))
    })
}

/// The stages that are proved.
const PROVED: &[Component] = &[
    Component::Auth,
    Component::Utils,
    Component::OrderBook,
    Component::MarketStream,
    Component::UserStream,
    Component::NoBalanceStream,
];

/// Rows of the connector that run here, those that ask most of the wire. The others of that stage hold too, but for ORD-12, FILL-03,
/// FILL-09, RECON-01 and RECON-07: their faults strike one path or one kind of report where this exchange has two, or they
/// presume a stream of balances.
const PROVED_ROWS: &[&str] = &["BAL", "CAP", "FILL-05", "ORD-06", "ORD-18", "ORD-2", "ORD-34"];

/// Rows of perpetual contracts that run here: what the account socket tells, the declarations, and those of their own stage but for
/// PERP-14 and PERP-16, which hold too and take long.
const PERPETUAL_ROWS: &[&str] = &[
    "BAL-05", "USER-02", "CAP", "RULE-03", "PERP-0", "PERP-10", "PERP-11", "PERP-12", "PERP-13", "PERP-15", "PERP-17",
    "PERP-18", "PERP-19",
];

#[test]
fn example() {
    prove(&subject(&CAPABILITIES), PROVED, PROVED_ROWS);
}

#[test]
fn perpetual() {
    prove(&subject(&PERPETUAL_CAPABILITIES), &[], PERPETUAL_ROWS);
}
