//! What becomes of orders on Binance's markets when commands meet faults: every cell of the tables, by each order wire; of USD-M
//! by the socket only the placing of orders, unless cells are chosen.
//!
//! `ORDER_OUTCOMES='cancel drop'` plays only the cells whose names begin so.

use tradewire::{Addresses, Capabilities};
use tradewire_binance::{spot, usdm};
use tradewire_conformance::{Subject, matrix};
use tradewire_tracking::OrderEntry;

#[test]
fn spot_by_rest() {
    play(&spot::CAPABILITIES, OrderEntry::Rest, "");
}

#[test]
fn spot_by_socket() {
    play(&spot::CAPABILITIES, OrderEntry::Socket, "");
}

#[test]
fn usdm_by_rest() {
    play(&usdm::CAPABILITIES, OrderEntry::Rest, "");
}

#[test]
fn usdm_by_socket() {
    play(&usdm::CAPABILITIES, OrderEntry::Socket, "place");
}

fn play(declared: &'static Capabilities, wire: OrderEntry, usual: &str) {
    let connect = |addresses: &Addresses| tradewire::market_source(declared.exchange, addresses);
    let account = |addresses: &Addresses, credentials, order_entry| {
        tradewire::account_source(declared.exchange, addresses, credentials, order_entry)
    };
    let subject = Subject::known(declared.clone(), connect).expect("the exchange is known").with_account(account);
    let only = std::env::var("ORDER_OUTCOMES").unwrap_or_else(|_| usual.to_owned());
    let differences = matrix::run(&subject, wire, &only);
    for difference in &differences {
        println!("{difference}");
    }
    assert!(differences.is_empty(), "{} cells differ", differences.len());
}
