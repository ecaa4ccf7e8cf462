//! Books on the public socket: for each depth what was told last, and the changes from there.

use std::collections::{BTreeSet, HashMap, VecDeque};

use flate2::Crc;
use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::exact::{self, price, price_places, quantity, quantity_places};
use super::streams::Streams;
use super::times::rfc3339;
use super::topics::Topic as Named;
use crate::engine::OrderBook;
use crate::exchange::Exchange;
use crate::faults::FaultKind;
use crate::hub::Topic;
use crate::listing::Listing;
use crate::market::{Market, MarketId};
use crate::numbers::fixed;

/// The depths that there are.
pub(super) const DEPTHS: [usize; 5] = [10, 25, 100, 500, 1000];
/// Levels of each side that the checksum covers.
const SUMMED: usize = 10;
/// Checksums that can be looked up.
const SUMS_KEPT: usize = 2400;

type Level = (Decimal, Decimal);

/// Both sides, best levels first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sides {
    bids: Vec<Level>,
    asks: Vec<Level>,
}

impl Sides {
    fn of(book: &OrderBook, depth: usize) -> Sides {
        Sides { bids: book.bids().take(depth).collect(), asks: book.asks().take(depth).collect() }
    }
}

/// All books.
#[derive(Debug, Default)]
pub(super) struct Books(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Markets whose books have changed since they were told last.
    changed: BTreeSet<MarketId>,
    told: HashMap<(MarketId, usize), Sides>,
    /// Checksums with the engine's update ids, oldest first.
    sums: HashMap<MarketId, VecDeque<(u32, u64)>>,
}

impl Books {
    /// Notes that a book has changed.
    pub(super) fn note(&self, market: MarketId) {
        self.0.lock().changed.insert(market);
    }

    /// Whether something is to be told.
    pub(super) fn pending(&self) -> bool {
        !self.0.lock().changed.is_empty()
    }

    /// Tells all changes.
    pub(super) fn publish(&self, streams: &Streams, exchange: &Exchange) {
        let changed = std::mem::take(&mut self.0.lock().changed);
        for id in changed {
            let market = exchange.market_by_id(id);
            let mut market = market.lock();
            self.advance(streams, exchange, &market);
            let update_id = market.engine.update_id();
            market.ledger.published(update_id);
        }
    }

    /// Tells the changes of one book.
    fn advance(&self, streams: &Streams, exchange: &Exchange, market: &Market) {
        let book = market.engine.book();
        let sum = sum(&market.listing, book);
        self.note_sum(market, sum);
        for depth in DEPTHS {
            let name = Named::Book { depth, symbol: market.listing.symbol.clone() }.name();
            if market.gone || !streams.has(&name) {
                self.0.lock().told.remove(&(market.id, depth));
                continue;
            }
            let now = Sides::of(book, depth);
            let before = self.0.lock().told.insert((market.id, depth), now.clone());
            let before = before.unwrap_or_default();
            let mut changes =
                Sides { bids: changes(&before.bids, &now.bids, depth), asks: changes(&before.asks, &now.asks, depth) };
            if changes == Sides::default() {
                continue;
            }
            let topic = Topic { book_update: true, ..Topic::of(market, name) };
            let faults = streams.faults(exchange, &topic);
            changes.strike(&faults, book);
            let text = exact::text(&message(exchange, market, "update", (&changes, sum)));
            streams.deliver(exchange, &topic, &faults, |()| text.clone());
        }
    }

    /// The book for who has just subscribed. Those who are subscribed are brought up to it before.
    pub(super) fn snapshot(&self, streams: &Streams, exchange: &Exchange, market: &Market, depth: usize) -> Value {
        self.advance(streams, exchange, market);
        let book = market.engine.book();
        let sides = Sides::of(book, depth);
        let text = message(exchange, market, "snapshot", (&sides, sum(&market.listing, book)));
        self.0.lock().told.insert((market.id, depth), sides);
        text
    }

    fn note_sum(&self, market: &Market, sum: u32) {
        let mut state = self.0.lock();
        let sums = state.sums.entry(market.id).or_default();
        sums.push_back((sum, market.engine.update_id()));
        if sums.len() > SUMS_KEPT {
            sums.pop_front();
        }
    }

    /// The update ids of the engine when a checksum was told, newest first: it covers the best levels alone, so that it is often
    /// that of several versions.
    pub(super) fn update_ids(&self, market: MarketId, told: u64) -> Vec<u64> {
        let state = self.0.lock();
        let of_it = |(sum, update_id): &(u32, u64)| (u64::from(*sum) == told).then_some(*update_id);
        state.sums.get(&market).map(|sums| sums.iter().rev().filter_map(of_it).collect()).unwrap_or_default()
    }
}

