//! What becomes of orders on Bybit's markets when commands meet faults: of spot every cell of the tables by REST, and the placing of
//! orders by the socket; of linear the placing by REST and the cancel by the socket, unless cells are chosen.
//!
//! `ORDER_OUTCOMES='cancel drop'` plays only the cells whose names begin so, and `ORDER_OUTCOMES=` all.

use tradewire::Capabilities;
use tradewire_bybit::{linear, spot};
use tradewire_conformance::{Subject, matrix};
use tradewire_tracking::OrderEntry;

#[test]
fn spot_by_rest() {
    play(&spot::CAPABILITIES, OrderEntry::Rest, "");
}

#[test]
fn spot_by_socket() {
    play(&spot::CAPABILITIES, OrderEntry::Socket, "place");
}

#[test]
fn linear_by_rest() {
    play(&linear::CAPABILITIES, OrderEntry::Rest, "place");
}

#[test]
fn linear_by_socket() {
    play(&linear::CAPABILITIES, OrderEntry::Socket, "cancel");
}

fn play(declared: &'static Capabilities, wire: OrderEntry, usual: &str) {
    let subject = Subject::named(declared, tradewire::market_source, tradewire::account_source);
    matrix::check(&subject.expect("the exchange is known"), wire, usual);
}
