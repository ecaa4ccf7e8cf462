use serde::Serialize;
use tradewire::{BookState, Level, OrderBook, Pair, QueryError, Side};

use crate::board::Row;
use crate::numbers::one_decimal;

/// One moment of a book, as a line tells it. No prices unless the book is valid.
#[derive(Debug, Serialize)]
pub(crate) struct Quote {
    exchange: &'static str,
    pair: Pair,
    state: BookState,
    reason: Option<String>,
    update_id: u64,
    /// SHA-256 over all levels, as `replay` prints it.
    digest: Option<String>,
    bid: Option<QuotedLevel>,
    ask: Option<QuotedLevel>,
    spread: Option<String>,
    mid: Option<String>,
    updates: u64,
    trades: u64,
    updates_per_second: f64,
    latency_ms: Option<f64>,
    gaps: u64,
    recoveries: u64,
}

/// A level as decimal text without trailing zeros.
#[derive(Debug, Serialize)]
pub(crate) struct QuotedLevel {
    price: String,
    quantity: String,
}

impl From<Level> for QuotedLevel {
    fn from(level: Level) -> Self {
        Self { price: level.price.to_string(), quantity: level.quantity.to_string() }
    }
}

/// Prices of one version.
#[derive(Default)]
struct Prices {
    bids: Vec<Level>,
    asks: Vec<Level>,
    bid: Option<Level>,
    ask: Option<Level>,
    spread: Option<String>,
    mid: Option<String>,
}

impl Prices {
    fn of(book: &OrderBook) -> Result<Self, QueryError> {
        Ok(Self {
            bids: book.top(Side::Buy, usize::MAX),
            asks: book.top(Side::Sell, usize::MAX),
            bid: book.best(Side::Buy).ok(),
            ask: book.best(Side::Sell).ok(),
            spread: book.spread().ok().map(|spread| spread.normalize().to_string()),
            mid: book.mid().ok().map(|mid| mid.to_string()),
        })
    }
}

impl Quote {
    /// The book as it is now, all prices from one version.
    pub(crate) fn of(row: &Row) -> Self {
        let counters = row.reader.counters();
        let (state, reason, update_id, prices) = match row.reader.read(Prices::of) {
            Ok(now) => (BookState::Live, None, now.update_id, now.value),
            Err(_) => {
                let known = row.reader.last_known(0);
                (known.state, known.reason, known.update_id, Prices::default())
            }
        };
        Self {
            exchange: row.exchange,
            pair: row.pair.clone(),
            state,
            reason,
            update_id,
            digest: (state == BookState::Live).then(|| tradewire::tracking::digest(&prices.bids, &prices.asks)),
            bid: prices.bid.map(QuotedLevel::from),
            ask: prices.ask.map(QuotedLevel::from),
            spread: prices.spread,
            mid: prices.mid,
            updates: row.meter.updates(),
            trades: row.meter.trades(),
            updates_per_second: one_decimal(row.rate.per_second()),
            latency_ms: row.meter.latency_ms().map(one_decimal),
            gaps: counters.gaps,
            recoveries: counters.recoveries,
        }
    }

    /// The same as a line for people.
    pub(crate) fn text(&self) -> String {
        let level = |level: &Option<QuotedLevel>| match level {
            Some(level) => format!("{} × {}", level.price, level.quantity),
            None => "none".to_owned(),
        };
        let prices = match (self.state, &self.reason) {
            (BookState::Live, _) => {
                let spread = self.spread.as_deref().unwrap_or("none");
                format!("bid {}  ask {}  spread {spread}", level(&self.bid), level(&self.ask))
            }
            (_, Some(reason)) => format!("no prices: {reason}"),
            (_, None) => "no prices".to_owned(),
        };
        let latency = self.latency_ms.map_or_else(String::new, |latency| format!("  {latency:.1} ms"));
        let (pair, state, rate, gaps) = (&self.pair, self.state, self.updates_per_second, self.gaps);
        let recovered = if gaps == 0 { String::new() } else { format!("  gaps {gaps}, recovered {}", self.recoveries) };
        format!("{pair:<10} {state:<7}  {prices}  {rate:.1}/s{latency}{recovered}")
    }
}
