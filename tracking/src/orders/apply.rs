use tradewire_core::{
    Amount, ExecutionReport, FillReport, OrderChange, OrderState, Origin, Price, Quantity, ReportedStatus, Source,
    Timestamp,
};

use super::order::Tracked;
use super::step::{Step, Via};

impl Tracked {
    /// Takes what a report says, and notes what the private stream owes.
    pub(super) fn take(&mut self, report: &ExecutionReport, via: Via, step: &mut Step<'_>) {
        let before = self.progress();
        self.apply(report, via, step);
        self.watch_stream(before, via, report.time, step);
    }

    /// Takes a fill that comes without a report of its order.
    pub(super) fn take_fill(&mut self, fill: &FillReport, source: Source, step: &mut Step<'_>) {
        let before = self.progress();
        self.count(fill, source, step);
        self.settle(step);
        self.watch_stream(before, Via::told(source), fill.time, step);
    }

    /// Takes what a report, which is applied later, shows of the beginning of its order.
    pub(super) fn take_beginning(&mut self, report: &ExecutionReport, at: Timestamp, step: &mut Step<'_>) {
        self.introduce(at, step);
        let refused = self.end_told_by(report, step.symbol).is_some_and(|end| end.state == OrderState::Rejected);
        if !refused && !matches!(report.status, ReportedStatus::Received | ReportedStatus::Unknown(_)) {
            self.open(at, step);
        }
    }

    /// Takes what a report says, from whatever source: it moves the order forward, or changes nothing.
    pub(super) fn apply(&mut self, report: &ExecutionReport, via: Via, step: &mut Step<'_>) {
        if !self.learn_exchange_id(report.exchange_order_id.as_ref(), step) {
            return;
        }
        self.introduce(report.created.unwrap_or(report.time), step);
        self.sight(via, step);
        self.rename(report, step);
        let end = if self.is_live() { self.end_told_by(report, step.symbol) } else { None };
        let refused = end.as_ref().is_some_and(|end| end.state == OrderState::Rejected);
        if self.is_live() && !refused {
            self.apply_status(report, via, step);
            self.apply_terms(report, via, end.is_none(), step);
        }
        self.count_early(step);
        self.count_fills(report, via.source, step);
        if let Some(filled) = report.filled {
            self.reported = self.reported.max(filled.value());
        }
        match end {
            Some(end) => self.hold(end, step),
            None if self.is_open() && self.end.is_none() && shows_live(&report.status) => {
                self.found_live(report, via, step);
                self.resume_cancel(step);
            }
            None => self.check_verdict(report, step),
        }
        self.settle(step);
        if let Some(state) = self.end.as_ref().map(|end| end.state) {
            self.answer_cancel_by_end(state, step);
        }
        let order = self.order_mut();
        order.updated = order.updated.max(Some(report.time));
    }

    fn apply_status(&mut self, report: &ExecutionReport, via: Via, step: &mut Step<'_>) {
        match &report.status {
            ReportedStatus::Received => {
                self.received.get_or_insert(step.now);
            }
            ReportedStatus::Unknown(word) => {
                if self.order().word.as_ref() != Some(word) {
                    self.order_mut().word = Some(word.clone());
                    step.touched = true;
                }
                if via.asked.is_some() {
                    self.doubted = Some(step.now);
                } else {
                    self.doubt(step);
                }
            }
            _ => {
                if let Some(created) = report.created {
                    self.order_mut().created.get_or_insert(created);
                }
                self.open(report.created.unwrap_or(report.time), step);
            }
        }
    }

