//! Balances.

use crate::Row;

/// Balances.
pub(super) const ROWS: &[Row] = &[
    Row::needs("BAL-01", "balances are exact, and a full read replaces the set", "orders"),
    Row::needs("BAL-02", "a stream event sets the assets that it lists", "orders"),
    Row::needs("BAL-03", "an older value never replaces a newer", "orders"),
    Row::needs("BAL-04", "available falls by what an order locks", "orders"),
    Row::needs("BAL-05", "available is estimated where the stream has totals only", "orders"),
    Row::needs("BAL-06", "deposits, withdrawals and transfers are seen", "orders"),
    Row::needs("BAL-07", "dust is shown and left", "orders"),
    Row::needs("BAL-08", "reads repair a missed event", "orders"),
    Row::needs("BAL-09", "a budget bounds what is available", "orders"),
];
