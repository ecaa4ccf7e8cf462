use std::sync::Arc;

use tradewire_core::{
    Amendment, ClientOrderId, CommandError, Error, ErrorKind, ExecutionReport, Order, OrderChange, OrderState, Origin,
    Quantity, Timestamp,
};

use super::{CancelStart, Effects, Orders, Tracked};
use crate::{NewOrder, OrderRecord};

impl Orders {
    /// Tracks an order that is about to be sent. It must be in the journal before its first byte is written.
    ///
    /// # Errors
    /// `Duplicate` if an own order in memory has the id. The journal knows older ones.
    pub fn submit(&mut self, order: &NewOrder, now: Timestamp) -> Result<Effects, Error> {
        let id = &order.client_order_id;
        if self.index.own(id).is_some() {
            return Err(Error::new(ErrorKind::Duplicate, "an order with this id is known").with("order", id));
        }
        self.symbols.learn(&order.instrument);
        let number = self.next_number();
        let record = OrderRecord { number, order: pending(order, now), recorded: now, sent: None, seen: None };
        let symbol = self.symbols.id(&order.instrument.symbol);
        self.index.add_own(id, number);
        self.live.insert(number);
        self.orders.insert(number, Tracked::new(record, symbol));
        Ok(self.run(now, |orders, draft| {
            orders.with(number, now, draft, |tracked, step| tracked.tell(None, OrderChange::Pending, step));
        }))
    }

    /// The last byte of an order is written.
    pub fn sent(&mut self, id: &ClientOrderId, now: Timestamp) -> Effects {
        self.on_own(id, now, |tracked, step| {
            tracked.record.sent = Some(now);
            step.touched = true;
        })
    }

    /// What became of the command that placed an order. A late reply can be fed in the same way after another outcome.
    pub fn placed(
        &mut self,
        id: &ClientOrderId,
        outcome: Result<ExecutionReport, CommandError>,
        now: Timestamp,
    ) -> Effects {
        let time = outcome.as_ref().ok().map(|report| report.time);
        self.on_own_told(id, time, now, |tracked, step| tracked.place_answered(outcome, step))
    }

    /// Nobody waits for the reply to a new order any longer: its outcome is unknown.
    pub fn place_dropped(&mut self, id: &ClientOrderId, now: Timestamp) -> Effects {
        self.on_own(id, now, Tracked::place_unknown)
    }

    /// Somebody asks for a cancel of an own order: tells what to do for it.
    ///
    /// Every call that is told to send or to wait is answered once, in [`Effects::answers`]. That can take as long as the
    /// exchange does not know the order: give callers a limit.
    pub fn cancel(&mut self, id: &ClientOrderId, now: Timestamp) -> (CancelStart, Effects) {
        let Some(number) = self.index.own(id) else {
            let start = if self.is_of_others(id) { CancelStart::NotOwn } else { CancelStart::NotTracked };
            return (start, Effects::default());
        };
        let mut start = CancelStart::NotTracked;
        let effects = self.run(now, |orders, draft| {
            let begun = orders.with(number, now, draft, Tracked::request_cancel);
            start = begun.unwrap_or(CancelStart::NotTracked);
        });
        (start, effects)
    }

    /// What became of a cancel that was sent, at a call's start or by a need.
    pub fn cancelled(
        &mut self,
        id: &ClientOrderId,
        outcome: Result<ExecutionReport, CommandError>,
        now: Timestamp,
    ) -> Effects {
        let time = outcome.as_ref().ok().map(|report| report.time);
        self.on_own_told(id, time, now, |tracked, step| tracked.cancel_answered(outcome, step))
    }

    /// Somebody asks for other terms of an own order: it is to be sent now.
    ///
    /// # Errors
    /// `NotFound` if no own order of this id is in memory, `AlreadyClosed`, and `StateConflict` while another change of
    /// it is under way.
    pub fn amend(&mut self, id: &ClientOrderId, amendment: Amendment, now: Timestamp) -> Result<(), Error> {
        let unknown = || Error::new(ErrorKind::NotFound, "no such order is tracked").with("order", id);
        let number = self.index.own(id).ok_or_else(unknown)?;
        self.orders.get_mut(&number).ok_or_else(unknown)?.request_amendment(amendment, now)
    }

    /// What became of a command that changes terms.
    pub fn amended(
        &mut self,
        id: &ClientOrderId,
        outcome: Result<ExecutionReport, CommandError>,
        now: Timestamp,
    ) -> Effects {
        let time = outcome.as_ref().ok().map(|report| report.time);
        self.on_own_told(id, time, now, |tracked, step| tracked.amendment_answered(outcome, step))
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn is_of_others(&self, id: &ClientOrderId) -> bool {
        self.symbols.ids().any(|symbol| self.index.other(symbol, id).is_some())
    }

    fn on_own(
        &mut self,
        id: &ClientOrderId,
        now: Timestamp,
        act: impl FnOnce(&mut Tracked, &mut super::Step<'_>),
    ) -> Effects {
        let number = self.index.own(id);
        self.run(now, |orders, draft| {
            if let Some(number) = number {
                orders.with(number, now, draft, act);
            }
        })
    }

    /// As `on_own`, for a reply of the exchange: the private stream has to show what it says.
    fn on_own_told(
        &mut self,
        id: &ClientOrderId,
        time: Option<Timestamp>,
        now: Timestamp,
        act: impl FnOnce(&mut Tracked, &mut super::Step<'_>),
    ) -> Effects {
        if let Some(time) = time {
            self.stream.note(time);
        }
        self.on_own(id, now, |tracked, step| {
            let before = tracked.progress();
            act(tracked, step);
            if let Some(time) = time {
                tracked.watch_stream(before, super::step::Via::told(tradewire_core::Source::Reply), time, step);
            }
        })
    }
}

/// The order that a request will be.
fn pending(order: &NewOrder, now: Timestamp) -> Order {
    let request = &order.request;
    Order {
        symbol: Arc::clone(&order.instrument.symbol),
        pair: Some(order.instrument.pair.clone()),
        client_order_id: order.client_order_id.clone(),
        exchange_order_id: None,
        origin: Origin::Own,
        side: request.side,
        order_type: Some(request.order_type),
        time_in_force: request.order_type.has_price().then_some(request.time_in_force),
        price: request.price.filter(|_| request.order_type.has_price()),
        amount: request.amount,
        trigger: request.trigger,
        reduce_only: request.reduce_only,
        position_side: request.position_side,
        state: OrderState::PendingSubmit,
        reason: None,
        word: None,
        filled: Quantity::ZERO,
        quote_filled: tradewire_core::Decimal::ZERO,
        prevented: Quantity::ZERO,
        fees: std::collections::BTreeMap::new(),
        cancel_requested: false,
        outcome_unknown_since: None,
        missing_fills: None,
        created: None,
        updated: None,
        received: now,
    }
}
