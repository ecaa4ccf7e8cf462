//! Reconciliation and restart.

use crate::Row;

/// Reconciliation and restart.
pub(super) const ROWS: &[Row] = &[
    Row::needs("RECON-01", "after every private connect the account is fetched and merged", "orders"),
    Row::needs("RECON-02", "fills of the time down come once, in order, before the end", "orders"),
    Row::needs("RECON-03", "whatever changed while down is seen", "orders"),
    Row::needs("RECON-04", "the window moves only after all of it has arrived", "orders"),
    Row::needs("RECON-05", "lists are read to the last page", "orders"),
    Row::needs("RECON-06", "polls go by the health of the private stream", "orders"),
    Row::needs("RECON-07", "a poll asks in bulk", "orders"),
    Row::needs("RECON-08", "ten minutes without network end no order", "orders"),
    Row::needs("RECON-09", "a private stream that REST contradicts is replaced", "orders"),
    Row::needs("RECON-10", "a pair without readable history delays only itself", "orders"),
    Row::needs("RECON-11", "killed before sending: found missing, ended", "orders"),
    Row::needs("RECON-12", "killed after sending: found, no second order", "orders"),
    Row::needs("RECON-13", "killed with live orders: as if unbroken", "orders"),
    Row::needs("RECON-14", "killed at any write of the journal: the same events", "orders"),
    Row::needs("RECON-15", "a torn record is dropped, other damage stops the start", "orders"),
    Row::needs("RECON-16", "without a journal nothing is placed, and cancels go on", "orders"),
];
