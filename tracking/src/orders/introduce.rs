use std::sync::Arc;

use tradewire_core::{
    Amount, ClientOrderId, Decimal, Error, ErrorKind, ExchangeOrderId, ExecutionReport, Order, OrderChange, OrderState,
    Origin, Quantity, Side, Source, Timestamp,
};

use super::apply::{foreign, introduces};
use super::merge::items_of;
use super::order::Tracked;
use super::step::{Draft, Via};
use super::timers::Purpose;
use super::{Effects, Orders, Stranger};
use crate::{OrderRecord, SavedOrder};

impl Orders {
    /// What the journal knows of a stranger: the answer to a [`Need::Recall`](super::Need::Recall).
    pub fn recalled(&mut self, stranger: u64, saved: Option<SavedOrder>, now: Timestamp) -> Effects {
        self.run(now, |orders, draft| {
            let Some(saved) = saved else {
                if let Some(parked) = orders.strangers.get_mut(stranger) {
                    parked.unrecorded = true;
                    parked.ask = super::ask::Ask::Idle;
                }
                return orders.resolve(stranger, now, draft);
            };
            let number = saved.record.number;
            orders.admit(saved, now);
            if let Some(parked) = orders.strangers.take(stranger) {
                orders.merge(items_of(parked, number), now, draft);
            }
        })
    }

    /// An order of others turns out to be one of ours that somebody has amended, and thereby renamed.
    pub fn unmasked(&mut self, stranger: u64, placed_as: &ClientOrderId, now: Timestamp) -> Effects {
        self.run(now, |orders, draft| {
            let Some(number) = orders.index.own(placed_as).filter(|number| orders.can_take_id(*number)) else { return };
            let Some(id) = orders.strangers.get(stranger).and_then(|parked| parked.exchange_order_id().cloned()) else {
                return;
            };
            orders.with(number, now, draft, |tracked, step| {
                tracked.learn_exchange_id(Some(&id), step);
            });
        })
    }

    /// What the exchange says of an order that only a fill has shown: the answer to a
    /// [`Need::Identify`](super::Need::Identify).
    pub fn identified(&mut self, stranger: u64, answer: Option<ExecutionReport>, now: Timestamp) -> Effects {
        self.run(now, |orders, draft| {
            let Self { strangers, jitter, timers, .. } = orders;
            if let Some(parked) = strangers.get_mut(stranger) {
                parked.ask.answered(now, jitter, Purpose::Stranger(stranger), timers);
            }
            if let Some(report) = answer.filter(introduces) {
                orders.take_report(report, Via::told(Source::Rest), now, draft);
            }
        })
    }

    /// Treats an order of others as own from now on.
    ///
    /// # Errors
    /// `NotFound` if no such order is in memory, `Duplicate` if its client order id is that of an own order, and
    /// `StateConflict` for an order that is own already, or that the exchange itself has placed.
    pub fn adopt(&mut self, symbol: &str, id: &ExchangeOrderId, now: Timestamp) -> Result<Effects, Error> {
        let number = self.symbols.known(symbol).and_then(|symbol| self.index.by_exchange_id(symbol, id));
        let tracked = number.and_then(|number| self.orders.get(&number));
        let refused = |kind, text| Err(Error::new(kind, text).with("order", id));
        let Some(tracked) = tracked else { return refused(ErrorKind::NotFound, "no such order is tracked") };
        let (number, client_id) = (tracked.number(), tracked.order().client_order_id.clone());
        if tracked.order().origin != Origin::External {
            return refused(ErrorKind::StateConflict, "only an order that somebody placed elsewhere can be adopted");
        }
        if self.index.own(&client_id).is_some() {
            return refused(ErrorKind::Duplicate, "an own order has the same client order id");
        }
        self.index.add_own(&client_id, number);
        Ok(self.run(now, |orders, draft| {
            orders.with(number, now, draft, |tracked, step| {
                tracked.order_mut().origin = Origin::Own;
                tracked.tell(None, OrderChange::Adopted, step);
                tracked.doubt(step);
            });
        }))
    }

