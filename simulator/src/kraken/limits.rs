//! Requests and connections of an address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::exchange::Exchange;
use crate::windows::Window;

const MINUTE: Duration = Duration::from_secs(60);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// What was used.
#[derive(Debug, Default)]
pub(super) struct Used {
    requests: Mutex<HashMap<IpAddr, Window>>,
    connections: Mutex<HashMap<IpAddr, Window>>,
}

impl Used {
    /// Counts a request of an address.
    pub(super) fn note(&self, exchange: &Exchange, peer: IpAddr) {
        let now = exchange.clock.server_now();
        self.requests.lock().entry(peer).or_insert_with(|| Window::new(MINUTE)).add(now, 1);
    }

    /// Requests of an address in this minute.
    pub(super) fn requests(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        let now = exchange.clock.server_now();
        self.requests.lock().get_mut(&peer).map_or(0, |window| window.count(now))
    }

    /// Counts a connection of an address.
    ///
    /// # Errors
    /// HTTP 429 if it has opened too many.
    pub(super) fn connect(&self, exchange: &Exchange, peer: IpAddr) -> Result<(), ApiError> {
        let now = exchange.clock.server_now();
        let mut connections = self.connections.lock();
        let window = connections.entry(peer).or_insert_with(|| Window::new(FIVE_MINUTES));
        let fits = window.add(now, 1) <= exchange.config.limits.connections_per_5_minutes;
        if fits { Ok(()) } else { Err(ApiError::too_many_connections()) }
    }
}
