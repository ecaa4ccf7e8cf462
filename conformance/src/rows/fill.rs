//! Fills.

use crate::Row;

/// Fills.
pub(super) const ROWS: &[Row] = &[
    Row::needs("FILL-01", "a fill counts once, whatever its sources", "orders"),
    Row::needs("FILL-02", "one trade id on two pairs, or against oneself, is two fills", "orders"),
    Row::needs("FILL-03", "a fill has all its fields, and nothing else is a fill", "orders"),
    Row::needs("FILL-04", "an end waits for the fills that it counts", "orders"),
    Row::needs("FILL-05", "a fill after the end corrects the totals", "orders"),
    Row::needs("FILL-06", "a fill without client order id finds its order", "orders"),
    Row::needs("FILL-07", "a fill of an order never seen makes it known", "orders"),
    Row::needs("FILL-08", "fees in a third asset, and rebates, are kept as charged", "orders"),
    Row::needs("FILL-09", "a missing fee is estimated and replaced once", "orders"),
];
