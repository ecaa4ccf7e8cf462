//! What the test of a connector's crate calls: the whole of `tests/conformance.rs` but for the subject.

use crate::runner::run_rows;
use crate::{Component, Row, RowReport, Selection, Subject, build_up, ids, rows, run};

/// The environment variable with the behaviours to run in the place of those that a test asks for: beginnings of ids, with commas.
const ROWS: &str = "CONFORMANCE_ROWS";
/// The environment variable with the stage to begin with in the place of the first.
const FROM: &str = "CONFORMANCE_FROM";

/// Runs all behaviours of `stages`, and besides those whose ids begin with one of `rows`; with neither, all that there are. Prints
/// the report.
///
/// `CONFORMANCE_ROWS=BOOK-0,MKT-05` in the environment runs only the behaviours whose ids begin so. Blocks as [`run`] does.
///
/// # Panics
/// If a behaviour fails; unless behaviours are chosen in the environment, also if none runs of a stage, or of one of `rows`.
pub fn prove(subject: &Subject, stages: &[Component], rows: &[&str]) {
    if proves_chosen(subject) {
        return;
    }
    let report = match (stages, rows) {
        ([], []) => run(subject, &Selection::default()),
        _ => run_rows(subject, chosen(stages, rows)),
    };
    println!("{}", report.text());
    none_failed(report.failed());
    let ran = |of: &dyn Fn(&RowReport) -> bool| report.rows.iter().any(|row| row.ran() && of(row));
    assert!(ran(&|_| true), "no behaviour ran");
    for stage in stages {
        assert!(ran(&|row| row.component == *stage), "no behaviour of {stage} ran");
    }
    for wanted in rows {
        assert!(ran(&|row| row.id.starts_with(wanted)), "no behaviour {wanted} ran");
    }
}

/// Runs stage after stage of a connector that is being written, as [`build_up()`] does, and prints how far it is. Behaviours of `open`
/// are not run.
///
/// `CONFORMANCE_FROM=order-book` in the environment leaves out the stages before that one; `CONFORMANCE_ROWS` is as for [`prove`].
/// Blocks as [`run`] does.
///
/// # Panics
/// At the first stage with a behaviour that fails: the text says what to write next, and in which files. For a stage in the
/// environment that does not exist.
pub fn prove_build_up(subject: &Subject, open: &[&str]) {
    if proves_chosen(subject) {
        return;
    }
    let from = std::env::var(FROM).unwrap_or_else(|_| Component::Auth.name().to_owned());
    let from = from.parse().unwrap_or_else(|error| panic!("{FROM}: {error}"));
    let progress = build_up(subject, from, open);
    println!("{}", progress.text());
    assert!(progress.is_green(), "{}", progress.next().unwrap_or_else(|| "no behaviour ran".to_owned()));
}

/// Runs the behaviours that are chosen in the environment. Returns whether any are.
fn proves_chosen(subject: &Subject) -> bool {
    let ids = std::env::var(ROWS).unwrap_or_default();
    let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if ids.is_empty() {
        return false;
    }
    for id in &ids {
        assert!(ids::of(|_| true).any(|known| known.starts_with(id.as_str())), "{ROWS}: there is no behaviour {id}");
    }
    let report = run(subject, &Selection { component: None, ids });
    println!("{}", report.text());
    none_failed(report.failed());
    true
}

fn none_failed<'a>(failed: impl Iterator<Item = &'a RowReport>) {
    let failed: Vec<&str> = failed.map(|row| row.id.as_str()).collect();
    assert!(failed.is_empty(), "behaviours failed: {}", failed.join(", "));
}

fn chosen(stages: &[Component], wanted: &[&str]) -> Vec<&'static Row> {
    rows().filter(|row| stages.contains(&row.component()) || wanted.iter().any(|id| row.id.starts_with(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_and_ids_choose_each_behaviour_once() {
        let ids =
            |stages: &[Component], wanted: &[&str]| chosen(stages, wanted).iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(&[], &["BOOK-01", "BOOK-0"]).len(), 9);
        let both = ids(&[Component::OrderBook], &["BOOK-01", "CAP-03"]);
        assert_eq!(both.iter().filter(|id| **id == "BOOK-01").count(), 1);
        assert!(both.contains(&"CAP-03") && !both.contains(&"CAP-01"));
    }
}
