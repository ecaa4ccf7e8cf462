use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;
use tradewire_core::{AccountEvent, ClientOrderId, Error, ExchangeOrderId, Timestamp};
use tradewire_tracking::{Durability, Journal, Pruned, Record, Saved, SavedOrder};

use crate::checkpointer::Checkpointer;
use crate::failure::Place;
use crate::lock::{AccountLock, FileLock};
use crate::prune;
use crate::row_id::Rows;
use crate::wal::{self, TornTail};
use crate::writer::Writer;
use crate::{connection, saved};

/// Rows after which the write-ahead log is moved: a few thousand pages of it. Writes are slower while that goes on, and
/// many of the pages are versions of one, of which only the last is moved.
const ROWS_PER_CHECKPOINT: usize = 1024;

/// The journal of one account in an SQLite file, which it can share with journals of other accounts, of this process
/// and of others.
///
/// While it lives, nobody else can open the same account. To let go of it, drop it: that waits until what was written
/// is in the file.
#[derive(Debug)]
pub struct SqliteJournal {
    place: Place,
    account: String,
    durability: Durability,
    torn_tail: Option<TornTail>,
    rows: Rows,
    writer: Mutex<State>,
    /// Its own connection, so that a long read stops no write; a journal in memory has only one.
    reader: Option<Mutex<Connection>>,
    checkpointer: Option<Checkpointer>,
    /// The last to go, after all connections.
    _locks: Option<(FileLock, AccountLock)>,
}

#[derive(Debug)]
struct State {
    writer: Writer,
    /// Rows written since a checkpoint was asked for.
    unmoved: usize,
}

impl SqliteJournal {
    /// Opens the journal of `account` in the file at `path`, and creates either if it does not exist.
    ///
    /// `account` is the name by which the account is known from run to run: for a connector that of its
    /// [`AccountSource`](tradewire_tracking::AccountSource::account). It is written into the file: no secret.
    /// The file has to lie on a local disk.
    ///
    /// # Errors
    /// `Journal`, with the file, what is wrong and what to do: another process has the account, the file belongs to
    /// another program or a newer version, it is damaged, or it cannot be written. Nothing is changed then.
    ///
    /// # Cost
    /// Blocks. Up to 256 MiB of file are checked wholly for damage, about a second at most; of larger files the orders.
    pub fn open(path: impl AsRef<Path>, account: &str, durability: Durability) -> Result<Self, Error> {
        let place = connection::prepare(path.as_ref())?;
        let account_lock = AccountLock::take(&place, account)?;
        let mut file_lock = FileLock::take(&place)?;
        let torn_tail = if file_lock.is_alone() { wal::inspect(&place)? } else { None };
        let first = connection::set_up(&place, durability, file_lock.is_alone())?;
        file_lock.share(&place)?;
        if let Some(tail) = torn_tail {
            tracing::warn!(file = %place, pages = tail.pages, "an unfinished record at the end of the journal is dropped");
        }
        let writer = Writer::new(first, account).map_err(|cause| place.sqlite("enter the account", cause))?;
        let reader = connection::further(&place, durability)?;
        let checkpointer = Checkpointer::start(connection::further(&place, durability)?, place.clone())
            .map_err(|cause| place.io("start a thread", cause))?;
        Ok(Self {
            account: account.to_owned(),
            durability,
            torn_tail,
            rows: writer.rows(),
            writer: Mutex::new(State { writer, unmoved: 0 }),
            reader: Some(Mutex::new(reader)),
            checkpointer: Some(checkpointer),
            _locks: Some((file_lock, account_lock)),
            place,
        })
    }

    /// A journal that is forgotten when it is dropped, for programs that do not want a file.
    ///
    /// It says [`Durability::Process`], as a write to it does not wait for a disk.
    ///
    /// # Errors
    /// `Journal` if there is not enough memory.
    pub fn in_memory(account: &str) -> Result<Self, Error> {
        let place = Place::in_memory();
        let writer = connection::in_memory()
            .and_then(|connection| Writer::new(connection, account))
            .map_err(|cause| place.sqlite("set up the tables", cause))?;
        Ok(Self {
            place,
            account: account.to_owned(),
            durability: Durability::Process,
            torn_tail: None,
            rows: writer.rows(),
            writer: Mutex::new(State { writer, unmoved: 0 }),
            reader: None,
            checkpointer: None,
            _locks: None,
        })
    }

    /// What the last run had not finished to write when it was killed, if anything. It is dropped.
    ///
    /// Only the first process that opens the file can tell it.
    pub fn torn_tail(&self) -> Option<TornTail> {
        self.torn_tail
    }

