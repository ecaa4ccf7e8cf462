use std::sync::Arc;

use tradewire_core::{ClientOrderId, ExchangeOrderId, ExecutionReport, FillReport, Pair, Source, Timestamp};

/// Something to ask or to send. It counts as under way until it is answered, and is not named again before.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Need {
    /// Ask the exchange for this order; answer with [`Orders::answered`](super::Orders::answered).
    Query(Subject),
    /// Fetch all fills of this order; answer with [`Orders::trades`](super::Orders::trades).
    Trades(Subject),
    /// Fetch open orders, order history and fills of the order's instrument since it was recorded, whole: it is about to be
    /// declared absent. Answer with [`Orders::searched`](super::Orders::searched).
    Proof(Subject),
    /// Send a cancel of this order; answer with [`Orders::cancelled`](super::Orders::cancelled).
    Cancel(Subject),
    /// Look into the journal for an order that the exchange names and nobody knows; answer with
    /// [`Orders::recalled`](super::Orders::recalled).
    Recall(Stranger),
    /// Ask the exchange for an order that only a fill has shown; answer with
    /// [`Orders::identified`](super::Orders::identified).
    Identify(Stranger),
    /// The private stream has not shown what is known from elsewhere: replace it, and reconcile. Has no answer but
    /// [`Orders::stream`](super::Orders::stream).
    DistrustStream {
        /// The order that it kept silent about.
        subject: Subject,
    },
}

/// An order that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its number in the journal.
    pub number: u64,
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The pair; `None` for an instrument that the exchange does not list.
    pub pair: Option<Pair>,
    /// Our id.
    pub client_order_id: ClientOrderId,
    /// The exchange's id, once known.
    pub exchange_order_id: Option<ExchangeOrderId>,
    /// Whether it waits for a trigger, as far as is known.
    pub conditional: bool,
    /// When it was recorded, by our clock.
    pub recorded: Timestamp,
}

/// An order that the exchange names and that is not in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Names the question.
    pub number: u64,
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The pair, if known.
    pub pair: Option<Pair>,
    /// The exchange's id of the order. At least one of the two ids is known.
    pub exchange_order_id: Option<ExchangeOrderId>,
    /// The client's id of the order.
    pub client_order_id: Option<ClientOrderId>,
}

/// What was found in a search for one order. Rows of other orders do no harm.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Order history and open orders.
    pub reports: Vec<ExecutionReport>,
    /// Fills.
    pub fills: Vec<FillReport>,
    /// When the first request of the search was sent, by our clock.
    pub asked: Timestamp,
}

/// What reads have brought, to be merged in one step. Each part may be empty.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    /// All open orders of the account. Tracked ones that are not among them are asked for one by one.
    pub open: Vec<ExecutionReport>,
    /// When the list of open orders was asked for, by our clock.
    pub asked: Timestamp,
    /// Orders that were asked for one by one, as [`Orders::unlisted`](super::Orders::unlisted) named them.
    pub queried: Vec<Queried>,
    /// Fills of the window.
    pub fills: Vec<FillReport>,
    /// How new fills are marked: `Rest` or `Restart`.
    pub source: Source,
}

/// The answer to a question for one order.
#[derive(Clone, Debug)]
pub struct Queried {
    /// The order's number.
    pub number: u64,
    /// What the exchange says; `None`: it knows no such order.
    pub answer: Option<ExecutionReport>,
    /// When it was asked, by our clock.
    pub asked: Timestamp,
}
