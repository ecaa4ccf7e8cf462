use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tradewire_core::{AccountChange, AccountEvent, Error, ErrorKind, Part, Timestamp};

use super::feed::AccountFeed;
use crate::problems::Problems;
use crate::readiness::Readiness;
use crate::{Durability, Journal, Record};

/// How long a record that nobody waits for waits for others, to be written with them.
const COMPANY: Duration = Duration::from_millis(1);

/// Numbers events, has them recorded, and only then tells them. What several callers hand in while one record is being
/// written is written together.
#[derive(Debug)]
pub(super) struct Outbox {
    pen: Arc<Pen>,
    /// Held by the one who writes, until what was written is told too.
    writer: Arc<tokio::sync::Mutex<()>>,
    /// Wakes the task that writes what nobody waits for.
    unwritten: Notify,
    /// The same, for what may wait for company.
    later: Notify,
}

/// What writing takes: it goes with the writing, to whichever thread that is on.
#[derive(Debug)]
struct Pen {
    journal: Arc<dyn Journal>,
    feed: AccountFeed,
    readiness: Readiness,
    problems: Problems,
    waiting: Mutex<Waiting>,
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
        let (waiting, progress) = (Mutex::new(waiting), watch::Sender::default());
        let pen = Pen { journal, feed, readiness, problems, waiting, progress };
        Self { pen: Arc::new(pen), writer: Arc::default(), unwritten: Notify::new(), later: Notify::new() }
    }

    /// Hands in what one step of the account has changed. Callers hold the account's lock, so that the order of events is
    /// the order of steps. Returns a number for [`Self::written`].
    pub(super) fn hand_in(
        &self,
        changes: impl IntoIterator<Item = (Option<Timestamp>, AccountChange)>,
        mut record: Record,
        received: Timestamp,
    ) -> u64 {
        let mut waiting = self.pen.waiting.lock();
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
        if self.pen.journal.durability() == Durability::Process {
            let _writer = self.writer.lock().await;
            return if self.pen.progress.borrow().written >= number { Ok(()) } else { self.pen.write() };
        }
        let mut progress = self.pen.progress.subscribe();
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
        if self.pen.journal.durability() == Durability::Process
            && let Ok(_writer) = self.writer.try_lock()
        {
            // A failure is told, and the records are kept for the next attempt.
            drop(self.pen.write());
        } else {
            self.unwritten.notify_one();
        }
    }

    /// Has everything that is handed in written with what is handed in next, or by the task of [`Self::write_on`] after
    /// [`COMPANY`].
    pub(super) fn write_later(&self) {
        self.later.notify_one();
    }

    /// Writes, for ever, what nobody waits for.
    ///
    /// # Cancel safety
    /// As [`Self::write_all`].
    pub(super) async fn write_on(&self) {
        loop {
            tokio::select! {
                () = self.unwritten.notified() => {}
                () = self.later.notified() => {
                    // What somebody waits for is company, and does not wait.
                    drop(timeout(COMPANY, self.unwritten.notified()).await);
                }
            }
            // A failure is told, and the records are kept for the next attempt.
            drop(self.write_all().await);
        }
    }

    /// Writes everything that is handed in.
    ///
    /// # Cancel safety
    /// Cancel safe: what has begun to be written is written, and told.
    pub(super) async fn write_all(&self) -> Result<(), Error> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        if !self.is_behind() {
            return Ok(());
        }
        if self.pen.journal.durability() == Durability::Process {
            return self.pen.write();
        }
        let pen = Arc::clone(&self.pen);
        let writing = move || {
            let _writer = writer;
            pen.write()
        };
        let interrupted = |_| Error::new(ErrorKind::Journal, "writing the journal was interrupted");
        tokio::task::spawn_blocking(writing).await.map_err(interrupted)?
    }

    /// Whether something waits to be written.
    pub(super) fn is_behind(&self) -> bool {
        !self.pen.waiting.lock().records.is_empty()
    }
}

impl Pen {
    /// Writes what waits, and tells what is written.
    fn write(&self) -> Result<(), Error> {
        let records = std::mem::take(&mut self.waiting.lock().records);
        let result = if records.is_empty() { Ok(()) } else { self.record(&records) };
        self.conclude(records, result)
    }

    /// A journal that panics is one that cannot be written.
    fn record(&self, records: &[Record]) -> Result<(), Error> {
        let panicked = |_| Err(Error::new(ErrorKind::Journal, "the journal panicked"));
        catch_unwind(AssertUnwindSafe(|| self.journal.write(records))).unwrap_or_else(panicked)
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
