//! The log of requests that the server has seen.

use std::collections::VecDeque;

use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::Timestamp;

/// Entries kept; older ones are only counted.
const KEPT: usize = 50_000;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestRecord {
    /// Number of the request, from 1.
    pub number: u64,
    /// When it was read, in the exchange's true time (microseconds).
    pub time: Timestamp,
    /// HTTP method, or `WS` for a request by a socket.
    pub method: String,
    /// Path, decoded; for a request by a socket its method, such as `order.place`.
    pub path: String,
    /// Query as it was sent, without the signature; for a request by a socket its parameters.
    pub query: String,
    /// Form body as it was sent, without the signature.
    pub body: String,
    /// Number of the socket that it came by.
    pub connection: Option<u64>,
    /// What it is about.
    #[serde(flatten)]
    pub note: Note,
    /// HTTP status of the answer; 0 if there was none.
    pub status: u16,
    /// The exchange's code in the answer; 0 if it states none, or success.
    pub code: i64,
    /// Request weight charged.
    pub weight: u64,
    /// Words of the faults that struck it.
    pub faults: Vec<&'static str>,
}

/// What a request does to orders, and what it proves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Note {
    /// The order command that it is, if it is one.
    pub command: Option<OrderCommand>,
    /// The client's id of the order or list that it names: the new one where it places, else the present one.
    pub client_order_id: Option<String>,
    /// The exchange's id of the order that it names.
    pub order_id: Option<String>,
    /// Symbol of the instrument that it names.
    pub symbol: Option<String>,
    /// Name of the account whose key it showed.
    pub account: Option<String>,
    /// Whether it named an API key.
    pub keyed: bool,
    /// Whether it was signed, well or not.
    pub signed: bool,
    /// Its time, where neither its query nor its body tells it.
    pub stamp: Option<Stamp>,
}

/// The time of a request, by its client's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stamp {
    /// Milliseconds since the epoch: when it was made or, of a logon, until when it is good.
    pub at_ms: i64,
    /// For how many milliseconds after that it is good.
    pub good_for_ms: u64,
}

/// A request that changes orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OrderCommand {
    /// Changes the quantity of an order.
    Amend,
    /// Cancels an order.
    Cancel,
    /// Cancels all orders of an instrument.
    CancelAll,
    /// Cancels a list of orders.
    CancelList,
    /// Places an order.
    Place,
    /// Places a list of orders.
    PlaceList,
    /// Cancels an order and places another.
    Replace,
}

impl Note {
    /// Whether it names an order.
    pub fn names_an_order(&self) -> bool {
        self.client_order_id.is_some() || self.order_id.is_some()
    }

    /// Number and client id of the order that it names, for faults.
    pub(crate) fn order(&self) -> Option<(&str, &str)> {
        let (id, client_id) = (self.order_id.as_deref(), self.client_order_id.as_deref());
        (id.is_some() || client_id.is_some()).then(|| (id.unwrap_or_default(), client_id.unwrap_or_default()))
    }
}

/// All requests so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestLog {
    /// How many there were.
    pub total: u64,
    /// The newest, oldest first.
    pub records: Vec<RequestRecord>,
}

impl RequestLog {
    /// How many of the kept requests went to `path`.
    pub fn count(&self, path: &str) -> usize {
        self.records.iter().filter(|record| record.path == path).count()
    }

    /// How many of the kept requests were to place, or to replace by, an order or a list with this client order id.
    pub fn places(&self, client_order_id: &str) -> usize {
        let places = [OrderCommand::Place, OrderCommand::PlaceList, OrderCommand::Replace].map(Some);
        let named = |note: &Note| note.client_order_id.as_deref() == Some(client_order_id);
        self.records.iter().filter(|record| places.contains(&record.note.command) && named(&record.note)).count()
    }

    /// How many of the kept requests were this order command.
    pub fn commands(&self, command: OrderCommand) -> usize {
        self.records.iter().filter(|record| record.note.command == Some(command)).count()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Requests {
    state: Mutex<(u64, VecDeque<RequestRecord>)>,
}

impl Requests {
    /// Adds a request; its number is set here.
    pub(crate) fn add(&self, mut record: RequestRecord) {
        let mut state = self.state.lock();
        state.0 += 1;
        record.number = state.0;
        state.1.push_back(record);
        if state.1.len() > KEPT {
            state.1.pop_front();
        }
    }

    pub(crate) fn snapshot(&self) -> RequestLog {
        let state = self.state.lock();
        RequestLog { total: state.0, records: state.1.iter().cloned().collect() }
    }
}
