//! The conformance suite on this connector, stage by stage in the order in which a connector is written: the first stage with a
//! behaviour that is not there yet ends the test, and the report says what to write next.
//!
//! `CONFORMANCE_ROWS=BOOK-06 cargo test --test conformance -- --nocapture` runs only the behaviours whose ids begin so;
//! `CONFORMANCE_FROM=order-book` leaves out the stages before that one.

#[allow(dead_code, reason = "the fictional exchange has two markets")]
mod wire;

use std::sync::Arc;

use tradewire_conformance::{Component, Selection, Subject, build_up, run};
use tradewire_core::Addresses;
use tradewire_tracking::MarketSource;
use {crate}::{CAPABILITIES, Example, ExampleAccount};

fn subject() -> Subject {
    let market = |addresses: &Addresses| Ok(Example::shared(&CAPABILITIES, addresses)? as Arc<dyn MarketSource>);
    let wire = wire::ExampleWire(wire::Market::Spot);
    Subject::new(CAPABILITIES.clone(), market, wire).with_account(|addresses, credentials, _| {
        Ok(Arc::new(ExampleAccount::new(Example::shared(&CAPABILITIES, addresses)?, credentials)?))
    })
}

/// Behaviours that need not hold, and why: these presume a signed query and nothing around it, which the fictional exchange has not.
const OPEN: &[&str] = &["SEC-01", "SEC-02"];

#[test]
fn conforms() {
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if !ids.is_empty() {
        let report = run(&subject(), &Selection { component: None, ids });
        println!("{}", report.text());
        assert!(report.is_green(), "these behaviours are not all there");
        return;
    }
    let from = std::env::var("CONFORMANCE_FROM").map_or(Component::Auth, |name| name.parse().expect("a component"));
    let progress = build_up(&subject(), from, OPEN);
    println!("{}", progress.text());
    assert!(progress.is_green(), "{}", progress.next().unwrap_or_default());
}
