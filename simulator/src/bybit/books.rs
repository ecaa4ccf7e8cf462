//! Order books on the wire: what each topic has published, and what it publishes next.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::category::Category;
use super::wish::Streams;
use crate::clock::Timestamp;
use crate::engine::{OrderBook, Side};
use crate::exchange::Exchange;
use crate::faults::FaultKind;
use crate::hub::Topic;
use crate::market::{Market, MarketId, Moved};

/// Depths that have a topic, with the steps of 20 ms between their messages and the count at which each begins: far
/// apart, so that a count says which topic it is of.
const DEPTHS: [Depth; 5] = [
    Depth { levels: 1, name: "1", steps: 1, begins: 4_000_000 },
    Depth { levels: 50, name: "50", steps: 1, begins: 10_000_000 },
    Depth { levels: 200, name: "200", steps: 5, begins: 60_000_000 },
    Depth { levels: 1000, name: "1000", steps: 10, begins: 300_000_000 },
    Depth { levels: 10_000, name: "full", steps: 10, begins: 900_000_000 },
];
/// The depth whose count the answers by REST show.
const OF_REST: &Depth = &DEPTHS[3];
/// Steps between the marks that the ledger of a market keeps.
const LEDGER_STEPS: u64 = 5;
/// Messages of a topic of which it is known what book they left.
const MARKS_KEPT: usize = 2400;
/// After so long a topic of the best prices repeats itself.
const REPEAT_MS: i64 = 3_000;

/// A topic's number of levels.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Depth {
    levels: usize,
    name: &'static str,
    steps: u64,
    begins: u64,
}

impl Depth {
    /// The depth of that name.
    pub(super) fn named(name: &str) -> Option<&'static Depth> {
        DEPTHS.iter().find(|depth| depth.name == name)
    }

    fn topic(&self, symbol: &str) -> String {
        format!("orderbook.{}.{symbol}", self.name)
    }

    /// Whether it tells whole books only.
    fn is_best(&self) -> bool {
        self.levels == 1
    }

    /// Whether it tells changes only.
    fn is_full(&self) -> bool {
        self.name == "full"
    }
}

type Level = (Decimal, Decimal);

/// Both sides of a book, best price first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sides {
    bids: Vec<Level>,
    asks: Vec<Level>,
}

impl Sides {
    fn of(book: &OrderBook, levels: usize) -> Sides {
        Sides { bids: book.bids().take(levels).collect(), asks: book.asks().take(levels).collect() }
    }

    /// What turns `before` into this; a quantity of zero takes a level out.
    fn since(&self, before: &Sides) -> Sides {
        let mut bids = changes(&before.bids, &self.bids);
        bids.reverse();
        Sides { bids, asks: changes(&before.asks, &self.asks) }
    }

    fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty()
    }

    fn first(&self, levels: usize) -> Sides {
        let first = |side: &[Level]| side.iter().take(levels).copied().collect();
        Sides { bids: first(&self.bids), asks: first(&self.asks) }
    }
}

/// Changed levels by rising price.
fn changes(before: &[Level], after: &[Level]) -> Vec<Level> {
    let before: BTreeMap<Decimal, Decimal> = before.iter().copied().collect();
    let after: BTreeMap<Decimal, Decimal> = after.iter().copied().collect();
    let gone = before.keys().filter(|price| !after.contains_key(price)).map(|price| (*price, Decimal::ZERO));
    let changed = after.iter().filter(|(price, quantity)| before.get(price) != Some(quantity));
    let mut all: BTreeMap<Decimal, Decimal> = changed.map(|(price, quantity)| (*price, *quantity)).collect();
    all.extend(gone);
    all.into_iter().collect()
}

/// What a topic has told last.
#[derive(Debug)]
struct Told {
    u: u64,
    /// Update id of the engine.
    seq: u64,
    at: Timestamp,
    sides: Sides,
    /// Counts with the update ids of the engine that they stand for.
    marks: VecDeque<(u64, u64)>,
}

impl Told {
    fn mark(&mut self) {
        self.marks.push_back((self.u, self.seq));
        if self.marks.len() > MARKS_KEPT {
            self.marks.pop_front();
        }
    }
}

/// The books of all topics.
#[derive(Debug)]
pub(super) struct Books {
    category: Category,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    told: HashMap<(MarketId, usize), Told>,
    /// Markets that changed since they were last looked at, by depth.
    changed: [BTreeSet<MarketId>; DEPTHS.len()],
    unmarked: BTreeSet<MarketId>,
}

/// A message of a topic.
struct Message {
    kind: &'static str,
    u: u64,
    seq: u64,
    sides: Sides,
}

impl Books {
    pub(super) fn new(category: Category) -> Books {
        Books { category, state: Mutex::default() }
    }

