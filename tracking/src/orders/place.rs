use tradewire_core::{CommandError, EndReason, Error, ErrorKind, ExecutionReport, OrderState, Source};

use super::absence::refusal;
use super::end::HeldEnd;
use super::order::Tracked;
use super::step::{Step, Via};
use super::unknown::Command;

impl Tracked {
    /// What became of the command that placed the order.
    pub(super) fn place_answered(&mut self, outcome: Result<ExecutionReport, CommandError>, step: &mut Step<'_>) {
        match outcome {
            Ok(report) => self.apply(&report, Via::told(Source::Reply), step),
            Err(CommandError::NotSent(error)) => self.place_refused(EndReason::NotSent, &error, step),
            // A copy has landed: it is looked for.
            Err(CommandError::Rejected(error)) if error.kind() == ErrorKind::Duplicate => self.place_unknown(step),
            Err(CommandError::Rejected(error)) => self.place_refused(refusal(error.kind()), &error, step),
            Err(CommandError::Unknown { .. }) => self.place_unknown(step),
        }
    }

    /// Nobody knows whether the order has reached the exchange, unless it has been seen there.
    pub(super) fn place_unknown(&mut self, step: &mut Step<'_>) {
        if self.is_pending() && self.order().exchange_order_id.is_none() {
            self.mark_unknown(Command::Place, step);
        }
    }

    /// The order is not at the exchange. Where it was seen there, that is a contradiction and ends nothing.
    fn place_refused(&mut self, reason: EndReason, error: &Error, step: &mut Step<'_>) {
        if !self.is_live() {
            return;
        }
        if !self.is_pending() {
            let id = &self.order().client_order_id;
            step.inconsistent(None, format!("order {id} was seen at the exchange, and is told not to be: {error}"));
            return self.doubt(step);
        }
        let word = match error.code() {
            Some(code) => format!("{code} {}", error.message()),
            None => error.message().to_owned(),
        };
        let end = HeldEnd {
            state: OrderState::Rejected,
            reason: Some(reason),
            word: Some(word),
            time: None,
            total: Some(self.order().filled.value()),
        };
        self.finish(end, step);
    }
}
