//! Statistics of a market, and its best prices.

use rust_decimal::Decimal;

use crate::candles::Candle;
use crate::clock::Timestamp;
use crate::market::Market;
use crate::numbers::ratio;

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// Statistics of one span of time.
pub(super) struct Statistics {
    pub(super) candle: Candle,
    pub(super) opened: i64,
    pub(super) closed: i64,
}

impl Statistics {
    /// Of the `span` milliseconds up to `now`.
    pub(super) fn rolling(market: &Market, now: Timestamp, span: i64) -> Statistics {
        let candle = market.statistics(now, span);
        Statistics { candle, opened: now.millis() - span, closed: now.millis() }
    }

    /// Last minus first price.
    pub(super) fn change(&self) -> Decimal {
        self.candle.close - self.candle.open
    }

    /// The change in percent of the first price.
    pub(super) fn change_percent(&self) -> Decimal {
        ratio(self.change() * Decimal::ONE_HUNDRED, self.candle.open).unwrap_or_default()
    }

    /// Average price weighted by volume; the last price without trades.
    pub(super) fn weighted(&self) -> Decimal {
        ratio(self.candle.quote, self.candle.base).unwrap_or(self.candle.close)
    }

    /// First and last trade id, −1 without trades.
    pub(super) fn ids(&self) -> (i64, i64) {
        let id = |id: Option<u64>| id.and_then(|id| i64::try_from(id).ok()).unwrap_or(-1);
        (id(self.candle.first_trade()), id(self.candle.last_trade()))
    }
}

/// Best price and quantity of both sides; zero where a side is empty.
pub(super) fn best(market: &Market) -> [(Decimal, Decimal); 2] {
    let book = market.engine.book();
    [book.best_bid(), book.best_ask()].map(Option::unwrap_or_default)
}

/// Quantity of the last trade.
pub(super) fn last_quantity(market: &Market) -> Decimal {
    market.tape.trades().back().map_or(Decimal::ZERO, |record| record.trade.quantity)
}
