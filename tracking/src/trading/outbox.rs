use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tradewire_core::{AccountChange, AccountEvent, Error, ErrorKind, Part, Timestamp};

use super::feed::AccountFeed;
use crate::problems::Problems;
use crate::readiness::Readiness;
use crate::{Durability, Journal, Record};

/// Numbers events, has them recorded, and only then tells them. What several callers hand in while one record is being
/// written is written together.
#[derive(Debug)]
pub(super) struct Outbox {
    journal: Arc<dyn Journal>,
    feed: AccountFeed,
    readiness: Readiness,
    problems: Problems,
    waiting: Mutex<Waiting>,
    /// Held by the one who writes.
    writer: tokio::sync::Mutex<()>,
    /// Wakes the task that writes what nobody waits for.
    unwritten: Notify,
    progress: watch::Sender<Progress>,
}

#[derive(Debug)]
struct Waiting {
    next_number: u64,
    records: Vec<Record>,
    /// How many records were handed in so far.
    handed_in: u64,
}

/// How far writing has come.
#[derive(Debug, Default)]
struct Progress {
    /// How many of the records handed in are written.
    written: u64,
    /// How many attempts have failed, and what the last of them said.
    failures: u64,
    failure: String,
}

impl Outbox {
    pub(super) fn new(
        last_event: u64,
        journal: Arc<dyn Journal>,
        feed: AccountFeed,
        readiness: Readiness,
        problems: Problems,
    ) -> Self {
        let waiting = Waiting { next_number: last_event + 1, records: Vec::new(), handed_in: 0 };
        Self {
            journal,
            feed,
            readiness,
            problems,
            waiting: Mutex::new(waiting),
            writer: tokio::sync::Mutex::default(),
            unwritten: Notify::new(),
            progress: watch::Sender::default(),
        }
    }

    /// Hands in what one step of the account has changed. Callers hold the account's lock, so that the order of events is
    /// the order of steps. Returns a number for [`Self::written`].
    pub(super) fn hand_in(
        &self,
        changes: impl IntoIterator<Item = (Option<Timestamp>, AccountChange)>,
        mut record: Record,
        received: Timestamp,
    ) -> u64 {
        let mut waiting = self.waiting.lock();
        for (time, change) in changes {
            let number = waiting.next_number;
            waiting.next_number += 1;
            record.events.push(Arc::new(AccountEvent { number, time, received, change }));
        }
        if !record.is_empty() {
            waiting.records.push(record);
            waiting.handed_in += 1;
        }
        waiting.handed_in
    }

    /// Waits until everything up to a number of [`Self::hand_in`] is written, and told.
    ///
    /// # Errors
    /// `Journal` if it cannot be written now; it stays handed in.
    /// # Cancel safety
    /// Cancel safe: what is handed in is written all the same.
    pub(super) async fn written(&self, number: u64) -> Result<(), Error> {
        if self.journal.durability() == Durability::Process {
            let _writer = self.writer.lock().await;
            return if self.progress.borrow().written >= number { Ok(()) } else { self.write_here() };
        }
        let mut progress = self.progress.subscribe();
        let failures = progress.borrow_and_update().failures;
        self.unwritten.notify_one();
        let decided = |now: &Progress| now.written >= number || now.failures > failures;
        match progress.wait_for(decided).await {
            Ok(now) if now.written >= number => Ok(()),
            Ok(now) => Err(Error::new(ErrorKind::Journal, now.failure.clone())),
            Err(_) => Err(Error::new(ErrorKind::Journal, "the journal is closed")),
        }
    }

    /// Has everything that is handed in written soon: at once where that takes microseconds, else by the task of
    /// [`Self::write_on`].
    pub(super) fn write_soon(&self) {
        if !self.is_behind() {
            return;
        }
        if self.journal.durability() == Durability::Process
            && let Ok(_writer) = self.writer.try_lock()
        {
            // A failure is told, and the records are kept for the next attempt.
            drop(self.write_here());
        } else {
            self.unwritten.notify_one();
        }
    }

    /// Has everything that is handed in written with the next that is, or by the task of [`Self::write_on`].
    pub(super) fn write_later(&self) {
        self.unwritten.notify_one();
    }

    /// Writes, for ever, what nobody waits for.
    pub(super) async fn write_on(&self) {
        loop {
            self.unwritten.notified().await;
            // A failure is told, and the records are kept for the next attempt.
            drop(self.write_all().await);
        }
    }

    /// Writes everything that is handed in. To be called from a task that is not aborted meanwhile.
    pub(super) async fn write_all(&self) -> Result<(), Error> {
        let _writer = self.writer.lock().await;
        if !self.is_behind() {
            return Ok(());
        }
        if self.journal.durability() == Durability::Process {
            return self.write_here();
        }
        let records = Arc::new(self.take());
        let (journal, to_write) = (Arc::clone(&self.journal), Arc::clone(&records));
        let written = tokio::task::spawn_blocking(move || journal.write(&to_write)).await;
        let interrupted = |_| Error::new(ErrorKind::Journal, "writing the journal was interrupted");
        let result = written.map_err(interrupted).and_then(|result| result);
        self.conclude(Arc::unwrap_or_clone(records), result)
    }

    /// Whether something waits to be written.
    pub(super) fn is_behind(&self) -> bool {
        !self.waiting.lock().records.is_empty()
    }

    fn take(&self) -> Vec<Record> {
        std::mem::take(&mut self.waiting.lock().records)
    }

    fn write_here(&self) -> Result<(), Error> {
        let records = self.take();
        let result = if records.is_empty() { Ok(()) } else { self.journal.write(&records) };
        self.conclude(records, result)
    }

    fn conclude(&self, mut records: Vec<Record>, result: Result<(), Error>) -> Result<(), Error> {
        match &result {
            Ok(()) => {
                let count = records.len() as u64;
                self.feed.publish(records.into_iter().flat_map(|record| record.events));
                self.readiness.ready(Part::Journal);
                self.progress.send_modify(|progress| progress.written += count);
            }
            Err(error) => {
                let mut waiting = self.waiting.lock();
                records.append(&mut waiting.records);
                waiting.records = records;
                drop(waiting);
                self.problems.report("journal", error);
                self.readiness.not_ready(Part::Journal, &error.to_string());
                self.progress.send_modify(|progress| {
                    progress.failures += 1;
                    progress.failure = error.to_string();
                });
            }
        }
        result
    }
}
