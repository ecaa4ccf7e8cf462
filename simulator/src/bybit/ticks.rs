//! Which way the last price of a market went.

use std::collections::HashMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use crate::market::MarketId;

/// The last price of each market with the direction of its last change.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    last: Mutex<HashMap<MarketId, (Decimal, &'static str)>>,
}

impl Ticks {
    /// The direction of a trade at `price`, which is the last one from now on.
    pub(super) fn traded(&self, market: MarketId, price: Decimal) -> &'static str {
        let mut last = self.last.lock();
        let (before, direction) = last.get(&market).copied().unwrap_or((price, "ZeroPlusTick"));
        let direction = match price.cmp(&before) {
            std::cmp::Ordering::Greater => "PlusTick",
            std::cmp::Ordering::Less => "MinusTick",
            std::cmp::Ordering::Equal if direction.ends_with("MinusTick") => "ZeroMinusTick",
            std::cmp::Ordering::Equal => "ZeroPlusTick",
        };
        last.insert(market, (price, direction));
        direction
    }

    /// The direction of the last trade.
    pub(super) fn direction(&self, market: MarketId) -> &'static str {
        self.last.lock().get(&market).map_or("ZeroPlusTick", |(_, direction)| direction)
    }
}
