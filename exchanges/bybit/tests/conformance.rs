//! The conformance suite on Bybit's markets: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so.

use tradewire::{Addresses, Capabilities};
use tradewire_bybit::{linear, spot};
use tradewire_conformance::{Component, RowReport, Selection, Subject, run};

/// The stages that are proved. `tradewire conform bybit-spot` runs all of them and tells what happens.
const PROVED: &[Component] = &[Component::OrderBook, Component::MarketStream];

/// Rows of these stages that are not passed yet.
const OPEN: &[&str] = &[];

fn conforms(declared: &'static Capabilities, component: Option<Component>, open: &[&str]) {
    let connect = |addresses: &Addresses| tradewire::market_source(declared.exchange, addresses);
    let account = |addresses: &Addresses, credentials, order_entry| {
        tradewire::account_source(declared.exchange, addresses, credentials, order_entry)
    };
    let subject = Subject::known(declared.clone(), connect).expect("the exchange is known").with_account(account);
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    // Rows that are named run whatever their stage is.
    let (all, component) = (ids.is_empty(), component.filter(|_| ids.is_empty()));
    let report = run(&subject, &Selection { component, ids });
    println!("{}", report.text());
    let failed: Vec<&str> = report.failed().map(|row| row.id.as_str()).filter(|id| !open.contains(id)).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
    assert!(!all || report.rows.iter().any(RowReport::ran), "no behaviour ran");
}

fn proved(declared: &'static Capabilities) {
    if std::env::var("CONFORMANCE_ROWS").is_ok_and(|ids| !ids.is_empty()) {
        return conforms(declared, None, &[]);
    }
    for stage in PROVED {
        conforms(declared, Some(*stage), OPEN);
    }
}

#[test]
fn spot() {
    proved(&spot::CAPABILITIES);
}

#[test]
fn linear() {
    proved(&linear::CAPABILITIES);
}
