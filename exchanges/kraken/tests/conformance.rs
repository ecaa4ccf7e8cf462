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
const PROVED: &[Component] = &[Component::Auth, Component::OrderBook];

/// Rows of other stages that are proved and take little time; the others are left to `CONFORMANCE_ROWS`. Not run: RECON-10, because
/// fills are asked for of the whole account; LIMIT-05 and LIMIT-09, because answers tell no counts and new orders have no window.
const PROVED_ROWS: &[&str] = &[
    "BAL-01", "BAL-02", "CAP-03", "CONF-01", "CONF-03", "ERR-01", "ERR-02", "ERR-03", "ERR-04", "ERR-05", "ERR-06",
    "ERR-07", "ERR-08", "ERR-10", "FILL-01", "FILL-02", "FILL-03", "FILL-04", "LIFE-04", "LIMIT-01", "LIMIT-08",
    "LIMIT-12", "MKT-01", "MKT-04", "MKT-06", "MKT-07", "MKT-08", "MKT-10", "MKT-11", "MKT-14", "MKT-15", "NOBAL-01",
    "NOBAL-06", "ORD-01", "ORD-02", "ORD-03", "ORD-04", "ORD-06", "ORD-12", "ORD-17", "ORD-18", "ORD-19", "ORD-20",
    "ORD-22", "ORD-23", "ORD-24", "ORD-25", "ORD-26", "ORD-27", "ORD-28", "ORD-31", "ORD-32", "RECON-02", "RECON-05",
    "RULE-09", "RULE-11", "USER-01", "USER-02", "USER-03", "USER-04", "USER-06", "USER-13",
];

/// The rows that are named in the environment; they run whatever their stage is.
fn named() -> Vec<String> {
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

#[test]
fn stages() {
    let ids = named();
    if !ids.is_empty() {
        conforms(&Selection { component: None, ids });
        return;
    }
    for stage in PROVED {
        let report = conforms(&Selection::component(*stage));
        assert!(report.rows.iter().any(RowReport::ran), "no behaviour of {stage} ran");
    }
}

#[test]
fn rows() {
    if named().is_empty() {
        let report =
            conforms(&Selection { component: None, ids: PROVED_ROWS.iter().map(|id| (*id).to_owned()).collect() });
        assert!(report.rows.iter().any(RowReport::ran), "no row ran");
    }
}

/// Runs the rows that are chosen, all of which must hold.
fn conforms(selection: &Selection) -> Report {
    let report = run(&subject(), selection);
    println!("{}", report.text());
    let failed: Vec<&str> = report.failed().map(|row| row.id.as_str()).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
    report
}
