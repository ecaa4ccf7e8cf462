//! What becomes of an order once the exchange has taken a command to cancel it.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tradewire::tracking::Target;
use tradewire::{CommandError, Error, ErrorKind, ExecutionReport, Pair, ReportedStatus};

use super::order_view::OrderView;
use super::outcome::OutcomeView;
use super::remote::Remote;
use crate::failure::Failure;
use crate::output;

/// How long to wait between two questions for an order whose end is awaited, and for the last answer at least.
const POLL: Duration = Duration::from_millis(500);

/// The last report of an order that was to be cancelled.
#[derive(Debug)]
pub(super) struct Ending {
    report: ExecutionReport,
    /// Why its end is not known, where it is not.
    open: Option<Error>,
}

impl Ending {
    /// Follows an order from the answer to its cancel until it has ended, or to the time limit. A reply may say no more than
    /// 'received': then the order is asked for, and a question without an answer is asked again.
    pub(super) async fn of(remote: &Remote, target: &Target, answer: ExecutionReport, limit: Instant) -> Self {
        let limit = limit.max(Instant::now() + POLL);
        let late = || Error::new(ErrorKind::Timeout, "the exchange has not told of its end");
        let (mut report, mut open) = (answer, None);
        while !report.status.is_end() {
            match timeout_at(limit, remote.source().order(target)).await {
                Ok(Ok(newer)) => (report, open) = (newer.unwrap_or(report), None),
                Ok(Err(error)) => open = Some(error),
                Err(_) => {}
            }
            if !report.status.is_end() {
                if Instant::now() >= limit {
                    return Self { report, open: open.or_else(|| Some(late())) };
                }
                sleep_until(limit.min(Instant::now() + POLL)).await;
            }
        }
        Self { report, open: None }
    }

    /// Tells how it ended. Success only where the order has ended and was not filled first.
    pub(super) fn tell(self, remote: &Remote, pair: &Pair, id: &str, json: bool) -> Result<(), Failure> {
        let exchange = remote.exchange();
        let view = OrderView::of_report(exchange, Some(pair), &self.report);
        let line = view.line();
        let (error, text) = match self.open {
            Some(cause) => {
                let ask = format!("tradewire order show {exchange} {id} --pair {pair}");
                let text = format!(
                    "cancel received, '{id}' is not known to have ended: {cause}; last told: {line}; ask with '{ask}'"
                );
                (CommandError::Unknown { client_order_id: id.into(), cause }, text)
            }
            None if self.report.status == ReportedStatus::Filled => {
                let filled = Error::new(ErrorKind::NotFound, "it was filled before it could be cancelled");
                (CommandError::Rejected(filled), format!("not cancelled, '{id}' is not open: {line}"))
            }
            None if json => return output::even_if_closed(output::json(&OutcomeView::accepted(view))),
            None => return output::even_if_closed(output::line(line)),
        };
        if json {
            let outcome = OutcomeView::failed(Some(id), &error).with_order(Some(view));
            output::even_if_closed(output::json(&outcome))?;
        }
        Err(Failure::because(error.error(), text))
    }
}
