//! What becomes of orders: pure state machines. An input and the time go in, what is to be recorded, told and asked comes out.
//!
//! An order ends only on evidence, and every fill is counted once, from whatever source and in whatever order things are
//! told. Nothing in here reads a clock or waits: [`Orders::needs`] says what has to be asked, and [`Orders::next_deadline`]
//! when to look again.

mod absence;
mod amend;
mod answers;
mod apply;
mod ask;
mod asks;
mod cancel;
mod commands;
mod effects;
mod end;
mod fills;
mod index;
mod introduce;
mod merge;
mod needs;
mod order;
mod place;
mod restore;
mod route;
mod settings;
mod step;
mod strangers;
mod stream_watch;
mod symbols;
#[cfg(test)]
pub(crate) mod tests;
mod timers;
mod trigger;
mod unknown;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tradewire_core::{ClientOrderId, ExchangeOrderId, ExecutionReport, FeeRates, Fill, Instrument, Timestamp};

pub use self::effects::{CancelAnswer, CancelOutcome, CancelStart, CountedFill, Effects, Told};
pub use self::needs::{Need, Queried, Reconciliation, Search, Stranger, Subject};
pub use self::settings::OrdersSettings;

use self::ask::Jitter;
use self::index::Index;
use self::order::Tracked;
use self::settings::{CLOSED_ORDER_MAX, CLOSED_ORDER_TTL};
use self::step::{Draft, Step};
use self::strangers::{Name, Strangers};
use self::stream_watch::StreamWatch;
use self::symbols::Symbols;
use self::timers::Timers;
use crate::OrderRecord;

/// All orders of one account that are live or ended lately, own ones and those of others.
///
/// Deterministic: the same inputs at the same times have the same effects.
#[derive(Debug)]
pub struct Orders {
    orders: FxHashMap<u64, Tracked>,
    live: BTreeSet<u64>,
    /// Ended orders and when they ended, oldest first.
    closed: VecDeque<(Timestamp, u64)>,
    last_number: u64,
    index: Index,
    symbols: Symbols,
    strangers: Strangers,
    timers: Timers,
    stream: StreamWatch,
    jitter: Jitter,
}

impl Orders {
    /// No orders.
    pub fn new(settings: OrdersSettings) -> Self {
        Self {
            orders: FxHashMap::default(),
            live: BTreeSet::new(),
            closed: VecDeque::new(),
            last_number: 0,
            index: Index::default(),
            symbols: Symbols::new(settings.default_fees),
            strangers: Strangers::default(),
            timers: Timers::default(),
            stream: StreamWatch::default(),
            jitter: Jitter::new(settings.seed),
        }
    }

    /// Takes what is known of an instrument: reports name it by symbol only.
    pub fn instrument(&mut self, instrument: &Instrument) {
        self.symbols.learn(instrument);
    }

    /// Takes the account's commission on an instrument.
    pub fn fees(&mut self, symbol: &str, fees: FeeRates) {
        self.symbols.set_fees(symbol, fees);
    }

    /// Takes when the exchange cancels all orders of an instrument unless it is told otherwise before, by its clock; `None` once
    /// that is off. A cancel after that, for which there is no other reason, is the switch's.
    pub fn dead_man_switch(&mut self, symbol: &str, lapses: Option<Timestamp>) {
        self.symbols.set_switch(symbol, lapses);
    }

    /// Whether the private stream is logged in, subscribed and reconciled. While it is, changes that it does not show make a
    /// [`Need::DistrustStream`]; while it is not, missing fills are fetched without waiting for it.
    pub fn stream(&mut self, healthy: bool, now: Timestamp) {
        self.stream.set(healthy);
        if healthy {
            return;
        }
        let Self { orders, live, timers, .. } = self;
        for number in live.iter() {
            if let Some(tracked) = orders.get_mut(number).filter(|tracked| tracked.is_lacking_fills()) {
                tracked.hurry_trades(now, timers);
            }
        }
    }

    /// An own order, by our id.
    pub fn by_client_id(&self, id: &ClientOrderId) -> Option<&OrderRecord> {
        self.index.own(id).and_then(|number| self.record(number))
    }

    /// An order by the exchange's id.
    pub fn by_exchange_id(&self, symbol: &str, id: &ExchangeOrderId) -> Option<&OrderRecord> {
        let symbol = self.symbols.known(symbol)?;
        self.record(self.index.by_exchange_id(symbol, id)?)
    }

    /// The number of an order that a report names: by the exchange's id, else by the client's.
    pub fn number_of(&self, report: &ExecutionReport) -> Option<u64> {
        let symbol = self.symbols.known(&report.symbol)?;
        let by_exchange_id = report.exchange_order_id.as_ref().and_then(|id| self.index.by_exchange_id(symbol, id));
        by_exchange_id.or_else(|| {
            let id = report.client_order_id.as_ref()?;
            self.index.own(id).or_else(|| self.index.other(symbol, id))
        })
    }

    /// An order as the journal has it, by its number.
    pub fn record(&self, number: u64) -> Option<&OrderRecord> {
        self.orders.get(&number).map(|tracked| &tracked.record)
    }

