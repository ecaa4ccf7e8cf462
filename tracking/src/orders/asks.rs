use tradewire_core::Timestamp;

use super::ask::{Ask, Jitter};
use super::order::Tracked;
use super::settings::{ACK_CONFIRM, FILL_WAIT};
use super::step::Step;
use super::timers::{Purpose, Timers};

/// What is asked about one order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asks {
    pub(super) query: Ask,
    pub(super) trades: Ask,
    pub(super) proof: Ask,
    pub(super) cancel: Ask,
}

impl Tracked {
    /// Brings what is asked into agreement with what is not known. Called after every input.
    pub(super) fn plan(&mut self, step: &mut Step<'_>) {
        let number = self.number();
        let wants = [
            (Purpose::Query(number), self.query_from(step.now)),
            (Purpose::Trades(number), self.trades_from(step)),
            (Purpose::Proof(number), (self.is_live() && self.absence.repeated).then_some(step.now)),
            (Purpose::Cancel(number), self.cancel_from(step.now)),
        ];
        for (purpose, want) in wants {
            let Some(ask) = self.ask_mut(purpose) else { continue };
            match want {
                Some(at) => ask.want(at, purpose, step.timers),
                None => ask.stop(),
            }
        }
    }

    /// From when on the order is to be asked for.
    fn query_from(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.is_live() || self.absence.repeated {
            return None;
        }
        let endless = self.end.as_ref().is_some_and(|end| end.total.is_none());
        let nameless = self.is_lacking_fills() && self.order().exchange_order_id.is_none();
        let at_once = self.unknown.is_some()
            || self.doubted.is_some()
            || self.absence.is_suspected()
            || endless
            || nameless
            || self.fills.await_id();
        let confirm = self.received.filter(|_| self.is_pending()).map(|at| at.after(ACK_CONFIRM));
        let cancel = self.cancel.as_ref().filter(|_| self.end.is_none()).and_then(|cancel| cancel.query_from(now));
        let amending = self.amending.filter(|amending| amending.received).map(|of| of.since.after(ACK_CONFIRM));
        [at_once.then_some(now), confirm, cancel, amending].into_iter().flatten().min()
    }

    /// From when on its fills are to be fetched.
    fn trades_from(&self, step: &Step<'_>) -> Option<Timestamp> {
        self.order().exchange_order_id.as_ref()?;
        if self.is_lacking_fills() {
            let patience = if step.stream.healthy { FILL_WAIT } else { std::time::Duration::ZERO };
            return Some(step.now.after(patience));
        }
        self.fills.want_fees().then(|| step.now.after(FILL_WAIT))
    }

    fn cancel_from(&self, now: Timestamp) -> Option<Timestamp> {
        (self.is_live() && self.end.is_none() && self.cancel.as_ref()?.is_to_be_sent()).then_some(now)
    }

    /// Whether a report counts more than all fills that are known.
    pub(super) fn is_lacking_fills(&self) -> bool {
        self.reported > self.order().filled.value()
    }

    /// The private stream will not bring what is missing.
    pub(super) fn hurry_trades(&mut self, now: Timestamp, timers: &mut Timers) {
        let purpose = Purpose::Trades(self.number());
        self.asks.trades.advance_to(now, purpose, timers);
    }

    pub(super) fn hurry_query(&mut self, step: &mut Step<'_>) {
        let purpose = Purpose::Query(self.number());
        self.asks.query.hurry(step.now, purpose, step.timers);
    }

    pub(super) fn advance_query(&mut self, at: Timestamp, step: &mut Step<'_>) {
        let purpose = Purpose::Query(self.number());
        self.asks.query.advance_to(at, purpose, step.timers);
    }

    pub(super) fn move_query(&mut self, at: Timestamp, step: &mut Step<'_>) {
        let purpose = Purpose::Query(self.number());
        self.asks.query.move_to(at, purpose, step.timers);
    }

    pub(super) fn ask_answered(&mut self, purpose: Purpose, now: Timestamp, jitter: &mut Jitter, timers: &mut Timers) {
        if let Some(ask) = self.ask_mut(purpose) {
            ask.answered(now, jitter, purpose, timers);
        }
    }

    pub(super) fn ask_mut(&mut self, purpose: Purpose) -> Option<&mut Ask> {
        match purpose {
            Purpose::Query(_) => Some(&mut self.asks.query),
            Purpose::Trades(_) => Some(&mut self.asks.trades),
            Purpose::Proof(_) => Some(&mut self.asks.proof),
            Purpose::Cancel(_) => Some(&mut self.asks.cancel),
            Purpose::Stream(_) | Purpose::Stranger(_) => None,
        }
    }
}
