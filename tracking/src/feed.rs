use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tradewire_core::{Event, GapReason, MarketEvent, Pair};

use crate::reader::Books;

/// Events that wait for one reader before its book updates are merged: about a second of a busy pair.
const MARKET_QUEUE: usize = 1024;

/// Hands events to every reader. A slow reader slows nobody: its market events are conflated, and told as lost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed {
    readers: Arc<Mutex<Vec<Weak<Queue>>>>,
    count: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Event>,
    /// Pairs whose market events were dropped, with the number of lost events other than book updates.
    overflowed: BTreeMap<Pair, u64>,
    closed: bool,
}

impl Feed {
    /// Whether anybody reads: if not, events need not be made.
    pub(crate) fn wanted(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn publish(&self, event: Event) {
        let mut readers = self.readers.lock();
        readers.retain(|reader| reader.upgrade().map(|queue| queue.push(event.clone())).is_some());
        self.count.store(readers.len(), Ordering::Relaxed);
    }

    pub(crate) fn subscribe(&self, books: Books) -> Events {
        let queue = Arc::new(Queue::default());
        let mut readers = self.readers.lock();
        readers.push(Arc::downgrade(&queue));
        self.count.store(readers.len(), Ordering::Relaxed);
        Events { queue, books, refilled: VecDeque::new(), newest: BTreeMap::new() }
    }

    /// Lets every reader read what it has, then end.
    pub(crate) fn close(&self) {
        for queue in self.readers.lock().iter().filter_map(Weak::upgrade) {
            queue.waiting.lock().closed = true;
            queue.arrived.notify_one();
        }
    }
}

impl Queue {
    fn push(&self, event: Event) {
        let mut waiting = self.waiting.lock();
        if waiting.events.len() >= MARKET_QUEUE {
            waiting.conflate();
        }
        waiting.add(event);
        drop(waiting);
        self.arrived.notify_one();
    }
}

impl Waiting {
    fn add(&mut self, event: Event) {
        match &event {
            Event::Market(market) if self.overflowed.contains_key(market.pair()) => self.forget(market),
            _ => self.events.push_back(event),
        }
    }

    /// Drops all market events and remembers whose they were. Life events stay, the oldest leaving if they fill half.
    fn conflate(&mut self) {
        for event in std::mem::take(&mut self.events) {
            match event {
                Event::Market(market) => self.forget(&market),
                life => self.events.push_back(life),
            }
        }
        let surplus = self.events.len().saturating_sub(MARKET_QUEUE / 2);
        self.events.drain(..surplus);
    }