    /// The fills of an order, in the order in which they were learnt.
    pub fn fills_of(&self, number: u64) -> impl Iterator<Item = &Fill> {
        self.orders.get(&number).into_iter().flat_map(|tracked| tracked.fills.counted())
    }

    /// Every order that may still trade, by number.
    pub fn live(&self) -> impl Iterator<Item = &OrderRecord> {
        self.live.iter().filter_map(|number| self.record(*number))
    }

    /// Own orders that may still trade, by number.
    pub fn own_live(&self) -> impl Iterator<Item = &OrderRecord> {
        self.tracked_live().filter(|tracked| tracked.is_own()).map(|tracked| &tracked.record)
    }

    /// The exchange's names of the instruments of orders that may still trade, or that ended at `since` or later, by our clock.
    pub fn symbols_since(&self, since: Timestamp) -> impl Iterator<Item = Arc<str>> {
        let ended = self.closed.iter().rev().take_while(move |(ended, _)| *ended >= since).map(|(_, number)| number);
        ended.chain(&self.live).filter_map(|number| self.record(*number)).map(|record| Arc::clone(&record.order.symbol))
    }

    /// Whether the exchange's id of an own order on this instrument is not known: it may be one that looks like another's.
    pub fn awaits_exchange_id(&self, symbol: &str) -> bool {
        let unnamed =
            |record: &OrderRecord| record.order.exchange_order_id.is_none() && *record.order.symbol == *symbol;
        self.own_live().any(unnamed)
    }

    /// How many orders are told of and not yet known: their events are still to come.
    pub fn parked(&self) -> usize {
        self.strangers.len()
    }

    fn tracked_live(&self) -> impl Iterator<Item = &Tracked> {
        self.live.iter().filter_map(|number| self.orders.get(number))
    }

    /// Applies an input.
    fn run(&mut self, now: Timestamp, input: impl FnOnce(&mut Self, &mut Draft)) -> Effects {
        let mut draft = Draft::default();
        input(self, &mut draft);
        let Draft { mut effects, mut touched } = draft;
        touched.sort_unstable();
        touched.dedup();
        effects.orders = touched.into_iter().filter_map(|number| self.record(number).cloned()).collect();
        self.forget_closed(now);
        effects
    }

    /// Applies a part of an input to one order.
    fn with<R>(
        &mut self,
        number: u64,
        now: Timestamp,
        draft: &mut Draft,
        act: impl FnOnce(&mut Tracked, &mut Step<'_>) -> R,
    ) -> Option<R> {
        let tracked = self.orders.get_mut(&number)?;
        let named = tracked.order().exchange_order_id.clone();
        let mut step = Step {
            now,
            symbol: self.symbols.get(tracked.symbol),
            stream: self.stream,
            timers: &mut self.timers,
            effects: &mut draft.effects,
            touched: false,
            alias: None,
        };
        let result = act(tracked, &mut step);
        tracked.plan(&mut step);
        if step.touched {
            draft.touched.push(number);
        }
        let alias = step.alias.take();
        self.reindex(number, alias, now);
        if self.orders.get(&number).is_some_and(|tracked| tracked.order().exchange_order_id != named) {
            self.unpark(number, now, draft);
        }
        Some(result)
    }

    /// Keeps the ways to an order and the set of live ones as they should be after a change.
    fn reindex(&mut self, number: u64, alias: Option<ClientOrderId>, now: Timestamp) {
        let Some(tracked) = self.orders.get(&number) else { return };
        if let Some(alias) = alias {
            self.index.add_other(tracked.symbol, &alias, number);
        }
        if let Some(id) = &tracked.order().exchange_order_id {
            self.index.add_exchange_id(tracked.symbol, id, number);
        }
        if !tracked.is_live() && self.live.remove(&number) {
            self.closed.push_back((now, number));
        }
    }

    /// What was told of an order before its exchange id was known.
    fn unpark(&mut self, number: u64, now: Timestamp, draft: &mut Draft) {
        let Some(tracked) = self.orders.get(&number) else { return };
        let Some(id) = tracked.order().exchange_order_id.clone() else { return };
        let parked = self.strangers.named(tracked.symbol, &Name::Exchange(id));
        if let Some(parked) = parked.and_then(|stranger| self.strangers.take(stranger)) {
            self.merge(merge::items_of(parked, number), now, draft);
        }
        self.with(number, now, draft, |tracked, step| {
            tracked.count_early(step);
            tracked.settle(step);
        });
    }

    /// Drops orders that ended long ago, or that are too many. The journal has them.
    fn forget_closed(&mut self, now: Timestamp) {
        while let Some(&(ended, number)) = self.closed.front() {
            if self.closed.len() <= CLOSED_ORDER_MAX && now.since(ended) < CLOSED_ORDER_TTL {
                return;
            }
            self.closed.pop_front();
            let Some(tracked) = self.orders.remove(&number) else { continue };
            let order = tracked.order();
            for id in tracked.aliases.iter().chain([&order.client_order_id]) {
                self.index.remove_client_id(tracked.symbol, id, number);
            }
            for id in order.exchange_order_id.iter().chain(&tracked.former_id) {
                self.index.remove_exchange_id(tracked.symbol, id, number);
            }
        }
    }
}
