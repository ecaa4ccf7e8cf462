use std::fmt::Debug;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tradewire_core::{
    AccountEvent, Balance, ClientOrderId, Error, ExchangeOrderId, Fill, FundingPayment, Order, Position, Timestamp,
};

use crate::Setting;

/// The durable record of one account: written before the wire, read after a restart.
///
/// Calls block: for microseconds where a record has to survive this process only, for milliseconds where it has to survive
/// the machine. The framework calls from a thread that may block in the second case.
pub trait Journal: Send + Sync + Debug + 'static {
    /// What a written record survives.
    fn durability(&self) -> Durability;

    /// The account whose record it is, as [`AccountSource::account`](crate::AccountSource::account) names it; `None` for one
    /// that serves any account. A connector does not start on the record of another account.
    fn account(&self) -> Option<&str> {
        None
    }

    /// What the process before had not finished to write and was dropped when the journal was opened, for people.
    fn torn(&self) -> Option<String> {
        None
    }

    /// Writes all of `records`, in their order, in one transaction: all of it or nothing.
    ///
    /// # Errors
    /// `Journal`, with what the store says. Nothing is written then, and the same records can be tried again.
    fn write(&self, records: &[Record]) -> Result<(), Error>;

    /// Deletes orders that ended before `cutoff`, with their fills, funding payments booked before it, and events received before it.
    /// Kept are balances, positions and settings, live orders, those that miss fills, all fills of an order that has one from `cutoff` on, and the last event and order, whose numbers go on.
    ///
    /// # Errors
    /// `Journal`. What was deleted until then stays deleted.
    ///
    /// # Cost
    /// Blocks for as long as it takes; writes go on in between. The framework calls from a thread that may block.
    fn prune(&self, cutoff: Timestamp) -> Result<Pruned, Error>;

    /// What is needed to go on after a restart.
    ///
    /// # Errors
    /// `Journal` for a store that is damaged.
    fn load(&self) -> Result<Saved, Error>;

    /// Up to `limit` events after number `after`, in order.
    ///
    /// # Errors
    /// `Journal`.
    fn events(&self, after: u64, limit: usize) -> Result<Vec<Arc<AccountEvent>>, Error>;

    /// A closed order with its fills, by the exchange's id.
    ///
    /// # Errors
    /// `Journal`.
    fn find_by_exchange_id(&self, symbol: &str, id: &ExchangeOrderId) -> Result<Option<SavedOrder>, Error>;

    /// An order of ours with its fills, by our id.
    ///
    /// # Errors
    /// `Journal`.
    fn find_by_client_id(&self, id: &ClientOrderId) -> Result<Option<SavedOrder>, Error>;
}

/// What a written record survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// The end of this process, however it ends. Not a loss of power.
    #[default]
    Process,
    /// A loss of power: every write waits for the disk.
    Power,
}

/// How many rows were deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Orders that had ended.
    pub orders: usize,
    /// Fills of orders that are gone.
    pub fills: usize,
    /// Funding payments.
    pub payments: usize,
    /// Events.
    pub events: usize,
}

/// What one step of the account changes. Each part is empty where nothing of it changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// What is told, with numbers that follow those before without a hole.
    pub events: Vec<Arc<AccountEvent>>,
    /// Orders as they are now, by number.
    pub orders: Vec<OrderRecord>,
    /// New and corrected fills: symbol, trade id and exchange order id name one.
    pub fills: Vec<Fill>,
    /// Balances as they are now, by asset.
    pub balances: Vec<Balance>,
    /// Positions as they are now: symbol and side name one.
    pub positions: Vec<Position>,
    /// Settings as they are now, by [`Setting::key`].
    pub settings: Vec<Setting>,
    /// New funding payments, by symbol and id.
    pub payments: Vec<FundingPayment>,
    /// Facts by name, for example until when the private stream was whole.
    pub facts: Vec<(String, String)>,
}

impl Record {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.orders.is_empty()
            && self.fills.is_empty()
            && self.balances.is_empty()
            && self.positions.is_empty()
            && self.settings.is_empty()
            && self.payments.is_empty()
            && self.facts.is_empty()
    }
}

/// An order in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// Its number in this journal, from 1.
    pub number: u64,
    /// The order.
    pub order: Order,
    /// When it was recorded first, by our clock.
    pub recorded: Timestamp,
    /// When its last byte was sent, by our clock; `None` for an order that is not known to have been sent by this process.
    pub sent: Option<Timestamp>,
    /// When the exchange last showed it, by our clock.
    pub seen: Option<Timestamp>,
}

/// An order with the fills that are counted in it.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedOrder {
    /// The order.
    pub record: OrderRecord,
    /// Its fills.
    pub fills: Vec<Fill>,
}

/// What is needed to go on after a restart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// The number of the last event; 0 if there is none.
    pub last_event: u64,
    /// The number of the last order; 0 if there is none.
    pub last_order: u64,
    /// Live orders, and those that ended lately.
    pub orders: Vec<SavedOrder>,
    /// Balances as last known.
    pub balances: Vec<Balance>,
    /// Positions as last known, those that are closed too.
    pub positions: Vec<Position>,
    /// Settings as last read.
    pub settings: Vec<Setting>,
    /// The newest funding payments, by their time.
    pub payments: Vec<FundingPayment>,
    /// Facts by name.
    pub facts: Vec<(String, String)>,
}
