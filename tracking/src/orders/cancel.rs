use tradewire_core::{CommandError, Error, ErrorKind, ExecutionReport, OrderChange, OrderState, Source, Timestamp};

use super::effects::{CancelAnswer, CancelOutcome, CancelStart};
use super::order::Tracked;
use super::settings::{ACK_CONFIRM, CANCEL_TRIES, NOT_FOUND_GRACE};
use super::step::{Step, Via};
use super::unknown::Command;

/// A cancel that was asked for and has not been answered by an end, nor by finding the order live.
#[derive(Debug)]
pub(super) struct Cancel {
    /// Whether callers wait for its answer.
    waiting: bool,
    /// How often it was sent without an answer.
    unanswered: u8,
    /// When it was sent last, by our clock.
    sent: Timestamp,
    /// Whether that was before the order was seen open.
    early: bool,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// A request is under way.
    Sent,
    /// To be sent, now.
    Again,
    /// To be sent once the order is seen open: the exchange did not know it.
    OnceOpen,
    /// Refused, or not sent: a younger look at the order decides.
    Refused { at: Timestamp, error: Option<Error> },
    /// The exchange has taken it: a report decides.
    Received,
    /// Sent often enough: a look at the order decides.
    Unknown,
}

impl Cancel {
    fn new(now: Timestamp, early: bool, phase: Phase) -> Self {
        Self { waiting: true, unanswered: 0, sent: now, early, phase }
    }

    /// After a restart: it is not known whether it was sent.
    pub(super) fn restored(now: Timestamp, unknown: bool) -> Self {
        let phase = if unknown { Phase::Unknown } else { Phase::OnceOpen };
        Self { waiting: false, ..Self::new(now, true, phase) }
    }

    pub(super) fn is_to_be_sent(&self) -> bool {
        matches!(self.phase, Phase::Again)
    }

    /// From when on the order should be asked for because of it.
    pub(super) fn query_from(&self, now: Timestamp) -> Option<Timestamp> {
        match self.phase {
            Phase::Refused { .. } | Phase::Unknown => Some(now),
            Phase::Received => Some(self.sent.after(ACK_CONFIRM)),
            _ => None,
        }
    }

    fn is_under_way(&self) -> bool {
        self.waiting || matches!(self.phase, Phase::Sent | Phase::Again | Phase::OnceOpen)
    }
}

impl Tracked {
    /// Somebody asks for a cancel.
    pub(super) fn request_cancel(&mut self, step: &mut Step<'_>) -> CancelStart {
        if !self.is_live() {
            return CancelStart::Closed(self.order().state);
        }
        if let Some(end) = &self.end {
            return CancelStart::Closed(end.state);
        }
        if let Some(cancel) = self.cancel.as_mut().filter(|cancel| cancel.is_under_way()) {
            cancel.waiting = true;
            return CancelStart::Joined;
        }
        if !self.order().cancel_requested {
            self.order_mut().cancel_requested = true;
            self.tell(None, OrderChange::CancelRequested, step);
        }
        self.cancel = Some(Cancel::new(step.now, self.is_pending(), Phase::Sent));
        CancelStart::Send
    }

    /// A cancel that was needed is sent.
    pub(super) fn cancel_sent(&mut self, now: Timestamp) {
        let early = self.is_pending();
        if let Some(cancel) = &mut self.cancel {
            cancel.phase = Phase::Sent;
            cancel.sent = now;
            cancel.early = early;
        }
    }

    /// A cancel that was needed could not be sent: it still is.
    pub(super) fn cancel_not_sent(&mut self) {
        if let Some(cancel) = &mut self.cancel
            && matches!(cancel.phase, Phase::Sent)
        {
            cancel.phase = Phase::Again;
        }
    }

    /// What became of a cancel that was sent.
    pub(super) fn cancel_answered(&mut self, outcome: Result<ExecutionReport, CommandError>, step: &mut Step<'_>) {
        self.asks.cancel = super::ask::Ask::Idle;
        match outcome {
            Ok(report) => self.cancel_taken(&report, step),
            Err(_) if !self.is_live() => {}
            Err(CommandError::NotSent(error)) => self.cancel_kept_back(error, step),
            Err(CommandError::Rejected(error)) => self.cancel_refused(error, step),
            Err(CommandError::Unknown { cause, .. }) => self.cancel_lost(cause, step),
        }
    }

