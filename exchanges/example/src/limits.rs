//! Request limits: weight by address, new orders by account. See "Limits" in `API.md`.

use std::time::Duration;

use tradewire_core::Error;
use tradewire_transport::{Answer, PoolSpec, Refusal, RestDialect, Scope, StreamLimits, Unit, Used, Window};

use crate::error_codes;

const MINUTE: Duration = Duration::from_secs(60);
/// New connections from one network address in [`CONNECTS_WINDOW`].
pub(crate) const CONNECTS_MAX: usize = 300;
/// The window of [`CONNECTS_MAX`].
pub(crate) const CONNECTS_WINDOW: Duration = Duration::from_secs(300);

/// The limits. The framework waits for room in every pool that a request takes from.
pub(crate) const POOLS: &[PoolSpec] = &[
    PoolSpec { unit: Unit::Weight, limit: 6_000, window: Window::Fixed(MINUTE), scope: Scope::Address, cancels: true },
    PoolSpec {
        unit: Unit::Orders,
        limit: 100,
        window: Window::Fixed(Duration::from_secs(10)),
        scope: Scope::Account,
        cancels: false,
    },
];

/// What one socket takes.
pub(crate) const STREAM_LIMITS: StreamLimits =
    StreamLimits { topics_per_request: 50, request_bytes_max: 4_096, frames_per_second: 10 };

/// What answers say besides their content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExampleDialect;

impl RestDialect for ExampleDialect {
    fn used(&self, answer: &Answer<'_>) -> Vec<Used> {
        let used = answer.header("ex-weight").and_then(|text| text.parse().ok());
        used.map(|used| Used { unit: Unit::Weight, window: MINUTE, used }).into_iter().collect()
    }

    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal> {
        error_codes::refusal(answer)
    }

    fn error(&self, answer: &Answer<'_>) -> Option<Error> {
        error_codes::error(answer)
    }
}
