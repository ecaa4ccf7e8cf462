//! The conformance suite on Binance's markets: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so, whatever their stage is.

use tradewire::Capabilities;
use tradewire_binance::{spot, usdm};
use tradewire_conformance::{Component, Subject, prove};

/// The stages that are proved for USD-M perpetuals. `tradewire conform binance-usdm` runs all of them and tells what happens.
const PROVED_ON_USDM: &[Component] =
    &[Component::Auth, Component::OrderBook, Component::MarketStream, Component::UserStream, Component::Perpetual];

fn subject(declared: &'static Capabilities) -> Subject {
    let subject = Subject::named(declared, tradewire::market_source, tradewire::account_source);
    subject.expect("the exchange is known")
}

#[test]
fn spot() {
    prove(&subject(&spot::CAPABILITIES), &[], &[]);
}

#[test]
fn usdm() {
    prove(&subject(&usdm::CAPABILITIES), PROVED_ON_USDM, &[]);
}
