//! The conformance suite on Binance's markets: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so.

use tradewire::{Addresses, Capabilities};
use tradewire_binance::{spot, usdm};
use tradewire_conformance::{RowReport, Selection, Subject, run};

/// Behaviours that the connector of USD-M perpetuals, the simulated exchange or the row itself does not show yet. The rows run,
/// and `tradewire conform binance-usdm` tells what happens instead; no other row may fail.
const OPEN_ON_USDM: &[&str] = &[
    // The connector or the framework: reads while closed, at each start and between events; amendments made elsewhere.
    "USER-12", "ORD-02", "ORD-10", "ORD-20", "RECON-05", "RECON-07", "BAL-04", "BAL-09", "LIFE-04", "LIFE-07",
    // The simulated exchange: windows, order counts, long ids and moving bounds.
    "CONF-05", "LIMIT-09", "LIMIT-12", "RULE-11", "CAP-03",
    // Rows that still speak of assets, amounts in quote units and fills in replies.
    "CONF-07", "LIMIT-08", "RULE-07", "RULE-09", "USER-14", "ORD-06", "ORD-18", "ORD-19", "ORD-21", "FILL-02",
    "FILL-03", "FILL-09", "RECON-01", "RECON-02", "BAL-02", "BAL-07", "BAL-08", "CAP-01", "CAP-02", "NOBAL-05",
    "NOBAL-06", "NOBAL-07",
];

fn conforms(declared: &'static Capabilities, open: &[&str]) {
    let connect = |addresses: &Addresses| tradewire::market_source(declared.exchange, addresses);
    let account = |addresses: &Addresses, credentials, order_entry| {
        tradewire::account_source(declared.exchange, addresses, credentials, order_entry)
    };
    let subject = Subject::known(declared.clone(), connect).expect("the exchange is known").with_account(account);
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let report = run(&subject, &Selection { component: None, ids });
    println!("{}", report.text());
    let failed: Vec<&str> = report.failed().map(|row| row.id.as_str()).filter(|id| !open.contains(id)).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
    assert!(report.rows.iter().any(RowReport::ran), "no behaviour ran");
}

#[test]
fn spot() {
    conforms(&spot::CAPABILITIES, &[]);
}

#[test]
fn usdm() {
    conforms(&usdm::CAPABILITIES, OPEN_ON_USDM);
}
