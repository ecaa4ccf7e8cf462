//! What becomes of orders on Binance spot when commands meet faults: every cell of the tables, by each order wire.
//!
//! `ORDER_OUTCOMES='cancel drop'` plays only the cells whose names begin so.

use tradewire::Addresses;
use tradewire_binance::spot::CAPABILITIES;
use tradewire_conformance::{Subject, matrix};
use tradewire_tracking::OrderEntry;

#[test]
fn commands_by_rest() {
    play(OrderEntry::Rest);
}

#[test]
fn commands_by_socket() {
    play(OrderEntry::Socket);
}

fn play(wire: OrderEntry) {
    let connect = |addresses: &Addresses| tradewire::market_source(CAPABILITIES.exchange, addresses);
    let account = |addresses: &Addresses, credentials, order_entry| {
        tradewire::account_source(CAPABILITIES.exchange, addresses, credentials, order_entry)
    };
    let subject = Subject::known(CAPABILITIES.clone(), connect).expect("the exchange is known").with_account(account);
    let only = std::env::var("ORDER_OUTCOMES").unwrap_or_default();
    let differences = matrix::run(&subject, wire, &only);
    for difference in &differences {
        println!("{difference}");
    }
    assert!(differences.is_empty(), "{} cells differ", differences.len());
}
