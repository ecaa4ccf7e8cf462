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

/// Rows of other stages that are proved and take little time. Green too, and left to `CONFORMANCE_ROWS`: all others of MKT,
/// AUTH-01, AUTH-07, AUTH-09, BAL but 05, FILL but 04, ORD-05, ORD-07, ORD-09, ORD-11, ORD-13 to ORD-16, ORD-33, ORD-34.
///
/// Rows that do not hold, and why:
/// - AUTH-02, AUTH-03, AUTH-05, AUTH-06, AUTH-08: a nonce takes the place of a time window, and the exchange's time has whole
///   seconds; AUTH-04 asks for what is not offered; AUTH-10 signs with SHA-256.
/// - ORD-02, RULE-01, RULE-03, LIMIT-01, ERR-10: rules, statuses and reads that this exchange does not have.
/// - ORD-06: that the account may not trade is told as a key that may not.
/// - ORD-10, ORD-12, ORD-36, ERR-01, ERR-03: whether an order without an id landed is asked for in the list of open orders, at one
///   call in three seconds.
/// - ORD-29: no command cancels all orders of one pair. ORD-32: two programs need two keys.
/// - ORD-30, ERR-02: a status proves nothing here, an undocumented code neither. ERR-08: nor is the code of a copy documented.
///   ERR-09: one of its orders is not offered.
/// - FILL-04, USER-05: they look at another endpoint, and for other words.
const PROVED_ROWS: &[&str] = &[
    "BAL-01", "BAL-02", "CONF-01", "CONF-03", "ERR-04", "ERR-05", "ERR-06", "ERR-07", "FILL-01", "FILL-02", "FILL-03",
    "MKT-01", "MKT-04", "MKT-06", "MKT-07", "MKT-08", "MKT-10", "MKT-11", "MKT-14", "MKT-15", "ORD-01", "ORD-03",
    "ORD-04", "ORD-17", "ORD-18", "ORD-19", "ORD-20", "ORD-22", "ORD-23", "ORD-24", "ORD-25", "ORD-26", "ORD-27",
    "ORD-28", "ORD-31", "USER-01", "USER-02", "USER-03", "USER-04", "USER-06",
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
