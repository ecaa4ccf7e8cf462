//! Request limits: by account and endpoint over a rolling second, by address over five.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::windows::Window;

const SECOND: Duration = Duration::from_secs(1);
const FIVE_SECONDS: Duration = Duration::from_secs(5);
/// How long an address is shut out.
const BAN: Duration = Duration::from_secs(600);

/// What an endpoint's limit leaves to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) limit: u64,
    pub(super) left: u64,
    /// When there is room again, in the reported time; now while there is room.
    pub(super) reset: Timestamp,
    /// How many of the calls asked for were let through.
    pub(super) granted: u64,
}

/// What accounts and addresses have used.
#[derive(Debug, Default)]
pub(super) struct Used {
    calls: Mutex<HashMap<(AccountId, &'static str), VecDeque<Timestamp>>>,
    addresses: Mutex<HashMap<IpAddr, Address>>,
}

#[derive(Debug)]
struct Address {
    requests: Window,
    connections: Window,
    banned_until: Option<Timestamp>,
}

impl Used {
    /// Takes `wanted` calls of an endpoint, or as many of them as there is room for; `other` are taken by another
    /// client of the account in every second.
    pub(super) fn take(
        &self,
        (account, endpoint): (AccountId, &'static str),
        now: Timestamp,
        (wanted, limit, other): (u64, u64, u64),
    ) -> Left {
        let mut calls = self.calls.lock();
        let calls = calls.entry((account, endpoint)).or_default();
        while calls.front().is_some_and(|call| call.plus(SECOND) <= now) {
            calls.pop_front();
        }
        let used = u64::try_from(calls.len()).unwrap_or(u64::MAX).saturating_add(other);
        let granted = wanted.min(limit.saturating_sub(used));
        calls.extend((0..granted).map(|_| now));
        let left = limit.saturating_sub(used + granted);
        let next = calls.front().unwrap_or(&now).plus(SECOND);
        let reset = if granted < wanted { next } else { now };
        Left { limit, left, reset, granted }
    }

    /// Counts a request of an address; `other` come from another client there.
    ///
    /// # Errors
    /// HTTP 403, for ten minutes.
    pub(super) fn request(&self, peer: IpAddr, now: Timestamp, most: u64, other: u64) -> Result<(), ApiError> {
        let mut addresses = self.addresses.lock();
        let address = addresses.entry(peer).or_insert_with(Address::new);
        let banned = address.banned_until.is_some_and(|until| now < until);
        if banned || address.requests.add(now, 1) + other > most {
            if !banned {
                address.banned_until = Some(now.plus(BAN));
            }
            return Err(ApiError::of_status(403, 403, "access too frequent"));
        }
        Ok(())
    }

    /// Counts a connection of an address; false if it has opened too many.
    pub(super) fn connect(&self, peer: IpAddr, now: Timestamp, most: u64) -> bool {
        let mut addresses = self.addresses.lock();
        addresses.entry(peer).or_insert_with(Address::new).connections.add(now, 1) <= most
    }

    /// Requests of an address in the present five seconds.
    pub(super) fn requests(&self, peer: IpAddr, now: Timestamp) -> u64 {
        self.addresses.lock().get_mut(&peer).map_or(0, |address| address.requests.count(now))
    }
}

impl Address {
    fn new() -> Address {
        let connections = Window::new(Duration::from_secs(300));
        Address { requests: Window::new(FIVE_SECONDS), connections, banned_until: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_rolls_over_a_second() {
        let used = Used::default();
        let of = (AccountId(0), "/v5/order/create");
        let at = Timestamp::from_millis;
        assert_eq!(used.take(of, at(0), (1, 2, 0)).left, 1);
        assert_eq!(used.take(of, at(900), (1, 2, 0)).left, 0);
        let refused = used.take(of, at(999), (1, 2, 0));
        assert_eq!((refused.granted, refused.reset), (0, at(1000)));
        assert_eq!(used.take(of, at(1000), (1, 2, 0)).granted, 1, "the first one is a second ago");
        assert_eq!(used.take(of, at(1899), (3, 2, 0)).granted, 0);
        assert_eq!(used.take(of, at(3000), (3, 2, 0)).granted, 2, "as many as there is room for");
    }

    #[test]
    fn an_address_that_asks_too_often_is_shut_out() {
        let (used, peer) = (Used::default(), IpAddr::from([127, 0, 0, 1]));
        let ask = |seconds: i64| used.request(peer, Timestamp::from_millis(seconds * 1000), 2, 0).is_ok();
        assert_eq!([ask(0), ask(1), ask(2)], [true, true, false]);
        assert_eq!([ask(10), ask(601), ask(602)], [false, false, true]);
    }
}
