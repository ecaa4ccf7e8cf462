//! A connector as it grows: stage by stage, to the first that is not there yet.

use std::fmt::Write;

use crate::runner::run_rows;
use crate::{Component, Report, Row, RowReport, Status, Subject, ids, rows};

/// How far a connector is: the stages that were run, in the order in which a connector is built.
#[derive(Clone, Debug)]
pub struct BuildUp {
    stages: Vec<(Component, Report)>,
}

/// Runs stage after stage, beginning with `from`, and ends after the first with a behaviour that fails.
///
/// Behaviours belong here to the stage whose files must be written before they can be shown: of authorisation, for example, that a
/// refused login is told once is shown when there is a connector. Those of `open` are not run. Blocks as [`run`](crate::run)
/// does.
pub fn build_up(subject: &Subject, from: Component, open: &[&str]) -> BuildUp {
    let mut stages = Vec::new();
    for component in Component::ALL.into_iter().filter(|component| *component >= from) {
        let of_stage: Vec<&Row> =
            rows().filter(|row| ids::shown_from(row.id) == Some(component) && !open.contains(&row.id)).collect();
        let report = run_rows(subject, of_stage);
        let ended = report.failed().next().is_some();
        stages.push((component, report));
        if ended {
            break;
        }
    }
    BuildUp { stages }
}

impl BuildUp {
    /// Whether no behaviour failed, and some were shown.
    pub fn is_green(&self) -> bool {
        let mut ran = self.stages.iter().flat_map(|(_, report)| &report.rows).filter(|row| row.ran()).peekable();
        ran.peek().is_some() && ran.all(|row| row.status != Status::Failed)
    }

    /// The stage that is not there yet; `None` if all are.
    pub fn stage(&self) -> Option<Component> {
        self.stages.iter().find(|(_, report)| report.failed().next().is_some()).map(|(component, _)| *component)
    }

    /// Every behaviour that fails, a line a stage, and what to write next.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for row in self.stages.iter().flat_map(|(_, report)| report.failed()) {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{:<8}  {}\n          {}", row.id, row.text, reason(row));
        }
        for (component, report) in &self.stages {
            let ran = report.rows.iter().filter(|row| row.ran());
            let good = ran.clone().filter(|row| row.status != Status::Failed).count();
            let (place, stages) = (component.place(), Component::ALL.len());
            let _ = writeln!(text, "component {place} of {stages}, {component}: {good} of {} behaviours", ran.count());
        }
        if let Some(next) = self.next() {
            let _ = writeln!(text, "{next}");
        }
        text
    }

    /// The behaviour to write next, what it lacks, and the files of its component; `None` if all are there.
    pub fn next(&self) -> Option<String> {
        let component = self.stage()?;
        let row = self.stages.iter().find_map(|(_, report)| report.failed().next())?;
        let files = component.files().join(", ");
        Some(format!("next: {} {}\n      {}\n      files of {component}: {files}", row.id, row.text, reason(row)))
    }
}

fn reason(row: &RowReport) -> String {
    row.reason.as_deref().unwrap_or_default().replace(['\n', '\r'], " ")
}
