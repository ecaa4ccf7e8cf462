//! Request limits: <https://docs.kraken.com/exchange/guides/rest/ratelimits> and
//! <https://docs.kraken.com/exchange/guides/general/ratelimits>.

use std::time::Duration;

use tradewire_core::Error;
use tradewire_transport::{Answer, Cost, PoolSpec, Refusal, RestDialect, Scope, StreamLimits, Unit, Used, Window};

use crate::error_codes;

/// New connections from one network address in [`CONNECTS_WINDOW`].
pub(crate) const CONNECTS_MAX: usize = 150;
/// The window of [`CONNECTS_MAX`].
pub(crate) const CONNECTS_WINDOW: Duration = Duration::from_secs(600);

/// The call counter of a key.
pub(crate) const CALLS: &str = "calls";
/// Cancels: see [`POOLS`].
const CANCELS: &str = "cancels";

/// The limits, of the lowest tier: which one an account has no answer tells.
///
/// * For public requests the exchange gives no figures; about one a second is tolerated.
/// * The call counter falls by a third in a second.
/// * The trading counter is one a pair and falls by one in a second; here all pairs share one. A new order adds one. What a cancel
///   adds depends on how long its order has rested, which is left to the exchange: once it refuses, new orders wait, cancels do not.
pub(crate) const POOLS: &[PoolSpec] = &[
    PoolSpec {
        unit: Unit::Weight,
        limit: 15,
        window: Window::Rolling(Duration::from_secs(15)),
        scope: Scope::Address,
        cancels: false,
    },
    PoolSpec {
        unit: Unit::Named(CALLS),
        limit: 15,
        window: Window::Draining(Duration::from_secs(3)),
        scope: Scope::Account,
        cancels: false,
    },
    PoolSpec {
        unit: Unit::Orders,
        limit: 60,
        window: Window::Draining(Duration::from_secs(1)),
        scope: Scope::Account,
        cancels: false,
    },
    PoolSpec {
        unit: Unit::Named(CANCELS),
        limit: 60,
        window: Window::Draining(Duration::from_secs(1)),
        scope: Scope::Account,
        cancels: true,
    },
];

/// What a public request takes.
pub(crate) const PUBLIC: Cost = Cost::weight(1);
/// What a question about the account takes.
pub(crate) const CALL: Cost = Cost::weight(0).with_named(CALLS, 1);
/// What a question about its history takes.
pub(crate) const HISTORY: Cost = Cost::weight(0).with_named(CALLS, 2);
/// What a new order and a changed one take.
pub(crate) const ORDER: Cost = Cost::weight(0).with_orders(1);
/// What a cancel takes.
pub(crate) const CANCEL: Cost = Cost::weight(0).with_named(CANCELS, 1);

/// What one socket takes. Each symbol of a request is acknowledged by itself, so each is asked for by itself.
pub(crate) const STREAM_LIMITS: StreamLimits =
    StreamLimits { topics_per_request: 1, request_bytes_max: 4_096, frames_per_second: 20 };

/// What answers say besides their content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KrakenDialect;

impl RestDialect for KrakenDialect {
    fn used(&self, _: &Answer<'_>) -> Vec<Used> {
        Vec::new()
    }

    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal> {
        error_codes::refusal(answer)
    }

    fn error(&self, answer: &Answer<'_>) -> Option<Error> {
        error_codes::error(answer)
    }
}
