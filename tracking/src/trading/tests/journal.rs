use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tradewire_core::{AccountEvent, ClientOrderId, Error, ExchangeOrderId, Timestamp};

use crate::{Durability, Journal, Pruned, Record, Saved, SavedOrder};

/// A journal that is never read.
#[derive(Debug)]
pub(super) struct WriteOnly {
    durability: Durability,
    held: Mutex<bool>,
    changed: Condvar,
}

impl WriteOnly {
    /// Every write ends at once.
    pub(super) fn prompt() -> Arc<Self> {
        Arc::new(Self { durability: Durability::Process, held: Mutex::new(false), changed: Condvar::new() })
    }

    /// Every write waits for the disk, and none ends before [`Self::release`].
    pub(super) fn held() -> Arc<Self> {
        Arc::new(Self { durability: Durability::Power, held: Mutex::new(true), changed: Condvar::new() })
    }

    pub(super) fn release(&self) {
        *self.held.lock() = false;
        self.changed.notify_all();
    }
}

impl Journal for WriteOnly {
    fn durability(&self) -> Durability {
        self.durability
    }

    fn write(&self, _: &[Record]) -> Result<(), Error> {
        let mut held = self.held.lock();
        self.changed.wait_while(&mut held, |held| *held);
        Ok(())
    }

    fn prune(&self, _: Timestamp) -> Result<Pruned, Error> {
        Ok(Pruned::default())
    }

    fn load(&self) -> Result<Saved, Error> {
        Ok(Saved::default())
    }

    fn events(&self, _: u64, _: usize) -> Result<Vec<Arc<AccountEvent>>, Error> {
        Ok(Vec::new())
    }

    fn find_by_exchange_id(&self, _: &str, _: &ExchangeOrderId) -> Result<Option<SavedOrder>, Error> {
        Ok(None)
    }

    fn find_by_client_id(&self, _: &ClientOrderId) -> Result<Option<SavedOrder>, Error> {
        Ok(None)
    }
}
