//! What came of a run, and how it is written.

mod json;
mod junit;
mod text;

use serde::Serialize;

use crate::row::{Failed, Shown};
use crate::{Component, Row, Selection, ids};

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The behaviour was seen.
    Passed,
    /// It was not.
    Failed,
    /// The exchange does not offer it, says so, and refuses it before anything is sent.
    RefusedAsDeclared,
    /// It could not be tried; the reason says what is needed.
    NotRun,
}

impl Status {
    /// The status in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::RefusedAsDeclared => "refused as declared",
            Self::NotRun => "not run",
        }
    }
}

/// One row of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowReport {
    /// The behaviour.
    pub id: String,
    /// What came of it.
    pub status: Status,
    /// What was expected and what happened, or what is needed to run it.
    pub reason: Option<String>,
    /// The stage that it belongs to.
    pub component: Component,
    /// The behaviour in short.
    pub text: String,
    /// The seed that it failed with, or the first one; absent if it did not run.
    pub seed: Option<u64>,
    /// How long it took, in milliseconds of the virtual clock.
    pub virtual_time_ms: u64,
}

impl RowReport {
    /// The report of a row that ended with `verdict`.
    pub(crate) fn of(row: &Row, verdict: Result<Shown, Failed>, seed: Option<u64>, virtual_time_ms: u64) -> Self {
        let (status, reason) = match verdict {
            Ok(Shown::Works) => (Status::Passed, None),
            Ok(Shown::Refused) => (Status::RefusedAsDeclared, None),
            Ok(Shown::NotRun(need)) => (Status::NotRun, Some(format!("needs {need}"))),
            Err(failed) => (Status::Failed, Some(failed.to_string())),
        };
        let component = row.component();
        Self { id: row.id.to_owned(), status, reason, component, text: row.text.to_owned(), seed, virtual_time_ms }
    }

    /// Whether it was tried.
    pub fn ran(&self) -> bool {
        self.status != Status::NotRun
    }
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The exchange.
    pub exchange: String,
    /// The stage that was chosen; `None` for all of them.
    pub component: Option<Component>,
    /// One report a row, in the order of the ids.
    pub rows: Vec<RowReport>,
}

impl Report {
    /// A report whose missing ids, if there are any, stand in it as failed.
    pub(crate) fn complete(exchange: &str, selection: &Selection, mut rows: Vec<RowReport>) -> Self {
        for id in ids::of(|component| selection.takes(component)).filter(|id| selection.takes_id(id)) {
            if !rows.iter().any(|row| row.id == id) {
                rows.push(missing(id));
            }
        }
        Self { exchange: exchange.to_owned(), component: selection.component, rows }
    }

    /// Whether no row failed, and something ran.
    pub fn is_green(&self) -> bool {
        self.rows.iter().any(RowReport::ran) && self.count(Status::Failed) == 0
    }

    /// How many rows have this status.
    pub fn count(&self, status: Status) -> usize {
        self.rows.iter().filter(|row| row.status == status).count()
    }

    /// The rows that failed.
    pub fn failed(&self) -> impl Iterator<Item = &RowReport> {
        self.rows.iter().filter(|row| row.status == Status::Failed)
    }

    /// One line a row, one a stage that says how far it is, the behaviour to work on next, and a last line that counts.
    pub fn text(&self) -> String {
        text::write(self)
    }

    /// One JSON object a line and row.
    pub fn json(&self) -> String {
        json::write(self)
    }

    /// A JUnit file: one suite a stage.
    pub fn junit(&self) -> String {
        junit::write(self)
    }
}

fn missing(id: String) -> RowReport {
    RowReport {
        status: Status::Failed,
        reason: Some("the suite has no row with this id".to_owned()),
        component: ids::component(&id).unwrap_or(Component::Connector),
        text: String::new(),
        seed: None,
        virtual_time_ms: 0,
        id,
    }
}
