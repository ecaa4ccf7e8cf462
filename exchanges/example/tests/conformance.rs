//! The conformance suite on this connector, as an author outside of this repository runs it: the crate brings its exchange's
//! [`Wire`](tradewire_conformance::Wire) itself, and nothing in the framework names the exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05 cargo test -p tradewire-example --test conformance -- --nocapture` runs only the rows whose
//! ids begin so.

mod wire;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use tradewire_conformance::{Component, Report, RowReport, Selection, Subject, run};
use tradewire_core::{Addresses, Error};
use tradewire_example::{CAPABILITIES, Example, ExampleAccount};
use tradewire_transport::Clock;

/// Markets in use, by their addresses: all that talk to the same servers share limits.
static MARKETS: Mutex<Vec<(Addresses, Weak<Example>)>> = Mutex::new(Vec::new());

fn market(addresses: &Addresses) -> Result<Arc<Example>, Error> {
    let mut markets = MARKETS.lock().unwrap_or_else(PoisonError::into_inner);
    markets.retain(|(_, market)| market.strong_count() > 0);
    let known = markets.iter().find(|(at, _)| at == addresses).and_then(|(_, market)| market.upgrade());
    if let Some(market) = known {
        return Ok(market);
    }
    let market = Arc::new(Example::new(addresses, Clock::start())?);
    markets.push((addresses.clone(), Arc::downgrade(&market)));
    Ok(market)
}

fn subject() -> Subject {
    Subject::new(CAPABILITIES.clone(), |addresses| Ok(market(addresses)?), wire::ExampleWire)
        .with_account(|addresses, credentials, _| Ok(Arc::new(ExampleAccount::new(market(addresses)?, credentials)?)))
}

/// The stages that are proved.
const PROVED: &[Component] = &[
    Component::Auth,
    Component::OrderBook,
    Component::MarketStream,
    Component::UserStream,
    Component::NoBalanceStream,
];

/// Rows of these stages that presume more than this exchange has: keys of other kinds than HMAC (AUTH-10, SEC-03), a
/// signed query and nothing around it (SEC-01, SEC-02), and wrong levels that only a comparison finds (BOOK-14: here
/// the checksum finds them at once).
const OPEN: &[&str] = &["AUTH-10", "BOOK-14", "SEC-01", "SEC-02", "SEC-03"];

#[test]
fn example() {
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