    fn cancel_taken(&mut self, report: &ExecutionReport, step: &mut Step<'_>) {
        self.apply(report, Via::told(Source::Reply), step);
        if !self.is_live() || self.end.is_some() {
            return;
        }
        if let Some(cancel) = &mut self.cancel {
            cancel.phase = Phase::Received;
            self.answer_cancel(CancelOutcome::Received, step);
        }
    }

    fn cancel_kept_back(&mut self, error: Error, step: &mut Step<'_>) {
        let Some(cancel) = &mut self.cancel else { return };
        if cancel.unanswered > 0 {
            return self.cancel_unknown(error, step);
        }
        cancel.phase = Phase::Refused { at: step.now, error: None };
        self.answer_cancel(CancelOutcome::NotSent(error), step);
        self.hurry_query(step);
    }

    /// Neither alive nor dead: the order is asked for, unless the cancel came before the order.
    fn cancel_refused(&mut self, error: Error, step: &mut Step<'_>) {
        let (pending, live) = (self.is_pending(), self.is_open());
        let Some(cancel) = &mut self.cancel else { return };
        let unheard_of = error.kind() == ErrorKind::NotFound && cancel.early;
        cancel.phase = match unheard_of {
            true if pending => Phase::OnceOpen,
            true if live => Phase::Again,
            _ => Phase::Refused { at: step.now, error: Some(error) },
        };
        if !unheard_of {
            self.hurry_query(step);
        }
    }

    fn cancel_lost(&mut self, cause: Error, step: &mut Step<'_>) {
        let Some(cancel) = &mut self.cancel else { return };
        cancel.unanswered += 1;
        if cancel.unanswered < CANCEL_TRIES {
            cancel.phase = Phase::Again;
        } else {
            self.cancel_unknown(cause, step);
        }
    }

    fn cancel_unknown(&mut self, cause: Error, step: &mut Step<'_>) {
        let pending = self.is_pending();
        if let Some(cancel) = &mut self.cancel {
            cancel.phase = if pending { Phase::OnceOpen } else { Phase::Unknown };
            cancel.unanswered = 0;
        }
        self.answer_cancel(CancelOutcome::Unknown(cause), step);
        self.mark_unknown(Command::Cancel, step);
    }

    /// The order is seen open: a cancel that the exchange could not place before is sent again.
    pub(super) fn resume_cancel(&mut self, step: &mut Step<'_>) {
        if let Some(cancel) = &mut self.cancel
            && matches!(cancel.phase, Phase::OnceOpen)
        {
            cancel.phase = Phase::Again;
            cancel.unanswered = 0;
            step.touched = true;
        }
    }

    /// A question asked at `asked` found the order live.
    pub(super) fn cancel_found_live(&mut self, asked: Timestamp, step: &mut Step<'_>) {
        let Some(cancel) = &mut self.cancel else { return };
        let decided = match &cancel.phase {
            Phase::Refused { at, .. } => asked >= *at,
            Phase::Received | Phase::Unknown => asked >= cancel.sent.after(NOT_FOUND_GRACE),
            _ => false,
        };
        if !decided {
            return;
        }
        if self.unknown == Some(Command::Cancel) {
            self.outcome_known(step);
        }
        let phase = self.cancel.take().map(|cancel| (cancel.waiting, cancel.phase));
        self.order_mut().cancel_requested = false;
        self.tell(None, OrderChange::CancelRefused, step);
        let Some((true, phase)) = phase else { return };
        let error = match phase {
            Phase::Refused { error: Some(error), .. } => error,
            _ => Error::new(ErrorKind::StateConflict, "the order was found live after its cancel"),
        };
        self.push_answer(CancelOutcome::Refused(error), step);
    }

    /// The order has ended: whoever waits for its cancel learns how.
    pub(super) fn answer_cancel_by_end(&mut self, state: OrderState, step: &mut Step<'_>) {
        let outcome = match state {
            OrderState::Cancelled => CancelOutcome::Done,
            state => CancelOutcome::AlreadyClosed(state),
        };
        self.answer_cancel(outcome, step);
        if !self.is_live() {
            self.cancel = None;
        }
    }

    fn answer_cancel(&mut self, outcome: CancelOutcome, step: &mut Step<'_>) {
        if let Some(cancel) = &mut self.cancel
            && std::mem::take(&mut cancel.waiting)
        {
            self.push_answer(outcome, step);
        }
    }

    fn push_answer(&self, outcome: CancelOutcome, step: &mut Step<'_>) {
        let client_order_id = self.order().client_order_id.clone();
        step.effects.answers.push(CancelAnswer { client_order_id, outcome });
    }
}
