//! The conformance suite on this connector.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05 cargo test -p tradewire-kraken --test conformance -- --nocapture` runs only the rows whose
//! ids begin so.

use std::sync::Arc;

use tradewire_conformance::{Component, Report, RowReport, Selection, Subject, run};
use tradewire_core::Addresses;
use tradewire_kraken::{CAPABILITIES, Kraken, KrakenAccount};
use tradewire_tracking::MarketSource;

fn subject() -> Subject {
    let market = |addresses: &Addresses| Ok(Kraken::shared(addresses)? as Arc<dyn MarketSource>);
    Subject::known(CAPABILITIES.clone(), market).expect("a known wire").with_account(|addresses, credentials, _| {
        Ok(Arc::new(KrakenAccount::new(Kraken::shared(addresses)?, credentials)?))
    })
}

/// The stages that are proved.
const PROVED: &[Component] = &[Component::OrderBook];

/// Rows of these stages that are not passed.
const OPEN: &[&str] = &[];

#[test]
fn kraken() {
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if !ids.is_empty() {
        // Rows that are named run whatever their stage is.
        conforms(&Selection { component: None, ids }, &[]);
        return;
    }
    for stage in PROVED {
        let selection = Selection::component(*stage);
        assert!(conforms(&selection, OPEN).rows.iter().any(RowReport::ran), "no behaviour of {stage} ran");
    }
}

/// Runs the rows that are chosen; all but those that are `open` must hold.
fn conforms(selection: &Selection, open: &[&str]) -> Report {
    let report = run(&subject(), selection);
    println!("{}", report.text());
    let failed: Vec<&str> = report.failed().map(|row| row.id.as_str()).filter(|id| !open.contains(id)).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
    report
}
