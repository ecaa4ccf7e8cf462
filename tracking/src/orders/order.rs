use tradewire_core::{
    AccountChange, ClientOrderId, Decimal, ExchangeOrderId, Order, OrderChange, OrderEvent, OrderState, Origin,
    Timestamp,
};

use super::absence::Absence;
use super::amend::Amending;
use super::asks::Asks;
use super::cancel::Cancel;
use super::end::HeldEnd;
use super::fills::Fills;
use super::step::{Step, Via};
use super::stream_watch::Owed;
use super::symbols::SymbolId;
use super::unknown::Command;
use crate::{OrderRecord, SavedOrder};

/// An order with all that decides what becomes of it.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) record: OrderRecord,
    pub(super) symbol: SymbolId,
    pub(super) fills: Fills,
    /// The most that any report says is filled.
    pub(super) reported: Decimal,
    /// How the exchange says that it ended, while fills of it are missing.
    pub(super) end: Option<HeldEnd>,
    /// The command of which nobody knows whether it took effect.
    pub(super) unknown: Option<Command>,
    /// When the exchange said that it has received the order, by our clock.
    pub(super) received: Option<Timestamp>,
    /// Since when what is known of it is in doubt: an answer to a later question settles it.
    pub(super) doubted: Option<Timestamp>,
    pub(super) absence: Absence,
    pub(super) cancel: Option<Cancel>,
    /// A change that was asked for and is not answered.
    pub(super) amending: Option<Amending>,
    /// When the newest report of its quantity and price was made, by the exchange's clock.
    pub(super) terms: Option<Timestamp>,
    pub(super) asks: Asks,
    pub(super) owed: Option<Owed>,
    /// An id that contradicted its own, which was told.
    pub(super) contradicted_by: Option<ExchangeOrderId>,
    /// Its id of before it was triggered, where the exchange has given it another.
    pub(super) former_id: Option<ExchangeOrderId>,
    /// Ids that the exchange gave it beside ours.
    pub(super) aliases: Vec<ClientOrderId>,
    /// Whether an order of others has been told of.
    introduced: bool,
}

/// As far as an order has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Progress {
    state: OrderState,
    filled: Decimal,
    reported: Decimal,
    ending: bool,
}

impl Tracked {
    pub(super) fn new(record: OrderRecord, symbol: SymbolId) -> Self {
        let order = &record.order;
        let missing = order.missing_fills.map_or(Decimal::ZERO, |missing| missing.value());
        Self {
            reported: order.filled.value() + missing,
            terms: order.updated,
            record,
            symbol,
            fills: Fills::default(),
            end: None,
            unknown: None,
            received: None,
            doubted: None,
            absence: Absence::default(),
            cancel: None,
            amending: None,
            asks: Asks::default(),
            owed: None,
            contradicted_by: None,
            former_id: None,
            aliases: Vec::new(),
            introduced: true,
        }
    }

    /// An order of others that nobody has been told of yet.
    pub(super) fn foreign(record: OrderRecord, symbol: SymbolId) -> Self {
        Self { introduced: false, terms: None, ..Self::new(record, symbol) }
    }

    pub(super) fn saved(saved: SavedOrder, symbol: SymbolId) -> Self {
        let mut tracked = Self::new(saved.record, symbol);
        tracked.fills = saved.fills.into_iter().collect();
        tracked
    }

    pub(super) fn number(&self) -> u64 {
        self.record.number
    }

    pub(super) fn order(&self) -> &Order {
        &self.record.order
    }

    pub(super) fn order_mut(&mut self) -> &mut Order {
        &mut self.record.order
    }

    pub(super) fn is_live(&self) -> bool {
        self.order().state.is_live()
    }

    pub(super) fn is_own(&self) -> bool {
        self.order().origin == Origin::Own
    }

    /// Whether the exchange is known to have accepted it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.order().state, OrderState::Open | OrderState::PartiallyFilled)
    }

    pub(super) fn is_pending(&self) -> bool {
        self.order().state == OrderState::PendingSubmit
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            state: self.order().state,
            filled: self.order().filled.value(),
            reported: self.reported,
            ending: self.end.is_some(),
        }
    }

    pub(super) fn tell(&self, time: Option<Timestamp>, change: OrderChange, step: &mut Step<'_>) {
        let order = self.order();
        let event = OrderEvent {
            symbol: order.symbol.clone(),
            pair: order.pair.clone(),
            client_order_id: order.client_order_id.clone(),
            exchange_order_id: order.exchange_order_id.clone(),
            own: self.is_own(),
            change,
            filled: order.filled,
            quote_filled: order.quote_filled,
        };
        step.touched = true;
        step.tell(time, AccountChange::Order(event));
    }

    /// First sight of an order of others.
    pub(super) fn introduce(&mut self, at: Timestamp, step: &mut Step<'_>) {
        if !std::mem::replace(&mut self.introduced, true) {
            self.tell(Some(at), OrderChange::External(self.order().origin), step);
        }
    }

    /// The exchange has accepted it.
    pub(super) fn open(&mut self, at: Timestamp, step: &mut Step<'_>) {
        if !self.is_pending() {
            return;
        }
        self.place_known(step);
        let order = self.order_mut();
        order.state = OrderState::Open;
        order.created.get_or_insert(at);
        if self.is_own() {
            self.tell(Some(at), OrderChange::Open, step);
        }
        self.resume_cancel(step);
    }

    /// The exchange shows that it has the order, dead or alive.
    pub(super) fn sight(&mut self, via: Via, step: &mut Step<'_>) {
        let at = via.asked.unwrap_or(step.now);
        self.record.seen = self.record.seen.max(Some(at));
        self.absence = Absence::default();
        self.order_mut().received = step.now;
        self.place_known(step);
    }

    /// Takes the exchange's id of it, which is replaced once at most, when it is triggered; false if another is known, or if
    /// it is told under the former one: that is over.
    pub(super) fn learn_exchange_id(&mut self, id: Option<&ExchangeOrderId>, step: &mut Step<'_>) -> bool {
        let Some(id) = id else { return true };
        match &self.order().exchange_order_id {
            Some(known) if known == id => true,
            Some(_) if self.former_id.as_ref() == Some(id) => false,
            Some(_) if self.awaits_other_id() => {
                self.triggered_as(id, step);
                true
            }
            Some(_) => {
                self.contradict(id, step);
                false
            }
            None => {
                self.order_mut().exchange_order_id = Some(id.clone());
                step.touched = true;
                true
            }
        }
    }

    /// Tells once of another id that the exchange uses for what should be this order.
    pub(super) fn contradict(&mut self, id: &ExchangeOrderId, step: &mut Step<'_>) {
        if self.contradicted_by.as_ref() == Some(id) {
            return;
        }
        let order = self.order();
        let what = match &order.exchange_order_id {
            Some(known) => format!("order {} has the exchange's id {known}, now {id} is told", order.client_order_id),
            None => format!("order {} has ended unseen, now {id} is told", order.client_order_id),
        };
        step.inconsistent(None, what);
        self.contradicted_by = Some(id.clone());
    }

    /// Something contradicts what is known: the exchange is asked, and only an answer to that settles it.
    pub(super) fn doubt(&mut self, step: &mut Step<'_>) {
        if self.is_live() && self.end.is_none() {
            if self.doubted.is_none() {
                self.hurry_query(step);
            }
            self.doubted = Some(step.now);
        }
    }
}
