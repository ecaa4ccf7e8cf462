use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tradewire_core::{AccountEvent, ClientOrderId, Error, ExchangeOrderId, Timestamp};
use tradewire_tracking::{Durability, Journal, Pruned, Record, Saved, SavedOrder};

/// A disk under a journal that can be so slow that no write ends.
#[derive(Debug, Default)]
pub(crate) struct SlowDisk {
    held: Mutex<bool>,
    changed: Condvar,
}

impl SlowDisk {
    /// From now on no write ends.
    pub(crate) fn hold(&self) {
        *self.held.lock() = true;
    }

    /// Writes end again.
    pub(crate) fn release(&self) {
        *self.held.lock() = false;
        self.changed.notify_all();
    }

    /// A journal that is on this disk: every write waits for it.
    pub(crate) fn under(self: &Arc<Self>, journal: Arc<dyn Journal>) -> Arc<dyn Journal> {
        Arc::new(OnSlowDisk { disk: Arc::clone(self), journal })
    }

    fn wait(&self) {
        let mut held = self.held.lock();
        while *held {
            self.changed.wait(&mut held);
        }
    }
}

#[derive(Debug)]
struct OnSlowDisk {
    disk: Arc<SlowDisk>,
    journal: Arc<dyn Journal>,
}

impl Journal for OnSlowDisk {
    fn durability(&self) -> Durability {
        Durability::Power
    }

    fn write(&self, records: &[Record]) -> Result<(), Error> {
        self.disk.wait();
        self.journal.write(records)
    }

    fn prune(&self, cutoff: Timestamp) -> Result<Pruned, Error> {
        self.disk.wait();
        self.journal.prune(cutoff)
    }

    fn load(&self) -> Result<Saved, Error> {
        self.journal.load()
    }

    fn events(&self, after: u64, limit: usize) -> Result<Vec<Arc<AccountEvent>>, Error> {
        self.journal.events(after, limit)
    }

    fn find_by_exchange_id(&self, symbol: &str, id: &ExchangeOrderId) -> Result<Option<SavedOrder>, Error> {
        self.journal.find_by_exchange_id(symbol, id)
    }

    fn find_by_client_id(&self, id: &ClientOrderId) -> Result<Option<SavedOrder>, Error> {
        self.journal.find_by_client_id(id)
    }
}
