//! Request weight and connections of an address, new orders of an account.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::accounts::AccountId;
use crate::exchange::Exchange;
use crate::windows::Window;

const MINUTE: Duration = Duration::from_secs(60);
const TEN_SECONDS: Duration = Duration::from_secs(10);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// What was used.
#[derive(Debug, Default)]
pub(super) struct Used {
    weights: Mutex<HashMap<IpAddr, Window>>,
    connections: Mutex<HashMap<IpAddr, Window>>,
    orders: Mutex<HashMap<AccountId, Window>>,
}

impl Used {
    /// Charges a request to its address.
    ///
    /// # Errors
    /// 4001 if it has spent too much.
    pub(super) fn charge(&self, exchange: &Exchange, peer: IpAddr, weight: u64) -> Result<(), ApiError> {
        let now = exchange.clock.server_now();
        let mut weights = self.weights.lock();
        let window = weights.entry(peer).or_insert_with(|| Window::new(MINUTE));
        let spent = window.add(now, weight) + exchange.other_load();
        if spent <= exchange.config.limits.weight_per_minute { Ok(()) } else { Err(later(window.left(now))) }
    }

    /// Weight that an address has spent in this minute.
    pub(super) fn weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        let now = exchange.clock.server_now();
        let spent = self.weights.lock().get_mut(&peer).map_or(0, |window| window.count(now));
        spent + exchange.other_load()
    }

    /// Counts a connection of an address.
    ///
    /// # Errors
    /// 4001 if it has opened too many.
    pub(super) fn connect(&self, exchange: &Exchange, peer: IpAddr) -> Result<(), ApiError> {
        let now = exchange.clock.server_now();
        let mut connections = self.connections.lock();
        let window = connections.entry(peer).or_insert_with(|| Window::new(FIVE_MINUTES));
        let most = exchange.config.limits.connections_per_5_minutes;
        if window.add(now, 1) <= most { Ok(()) } else { Err(later(window.left(now))) }
    }

    /// Counts a new order of an account.
    ///
    /// # Errors
    /// 4001 if it has placed too many.
    pub(super) fn order(&self, exchange: &Exchange, account: AccountId) -> Result<(), ApiError> {
        let now = exchange.clock.server_now();
        let mut orders = self.orders.lock();
        let window = orders.entry(account).or_insert_with(|| Window::new(TEN_SECONDS));
        if window.count(now) + exchange.other_orders() >= exchange.config.limits.orders_per_10_seconds {
            return Err(later(window.left(now)));
        }
        window.add(now, 1);
        Ok(())
    }

    /// Takes back what was counted for an order that was refused.
    pub(super) fn order_refused(&self, exchange: &Exchange, account: AccountId) {
        if let Some(window) = self.orders.lock().get_mut(&account) {
            window.give_back(exchange.clock.server_now(), 1);
        }
    }
}

fn later(left: Duration) -> ApiError {
    ApiError::too_often(left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1))
}
