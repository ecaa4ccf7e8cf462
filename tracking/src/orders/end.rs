use tradewire_core::{
    Amount, Decimal, EndReason, ExecutionReport, OrderChange, OrderState, OrderType, Quantity, ReportedStatus,
    TimeInForce, Timestamp,
};

use super::absence::refusal;
use super::order::Tracked;
use super::step::Step;
use super::symbols::Symbol;

/// How an order has ended, while fills of it may be missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HeldEnd {
    pub(super) state: OrderState,
    pub(super) reason: Option<EndReason>,
    /// The exchange's own word.
    pub(super) word: Option<String>,
    pub(super) time: Option<Timestamp>,
    /// What it has filled in all; `None` if that was not told.
    pub(super) total: Option<Decimal>,
}

/// What an exchange's word for an end amounts to.
enum Ending {
    Filled,
    Cancelled(EndReason),
    Expired(EndReason),
    Rejected(EndReason),
}

impl Tracked {
    /// The end that a report tells, in the one meaning that ends have on all exchanges.
    pub(super) fn end_told_by(&self, report: &ExecutionReport, symbol: &Symbol) -> Option<HeldEnd> {
        let mut ending = match &report.status {
            ReportedStatus::Filled => Ending::Filled,
            ReportedStatus::Cancelled => self.ended_by_others(report.reason, symbol.switch_had_lapsed(report.time)),
            ReportedStatus::Expired => self.ended_by_terms(report.reason),
            ReportedStatus::Rejected(kind) => Ending::Rejected(report.reason.unwrap_or(refusal(*kind))),
            _ => return None,
        };
        let untouched = self.is_untouched_by(report);
        ending = match ending {
            Ending::Expired(EndReason::PostOnlyWouldTake) if untouched => {
                Ending::Rejected(EndReason::PostOnlyWouldTake)
            }
            Ending::Rejected(reason) if !untouched => after_opening(reason),
            ending => ending,
        };
        let (state, reason, total) = match ending {
            // Whoever says "filled" has counted all of it: a smaller figure beside the word has left something out.
            Ending::Filled => (OrderState::Filled, None, self.whole(report).max(report.filled.map(Quantity::value))),
            Ending::Cancelled(reason) => (OrderState::Cancelled, Some(reason), report.filled.map(Quantity::value)),
            Ending::Expired(reason) => (OrderState::Expired, Some(reason), report.filled.map(Quantity::value)),
            Ending::Rejected(reason) => (OrderState::Rejected, Some(reason), Some(Decimal::ZERO)),
        };
        let word = (!report.word.is_empty()).then(|| report.word.clone());
        Some(HeldEnd { state, reason, word, time: Some(report.time), total })
    }

    /// Whether neither this report nor any before shows that the order ever rested or traded.
    fn is_untouched_by(&self, report: &ExecutionReport) -> bool {
        self.is_pending()
            && self.reported.is_zero()
            && report.fills.is_empty()
            && report.filled.is_none_or(|filled| filled.value().is_zero())
    }

    /// What it fills when it fills wholly, as the report says; as is known, if that says nothing of it.
    fn whole(&self, report: &ExecutionReport) -> Option<Decimal> {
        let known = report.filled.is_none().then_some(self.order().amount);
        match report.amount.or(known)? {
            Amount::Base(quantity) => {
                Some(quantity.value() - report.prevented.unwrap_or(self.order().prevented).value())
            }
            Amount::Quote(_) => None,
        }
    }

    fn ended_by_others(&self, reason: Option<EndReason>, switch_lapsed: bool) -> Ending {
        match reason {
            None | Some(EndReason::Other) if self.order().cancel_requested => Ending::Cancelled(EndReason::Requested),
            // An exchange can have one word for the cancels of all.
            None | Some(EndReason::Other | EndReason::Requested) if switch_lapsed && !self.order().cancel_requested => {
                Ending::Cancelled(EndReason::DeadMan)
            }
            Some(reason) if is_own_terms(reason) => Ending::Expired(reason),
            reason => Ending::Cancelled(reason.unwrap_or(EndReason::Other)),
        }
    }

    fn ended_by_terms(&self, reason: Option<EndReason>) -> Ending {
        let order = self.order();
        let immediate = matches!(order.time_in_force, Some(TimeInForce::Ioc | TimeInForce::Fok));
        match reason {
            None | Some(EndReason::Other) if immediate => Ending::Expired(EndReason::TimeInForce),
            None | Some(EndReason::Other) if order.order_type == Some(OrderType::Market) => {
                Ending::Expired(EndReason::Liquidity)
            }
            Some(reason) if is_doing_of_others(reason) => Ending::Cancelled(reason),
            reason => Ending::Expired(reason.unwrap_or(EndReason::Other)),
        }
    }

