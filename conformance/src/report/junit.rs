use std::fmt::Write;

use super::{Report, RowReport, Status};
use crate::Component;

pub(super) fn write(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for component in Component::ALL {
        let rows: Vec<_> = report.rows.iter().filter(|row| row.component == component).collect();
        if !rows.is_empty() {
            suite(&mut xml, &report.exchange, component, &rows);
        }
    }
    xml + "</testsuites>\n"
}

fn suite(xml: &mut String, exchange: &str, component: Component, rows: &[&RowReport]) {
    let count = |status| rows.iter().filter(|row| row.status == status).count();
    let (failures, skipped) = (count(Status::Failed), count(Status::NotRun));
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}.{component}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">",
        escaped(exchange),
        rows.len(),
    );
    for row in rows {
        case(xml, row);
    }
    xml.push_str("  </testsuite>\n");
}

fn case(xml: &mut String, row: &RowReport) {
    let (seconds, millis) = (row.virtual_time_ms / 1000, row.virtual_time_ms % 1000);
    let _ = write!(
        xml,
        "    <testcase classname=\"{}\" name=\"{} {}\" time=\"{seconds}.{millis:03}\"",
        row.component,
        row.id,
        escaped(&row.text),
    );
    let reason = escaped(row.reason.as_deref().unwrap_or_default());
    let _ = match row.status {
        Status::Passed => writeln!(xml, "/>"),
        Status::Failed => writeln!(xml, "><failure message=\"{reason}\"/></testcase>"),
        Status::NotRun => writeln!(xml, "><skipped message=\"{reason}\"/></testcase>"),
        Status::RefusedAsDeclared => writeln!(xml, "><system-out>refused as declared</system-out></testcase>"),
    };
}

/// Text for an attribute: what XML gives a meaning to is written out, what it cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_form() {
        let row = |id: &str, status, reason: Option<&str>| RowReport {
            id: id.to_owned(),
            status,
            reason: reason.map(str::to_owned),
            component: Component::OrderBook,
            text: "a < b & \"c\"".to_owned(),
            seed: None,
            virtual_time_ms: 61_005,
        };
        let rows = vec![
            row("BOOK-01", Status::Passed, None),
            row("BOOK-02", Status::Failed, Some("expected 1;\u{0} happened: 2")),
            row("BOOK-03", Status::NotRun, Some("needs this")),
            row("BOOK-04", Status::RefusedAsDeclared, None),
        ];
        let xml = write(&Report { exchange: "x".to_owned(), component: None, rows });
        assert!(xml.contains("tests=\"4\" failures=\"1\" skipped=\"1\""), "{xml}");
        assert!(xml.contains("name=\"BOOK-01 a &lt; b &amp; &quot;c&quot;\" time=\"61.005\"/>"), "{xml}");
        assert!(xml.contains("<failure message=\"expected 1; happened: 2\"/>"), "{xml}");
    }
}
