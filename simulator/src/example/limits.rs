//! Request weight and connections of an address, new orders of an account.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::windows::Window;

const MINUTE: Duration = Duration::from_secs(60);
const TEN_SECONDS: Duration = Duration::from_secs(10);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// What was used.
#[derive(Debug, Default)]
pub(super) struct Used {
    addresses: Mutex<HashMap<IpAddr, Address>>,
    connections: Mutex<HashMap<IpAddr, Window>>,
    orders: Mutex<HashMap<AccountId, Window>>,
}

/// What an address has spent.
#[derive(Debug)]
struct Address {
    weight: Window,
    /// Refusals in a row.
    refused: u64,
    shut_out_until: Option<Timestamp>,
}

impl Used {
    /// Charges a request to its address.
    ///
    /// # Errors
    /// 4001 if it has spent too much, 4002 if it goes on.
    pub(super) fn charge(&self, exchange: &Exchange, peer: IpAddr, weight: u64) -> Result<(), ApiError> {
        let (now, limits) = (exchange.clock.server_now(), &exchange.config.limits);
        let mut addresses = self.addresses.lock();
        let fresh = || Address { weight: Window::new(MINUTE), refused: 0, shut_out_until: None };
        let address = addresses.entry(peer).or_insert_with(fresh);
        if let Some(until) = address.shut_out_until.filter(|until| now < *until) {
            return Err(ApiError::shut_out(seconds(until.since(now))));
        }
        if address.weight.add(now, weight) + exchange.other_load() <= limits.weight_per_minute {
            address.refused = 0;
            return Ok(());
        }
        address.refused += 1;
        if address.refused < limits.refusals_until_ban {
            return Err(later(address.weight.left(now)));
        }
        address.refused = 0;
        address.shut_out_until = Some(now.plus(Duration::from_secs(limits.ban_seconds)));
        Err(ApiError::shut_out(limits.ban_seconds))
    }

    /// Weight that an address has spent in this minute.
    pub(super) fn weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        let now = exchange.clock.server_now();
        let spent = self.addresses.lock().get_mut(&peer).map_or(0, |address| address.weight.count(now));
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
    ApiError::too_often(seconds(left))
}

/// Whole seconds, at least one.
fn seconds(left: Duration) -> u64 {
    left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}