    /// The exchange says that it has ended. It is told once all that it has filled is counted.
    pub(super) fn hold(&mut self, end: HeldEnd, step: &mut Step<'_>) {
        if !self.is_live() {
            return;
        }
        if end.state != OrderState::Rejected {
            let at = self.order().created.or(end.time).unwrap_or(step.now);
            self.open(at, step);
        }
        self.outcome_known(step);
        self.doubted = None;
        let better = self.end.as_ref().is_none_or(|held| held.total < end.total);
        if better {
            self.end = Some(end);
        }
    }

    /// Ends the order if all is there that its end counts.
    pub(super) fn settle(&mut self, step: &mut Step<'_>) {
        if !self.is_live() {
            return;
        }
        let filled = self.order().filled.value();
        if let Amount::Base(quantity) = self.order().amount
            && filled >= quantity.value()
            && !filled.is_zero()
            && self.amending.is_none()
        {
            let (word, time) = match self.end.take() {
                Some(end) if end.state == OrderState::Filled => (end.word, end.time),
                _ => (None, self.order().updated),
            };
            let end = HeldEnd { state: OrderState::Filled, reason: None, word, time, total: Some(filled) };
            return self.finish(end, step);
        }
        let told = self.end.as_ref().and_then(|end| end.total);
        let missing = told.unwrap_or_default().max(self.reported) - filled;
        match self.end.take_if(|_| told.is_some() && missing <= Decimal::ZERO) {
            Some(end) => self.finish(end, step),
            None => self.show_missing(missing, step),
        }
    }

    /// How much of an order that the exchange says has ended is missing, since a restart before the end is known again too.
    fn show_missing(&mut self, missing: Decimal, step: &mut Step<'_>) {
        let ending = self.end.as_ref().is_some_and(|end| end.total.is_some()) || self.order().missing_fills.is_some();
        let shown = (ending && missing > Decimal::ZERO).then(|| Quantity::new(missing));
        if self.order().missing_fills != shown {
            self.order_mut().missing_fills = shown;
            step.touched = true;
        }
    }

    /// Ends the order. Everything that its end counts has been told.
    pub(super) fn finish(&mut self, end: HeldEnd, step: &mut Step<'_>) {
        if !self.is_live() {
            return;
        }
        self.outcome_known(step);
        if end.state != OrderState::Rejected {
            self.open(end.time.unwrap_or(step.now), step);
        }
        let reason = end.reason.unwrap_or(EndReason::Other);
        let change = match end.state {
            OrderState::Cancelled => OrderChange::Cancelled(reason),
            OrderState::Expired => OrderChange::Expired(reason),
            OrderState::Rejected => OrderChange::Rejected(reason),
            _ => OrderChange::Completed,
        };
        let order = self.order_mut();
        order.state = end.state;
        order.reason = end.reason;
        order.word = end.word;
        order.missing_fills = None;
        order.cancel_requested = false;
        order.updated = order.updated.max(end.time);
        self.end = None;
        self.amending = None;
        self.tell(end.time, change, step);
        self.answer_cancel_by_end(end.state, step);
    }
}

/// A refusal of an order that has been seen at work: it has ended by its own terms, or by the exchange.
fn after_opening(reason: EndReason) -> Ending {
    match reason {
        reason if is_own_terms(reason) => Ending::Expired(reason),
        EndReason::Refused(_) | EndReason::NotAccepted | EndReason::NotSent => Ending::Cancelled(EndReason::Exchange),
        reason => Ending::Cancelled(reason),
    }
}

fn is_own_terms(reason: EndReason) -> bool {
    matches!(
        reason,
        EndReason::TimeInForce
            | EndReason::Liquidity
            | EndReason::PriceBand
            | EndReason::SelfTrade
            | EndReason::PostOnlyWouldTake
            | EndReason::ReduceOnly
    )
}

fn is_doing_of_others(reason: EndReason) -> bool {
    matches!(
        reason,
        EndReason::Requested
            | EndReason::Exchange
            | EndReason::DeadMan
            | EndReason::Liquidation
            | EndReason::Settlement
            | EndReason::NoLongerListed
            | EndReason::OrderList
    )
}