    fn forget(&mut self, event: &MarketEvent) {
        let merged = matches!(event, MarketEvent::BookUpdate(_) | MarketEvent::BookSnapshot(_));
        *self.overflowed.entry(event.pair().clone()).or_default() += u64::from(!merged);
    }
}

/// One reader's stream of events.
///
/// At most 1 024 wait. A reader that is slower gets, for each pair it fell behind on, `Gap(Overflow)` with the number of
/// trades and other events lost, then the present book as one `BookSnapshot`, then goes on from there.
#[derive(Debug)]
pub struct Events {
    queue: Arc<Queue>,
    books: Books,
    refilled: VecDeque<Event>,
    /// Version of the snapshot that a pair was refilled with, until updates have passed it.
    newest: BTreeMap<Pair, u64>,
}

impl Events {
    /// The next event; `None` after the connector has stopped and everything was read.
    ///
    /// # Cancel safety
    /// Cancel safe: no event is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.try_next() {
                return Some(event);
            }
            let arrived = self.queue.arrived.notified();
            if self.queue.waiting.lock().closed && !self.anything_waits() {
                return None;
            }
            if !self.anything_waits() {
                arrived.await;
            }
        }
    }

    /// The next event, if one waits.
    pub fn try_next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.refilled.pop_front() {
                return Some(event);
            }
            self.refill();
            if !self.refilled.is_empty() {
                continue;
            }
            let event = self.queue.waiting.lock().events.pop_front()?;
            if !self.superseded(&event) {
                return Some(event);
            }
        }
    }

    fn anything_waits(&self) -> bool {
        let waiting = self.queue.waiting.lock();
        !self.refilled.is_empty() || !waiting.events.is_empty() || !waiting.overflowed.is_empty()
    }

    fn refill(&mut self) {
        let overflowed = std::mem::take(&mut self.queue.waiting.lock().overflowed);
        for (pair, lost) in overflowed {
            let gap = MarketEvent::Gap { pair: pair.clone(), reason: GapReason::Overflow, lost: Some(lost) };
            self.refilled.push_back(Event::Market(gap));
            let snapshot = self.books.get(&pair).and_then(|book| book.snapshot(usize::MAX).ok());
            if let Some(snapshot) = snapshot {
                self.newest.insert(pair, snapshot.update_id);
                self.refilled.push_back(Event::Market(MarketEvent::BookSnapshot(snapshot)));
            }
        }
    }

    /// Whether the event is a book update that the snapshot of a refill already holds.
    fn superseded(&mut self, event: &Event) -> bool {
        let update = match event {
            Event::Market(MarketEvent::BookUpdate(update)) => update,
            Event::Market(MarketEvent::BookSnapshot(snapshot)) => {
                self.newest.remove(&snapshot.pair);
                return false;
            }
            _ => return false,
        };
        match self.newest.get(&update.pair) {
            Some(newest) if update.update_id <= *newest => true,
            Some(_) => {
                self.newest.remove(&update.pair);
                false
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tradewire_core::{BookUpdate, LifeEvent, Part, Price, Quantity, Side, Timestamp, Trade};
    use tradewire_transport::Clock;

    use crate::reader::SharedBook;
    use crate::{LocalBook, RawSnapshot, Scale, SequenceRule};

    fn pair() -> Pair {
        "BTC-USDT".parse().expect("a pair")
    }

    fn update(update_id: u64) -> Event {
        let time = Timestamp::default();
        Event::Market(MarketEvent::BookUpdate(BookUpdate {
            pair: pair(),
            update_id,
            bids: Vec::new(),
            asks: Vec::new(),
            time,
            received: time,
        }))
    }

    fn trade(id: u64) -> Event {
        Event::Market(MarketEvent::Trade(Trade {
            pair: pair(),
            id: id.into(),
            aggregates: None,
            price: Price::ZERO,
            quantity: Quantity::ZERO,
            taker: Side::Buy,
            time: Timestamp::default(),
            received: Timestamp::default(),
        }))
    }

    /// Books with one valid book at version `update_id`.
    fn books(update_id: u64) -> Books {
        let scale = Scale { price: 0, quantity: 0 };
        let mut book = LocalBook::new(SequenceRule::FirstLast, scale, Timestamp::default());
        book.on_snapshot(
            &RawSnapshot { update_id, bids: vec![(9, 1)], asks: vec![(10, 1)] },
            100,
            Timestamp::default(),
        );
        let books = Books::default();
        let instrument = Arc::new(crate::replay::instrument(pair(), "BTCUSDT", scale));
        books.insert(pair(), SharedBook::new(book, instrument, Clock::start()));
        books
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_what_it_missed_and_gets_the_present_book() {
        let feed = Feed::default();
        let (mut slow, mut quick) = (feed.subscribe(books(2_000)), feed.subscribe(Books::default()));
        for id in 1..=2_000 {
            feed.publish(if id % 10 == 0 { trade(id) } else { update(id) });
            assert!(quick.next().await.is_some(), "a quick reader gets everything");
        }
        feed.publish(Event::Life(LifeEvent::PartReady { part: Part::Clock }));

        let first = slow.next().await;
        assert!(
            matches!(
                &first,
                Some(Event::Market(MarketEvent::Gap { reason: GapReason::Overflow, lost: Some(200), .. }))
            ),
            "{first:?}"
        );
        let second = slow.next().await;
        assert!(
            matches!(&second, Some(Event::Market(MarketEvent::BookSnapshot(s))) if s.update_id == 2_000),
            "{second:?}"
        );
        feed.publish(update(2_000));
        feed.publish(update(2_001));
        assert!(matches!(slow.next().await, Some(Event::Life(_))), "life events are kept");
        let third = slow.next().await;
        assert!(matches!(&third, Some(Event::Market(MarketEvent::BookUpdate(u))) if u.update_id == 2_001), "{third:?}");
    }

    #[tokio::test]
    async fn a_closed_feed_is_read_to_its_end() {
        let feed = Feed::default();
        let mut events = feed.subscribe(Books::default());
        feed.publish(trade(1));
        feed.close();
        assert!(events.next().await.is_some());
        assert!(events.next().await.is_none());
    }

    #[test]
    fn nobody_reading_means_nothing_wanted() {
        let feed = Feed::default();
        let events = feed.subscribe(Books::default());
        assert!(feed.wanted());
        drop(events);
        feed.publish(trade(1));
        assert!(!feed.wanted());
    }
}