impl Sides {
    /// Falsifies changes as faults order; the checksum stays what it was.
    fn strike(&mut self, faults: &[FaultKind], book: &OrderBook) {
        for fault in faults {
            match fault {
                FaultKind::CrossBook => self.bids.extend(book.best_ask()),
                FaultKind::WrongLevel => {
                    self.bids.extend(book.best_bid().map(|(price, quantity)| (price, quantity * Decimal::TWO)));
                }
                _ => {}
            }
        }
    }
}

/// What a client with the levels `before` must be told to have those of `now`, best levels first. Levels that have only
/// been pushed out are left out: the client cuts its book to the depth.
fn changes(before: &[Level], now: &[Level], depth: usize) -> Vec<Level> {
    let pair = now.windows(2).next().or(before.windows(2).next());
    let rises = pair.is_none_or(|pair| pair[1].0 > pair[0].0);
    let mut changes = Vec::new();
    let (mut before, mut left) = (before.iter().copied().peekable(), now.iter().copied().peekable());
    loop {
        match (before.peek().copied(), left.peek().copied()) {
            (Some(old), Some(new)) if old.0 == new.0 => {
                changes.extend((old.1 != new.1).then_some(new));
                before.next();
                left.next();
            }
            (Some((price, _)), Some((next, _))) if (price < next) == rises => {
                changes.push((price, Decimal::ZERO));
                before.next();
            }
            (_, Some(new)) => {
                changes.push(new);
                left.next();
            }
            (Some((price, _)), None) => {
                changes.extend((now.len() < depth).then_some((price, Decimal::ZERO)));
                before.next();
            }
            (None, None) => return changes,
        }
    }
}

fn message(exchange: &Exchange, market: &Market, kind: &str, (sides, sum): (&Sides, u32)) -> Value {
    let listing = &market.listing;
    let level = |(at, amount): &Level| json!({ "price": price(listing, *at), "qty": quantity(listing, *amount) });
    let levels = |side: &[Level]| -> Vec<Value> { side.iter().map(level).collect() };
    json!({
        "channel": "book", "type": kind,
        "data": [{
            "symbol": listing.symbol, "bids": levels(&sides.bids), "asks": levels(&sides.asks),
            "checksum": sum, "timestamp": rfc3339(exchange.clock.server_now()),
        }],
    })
}

/// CRC-32 over the best asks, then the best bids: of each level price and quantity without point and leading zeros.
fn sum(listing: &Listing, book: &OrderBook) -> u32 {
    sum_of(listing, book.asks().take(SUMMED).chain(book.bids().take(SUMMED)))
}

fn sum_of(listing: &Listing, levels: impl Iterator<Item = Level>) -> u32 {
    let mut crc = Crc::new();
    for (price, quantity) in levels {
        for (number, places) in [(price, price_places(listing)), (quantity, quantity_places(listing))] {
            let digits: String = fixed(number, places).chars().filter(|letter| *letter != '.').collect();
            crc.update(digits.trim_start_matches('0').as_bytes());
        }
    }
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn levels(levels: &[(&str, &str)]) -> Vec<Level> {
        levels.iter().map(|(price, quantity)| (d(price), d(quantity))).collect()
    }

    #[test]
    fn the_published_checksum_comes_out() {
        let asks = "4410.79769741 4655.40412487 49844.89424998 24306.41678 29783.25223475 57234.71239278 45065.04744 \
                    5912.76380354 42514.92434778 36304.0847022";
        let bids = "4831.75496356 6658.22734739 18724.91513344 11563.92544914 14006.65365711 17454.85679807 18097.1547 \
                    33644.89175666 148.3464 606.70854372";
        let side = |first: i64, step: i64, quantities: &'static str| {
            let prices = (0..).map(move |at| Decimal::new(first + at * step, 4));
            prices.zip(quantities.split_whitespace().map(d))
        };
        let listing = Listing::new("MATIC", "USD").steps(d("0.0001"), d("0.00000001"));
        let levels = side(5668, 1, asks).chain(side(5666, -1, bids));
        assert_eq!(sum_of(&listing, levels), 2_439_117_997);
    }

    #[test]
    fn what_is_pushed_out_is_not_told_and_what_comes_in_is() {
        let before = levels(&[("10", "1"), ("9", "2"), ("8", "3")]);
        let higher = levels(&[("11", "5"), ("10", "1"), ("9", "4")]);
        assert_eq!(changes(&before, &higher, 3), levels(&[("11", "5"), ("9", "4")]));
        assert_eq!(changes(&higher, &before, 3), levels(&[("11", "0"), ("9", "2"), ("8", "3")]));
        let asks = levels(&[("10", "1"), ("11", "2")]);
        assert_eq!(changes(&asks, &levels(&[("9", "1"), ("10", "1")]), 2), levels(&[("9", "1")]));
        assert_eq!(changes(&asks, &asks[..1], 2), levels(&[("11", "0")]));
    }
}
