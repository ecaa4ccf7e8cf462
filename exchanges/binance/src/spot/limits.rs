use std::time::Duration;

use tradewire_core::Error;
use tradewire_transport::{Answer, PoolSpec, Refusal, RestDialect, Unit, Used};

use super::error_codes;
use crate::limits::pool;

/// The limits before the exchange has published its own, at the lowest values seen.
pub(crate) const POOLS: &[PoolSpec] = &[
    pool(Unit::Weight, 6_000, 60),
    pool(Unit::Requests, 61_000, 300),
    pool(Unit::Orders, 50, 10),
    pool(Unit::Orders, 160_000, 86_400),
];

/// New connections from one network address in [`CONNECTS_WINDOW`].
pub(crate) const CONNECTS_MAX: usize = 300;
/// The window of [`CONNECTS_MAX`].
pub(crate) const CONNECTS_WINDOW: Duration = Duration::from_secs(300);

/// The weight of a book snapshot of up to `depth` levels a side.
pub(crate) const fn depth_weight(depth: u32) -> u32 {
    match depth {
        0..=100 => 5,
        101..=500 => 25,
        501..=1_000 => 50,
        _ => 250,
    }
}

/// What spot's answers say besides their content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpotDialect;

impl RestDialect for SpotDialect {
    fn used(&self, answer: &Answer<'_>) -> Vec<Used> {
        crate::limits::used(answer)
    }

    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal> {
        crate::error_codes::refusal(answer)
    }

    fn error(&self, answer: &Answer<'_>) -> Option<Error> {
        crate::error_codes::error(answer, error_codes::kind)
    }
}
