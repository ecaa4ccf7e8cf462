use rust_decimal::Decimal;
use tradewire_core::exact::add;
use tradewire_core::{Asset, Order, OrderState, Origin, Timestamp};

use super::LockFormula;
use super::lock::{Filled, Terms};

/// One order, as far as balances depend on it.
#[derive(Debug)]
pub(super) struct Hold {
    formula: LockFormula,
    own: bool,
    phase: Phase,
    terms: Terms,
    filled: Filled,
    created: Option<Timestamp>,
    updated: Option<Timestamp>,
    received: Timestamp,
    /// Its terms when balances were last read, or when it was seen first since.
    at_read: Option<Terms>,
    /// Whether it was known as live then.
    live_at_read: bool,
    /// What of it was filled since the last read.
    pub(super) after: Filled,
    /// Whether the private stream has shown it.
    pub(super) shown: bool,
    /// Whether the exchange's own figure includes it.
    pub(super) covered: bool,
    /// Since when, by our clock, it is known that the exchange has accepted it.
    accepted: Option<Timestamp>,
    /// What is counted for it now.
    pub(super) share: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not known to be accepted.
    Pending,
    Live,
    Ended,
    /// Nothing of it ever rested or filled.
    Refused,
}

/// An order's share in what is counted for one asset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) asset: Option<Asset>,
    /// What available is less for it than the exchange's figure says. Negative once a lock in that figure has gone.
    pub(super) held: Decimal,
    /// What it locks, if it is an own order.
    pub(super) own: Decimal,
    /// The part of `held` that the exchange may not count: not known to be accepted, or a guess.
    pub(super) unsure: Decimal,
}

impl Hold {
    pub(super) fn new(order: &Order, formula: LockFormula) -> Self {
        let terms = Terms::of(order);
        Self {
            formula,
            own: order.origin == Origin::Own,
            phase: Phase::Pending,
            at_read: Some(terms.clone()),
            terms,
            filled: Filled::default(),
            created: None,
            updated: None,
            received: order.received,
            live_at_read: false,
            after: Filled::default(),
            shown: false,
            covered: false,
            accepted: None,
            share: Share::default(),
        }
    }

    /// Takes the order's state in. `read_as_of` is the time of the read in force. The times, by the exchange's clock, at which it
    /// changed in a way that matters are returned.
    pub(super) fn set(
        &mut self,
        now: Timestamp,
        order: &Order,
        read_as_of: Option<Timestamp>,
    ) -> [Option<Timestamp>; 2] {
        let phase = Phase::of(order.state);
        let terms = Terms::of(order);
        let filled = Filled { base: order.filled.value(), quote: order.quote_filled };
        let changed = (phase, filled, &terms) != (self.phase, self.filled, &self.terms);
        let created_now = order.created.filter(|_| self.created.is_none());
        if phase != Phase::Pending && self.accepted.is_none() {
            self.accepted = Some(now);
        }
        (self.phase, self.filled) = (phase, filled);
        self.own = order.origin == Origin::Own;
        (self.created, self.updated, self.received) = (order.created, order.updated, order.received);
        if self.updated.zip(read_as_of).is_some_and(|(updated, read)| updated.as_millis() <= read.as_millis()) {
            self.at_read = None;
        }
        self.terms = terms;
        [created_now, order.updated.filter(|_| changed && phase != Phase::Pending)]
    }

    /// Balances were read: what is known now was so then, apart from what is filled `after` it.
    pub(super) fn was_read(&mut self, after: Filled) {
        self.live_at_read = self.phase == Phase::Live;
        self.at_read = Some(self.terms.clone());
        self.after = after;
    }

    /// It locks by another rule from now on.
    pub(super) fn follow(&mut self, formula: LockFormula) {
        self.formula = formula;
    }

    /// The asset in which it locks something.
    pub(super) fn asset(&self) -> Option<Asset> {
        self.formula.asset(&self.terms)
    }

    pub(super) fn is_own(&self) -> bool {
        self.own
    }