    /// Notes that a market did something.
    pub(super) fn note(&self, market: &Market, moved: &Moved) {
        if moved.changes.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        state.unmarked.insert(market.id);
        state.changed.iter_mut().for_each(|changed| {
            changed.insert(market.id);
        });
    }

    /// Whether anything waits to be told.
    pub(super) fn pending(&self) -> bool {
        let state = self.state.lock();
        !state.unmarked.is_empty() || state.changed.iter().any(|changed| !changed.is_empty())
    }

    /// Tells what is due in this step; everything without one.
    pub(super) fn publish(&self, hub: &Streams, exchange: &Exchange, step: Option<u64>) {
        let is_due = |steps| step.is_none_or(|step: u64| step.is_multiple_of(steps));
        for (at, depth) in DEPTHS.iter().enumerate() {
            if is_due(depth.steps) {
                let changed = std::mem::take(&mut self.state.lock().changed[at]);
                for id in changed {
                    let market = exchange.market_by_id(id);
                    let market = market.lock();
                    if !market.gone && hub.has(&depth.topic(&market.listing.symbol)) {
                        self.advance(hub, exchange, &market, depth);
                    }
                }
            }
        }
        if is_due(LEDGER_STEPS) {
            // Taken out before the loop, whose head would hold the lock while markets are locked.
            let unmarked = std::mem::take(&mut self.state.lock().unmarked);
            for id in unmarked {
                let market = exchange.market_by_id(id);
                let mut market = market.lock();
                let update_id = market.engine.update_id();
                market.ledger.published(update_id);
            }
        }
    }

    /// Repeats the best prices that have not changed for long.
    pub(super) fn repeat(&self, hub: &Streams, exchange: &Exchange) {
        let best = &DEPTHS[0];
        for name in hub.names() {
            let symbol = name.strip_prefix("orderbook.1.");
            let Some(market) = symbol.and_then(|symbol| exchange.market(symbol)) else { continue };
            let market = market.lock();
            let now = exchange.clock.server_now();
            let message = {
                let mut state = self.state.lock();
                let told = state.told.get_mut(&(market.id, best.levels));
                told.filter(|told| now.millis() - told.at.millis() >= REPEAT_MS).map(|told| {
                    told.at = now;
                    Message { kind: "snapshot", u: told.u, seq: told.seq, sides: told.sides.clone() }
                })
            };
            if let Some(message) = message {
                self.tell(hub, exchange, &market, best, &message, &[]);
            }
        }
    }

    /// Brings a topic up to the present book and tells its subscribers what has changed.
    fn advance(&self, hub: &Streams, exchange: &Exchange, market: &Market, depth: &Depth) {
        let Some(message) = self.next(exchange, market, depth) else { return };
        if !hub.has(&depth.topic(&market.listing.symbol)) {
            return;
        }
        let faults = hub.faults(exchange, &self.topic(market, depth));
        self.tell(hub, exchange, market, depth, &message, &faults);
    }

    /// The next message of a topic; none if its levels are as they were.
    fn next(&self, exchange: &Exchange, market: &Market, depth: &Depth) -> Option<Message> {
        let mut state = self.state.lock();
        let told = state.told.entry((market.id, depth.levels)).or_insert_with(|| begun(exchange, market, depth));
        let seq = market.engine.update_id();
        if told.seq == seq {
            return None;
        }
        let sides = Sides::of(market.engine.book(), depth.levels);
        let changes = sides.since(&told.sides);
        told.seq = seq;
        if changes.is_empty() {
            // What it told last stands for the newer book too.
            if let Some((_, marked)) = told.marks.back_mut() {
                *marked = seq;
            }
            return None;
        }
        told.u += 1;
        told.at = exchange.clock.server_now();
        told.sides = sides;
        told.mark();
        let (kind, sides) = if depth.is_best() { ("snapshot", told.sides.clone()) } else { ("delta", changes) };
        Some(Message { kind, u: told.u, seq, sides })
    }

    fn tell(
        &self,
        hub: &Streams,
        exchange: &Exchange,
        market: &Market,
        depth: &Depth,
        message: &Message,
        faults: &[FaultKind],
    ) {
        let mut message = Message { sides: message.sides.clone(), ..*message };
        for fault in faults {
            match fault {
                FaultKind::CrossBook => cross(&mut message.sides, market.engine.book()),
                FaultKind::WrongLevel => falsify(&mut message.sides, market.engine.book()),
                FaultKind::RestartIds => message = self.restarted(market, depth, &message),
                _ => {}
            }
        }
        let topic = self.topic(market, depth);
        let text = self.written(exchange, market, depth, &message);
        hub.deliver(exchange, &topic, faults, |()| text.clone());
    }

    /// The service of a topic starts anew: it counts from 1 and tells the whole book.
    fn restarted(&self, market: &Market, depth: &Depth, message: &Message) -> Message {
        let mut state = self.state.lock();
        let Some(told) = state.told.get_mut(&(market.id, depth.levels)) else {
            return Message { sides: message.sides.clone(), ..*message };
        };
        told.u = 1;
        told.marks.clear();
        told.mark();
        Message { kind: "snapshot", u: 1, seq: told.seq, sides: told.sides.clone() }
    }

