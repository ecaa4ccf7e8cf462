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
        let Event::Market(MarketEvent::BookUpdate(update)) = event else { return false };
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
