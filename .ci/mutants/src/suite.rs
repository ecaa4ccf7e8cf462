//! The conformance suite's answer.

use std::path::Path;
use std::process::Command;

use crate::mutant::Mutant;
use crate::subject::Subject;

/// A behaviour that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedRow {
    pub(crate) id: String,
    /// What was expected and what happened.
    pub(crate) message: String,
}

/// A mutant that was caught, by a message that leads to its mistake.
#[derive(Debug)]
pub(crate) struct Caught {
    /// All behaviours that failed.
    pub(crate) failed: Vec<FailedRow>,
    lead: usize,
}

impl Caught {
    /// # Errors
    /// Why it was not.
    pub(crate) fn of(mutant: &Mutant, failed: Vec<FailedRow>) -> Result<Self, String> {
        let Some(lead) = failed.iter().position(|row| row.id == mutant.lead()) else {
            let by: Vec<_> = failed.iter().map(|row| row.id.as_str()).collect();
            return Err(format!("{} does not catch '{}'; these do: {}", mutant.lead(), mutant.name, by.join(", ")));
        };
        let message = &failed[lead].message;
        if message.contains(mutant.tells) {
            Ok(Self { failed, lead })
        } else {
            Err(format!("{} does not tell '{}' of '{}': {message}", mutant.lead(), mutant.tells, mutant.name))
        }
    }

    /// The behaviour that leads to the mistake.
    pub(crate) fn lead(&self) -> &FailedRow {
        &self.failed[self.lead]
    }
}

/// Runs behaviours by a conformance test that was built. The suite ends by itself those that hang.
///
/// # Errors
/// If it says nothing.
pub(crate) fn run(test: &Path, subject: &Subject, rows: &str) -> Result<Vec<FailedRow>, String> {
    let answer = Command::new(test)
        .args([subject.test, "--exact", "--nocapture"])
        .env("CONFORMANCE_ROWS", rows)
        .env("RUST_BACKTRACE", "0")
        .output()
        .map_err(|error| format!("{}: {error}", test.display()))?;
    let said = String::from_utf8_lossy(&answer.stdout);
    if said.lines().any(|line| line.starts_with(subject.name)) {
        Ok(said.lines().filter_map(failed_row).collect())
    } else {
        Err(format!("the suite has no answer about {rows} of {}: {said}", subject.name))
    }
}

/// Reads a line of a report: `ORD-06    failed    what it is — expected this; happened: that (seed 1, after 3 ms)`.
fn failed_row(line: &str) -> Option<FailedRow> {
    let (id, rest) = line.split_once(' ')?;
    let message = rest.trim_start().strip_prefix("failed ")?.split_once(" — ")?.1;
    let message = message.rsplit_once(" (seed ").map_or(message, |(message, _)| message);
    Some(FailedRow { id: id.to_owned(), message: message.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_report_is_read() {
        let line =
            "BOOK-02   failed               zero deletes — expected bids 1 — or 2; happened: 3 (seed 1, after 7 ms)";
        let row = failed_row(line).expect("a row");
        assert_eq!((row.id.as_str(), row.message.as_str()), ("BOOK-02", "expected bids 1 — or 2; happened: 3"));
        assert_eq!(failed_row("BOOK-02   passed               zero deletes"), None);
        assert_eq!(failed_row("example-spot: 1 passed, 1 failed, 0 refused as declared, 0 not run"), None);
    }
}
