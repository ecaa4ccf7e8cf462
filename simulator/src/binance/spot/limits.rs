//! Request limits by address: weight, count, connections, bans.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::clock::Timestamp;
use crate::config::Limits;
use crate::windows::Window;

const LONGEST_BAN: u64 = 3 * 24 * 3600;

/// What each address has used.
#[derive(Debug, Default)]
pub(super) struct IpLimits {
    by_address: Mutex<HashMap<IpAddr, Used>>,
}

#[derive(Debug)]
struct Used {
    weight: Window,
    requests: Window,
    connections: Window,
    refusals: u64,
    bans: u32,
    banned_until: Option<Timestamp>,
}

/// A refusal for having asked too much.
#[derive(Debug)]
pub(super) struct TooMuch {
    pub(super) error: ApiError,
    pub(super) retry_after: u64,
}

impl Used {
    fn new() -> Used {
        Used {
            weight: Window::new(Duration::from_secs(60)),
            requests: Window::new(Duration::from_secs(300)),
            connections: Window::new(Duration::from_secs(300)),
            refusals: 0,
            bans: 0,
            banned_until: None,
        }
    }
}

impl IpLimits {
    /// Charges a request of `weight`; `other` is spent by other clients in every window.
    pub(super) fn charge(
        &self,
        peer: IpAddr,
        now: Timestamp,
        (weight, other): (u64, u64),
        limits: &Limits,
    ) -> Result<(), TooMuch> {
        let mut by_address = self.by_address.lock();
        let used = by_address.entry(peer).or_insert_with(Used::new);
        if let Some(until) = used.banned_until.filter(|until| now < *until) {
            return Err(banned(until, now));
        }
        used.banned_until = None;
        let spent = used.weight.add(now, weight) + other;
        let requests = used.requests.add(now, 1);
        let wait = if spent > limits.weight_per_minute {
            Some((
                used.weight.left(now),
                format!(
                    "Too much request weight used; current limit is {} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
                    limits.weight_per_minute
                ),
            ))
        } else if requests > limits.requests_per_5_minutes {
            let limit = limits.requests_per_5_minutes;
            let text = format!("Too many requests; current limit is {limit} requests per 5 MINUTE.");
            Some((used.requests.left(now), text))
        } else {
            None
        };
        let Some((left, message)) = wait else {
            used.refusals = 0;
            return Ok(());
        };
        used.refusals += 1;
        if used.refusals > limits.refusals_until_ban {
            let seconds = limits.ban_seconds.saturating_mul(1 << used.bans.min(20)).min(LONGEST_BAN);
            let until = now.plus(Duration::from_secs(seconds));
            (used.refusals, used.bans, used.banned_until) = (0, used.bans + 1, Some(until));
            return Err(banned(until, now));
        }
        Err(TooMuch { error: ApiError { status: 429, code: -1003, message }, retry_after: seconds(left) })
    }

    /// Counts a connection; false if there were too many.
    pub(super) fn connect(&self, peer: IpAddr, now: Timestamp, limits: &Limits) -> bool {
        let mut by_address = self.by_address.lock();
        let used = by_address.entry(peer).or_insert_with(Used::new);
        used.banned_until.is_none_or(|until| now >= until)
            && used.connections.add(now, 1) <= limits.connections_per_5_minutes
    }

    /// Weight used in the present minute.
    pub(super) fn weight(&self, peer: IpAddr, now: Timestamp) -> u64 {
        self.by_address.lock().get_mut(&peer).map_or(0, |used| used.weight.count(now))
    }
}

fn banned(until: Timestamp, now: Timestamp) -> TooMuch {
    let message = format!(
        "Way too much request weight used; IP banned until {}. Please use WebSocket Streams for live updates to avoid bans.",
        until.millis()
    );
    TooMuch { error: ApiError { status: 418, code: -1003, message }, retry_after: seconds(until.since(now)) }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
