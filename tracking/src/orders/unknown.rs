use tradewire_core::{Amount, ExecutionReport, OrderChange};

use super::amend::Amending;
use super::order::Tracked;
use super::settings::NOT_FOUND_GRACE;
use super::step::{Step, Via};

/// A command of which nobody knows whether it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Place,
    Cancel,
    Amend,
}

impl Tracked {
    /// Nobody knows whether `command` took effect. The order is asked for at once.
    pub(super) fn mark_unknown(&mut self, command: Command, step: &mut Step<'_>) {
        if !self.is_live() {
            return;
        }
        if self.unknown.is_none() {
            self.unknown = Some(command);
            self.order_mut().outcome_unknown_since = Some(step.now);
            self.tell(None, OrderChange::OutcomeUnknown, step);
            self.hurry_query(step);
        }
    }

    /// There is evidence of what became of the command.
    pub(super) fn outcome_known(&mut self, step: &mut Step<'_>) {
        if self.unknown.take().is_some() {
            self.order_mut().outcome_unknown_since = None;
            self.tell(None, OrderChange::OutcomeKnown, step);
        }
    }

    pub(super) fn place_known(&mut self, step: &mut Step<'_>) {
        if self.unknown == Some(Command::Place) {
            self.outcome_known(step);
        }
    }

    /// A live order was shown by an answer to a question. When that was asked late enough, what has not taken effect by
    /// then never will.
    pub(super) fn found_live(&mut self, report: &ExecutionReport, via: Via, step: &mut Step<'_>) {
        self.amendment_shown(report, step);
        let Some(asked) = via.asked else { return };
        if self.doubted.is_some_and(|since| asked >= since) {
            self.doubted = None;
        }
        self.cancel_found_live(asked, step);
        let since = self.amending.map(|amending| amending.since).or(self.order().outcome_unknown_since);
        if since.is_none_or(|since| asked < since.after(NOT_FOUND_GRACE)) {
            return;
        }
        if self.unknown == Some(Command::Amend) {
            self.amending = None;
            self.outcome_known(step);
        } else if self.amending.is_some_and(|amending| amending.received) {
            self.amending = None;
        }
    }

    /// A report that shows the terms which an amendment asked for answers it.
    fn amendment_shown(&mut self, report: &ExecutionReport, step: &mut Step<'_>) {
        if self.shows_wanted(report) {
            self.amending = None;
            if self.unknown == Some(Command::Amend) {
                self.outcome_known(step);
            }
        }
    }

    /// Whether a change of terms is under way, and a report shows the terms that it asks for.
    pub(super) fn shows_wanted(&self, report: &ExecutionReport) -> bool {
        let Some(Amending { wanted, .. }) = self.amending else { return false };
        let quantity = match report.amount {
            Some(Amount::Base(quantity)) => Some(quantity),
            _ => None,
        };
        wanted.quantity.is_none_or(|wanted| quantity == Some(wanted))
            && wanted.price.is_none_or(|wanted| report.price == Some(wanted))
    }
}
