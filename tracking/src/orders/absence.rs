use tradewire_core::{EndReason, ErrorKind, ExecutionReport, FillReport, OrderState, Source, Timestamp};

use super::end::HeldEnd;
use super::needs::Search;
use super::order::Tracked;
use super::settings::{NOT_FOUND_GRACE, NOT_FOUND_SPACING};
use super::step::{Step, Via};
use super::unknown::Command;

/// The answers "no such order" that count.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Absence {
    /// When the first of them was asked for.
    first: Option<Timestamp>,
    /// Whether there are enough of them to look for a proof.
    pub(super) repeated: bool,
}

impl Absence {
    pub(super) fn is_suspected(&self) -> bool {
        self.first.is_some() && !self.repeated
    }
}

impl Tracked {
    /// Before this, "no such order" says nothing: the order may be on its way, or the exchange behind its own time.
    fn grace_end(&self) -> Timestamp {
        let sent = self.record.sent.unwrap_or(self.record.recorded);
        self.record.seen.map_or(sent, |seen| seen.max(sent)).after(NOT_FOUND_GRACE)
    }

    /// The exchange says that it knows no such order.
    pub(super) fn not_found(&mut self, asked: Timestamp, step: &mut Step<'_>) {
        if !self.is_live() {
            return;
        }
        if self.is_pending() {
            self.mark_unknown(Command::Place, step);
        }
        let grace_end = self.grace_end();
        if asked < grace_end {
            self.doubted.get_or_insert(step.now);
            self.advance_query(grace_end, step);
            return;
        }
        match self.absence.first {
            None => {
                self.absence.first = Some(asked);
                self.move_query(asked.after(NOT_FOUND_SPACING).max(step.now), step);
            }
            Some(first) if asked >= first.after(NOT_FOUND_SPACING) => self.absence.repeated = true,
            Some(first) => self.move_query(first.after(NOT_FOUND_SPACING).max(step.now), step),
        }
    }

    /// What a search for an order found that the exchange denies. Nothing of it: then it is over.
    pub(super) fn searched(&mut self, found: &Search, step: &mut Step<'_>) {
        let via = Via::asked(Source::Rest, found.asked);
        let was_pending = self.is_pending();
        let mut shown = false;
        for report in &found.reports {
            if self.is_named_by(report) {
                self.apply(report, via, step);
                shown = true;
            }
        }
        for fill in &found.fills {
            if self.has_fill(fill) {
                self.count(fill, Source::Rest, step);
                shown |= was_pending;
            }
        }
        if !shown && self.is_live() && self.absence.repeated {
            self.end_absent(step);
        }
        self.settle(step);
    }

    fn end_absent(&mut self, step: &mut Step<'_>) {
        let (state, reason) = if self.is_pending() && self.reported.is_zero() {
            (OrderState::Rejected, EndReason::NotAccepted)
        } else {
            (OrderState::Cancelled, EndReason::NoLongerListed)
        };
        let time = self.order().updated;
        let total = Some(self.reported.max(self.order().filled.value()));
        self.hold(HeldEnd { state, reason: Some(reason), word: None, time, total }, step);
    }

    fn is_named_by(&self, report: &ExecutionReport) -> bool {
        *report.symbol == *self.order().symbol
            && self.goes_by(report.exchange_order_id.as_ref(), report.client_order_id.as_ref())
    }

    pub(super) fn has_fill(&self, fill: &FillReport) -> bool {
        *fill.symbol == *self.order().symbol
            && self.goes_by(fill.exchange_order_id.as_ref(), fill.client_order_id.as_ref())
    }
}

/// The reason of an end by refusal.
pub(super) fn refusal(kind: ErrorKind) -> EndReason {
    match kind {
        ErrorKind::PostOnlyWouldTake => EndReason::PostOnlyWouldTake,
        ErrorKind::ReduceOnly => EndReason::ReduceOnly,
        kind => EndReason::Refused(kind),
    }
}