    fn prune_all(
        &self,
        cutoff: Timestamp,
        part: fn(&Connection, Rows, Timestamp) -> rusqlite::Result<usize>,
    ) -> Result<usize, Error> {
        let mut deleted = 0;
        loop {
            let mut state = self.writer.lock();
            let now = state
                .writer
                .in_transaction(|writer| part(writer.connection(), self.rows, cutoff))
                .map_err(|cause| self.place.sqlite("delete old rows", cause))?;
            self.written(&mut state, now);
            if now == 0 {
                return Ok(deleted);
            }
            deleted += now;
        }
    }

    /// Has the log moved once enough is in it.
    fn written(&self, state: &mut State, rows: usize) {
        state.unmoved += rows;
        if state.unmoved >= ROWS_PER_CHECKPOINT
            && let Some(checkpointer) = &self.checkpointer
        {
            state.unmoved = 0;
            checkpointer.wake();
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let read = match &self.reader {
            Some(reader) => read(&reader.lock()),
            None => read(self.writer.lock().writer.connection()),
        };
        read.map_err(|cause| self.place.sqlite("read the file", cause))
    }
}

impl Journal for SqliteJournal {
    fn durability(&self) -> Durability {
        self.durability
    }

    fn account(&self) -> Option<&str> {
        Some(&self.account)
    }

    fn torn(&self) -> Option<String> {
        let TornTail { pages } = self.torn_tail?;
        Some(format!("an unfinished record at the end of {} is dropped: {pages} pages", self.place))
    }

    fn write(&self, records: &[Record]) -> Result<(), Error> {
        if records.iter().all(Record::is_empty) {
            return Ok(());
        }
        let mut state = self.writer.lock();
        let rows = state.writer.write(records, &self.place)?;
        self.written(&mut state, rows);
        Ok(())
    }

    /// In parts of 500 rows, milliseconds each.
    fn prune(&self, cutoff: Timestamp) -> Result<Pruned, Error> {
        Ok(Pruned {
            orders: self.prune_all(cutoff, prune::orders)?,
            fills: self.prune_all(cutoff, prune::fills)?,
            payments: self.prune_all(cutoff, prune::payments)?,
            events: self.prune_all(cutoff, prune::events)?,
        })
    }

    fn load(&self) -> Result<Saved, Error> {
        self.read(|connection| saved::load(connection, self.rows))
    }

    fn events(&self, after: u64, limit: usize) -> Result<Vec<Arc<AccountEvent>>, Error> {
        self.read(|connection| saved::events(connection, self.rows, after, limit))
    }

    fn find_by_exchange_id(&self, symbol: &str, id: &ExchangeOrderId) -> Result<Option<SavedOrder>, Error> {
        self.read(|connection| saved::by_exchange_id(connection, self.rows, symbol, id.as_str()))
    }

    fn find_by_client_id(&self, id: &ClientOrderId) -> Result<Option<SavedOrder>, Error> {
        self.read(|connection| saved::by_client_id(connection, self.rows, id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use tradewire_core::{AccountChange, ErrorKind};

    use super::*;

    fn record(number: u64, bytes: usize) -> Record {
        let change = AccountChange::Gap { reason: "x".repeat(bytes) };
        let event = AccountEvent { number, time: None, received: Timestamp::default(), change };
        Record { events: vec![Arc::new(event)], ..Record::default() }
    }

    fn allow_pages(journal: &SqliteJournal, pages: u32) {
        let state = journal.writer.lock();
        state.writer.connection().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).expect("a limit");
    }

    #[test]
    fn without_room_nothing_is_written_until_there_is_some() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.db");
        let journal = SqliteJournal::open(path, "a", Durability::Process).expect("a journal");
        journal.write(&[record(1, 10)]).expect("room");
        allow_pages(&journal, 20);
        for _ in 0..3 {
            let refusal = journal.write(&[record(2, 10), record(3, 200_000)]).expect_err("no room");
            assert_eq!(refusal.kind(), ErrorKind::Journal);
            assert!(refusal.to_string().contains("make room on the disk"), "{refusal}");
            assert_eq!(journal.events(0, 10).expect("reads").len(), 1, "all or nothing");
        }
        journal.write(&[record(2, 10)]).expect("a small one fits");
        allow_pages(&journal, 1_000_000);
        journal.write(&[record(3, 200_000)]).expect("room");
        assert_eq!(journal.events(0, 10).expect("reads").len(), 3);
    }

    #[test]
    fn the_log_stays_small() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.db");
        let journal = SqliteJournal::open(&path, "a", Durability::Process).expect("a journal");
        let log = journal.place.beside("-wal");
        for number in 1..=10_000 {
            journal.write(&[record(number, 3_000)]).expect("written");
        }
        let size = log.metadata().expect("the log").len();
        assert!(size <= 40 << 20, "{size} bytes for 10 000 writes of two pages at least");
    }
}
