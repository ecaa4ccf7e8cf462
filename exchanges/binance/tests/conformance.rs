//! The conformance suite on Binance's markets: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so, whatever their stage is.

use tradewire::Capabilities;
use tradewire_binance::{spot, usdm};
use tradewire_conformance::{Component, RowReport, Selection, Subject, run};

/// The stages that are proved for USD-M perpetuals. `tradewire conform binance-usdm` runs all of them and tells what happens.
const PROVED_ON_USDM: &[Component] =
    &[Component::Auth, Component::OrderBook, Component::MarketStream, Component::UserStream, Component::Perpetual];

fn conforms(declared: &'static Capabilities, component: Option<Component>) {
    let subject = Subject::named(declared, tradewire::market_source, tradewire::account_source);
    let subject = subject.expect("the exchange is known");
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let all = ids.is_empty();
    let report = run(&subject, &Selection { component, ids });
    println!("{}", report.text());
    let failed: Vec<&str> = report.failed().map(|row| row.id.as_str()).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
    assert!(!all || report.rows.iter().any(RowReport::ran), "no behaviour ran");
}

#[test]
fn spot() {
    conforms(&spot::CAPABILITIES, None);
}

#[test]
fn usdm() {
    if std::env::var_os("CONFORMANCE_ROWS").is_some() {
        return conforms(&usdm::CAPABILITIES, None);
    }
    for stage in PROVED_ON_USDM {
        conforms(&usdm::CAPABILITIES, Some(*stage));
    }
}
