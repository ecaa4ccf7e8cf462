//! The conformance suite on Binance's markets: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so.

use tradewire::{Addresses, Capabilities};
use tradewire_binance::{spot, usdm};
use tradewire_conformance::{Selection, Subject, run};

fn conforms(declared: &'static Capabilities) {
    let connect = |addresses: &Addresses| tradewire::market_source(declared.exchange, addresses);
    let account = |addresses: &Addresses, credentials, order_entry| {
        tradewire::account_source(declared.exchange, addresses, credentials, order_entry)
    };
    let subject = Subject::known(declared.clone(), connect).expect("the exchange is known").with_account(account);
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let report = run(&subject, &Selection { component: None, ids });
    println!("{}", report.text());
    assert!(report.is_green(), "{} behaviours failed", report.failed().count());
}

#[test]
fn spot() {
    conforms(&spot::CAPABILITIES);
}

#[test]
fn usdm() {
    conforms(&usdm::CAPABILITIES);
}
