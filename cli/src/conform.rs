//! `tradewire conform`: a connector against every behaviour that connectors must show.

use tradewire_conformance::{self as conformance, Selection, Status, Subject};

use crate::args::{ConformArgs, ReportFormat};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &ConformArgs) -> Result<(), Failure> {
    let declared = tradewire::exchanges().into_iter().find(|known| known.exchange == args.exchange);
    let declared = declared.ok_or_else(|| Failure::wrong_use(format!("'{}' is not an exchange", args.exchange)))?;
    let subject = Subject::named(declared, tradewire::market_source, tradewire::account_source)?;
    let report = conformance::run(&subject, &Selection { component: args.component, ids: args.ids.clone() });
    let text = match args.format() {
        ReportFormat::Text => report.text(),
        ReportFormat::Json => report.json(),
        ReportFormat::Junit => report.junit(),
    };
    // Failures are failures, whether somebody reads of them or not.
    output::even_if_closed(output::line(text.trim_end()))?;
    if report.is_green() {
        return Ok(());
    }
    Err(Failure::failed(match report.count(Status::Failed) {
        0 => "no behaviour could be tried".to_owned(),
        failed => format!("{failed} behaviours failed"),
    }))
}
