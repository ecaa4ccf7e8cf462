//! Orders: cancels, batches, other hands, sockets.

use crate::Row;

/// Orders: cancels, batches, other hands, sockets.
pub(super) const ROWS: &[Row] = &[
    Row::needs("ORD-23", "a positive cancel reply ends the order where it means done", "orders"),
    Row::needs("ORD-24", "a cancel before the acceptance is not lost", "orders"),
    Row::needs("ORD-25", "a fill during a cancel counts before the end", "orders"),
    Row::needs("ORD-26", "filled during a cancel ends as Filled", "orders"),
    Row::needs("ORD-27", "a refused cancel says neither alive nor dead", "orders"),
    Row::needs("ORD-28", "a cancel without an answer is repeated, then unknown", "orders"),
    Row::needs("ORD-29", "cancel-all gives one result an order and spares those of others", "orders"),
    Row::needs("ORD-30", "a batch gives one result an element, in order", "orders"),
    Row::needs("ORD-31", "orders of other origin are seen, and can be adopted", "orders"),
    Row::needs("ORD-32", "two connectors on one account end with the same balances", "orders"),
    Row::needs("ORD-33", "no frame of an old order socket is written on a new one", "orders"),
    Row::needs("ORD-34", "closed orders stay in memory for a while, then in the journal", "orders"),
    Row::needs("ORD-35", "the dead-man switch is armed and renewed", "orders"),
    Row::needs("ORD-36", "after a thousand orders with random faults everything equals the ledger", "orders"),
];
