//! The conformance suite on this connector.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05 cargo test -p tradewire-example --test conformance -- --nocapture` runs only the rows whose
//! ids begin so.

use std::sync::Arc;

use tradewire_conformance::{Component, Report, RowReport, Selection, Subject, run};
use tradewire_core::Addresses;
use tradewire_example::{CAPABILITIES, Example, ExampleAccount};
use tradewire_tracking::MarketSource;

fn subject() -> Subject {
    let market = |addresses: &Addresses| Ok(Example::shared(addresses)? as Arc<dyn MarketSource>);
    Subject::known(CAPABILITIES.clone(), market).expect("a known wire").with_account(|addresses, credentials, _| {
        Ok(Arc::new(ExampleAccount::new(Example::shared(addresses)?, credentials)?))
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

#[test]
fn example() {
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if !ids.is_empty() {
        // Rows that are named run whatever their stage is.
        conforms(&Selection { component: None, ids });
        return;
    }
    for stage in PROVED {
        let selection = Selection::component(*stage);
        assert!(conforms(&selection).rows.iter().any(RowReport::ran), "no behaviour of {stage} ran");
    }
    let ids = PROVED_ROWS.iter().map(|id| (*id).to_owned()).collect();
    conforms(&Selection { component: None, ids });
}

/// Runs the rows that are chosen, which must hold.
fn conforms(selection: &Selection) -> Report {
    let report = run(&subject(), selection);
    println!("{}", report.text());
    let failed: Vec<&str> = report.failed().map(|row| row.id.as_str()).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
    report
}
