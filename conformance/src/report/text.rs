use std::fmt::Write;

use super::{Report, RowReport, Status};

pub(super) fn write(report: &Report) -> String {
    let mut text = String::new();
    for row in &report.rows {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{}", line(row));
    }
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
