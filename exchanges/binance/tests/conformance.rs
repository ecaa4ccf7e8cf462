//! The conformance suite on Binance spot: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so.

use tradewire::Addresses;
use tradewire_binance::spot::CAPABILITIES;
use tradewire_conformance::{Selection, Subject, run};

#[test]
fn spot() {
    let connect = |addresses: &Addresses| tradewire::market_source(CAPABILITIES.exchange, addresses);
    let account = |addresses: &Addresses, credentials, order_entry| {
        tradewire::account_source(CAPABILITIES.exchange, addresses, credentials, order_entry)
    };
    let subject = Subject::known(CAPABILITIES.clone(), connect).expect("the exchange is known").with_account(account);
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let report = run(&subject, &Selection { component: None, ids });
    println!("{}", report.text());
    assert!(report.is_green(), "{} behaviours failed", report.failed().count());
}