    /// Quantity, price and prevented quantity as the newest report has them. They are told of an order that goes on.
    fn apply_terms(&mut self, report: &ExecutionReport, via: Via, goes_on: bool, step: &mut Step<'_>) {
        let tells_terms = report.amount.is_some() || report.price.is_some() || report.prevented.is_some();
        if !self.is_open() || !tells_terms {
            return;
        }
        let mut quantity = None;
        let mut price = None;
        // Of two reports of one moment the one that changes terms, as we wanted or not, or that was asked for, is the younger.
        let younger = report.new_client_order_id.is_some() || via.asked.is_some() || self.shows_wanted(report);
        if self.terms.is_none_or(|terms| report.time > terms || report.time == terms && younger) {
            self.terms = Some(report.time);
            quantity = self.other_quantity(report);
            price = report.price.filter(|price| self.order().price.is_some_and(|known| known != *price));
        }
        let prevented = report.prevented.filter(|prevented| *prevented > self.order().prevented);
        self.set_terms(quantity, price, prevented);
        if goes_on && (quantity.is_some() || price.is_some() || prevented.is_some()) {
            let quantity = quantity.or(prevented).and_then(|_| self.effective_quantity());
            self.tell(Some(report.time), OrderChange::Amended { quantity, price }, step);
        }
    }

    fn set_terms(&mut self, quantity: Option<Quantity>, price: Option<Price>, prevented: Option<Quantity>) {
        let order = self.order_mut();
        if let Some(quantity) = quantity {
            order.amount = Amount::Base(quantity);
        }
        order.price = price.or(order.price);
        order.prevented = prevented.unwrap_or(order.prevented);
    }

    fn other_quantity(&self, report: &ExecutionReport) -> Option<Quantity> {
        match (self.order().amount, report.amount?) {
            (Amount::Base(known), Amount::Base(told)) if known != told => Some(told),
            _ => None,
        }
    }

    /// What it can fill at most, after what self-trade prevention took off.
    fn effective_quantity(&self) -> Option<Quantity> {
        match self.order().amount {
            Amount::Base(quantity) => Some(Quantity::new(quantity.value() - self.order().prevented.value())),
            Amount::Quote(_) => None,
        }
    }

    /// Takes an id that the exchange gives the order from now on. An own order keeps its id here, and is found by both.
    fn rename(&mut self, report: &ExecutionReport, step: &mut Step<'_>) {
        let Some(id) = &report.new_client_order_id else { return };
        if *id == self.order().client_order_id || self.aliases.contains(id) {
            return;
        }
        self.aliases.push(id.clone());
        step.alias = Some(id.clone());
        if !self.is_own() {
            self.order_mut().client_order_id = id.clone();
            step.touched = true;
        }
    }

    fn count_fills(&mut self, report: &ExecutionReport, source: Source, step: &mut Step<'_>) {
        for fill in &report.fills {
            if fill.exchange_order_id.is_some() || report.exchange_order_id.is_none() {
                self.count(fill, source, step);
            } else {
                let mut named = fill.clone();
                named.exchange_order_id.clone_from(&report.exchange_order_id);
                self.count(&named, source, step);
            }
        }
    }

    /// Tells when an order that was ended without having been seen turns up alive.
    fn check_verdict(&mut self, report: &ExecutionReport, step: &mut Step<'_>) {
        let unseen = self.order().state == OrderState::Rejected;
        if unseen
            && shows_live(&report.status)
            && let Some(id) = &report.exchange_order_id
        {
            self.contradict_end(id, step);
        }
    }

    fn contradict_end(&mut self, id: &tradewire_core::ExchangeOrderId, step: &mut Step<'_>) {
        if self.contradicted_by.as_ref() != Some(id) {
            let what = format!("order {} was rejected, and is shown live as {id}", self.order().client_order_id);
            step.inconsistent(None, what);
            self.contradicted_by = Some(id.clone());
        }
    }
}

/// Whether a report of somebody else's order says enough to track it.
pub(super) fn introduces(report: &ExecutionReport) -> bool {
    report.side.is_some() && report.amount.is_some()
}

/// The origin of an order that this process did not place.
pub(super) fn foreign(origin: Origin) -> Origin {
    match origin {
        Origin::Own => Origin::External,
        origin => origin,
    }
}

fn shows_live(status: &ReportedStatus) -> bool {
    matches!(status, ReportedStatus::Open | ReportedStatus::PartiallyFilled)
}
