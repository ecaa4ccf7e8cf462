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
    /// HTTP method.
    pub method: String,
    /// Path, decoded.
    pub path: String,
    /// Query as it was sent.
    pub query: String,
    /// HTTP status of the answer; 0 if there was none.
    pub status: u16,
    /// Request weight charged.
    pub weight: u64,
    /// Words of the faults that struck it.
    pub faults: Vec<&'static str>,
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
