//! Orders that each account has placed lately and that have not traded yet.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::errors::ApiError;
use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::config::Limits;
use crate::windows::Window;

/// What the first fill of a resting order gives back; that of an incoming one gives back one.
const MAKER_REWARD: u64 = 5;

/// The counts of all accounts.
#[derive(Debug, Default)]
pub(super) struct OrderCounts {
    by_account: Mutex<HashMap<AccountId, Counts>>,
}

#[derive(Debug)]
struct Counts {
    ten_seconds: Window,
    day: Window,
}

impl Default for Counts {
    fn default() -> Counts {
        let day = Duration::from_secs(24 * 3600);
        Counts { ten_seconds: Window::new(Duration::from_secs(10)), day: Window::new(day) }
    }
}

impl OrderCounts {
    /// Whether `orders` more may be placed; `other` are placed by other clients of the account.
    ///
    /// # Errors
    /// The limit that stands in the way.
    pub(super) fn room(
        &self,
        account: AccountId,
        now: Timestamp,
        (orders, other): (u64, u64),
        limits: &Limits,
    ) -> Result<(), ApiError> {
        let [ten_seconds, day] = self.counts(account, now);
        let too_many = |limit: u64, interval: &str| {
            let message = format!("Too many new orders; current limit is {limit} orders per {interval}.");
            Err(ApiError::with_status(429, -1015, message))
        };
        if day + other + orders > limits.orders_per_day {
            return too_many(limits.orders_per_day, "1 DAY");
        }
        if ten_seconds + other + orders > limits.orders_per_10_seconds {
            return too_many(limits.orders_per_10_seconds, "10 SECOND");
        }
        Ok(())
    }

    /// Counts orders that are placed.
    pub(super) fn take(&self, account: AccountId, now: Timestamp, orders: u64) {
        let mut by_account = self.by_account.lock();
        let counts = by_account.entry(account).or_default();
        counts.ten_seconds.add(now, orders);
        counts.day.add(now, orders);
    }

    /// Takes orders off the present counts, whenever they were placed.
    pub(super) fn give_back(&self, account: AccountId, now: Timestamp, orders: u64) {
        let mut by_account = self.by_account.lock();
        let counts = by_account.entry(account).or_default();
        counts.ten_seconds.give_back(now, orders);
        counts.day.give_back(now, orders);
    }

    /// An order has traded for the first time.
    pub(super) fn first_fill(&self, account: AccountId, now: Timestamp, maker: bool) {
        self.give_back(account, now, if maker { MAKER_REWARD } else { 1 });
    }

    /// Counts of the present 10 seconds and of the present day.
    pub(super) fn counts(&self, account: AccountId, now: Timestamp) -> [u64; 2] {
        let mut by_account = self.by_account.lock();
        let counts = by_account.entry(account).or_default();
        [counts.ten_seconds.count(now), counts.day.count(now)]
    }

    /// The limits with their present counts, as the exchange writes them.
    pub(super) fn rows(&self, account: AccountId, now: Timestamp, other: u64, limits: &Limits) -> Vec<Value> {
        let [ten_seconds, day] = self.counts(account, now);
        let row = |interval: &str, number: u32, limit: u64, count: u64| {
            json!({ "rateLimitType": "ORDERS", "interval": interval, "intervalNum": number, "limit": limit,
                "count": count })
        };
        vec![
            row("SECOND", 10, limits.orders_per_10_seconds, ten_seconds + other),
            row("DAY", 1, limits.orders_per_day, day + other),
        ]
    }
}
