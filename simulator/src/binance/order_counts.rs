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

/// A window in which orders are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountWindow {
    /// Unit of its width, as the exchange writes it.
    pub(super) interval: &'static str,
    /// How many of them.
    pub(super) number: u32,
    /// Header that tells the count.
    pub(super) header: &'static str,
    pub(super) width: Duration,
    /// How many orders it may have.
    pub(super) limit: fn(&Limits) -> u64,
}

/// The counts of all accounts.
#[derive(Debug)]
pub(super) struct OrderCounts {
    windows: &'static [CountWindow; 2],
    by_account: Mutex<HashMap<AccountId, [Window; 2]>>,
}

impl OrderCounts {
    /// Counts in these windows, the shorter one first.
    pub(super) fn new(windows: &'static [CountWindow; 2]) -> OrderCounts {
        OrderCounts { windows, by_account: Mutex::default() }
    }

    /// Whether `orders` more (in each window) may be placed; `other` are placed by other clients of the account.
    ///
    /// # Errors
    /// The limit that stands in the way.
    pub(super) fn room(
        &self,
        account: AccountId,
        now: Timestamp,
        (orders, other): ([u64; 2], u64),
        limits: &Limits,
    ) -> Result<(), ApiError> {
        let counts = self.counts(account, now);
        for ((window, count), orders) in self.windows.iter().zip(counts).zip(orders).rev() {
            let limit = (window.limit)(limits);
            if count + other + orders > limit {
                let (number, interval) = (window.number, window.interval);
                let message = format!("Too many new orders; current limit is {limit} orders per {number} {interval}.");
                return Err(ApiError::with_status(429, -1015, message));
            }
        }
        Ok(())
    }

    /// Counts orders that are placed.
    pub(super) fn take(&self, account: AccountId, now: Timestamp, orders: [u64; 2]) {
        self.change(account, |window, at| {
            window.add(now, orders[at]);
        });
    }

    /// Takes orders off the present counts, whenever they were placed.
    pub(super) fn give_back(&self, account: AccountId, now: Timestamp, orders: [u64; 2]) {
        self.change(account, |window, at| window.give_back(now, orders[at]));
    }

    /// An order has traded for the first time.
    pub(super) fn first_fill(&self, account: AccountId, now: Timestamp, maker: bool) {
        self.give_back(account, now, [if maker { MAKER_REWARD } else { 1 }; 2]);
    }

    /// Counts of the present windows.
    pub(super) fn counts(&self, account: AccountId, now: Timestamp) -> [u64; 2] {
        let mut counts = [0; 2];
        self.change(account, |window, at| counts[at] = window.count(now));
        counts
    }

    fn change(&self, account: AccountId, mut change: impl FnMut(&mut Window, usize)) {
        let mut by_account = self.by_account.lock();
        let windows = by_account.entry(account).or_insert_with(|| self.windows.map(|known| Window::new(known.width)));
        windows.iter_mut().enumerate().for_each(|(at, window)| change(window, at));
    }

    /// The headers that tell the counts.
    pub(super) fn headers(&self, account: AccountId, now: Timestamp, other: u64) -> Vec<(&'static str, String)> {
        let counts = self.windows.iter().zip(self.counts(account, now));
        counts.map(|(window, count)| (window.header, (count + other).to_string())).collect()
    }

    /// The limits, as the exchange writes them.
    pub(super) fn limits(&self, limits: &Limits) -> Vec<Value> {
        let row = |window: &CountWindow| {
            json!({ "rateLimitType": "ORDERS", "interval": window.interval, "intervalNum": window.number,
                "limit": (window.limit)(limits) })
        };
        self.windows.iter().map(row).collect()
    }

    /// The limits with their present counts.
    pub(super) fn rows(&self, account: AccountId, now: Timestamp, other: u64, limits: &Limits) -> Vec<Value> {
        let mut rows = self.limits(limits);
        for (row, count) in rows.iter_mut().zip(self.counts(account, now)) {
            row["count"] = json!(count + other);
        }
        rows
    }
}
