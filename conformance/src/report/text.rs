use std::fmt::Write;

use super::{Report, RowReport, Status};
use crate::Component;

pub(super) fn write(report: &Report) -> String {
    let mut text = String::new();
    for row in &report.rows {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{}", line(row));
    }
    text.push('\n');
    text.push_str(&progress(report));
    let _ = writeln!(
        text,
        "{}: {} passed, {} failed, {} refused as declared, {} not run",
        report.exchange,
        report.count(Status::Passed),
        report.count(Status::Failed),
        report.count(Status::RefusedAsDeclared),
        report.count(Status::NotRun),
    );
    text
}

/// A line a stage in the order in which a connector is built, and the behaviour to work on next.
pub(super) fn progress(report: &Report) -> String {
    let mut text = String::new();
    for component in Component::ALL {
        let rows: Vec<_> = report.rows.iter().filter(|row| row.component == component && row.ran()).collect();
        if rows.is_empty() {
            continue;
        }
        let good = rows.iter().filter(|row| row.status != Status::Failed).count();
        let (place, stages) = (component.place(), Component::ALL.len());
        let _ = writeln!(text, "component {place} of {stages}, {component}: {good} of {} behaviours", rows.len());
    }
    if let Some(next) = next(report) {
        let _ = writeln!(text, "next: {} {}", next.id, next.text);
    }
    text
}

/// The first behaviour that fails, by stage.
fn next(report: &Report) -> Option<&RowReport> {
    report.failed().min_by_key(|row| row.component.place())
}

fn line(row: &RowReport) -> String {
    let mut line = format!("{:<8}  {:<19}  {}", row.id, row.status.words(), row.text);
    if let Some(reason) = &row.reason {
        let _ = write!(line, " — {}", reason.replace(['\n', '\r'], " "));
    }
    if let (Status::Failed, Some(seed)) = (row.status, row.seed) {
        let _ = write!(line, " (seed {seed}, after {} ms)", row.virtual_time_ms);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, component: Component, status: Status) -> RowReport {
        let (id, text) = (id.to_owned(), format!("what {id} says"));
        RowReport { id, status, reason: None, component, text, seed: None, virtual_time_ms: 0 }
    }

    #[test]
    fn the_next_behaviour_is_the_first_that_fails_by_stage() {
        use Component::{Auth, OrderBook, UserStream, Utils};
        let rows = vec![
            row("USER-01", UserStream, Status::Failed),
            row("AUTH-01", Auth, Status::Passed),
            row("BOOK-01", OrderBook, Status::Passed),
            row("BOOK-02", OrderBook, Status::Failed),
            row("CONF-01", Utils, Status::NotRun),
        ];
        let report = Report { exchange: "acme".to_owned(), component: None, rows };
        assert_eq!(
            progress(&report),
            "component 1 of 8, auth: 1 of 1 behaviours\ncomponent 3 of 8, order-book: 1 of 2 behaviours\n\
             component 5 of 8, user-stream: 0 of 1 behaviours\nnext: BOOK-02 what BOOK-02 says\n"
        );
    }
}
