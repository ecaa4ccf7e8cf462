use std::time::Duration;

use tradewire_core::FeeRates;

/// How long a reply that means "received" may stay without a report that says more.
pub(super) const ACK_CONFIRM: Duration = Duration::from_secs(5);
/// How long the private stream has to show what REST or a reply knows.
pub(super) const STREAM_LAG: Duration = Duration::from_secs(5);
/// How long the private stream has to bring fills that a report counts.
pub(super) const FILL_WAIT: Duration = Duration::from_secs(5);
/// Receive window plus the longest wait of an engine: until then "no such order" proves nothing.
pub(super) const NOT_FOUND_GRACE: Duration = Duration::from_secs(15);
/// Two answers closer than this are one.
pub(super) const NOT_FOUND_SPACING: Duration = Duration::from_secs(2);
/// How often a cancel without an answer is sent.
pub(super) const CANCEL_TRIES: u8 = 3;
/// How often a fee that no report has told is asked for.
pub(super) const FEE_TRIES: u8 = 3;
/// How long a closed order stays in memory.
pub(super) const CLOSED_ORDER_TTL: Duration = Duration::from_secs(600);
/// How many closed orders stay in memory.
pub(super) const CLOSED_ORDER_MAX: usize = 10_000;
/// How many orders are kept that the exchange names and nobody can tell whose they are.
pub(super) const STRANGERS_MAX: usize = 100_000;

/// What differs from account to account.
#[derive(Clone, Copy, Debug)]
pub struct OrdersSettings {
    /// The commission where no other is known.
    pub default_fees: FeeRates,
    /// The seed of the ±20 % by which repeated questions are spread.
    pub seed: u64,
}
