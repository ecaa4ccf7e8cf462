//! Request limits: weight by address, new orders by account; answers say in a header how much is used.

use std::time::Duration;

use tradewire_core::Error;
use tradewire_transport::{Answer, PoolSpec, Refusal, RestDialect, Scope, StreamLimits, Unit, Used, Window};

use crate::error_codes;

/// New connections from one network address in [`CONNECTS_WINDOW`].
pub(crate) const CONNECTS_MAX: usize = 100;
/// The window of [`CONNECTS_MAX`].
pub(crate) const CONNECTS_WINDOW: Duration = Duration::from_secs(300);

/// The limits. The framework waits for room in every pool that a request takes from. Those that are not documented stay below what
/// is tolerated, and say so here.
pub(crate) const POOLS: &[PoolSpec] = &[
    // {pools}
];

/// What one socket takes.
pub(crate) const STREAM_LIMITS: StreamLimits =
    StreamLimits { topics_per_request: 10, request_bytes_max: 4_096, frames_per_second: 5 };

/// What answers say besides their content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExampleDialect;

impl RestDialect for ExampleDialect {
    /// How much of which limit an answer's headers say to be used: nothing, until it is written.
    fn used(&self, _answer: &Answer<'_>) -> Vec<Used> {
        Vec::new()
    }

    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal> {
        error_codes::refusal(answer)
    }

    fn error(&self, answer: &Answer<'_>) -> Option<Error> {
        error_codes::error(answer)
    }
}
