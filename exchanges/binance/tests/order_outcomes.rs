//! What becomes of orders on Binance's markets when commands meet faults: every cell of the tables, by each order wire; of USD-M
//! by the socket only the placing of orders, unless cells are chosen.
//!
//! `ORDER_OUTCOMES='cancel drop'` plays only the cells whose names begin so.

use tradewire::Capabilities;
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
    let subject = Subject::named(declared, tradewire::market_source, tradewire::account_source);
    matrix::check(&subject.expect("the exchange is known"), wire, usual);
}
