//! What becomes of orders on Kraken when commands meet faults: the placing of orders, unless cells are chosen.
//!
//! `ORDER_OUTCOMES='cancel drop'` plays only the cells whose names begin so, and `ORDER_OUTCOMES=` all.

mod common;

use tradewire_conformance::matrix;
use tradewire_tracking::OrderEntry;

#[test]
fn by_rest() {
    matrix::check(&common::subject(), OrderEntry::Rest, "place");
}
