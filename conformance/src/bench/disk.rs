use std::sync::Arc;

use parking_lot::Mutex;
use tradewire_core::{AccountEvent, ClientOrderId, Error, ErrorKind, ExchangeOrderId, Timestamp};
use tradewire_journal::SqliteJournal;
use tradewire_tracking::{Durability, Journal, Pruned, Record, Saved, SavedOrder};

/// The disk under a journal: it can be full, or its process can die at a chosen write. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Writes that were tried so far.
    writes: u64,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    Full,
    Dies {
        at: u64,
        last: LastWrite,
    },
    Dead,
}

/// What becomes of the write at which a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastWrite {
    /// Nothing of it is in the record.
    Lost,
    /// All of it is in the record, and nobody has learnt so.
    Kept,
}

impl Disk {
    /// Has every write refused, or none.
    pub(crate) fn full(&self, full: bool) {
        self.0.lock().fault = if full { Fault::Full } else { Fault::None };
    }

    /// Lets the process die at the write that comes as the `nth` from now on: none after it succeeds. The caller then drops
    /// the connector.
    pub(crate) fn dies_at(&self, nth: u64, last: LastWrite) {
        let mut state = self.0.lock();
        state.fault = Fault::Dies { at: state.writes + nth, last };
    }

    /// Lets no further write succeed.
    pub(crate) fn dies_now(&self) {
        self.0.lock().fault = Fault::Dead;
    }

    /// Whether the process counts as dead.
    pub(crate) fn is_dead(&self) -> bool {
        self.0.lock().fault == Fault::Dead
    }

    fn write(&self, write: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        let mut state = self.0.lock();
        state.writes += 1;
        match state.fault {
            Fault::None => write(),
            Fault::Dies { at, .. } if state.writes < at => write(),
            Fault::Dies { last, .. } => {
                state.fault = Fault::Dead;
                if last == LastWrite::Kept {
                    write()?;
                }
                Err(Error::new(ErrorKind::Journal, "the process was killed"))
            }
            Fault::Full => Err(Error::new(ErrorKind::Journal, "the disk is full")),
            Fault::Dead => Err(Error::new(ErrorKind::Journal, "the process was killed")),
        }
    }
}

/// A journal on a disk with faults.
#[derive(Debug)]
pub(crate) struct DiskJournal {
    pub(crate) inner: Arc<SqliteJournal>,
    pub(crate) disk: Disk,
}

impl Journal for DiskJournal {
    fn durability(&self) -> Durability {
        self.inner.durability()
    }

    fn account(&self) -> Option<&str> {
        self.inner.account()
    }

    fn torn(&self) -> Option<String> {
        self.inner.torn()
    }

    fn write(&self, records: &[Record]) -> Result<(), Error> {
        self.disk.write(|| self.inner.write(records))
    }

    fn prune(&self, cutoff: Timestamp) -> Result<Pruned, Error> {
        self.inner.prune(cutoff)
    }

    fn load(&self) -> Result<Saved, Error> {
        self.inner.load()
    }

    fn events(&self, after: u64, limit: usize) -> Result<Vec<Arc<AccountEvent>>, Error> {
        self.inner.events(after, limit)
    }

    fn find_by_exchange_id(&self, symbol: &str, id: &ExchangeOrderId) -> Result<Option<SavedOrder>, Error> {
        self.inner.find_by_exchange_id(symbol, id)
    }

    fn find_by_client_id(&self, id: &ClientOrderId) -> Result<Option<SavedOrder>, Error> {
        self.inner.find_by_client_id(id)
    }
}
