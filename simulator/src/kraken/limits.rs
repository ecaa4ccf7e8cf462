//! Requests and connections of an address; the call counter of each key, and the trading counter of each account and
//! pair, both of which fall with time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::accounts::{AccountId, Order};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::market::MarketId;
use crate::windows::Window;

const MINUTE: Duration = Duration::from_secs(60);
const FIVE_MINUTES: Duration = Duration::from_secs(300);
/// What a call counter loses in a minute, three times its bound.
pub(super) const CALLS_PER_MINUTE: u64 = 60;
/// What a trading counter loses in a minute, five quarters of its bound.
pub(super) const TRADING_PER_MINUTE: u64 = 225;
/// What a cancel adds to the trading counter while an order is younger than so many seconds.
const OF_CANCEL: [(u64, u64); 6] = [(5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1)];
/// What an amendment adds, beside the one of every command.
const OF_AMENDMENT: [(u64, u64); 3] = [(5, 3), (10, 2), (15, 1)];

/// A count that falls with time, in thousandths.
#[derive(Clone, Copy, Debug)]
struct Counter {
    thousandths: u64,
    at: Timestamp,
}

impl Counter {
    /// Brings it to `now`, at so many a minute.
    fn fall(&mut self, now: Timestamp, per_minute: u64) {
        let lost = now.since(self.at).as_micros() * u128::from(per_minute) / 60_000;
        self.thousandths = self.thousandths.saturating_sub(u64::try_from(lost).unwrap_or(u64::MAX));
        self.at = now;
    }

    fn whole(self) -> u64 {
        self.thousandths.div_ceil(1000)
    }
}

/// What was used.
#[derive(Debug, Default)]
pub(super) struct Used {
    requests: Mutex<HashMap<IpAddr, Window>>,
    connections: Mutex<HashMap<IpAddr, Window>>,
    calls: Mutex<HashMap<String, Counter>>,
    trading: Mutex<HashMap<(AccountId, MarketId), Counter>>,
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

    /// Adds a call to the counter of its key.
    ///
    /// # Errors
    /// `EAPI:Rate limit exceeded`; it is not counted then.
    pub(super) fn call(&self, exchange: &Exchange, api_key: &str, cost: u64) -> Result<(), ApiError> {
        let (now, per_minute) = (exchange.clock.now(), exchange.config.limits.weight_per_minute);
        let mut calls = self.calls.lock();
        let counter = calls.entry(api_key.to_owned()).or_insert(Counter { thousandths: 0, at: now });
        counter.fall(now, per_minute);
        if counter.whole() + cost + exchange.other_load() > per_minute / 3 {
            return Err(ApiError::too_often());
        }
        counter.thousandths += cost * 1000;
        Ok(())
    }

    /// Adds new orders to the trading counter of their pair.
    ///
    /// # Errors
    /// `EOrder:Rate limit exceeded`; nothing is counted then.
    pub(super) fn place(
        &self,
        exchange: &Exchange,
        account: AccountId,
        market: MarketId,
        cost: u64,
    ) -> Result<(), ApiError> {
        let most = trading_bound(exchange);
        self.with(exchange, account, market, |counter| {
            if counter.whole() + cost + exchange.other_orders() > most {
                return Err(ApiError::new("EOrder:Rate limit exceeded"));
            }
            counter.thousandths += cost * 1000;
            Ok(())
        })
    }

    /// Adds an amendment.
    ///
    /// # Errors
    /// As [`Used::place`].
    pub(super) fn amend(&self, exchange: &Exchange, order: &Order) -> Result<(), ApiError> {
        let cost = 1 + by_age(exchange, order, &OF_AMENDMENT);
        self.place(exchange, order.account, order.market, cost)
    }

    /// Adds a cancel, which is never refused.
    pub(super) fn cancel(&self, exchange: &Exchange, order: &Order) {
        let cost = by_age(exchange, order, &OF_CANCEL);
        self.with(exchange, order.account, order.market, |counter| counter.thousandths += cost * 1000);
    }

    fn with<T>(
        &self,
        exchange: &Exchange,
        account: AccountId,
        market: MarketId,
        act: impl FnOnce(&mut Counter) -> T,
    ) -> T {
        let now = exchange.clock.now();
        let mut trading = self.trading.lock();
        let counter = trading.entry((account, market)).or_insert(Counter { thousandths: 0, at: now });
        counter.fall(now, exchange.config.limits.orders_per_minute);
        act(counter)
    }
}

/// The bound of trading counters.
pub(super) fn trading_bound(exchange: &Exchange) -> u64 {
    exchange.config.limits.orders_per_minute * 4 / 5
}

fn by_age(exchange: &Exchange, order: &Order, table: &[(u64, u64)]) -> u64 {
    let age = exchange.clock.server_now().since(order.updated.max(order.created)).as_secs();
    table.iter().find(|(seconds, _)| age < *seconds).map_or(0, |(_, cost)| *cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_fall_with_time() {
        let mut counter = Counter { thousandths: 20_000, at: Timestamp(0) };
        counter.fall(Timestamp::from_millis(1_500), CALLS_PER_MINUTE);
        assert_eq!((counter.thousandths, counter.whole()), (18_500, 19));
        counter.fall(Timestamp::from_millis(60_000), CALLS_PER_MINUTE);
        assert_eq!(counter.whole(), 0);
    }
}