    /// Whether it is not known yet what became of it.
    pub(super) fn is_on_its_way(&self) -> bool {
        self.phase == Phase::Pending
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended | Phase::Refused)
    }

    /// Whether it had ended at `time`, so that no read as of then or later can hold anything back for it.
    pub(super) fn had_ended_at(&self, time: Timestamp) -> bool {
        match self.phase {
            Phase::Pending | Phase::Live => false,
            Phase::Refused => true,
            // Without a time of its end: after the last read, if it was live then.
            Phase::Ended => self.updated.map_or(!self.live_at_read, |updated| updated.as_millis() <= time.as_millis()),
        }
    }

    /// When the exchange accepted it, by its clock; `None` while it is not known to have. Where the exchange does not say when, it
    /// was at latest when we learnt of it.
    pub(super) fn accepted_at(&self) -> Option<Timestamp> {
        let accepted = matches!(self.phase, Phase::Live | Phase::Ended);
        accepted.then(|| self.created.or(self.updated).unwrap_or(self.received))
    }

    /// A read has come, and may not have included it: the next is asked for as if it had been accepted `now`.
    pub(super) fn ask_again_from(&mut self, now: Timestamp) {
        self.accepted = self.accepted.map(|_| now);
    }

    /// Since when, by our clock, it is known to be accepted, while the exchange's figure does not include it.
    pub(super) fn uncovered_since(&self) -> Option<Timestamp> {
        self.accepted.filter(|_| !self.covered && !self.share.held.is_zero())
    }

    /// Its share where the exchange tells available: all of it until the exchange's figure includes it.
    pub(super) fn share_beside_figure(&self) -> Share {
        let (lock, guessed) = self.lock_now();
        let spent = self.formula.spent(&self.terms, self.filled);
        let held = match self.phase {
            _ if self.covered => Decimal::ZERO,
            Phase::Pending | Phase::Live => add(lock, spent).unwrap_or(lock),
            Phase::Ended => spent,
            Phase::Refused => Decimal::ZERO,
        };
        let unsure = if guessed || self.phase == Phase::Pending { held } else { Decimal::ZERO };
        Share { asset: self.asset(), held, own: self.own_lock(lock), unsure }
    }

    /// Its share where available is estimated from a read as of `read`: its lock now less its lock then.
    pub(super) fn share_since(&self, read: Option<Timestamp>) -> Share {
        let (lock, guessed) = self.lock_now();
        let then = match read {
            Some(read) if self.was_live_at(read) => {
                let terms = self.at_read.as_ref().unwrap_or(&self.terms);
                self.formula.lock(terms, self.filled - self.after).map_or(Decimal::ZERO, |lock| lock.amount)
            }
            _ => Decimal::ZERO,
        };
        let unsure = if guessed || self.phase == Phase::Pending { lock } else { Decimal::ZERO };
        Share { asset: self.asset(), held: add(lock, -then).unwrap_or(lock), own: self.own_lock(lock), unsure }
    }

    /// Whether the exchange held something back for it at `time`. What happened in that very millisecond had happened.
    pub(super) fn was_live_at(&self, time: Timestamp) -> bool {
        let begun = self.created.map_or(self.live_at_read, |created| created.as_millis() <= time.as_millis());
        begun && self.phase != Phase::Pending && !self.had_ended_at(time)
    }

    /// What it locks now, and whether that is a guess.
    fn lock_now(&self) -> (Decimal, bool) {
        let live = matches!(self.phase, Phase::Pending | Phase::Live);
        let lock = self.formula.lock(&self.terms, self.filled).filter(|_| live);
        lock.map_or((Decimal::ZERO, false), |lock| (lock.amount, lock.guessed))
    }

    fn own_lock(&self, lock: Decimal) -> Decimal {
        if self.own { lock } else { Decimal::ZERO }
    }
}

impl Phase {
    fn of(state: OrderState) -> Self {
        match state {
            OrderState::PendingSubmit => Self::Pending,
            OrderState::Open | OrderState::PartiallyFilled => Self::Live,
            OrderState::Rejected => Self::Refused,
            OrderState::Filled | OrderState::Cancelled | OrderState::Expired => Self::Ended,
        }
    }
}
