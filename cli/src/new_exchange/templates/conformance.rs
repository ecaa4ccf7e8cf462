//! The conformance suite on this connector, stage by stage in the order in which a connector is written: the first stage with a
//! behaviour that is not there yet ends the test, and the report says what to write next.
//!
//! `CONFORMANCE_ROWS=BOOK-06 cargo test --test conformance -- --nocapture` runs only the behaviours whose ids begin so;
//! `CONFORMANCE_FROM=order-book` leaves out the stages before that one.

mod wire;

use std::sync::Arc;

use tradewire_conformance::{Subject, prove_build_up};
use tradewire_core::{Addresses, Capabilities};
use tradewire_tracking::MarketSource;
use {crate}::{CAPABILITIES, Example, ExampleAccount, PERPETUAL_CAPABILITIES};

fn subject(market: &'static Capabilities, of: wire::Market) -> Subject {
    let source = move |addresses: &Addresses| Ok(Example::shared(market, addresses)? as Arc<dyn MarketSource>);
    Subject::new(market.clone(), source, wire::ExampleWire(of)).with_account(move |addresses, credentials, _| {
        Ok(Arc::new(ExampleAccount::new(Example::shared(market, addresses)?, credentials)?))
    })
}

/// Behaviours that need not hold yet, each with the reason.
const OPEN: &[&str] = &[];

#[test]
fn spot() {
    prove_build_up(&subject(&CAPABILITIES, wire::Market::Spot), OPEN);
}

#[test]
#[ignore = "step 7 of the guide: remove this line when the spot market is green"]
fn perpetual() {
    prove_build_up(&subject(&PERPETUAL_CAPABILITIES, wire::Market::Perpetual), OPEN);
}
