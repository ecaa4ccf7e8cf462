use std::sync::Arc;

use tradewire_core::{AccountEvent, ClientOrderId, Error, ExchangeOrderId, Timestamp};

use crate::{Durability, Journal, Pruned, Record, Saved, SavedOrder};

/// A journal that is never read.
#[derive(Debug)]
pub(super) struct WriteOnly;

impl Journal for WriteOnly {
    fn durability(&self) -> Durability {
        Durability::Process
    }

    fn write(&self, _: &[Record]) -> Result<(), Error> {
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
