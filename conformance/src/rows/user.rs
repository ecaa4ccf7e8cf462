//! The private stream.

use crate::Row;

/// The private stream.
pub(super) const ROWS: &[Row] = &[
    Row::needs("USER-01", "connect, log in, subscribe, reconcile, in this order; then ready", "a private stream"),
    Row::needs("USER-02", "every documented private event decodes with every needed field", "a private stream"),
    Row::needs("USER-03", "the report of a cancel reaches the order that it cancels", "a private stream"),
    Row::needs(
        "USER-04",
        "a message with several orders is processed whole, whatever one of them is",
        "a private stream",
    ),
    Row::needs("USER-05", "unknown kinds and words are kept as text and stop nothing", "a private stream"),
    Row::needs("USER-06", "an unreadable private frame is told and the account reconciled", "a private stream"),
    Row::needs("USER-07", "events of pairs that are not followed are tracked", "a private stream"),
    Row::needs("USER-08", "a listen key is extended in time", "a private stream"),
    Row::needs("USER-09", "an expired listen key is replaced within a second", "a private stream"),
    Row::needs("USER-10", "a listen key that dies without notice is found", "a private stream"),
    Row::needs("USER-11", "the private stream is renewed without a gap", "a private stream"),
    Row::needs("USER-12", "a lost private stream is replaced and polls stand in", "a private stream"),
    Row::needs(
        "USER-13",
        "a login refused for the clock is repeated, one refused for the key is not",
        "a private stream",
    ),
    Row::needs("USER-14", "private events are never dropped", "a private stream"),
];
