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
    request_connections: Window,
    refusals: u64,
    bans: u32,
    banned_until: Option<Timestamp>,
}

impl Used {
    fn new() -> Used {
        Used {
            weight: Window::new(Duration::from_secs(60)),
            requests: Window::new(Duration::from_secs(300)),
            connections: Window::new(Duration::from_secs(300)),
            request_connections: Window::new(Duration::from_secs(300)),
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
    ) -> Result<(), ApiError> {
        let mut by_address = self.by_address.lock();
        let used = by_address.entry(peer).or_insert_with(Used::new);
        if let Some(until) = used.banned_until.filter(|until| now < *until) {
            return Err(banned(until));
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
            return Err(banned(until));
        }
        Err(ApiError { retry_at: Some(now.plus(left)), ..ApiError::with_status(429, -1003, message) })
    }

    /// Charges `weight` for something that has been done already.
    pub(super) fn add(&self, peer: IpAddr, now: Timestamp, weight: u64) {
        self.by_address.lock().entry(peer).or_insert_with(Used::new).weight.add(now, weight);
    }

    /// Counts a connection; false if there were too many. One for requests costs `weight`.
    pub(super) fn connect(&self, peer: IpAddr, now: Timestamp, weight: Option<u64>, limits: &Limits) -> bool {
        let mut by_address = self.by_address.lock();
        let used = by_address.entry(peer).or_insert_with(Used::new);
        if used.banned_until.is_some_and(|until| now < until) {
            return false;
        }
        let window = if weight.is_some() { &mut used.request_connections } else { &mut used.connections };
        let few = window.add(now, 1) <= limits.connections_per_5_minutes;
        if let Some(weight) = weight.filter(|_| few) {
            used.weight.add(now, weight);
        }
        few
    }

    /// Weight used in the present minute.
    pub(super) fn weight(&self, peer: IpAddr, now: Timestamp) -> u64 {
        self.by_address.lock().get_mut(&peer).map_or(0, |used| used.weight.count(now))
    }
}

fn banned(until: Timestamp) -> ApiError {
    let message = format!(
        "Way too much request weight used; IP banned until {}. Please use WebSocket Streams for live updates to avoid bans.",
        until.millis()
    );
    ApiError { retry_at: Some(until), ..ApiError::with_status(418, -1003, message) }
}
