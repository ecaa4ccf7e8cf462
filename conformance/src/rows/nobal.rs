//! Balances without a balance stream.

use crate::Row;

/// Balances without a balance stream.
pub(super) const ROWS: &[Row] = &[
    Row::needs("NOBAL-01", "estimated balances equal the ledger when nothing is in flight", "orders"),
    Row::needs("NOBAL-02", "each read takes everything in one step", "orders"),
    Row::needs("NOBAL-03", "a read during a change is repeated", "orders"),
    Row::needs("NOBAL-04", "fills at the instant of the read count as inside", "orders"),
    Row::needs("NOBAL-05", "a market order never makes a figure missing", "orders"),
    Row::needs("NOBAL-06", "a negative figure is shown as 0, told, and read again", "orders"),
    Row::needs("NOBAL-07", "orders of unknown outcome keep their lock", "orders"),
];
