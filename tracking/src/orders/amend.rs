use tradewire_core::{Amendment, CommandError, Error, ErrorKind, ExecutionReport, ReportedStatus, Source, Timestamp};

use super::order::Tracked;
use super::step::{Step, Via};
use super::unknown::Command;

/// A change of terms that was asked for and is not answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amending {
    pub(super) wanted: Amendment,
    /// When it was asked for, by our clock.
    pub(super) since: Timestamp,
    /// Whether the exchange has taken it: a report tells what became of it.
    pub(super) received: bool,
}

impl Tracked {
    /// Somebody asks for other terms. While that is not answered, what is filled does not end the order.
    pub(super) fn request_amendment(&mut self, wanted: Amendment, now: Timestamp) -> Result<(), Error> {
        let refused = |kind, text| Err(Error::new(kind, text).with("order", &self.order().client_order_id));
        if !self.is_live() || self.end.is_some() {
            return refused(ErrorKind::AlreadyClosed, "the order has ended");
        }
        if self.amending.is_some() {
            return refused(ErrorKind::StateConflict, "a change of the order is under way");
        }
        self.amending = Some(Amending { wanted, since: now, received: false });
        Ok(())
    }

    /// What became of the command that changes terms.
    pub(super) fn amendment_answered(&mut self, outcome: Result<ExecutionReport, CommandError>, step: &mut Step<'_>) {
        match outcome {
            Ok(report) => {
                self.apply(&report, Via::told(Source::Reply), step);
                if report.status == ReportedStatus::Received {
                    self.amending.iter_mut().for_each(|amending| amending.received = true);
                } else {
                    self.amending = None;
                }
            }
            Err(CommandError::NotSent(_)) => self.amending = None,
            Err(CommandError::Rejected(_)) => {
                self.amending = None;
                self.doubt(step);
            }
            // Without a change under way a report has shown it already.
            Err(CommandError::Unknown { .. }) if self.amending.is_none() => {}
            Err(CommandError::Unknown { .. }) => self.mark_unknown(Command::Amend, step),
        }
        self.settle(step);
    }
}
