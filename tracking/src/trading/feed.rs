use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tradewire_core::{AccountEvent, Error, ErrorKind};

use crate::Journal;

/// Events that are kept in memory for readers; older ones are read from the journal.
pub(crate) const ACCOUNT_QUEUE: usize = 4_096;
/// Events that a reader takes at once.
const BATCH: usize = 256;

/// The newest account events, and a way to wait for more. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct AccountFeed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    journal: Arc<dyn Journal>,
    newest: Mutex<Newest>,
    arrived: Notify,
}

#[derive(Debug)]
struct Newest {
    events: VecDeque<Arc<AccountEvent>>,
    /// The number of the last event, whether it is kept or not.
    last: u64,
    closed: bool,
}

impl AccountFeed {
    /// A feed that goes on after event number `last`.
    pub(crate) fn after(last: u64, journal: Arc<dyn Journal>) -> Self {
        let newest = Newest { events: VecDeque::new(), last, closed: false };
        Self(Arc::new(Inner { journal, newest: Mutex::new(newest), arrived: Notify::new() }))
    }

    /// Hands recorded events to all readers.
    pub(crate) fn publish(&self, events: impl IntoIterator<Item = Arc<AccountEvent>>) {
        let mut newest = self.0.newest.lock();
        for event in events {
            newest.last = event.number;
            newest.events.push_back(event);
        }
        let surplus = newest.events.len().saturating_sub(ACCOUNT_QUEUE);
        newest.events.drain(..surplus);
        drop(newest);
        self.0.arrived.notify_waiters();
    }

    /// Lets every reader read what there is, then end.
    pub(crate) fn close(&self) {
        self.0.newest.lock().closed = true;
        self.0.arrived.notify_waiters();
    }

    /// A reader of what follows event number `after`.
    pub(crate) fn read_after(&self, after: u64) -> AccountEvents {
        AccountEvents { feed: self.clone(), last: after, taken: VecDeque::new() }
    }

    /// A reader of what follows now.
    pub(crate) fn read_on(&self) -> AccountEvents {
        let last = self.0.newest.lock().last;
        self.read_after(last)
    }
}

/// One reader's sequence of account events. None is ever dropped: what a slow reader has not taken is in the journal.
#[derive(Debug)]
pub struct AccountEvents {
    feed: AccountFeed,
    /// The number of the last event that was taken from the feed.
    last: u64,
    taken: VecDeque<Arc<AccountEvent>>,
}

/// Where a reader finds its next events.
enum Place {
    Taken,
    Journal,
    Later,
    Nowhere,
}

impl AccountEvents {
    /// The next event; `None` after the connector has stopped and everything was read.
    ///
    /// # Errors
    /// `Journal` if events that are no longer in memory cannot be read; the same ones are tried again by the next call.
    /// # Cancel safety
    /// Cancel safe: no event is lost if the future is dropped.
    pub async fn next(&mut self) -> Result<Option<Arc<AccountEvent>>, Error> {
        loop {
            if let Some(event) = self.taken.pop_front() {
                return Ok(Some(event));
            }
            let feed = Arc::clone(&self.feed.0);
            let mut arrived = std::pin::pin!(feed.arrived.notified());
            arrived.as_mut().enable();
            match self.take() {
                Place::Taken => {}
                Place::Journal => self.take_from_journal().await?,
                Place::Later => arrived.await,
                Place::Nowhere => return Ok(None),
            }
        }
    }

    /// The next event that is in memory, without waiting.
    pub fn try_next(&mut self) -> Option<Arc<AccountEvent>> {
        if self.taken.is_empty() {
            self.take();
        }
        self.taken.pop_front()
    }

    fn take(&mut self) -> Place {
        let newest = self.feed.0.newest.lock();
        if self.last >= newest.last {
            return if newest.closed { Place::Nowhere } else { Place::Later };
        }
        let Some(oldest) = newest.events.front().map(|event| event.number) else { return Place::Journal };
        let Some(at) = (self.last + 1).checked_sub(oldest) else { return Place::Journal };
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        self.taken.extend(newest.events.iter().skip(at).take(BATCH).cloned());
        drop(newest);
        self.note_taken();
        Place::Taken
    }

    async fn take_from_journal(&mut self) -> Result<(), Error> {
        let (journal, after) = (Arc::clone(&self.feed.0.journal), self.last);
        let read = tokio::task::spawn_blocking(move || journal.events(after, BATCH)).await;
        let events = read.map_err(|_| Error::new(ErrorKind::Journal, "reading the journal was interrupted"))??;
        if events.first().is_none_or(|first| first.number != after + 1) {
            let text = "events that were told are not in the journal";
            return Err(Error::new(ErrorKind::Journal, text).with("after", after));
        }
        self.taken.extend(events);
        self.note_taken();
        Ok(())
    }

    fn note_taken(&mut self) {
        if let Some(last) = self.taken.back() {
            self.last = last.number;
        }
    }
}