    fn topic(&self, market: &Market, depth: &Depth) -> Topic {
        Topic { book_update: true, ..Topic::of(market, depth.topic(&market.listing.symbol)) }
    }

    /// The text of the book as a topic has it now, for who has just subscribed; none where it tells changes only.
    /// The topic is brought up to the present book before.
    pub(super) fn snapshot(
        &self,
        hub: &Streams,
        exchange: &Exchange,
        market: &Market,
        depth: &Depth,
    ) -> Option<String> {
        self.advance(hub, exchange, market, depth);
        if depth.is_full() {
            return None;
        }
        let state = self.state.lock();
        let told = state.told.get(&(market.id, depth.levels))?;
        let message = Message { kind: "snapshot", u: told.u, seq: told.seq, sides: told.sides.clone() };
        drop(state);
        Some(self.written(exchange, market, depth, &message))
    }

    /// The present book for an answer by REST: of `levels` levels, or the full one.
    pub(super) fn by_rest(
        &self,
        (hub, exchange): (&Streams, &Exchange),
        market: &Market,
        levels: Option<usize>,
    ) -> Value {
        let depth = if levels.is_some() { OF_REST } else { &DEPTHS[4] };
        self.advance(hub, exchange, market, depth);
        let state = self.state.lock();
        let Some(told) = state.told.get(&(market.id, depth.levels)) else { return json!({}) };
        let sides = told.sides.first(levels.unwrap_or(depth.levels));
        let now = exchange.clock.server_now().millis();
        json!({
            "s": market.listing.symbol, "b": self.rows(market, &sides.bids), "a": self.rows(market, &sides.asks),
            "ts": now, "u": told.u, "seq": told.seq, "cts": now,
        })
    }

    /// The update id of the engine at which a topic stood when it counted `u`.
    pub(super) fn update_id(&self, market: MarketId, u: u64) -> Option<u64> {
        let state = self.state.lock();
        let told = DEPTHS.iter().filter_map(|depth| state.told.get(&(market, depth.levels)));
        told.filter_map(|told| told.marks.iter().rev().find(|(count, _)| *count == u)).map(|(_, seq)| *seq).max()
    }

    fn written(&self, exchange: &Exchange, market: &Market, depth: &Depth, message: &Message) -> String {
        let (topic, now) = (depth.topic(&market.listing.symbol), exchange.clock.server_now().millis());
        let data = json!({
            "s": market.listing.symbol, "b": self.rows(market, &message.sides.bids),
            "a": self.rows(market, &message.sides.asks), "u": message.u, "seq": message.seq,
        });
        if self.category.is_spot() || depth.is_best() {
            json!({ "topic": topic, "ts": now, "type": message.kind, "data": data, "cts": now }).to_string()
        } else {
            json!({ "topic": topic, "type": message.kind, "ts": now, "data": data, "cts": now }).to_string()
        }
    }

    fn rows(&self, market: &Market, levels: &[Level]) -> Vec<[String; 2]> {
        let row = |(price, quantity): &Level| {
            let listing = &market.listing;
            [self.category.price(listing, *price), self.category.quantity(listing, *quantity)]
        };
        levels.iter().map(row).collect()
    }
}

fn begun(exchange: &Exchange, market: &Market, depth: &Depth) -> Told {
    let seq = market.engine.update_id();
    let sides = Sides::of(market.engine.book(), depth.levels);
    let mut told = Told { u: depth.begins, seq, at: exchange.clock.server_now(), sides, marks: VecDeque::new() };
    told.mark();
    told
}

/// Adds a bid at the best ask.
fn cross(sides: &mut Sides, book: &OrderBook) {
    if let Some(ask) = book.best_ask() {
        sides.bids.insert(0, ask);
    }
}

/// Doubles the quantity of one level.
fn falsify(sides: &mut Sides, book: &OrderBook) {
    let changed = sides.bids.iter_mut().chain(sides.asks.iter_mut()).map(|(_, quantity)| quantity);
    if let Some(quantity) = changed.filter(|quantity| !quantity.is_zero()).last() {
        *quantity *= Decimal::TWO;
    } else if let Some((price, quantity)) = book.best(Side::Buy) {
        sides.bids.push((price, quantity * Decimal::TWO));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn changes_tell_what_is_new_different_and_gone() {
        let before = [(d("10"), d("1")), (d("9"), d("2")), (d("8"), d("3"))];
        let after = [(d("11"), d("5")), (d("10"), d("1")), (d("9"), d("4"))];
        assert_eq!(changes(&before, &after), [(d("8"), d("0")), (d("9"), d("4")), (d("11"), d("5"))]);
        assert!(changes(&after, &after).is_empty());
    }
}