    /// Takes an order from the journal into memory.
    pub(super) fn admit(&mut self, saved: SavedOrder, now: Timestamp) {
        let number = saved.record.number;
        if self.orders.contains_key(&number) {
            return;
        }
        let symbol = self.symbols.id(&saved.record.order.symbol);
        self.symbols.learn_pair(symbol, saved.record.order.pair.as_ref());
        let tracked = Tracked::saved(saved, symbol);
        let order = tracked.order();
        if tracked.is_own() {
            self.index.add_own(&order.client_order_id, number);
        } else {
            self.index.add_other(symbol, &order.client_order_id, number);
        }
        if let Some(id) = &order.exchange_order_id {
            self.index.add_exchange_id(symbol, id, number);
        }
        if tracked.is_live() {
            self.live.insert(number);
        } else {
            self.closed.push_back((now, number));
        }
        self.last_number = self.last_number.max(number);
        self.orders.insert(number, tracked);
    }

    /// The journal knows nothing of a stranger: it is somebody else's order. A fill alone does not say which, and has it
    /// asked for.
    pub(super) fn resolve(&mut self, stranger: u64, now: Timestamp, draft: &mut Draft) {
        let Some(parked) = self.strangers.get_mut(stranger) else { return };
        if parked.is_empty() {
            return;
        }
        if parked.introduction().is_none() {
            return parked.ask.want(now, Purpose::Stranger(stranger), &mut self.timers);
        }
        let Some(parked) = self.strangers.take(stranger) else { return };
        if let Some(number) = parked.introduction().and_then(|report| self.track_foreign(report, now)) {
            self.merge(items_of(parked, number), now, draft);
        }
    }

    /// Tracks an order of others. It is told of with the first thing that is applied to it.
    pub(super) fn track_foreign(&mut self, report: &ExecutionReport, now: Timestamp) -> Option<u64> {
        let symbol = self.symbols.id(&report.symbol);
        let known = self.symbols.get(symbol);
        let order = external(report, Arc::clone(&known.name), known.pair.clone(), now)?;
        let number = self.next_number();
        self.index.add_other(symbol, &order.client_order_id, number);
        if let Some(id) = &order.exchange_order_id {
            self.index.add_exchange_id(symbol, id, number);
        }
        let record = OrderRecord { number, order, recorded: now, sent: None, seen: None };
        self.live.insert(number);
        self.orders.insert(number, Tracked::foreign(record, symbol));
        Some(number)
    }

    pub(super) fn stranger(&self, number: u64) -> Option<Stranger> {
        let parked = self.strangers.get(number)?;
        let symbol = self.symbols.get(parked.symbol);
        Some(Stranger {
            number,
            symbol: Arc::clone(&symbol.name),
            pair: symbol.pair.clone(),
            exchange_order_id: parked.exchange_order_id().cloned(),
            client_order_id: parked.client_order_id.clone(),
        })
    }
}

/// An order of others as a report introduces it: open, nothing filled.
fn external(
    report: &ExecutionReport,
    symbol: Arc<str>,
    pair: Option<tradewire_core::Pair>,
    now: Timestamp,
) -> Option<Order> {
    let (side, amount): (Side, Amount) = (report.side?, report.amount?);
    let nameless = || ClientOrderId::from("");
    Some(Order {
        symbol,
        pair,
        client_order_id: report.client_order_id.clone().unwrap_or_else(nameless),
        exchange_order_id: report.exchange_order_id.clone(),
        origin: foreign(report.origin),
        side,
        order_type: report.order_type,
        time_in_force: report.time_in_force,
        price: report.price,
        amount,
        trigger: report.trigger,
        reduce_only: report.reduce_only.unwrap_or_default(),
        position_side: report.position_side,
        state: OrderState::Open,
        reason: None,
        word: None,
        filled: Quantity::ZERO,
        quote_filled: Decimal::ZERO,
        prevented: Quantity::ZERO,
        fees: std::collections::BTreeMap::new(),
        cancel_requested: false,
        outcome_unknown_since: None,
        missing_fills: None,
        created: report.created,
        updated: None,
        received: now,
    })
}
