use tradewire_core::{AccountChange, ClientOrderId, ExchangeOrderId, ExecutionReport, FillReport, Source, Timestamp};

use super::order::Tracked;
use super::settings::STRANGERS_MAX;
use super::step::{Draft, Via};
use super::strangers::{Name, Parked};
use super::symbols::SymbolId;
use super::timers::Purpose;
use super::{Effects, Orders};

/// Where something that the exchange tells belongs.
pub(super) enum Route {
    Known(u64),
    Stranger(u64),
    /// It names no order.
    Nowhere,
}

impl Orders {
    /// Takes a report of the exchange, from the stream or a list.
    pub fn report(&mut self, report: ExecutionReport, source: Source, now: Timestamp) -> Effects {
        self.run(now, |orders, draft| orders.take_report(report, Via::told(source), now, draft))
    }

    /// Takes a fill that comes without a report of its order.
    pub fn fill(&mut self, fill: FillReport, source: Source, now: Timestamp) -> Effects {
        self.run(now, |orders, draft| orders.take_fill(fill, source, now, draft))
    }

    pub(super) fn take_report(&mut self, report: ExecutionReport, via: Via, now: Timestamp, draft: &mut Draft) {
        self.stream.note(report.time);
        let route = self.route_report(&report);
        self.contradict(&route, &report.client_order_id, now, draft);
        match route {
            Route::Known(number) => {
                self.with(number, now, draft, |tracked, step| tracked.take(&report, via, step));
            }
            Route::Stranger(number) => {
                self.park(number, now, draft, |parked| parked.reports.push((report, via)));
                self.bound_strangers(via.source, draft);
            }
            Route::Nowhere => nowhere("a report", &report.symbol, report.time, draft),
        }
    }

    pub(super) fn take_fill(&mut self, fill: FillReport, source: Source, now: Timestamp, draft: &mut Draft) {
        self.stream.note(fill.time);
        let route = self.route_fill(&fill);
        self.contradict(&route, &fill.client_order_id, now, draft);
        match route {
            Route::Known(number) => {
                self.with(number, now, draft, |tracked, step| tracked.take_fill(&fill, source, step));
            }
            Route::Stranger(number) => {
                self.park(number, now, draft, |parked| parked.fills.push((fill, source)));
                self.bound_strangers(source, draft);
            }
            Route::Nowhere => nowhere("a fill", &fill.symbol, fill.time, draft),
        }
    }

    /// Finds the instrument of an order that a report names by the exchange's id alone.
    pub fn complete(&self, report: &mut ExecutionReport) {
        if !report.symbol.is_empty() {
            return;
        }
        let Some(id) = &report.exchange_order_id else { return };
        let stranger = Name::Exchange(id.clone());
        let knows = |symbol: &SymbolId| {
            self.index.by_exchange_id(*symbol, id).is_some() || self.strangers.named(*symbol, &stranger).is_some()
        };
        if let Some(symbol) = self.symbols.ids().find(knows) {
            report.symbol = self.symbols.get(symbol).name.to_string();
        }
    }

    pub(super) fn route_report(&mut self, report: &ExecutionReport) -> Route {
        let symbol = self.symbols.id(&report.symbol);
        self.route(symbol, report.exchange_order_id.as_ref(), report.client_order_id.as_ref())
    }

    pub(super) fn route_fill(&mut self, fill: &FillReport) -> Route {
        let symbol = self.symbols.id(&fill.symbol);
        self.route(symbol, fill.exchange_order_id.as_ref(), fill.client_order_id.as_ref())
    }

    /// The exchange's id decides; the client's only where that leaves it open.
    fn route(
        &mut self,
        symbol: SymbolId,
        exchange_id: Option<&ExchangeOrderId>,
        client_id: Option<&ClientOrderId>,
    ) -> Route {
        if let Some(number) = exchange_id.and_then(|id| self.index.by_exchange_id(symbol, id)) {
            return Route::Known(number);
        }
        if let Some(number) = client_id.and_then(|id| self.by_client_name(symbol, id))
            && (exchange_id.is_none() || self.can_take_id(number))
        {
            return Route::Known(number);
        }
        match (exchange_id, client_id) {
            _ if self.symbols.get(symbol).name.is_empty() => Route::Nowhere,
            (Some(id), _) => Route::Stranger(self.strangers.number(symbol, Name::Exchange(id.clone()), client_id)),
            (None, Some(id)) => Route::Stranger(self.strangers.number(symbol, Name::Client(id.clone()), client_id)),
            (None, None) => Route::Nowhere,
        }
    }

    /// Whether an order has no id of the exchange yet, or waits for another.
    pub(super) fn can_take_id(&self, number: u64) -> bool {
        let unnamed = |tracked: &Tracked| tracked.order().exchange_order_id.is_none() || tracked.awaits_other_id();
        self.orders.get(&number).is_some_and(unnamed)
    }

    /// Tells where a stranger has the client order id of an own order.
    pub(super) fn contradict(
        &mut self,
        route: &Route,
        client_id: &Option<ClientOrderId>,
        now: Timestamp,
        draft: &mut Draft,
    ) {
        let Route::Stranger(stranger) = *route else { return };
        let Some(parked) = self.strangers.get(stranger) else { return };
        let (Some(id), Some(client_id)) = (parked.exchange_order_id().cloned(), client_id) else { return };
        let same_symbol = |tracked: &Tracked| tracked.symbol == parked.symbol;
        let own = self.index.own(client_id).filter(|number| self.orders.get(number).is_some_and(same_symbol));
        if let Some(number) = own {
            self.with(number, now, draft, |tracked, step| tracked.contradict(&id, step));
        }
    }

    fn by_client_name(&self, symbol: SymbolId, id: &ClientOrderId) -> Option<u64> {
        let own =
            self.index.own(id).filter(|number| self.orders.get(number).is_some_and(|tracked| tracked.symbol == symbol));
        own.or_else(|| self.index.other(symbol, id))
    }

    /// Keeps something told of a stranger until it is known who that is.
    pub(super) fn park(&mut self, number: u64, now: Timestamp, draft: &mut Draft, keep: impl FnOnce(&mut Parked)) {
        let Some(parked) = self.strangers.get_mut(number) else { return };
        keep(parked);
        if parked.unrecorded {
            self.resolve(number, now, draft);
        } else {
            parked.ask.want(now, Purpose::Stranger(number), &mut self.timers);
        }
    }

    /// What the stream tells must not pile up; what a read brings is as long as it is.
    fn bound_strangers(&mut self, source: Source, draft: &mut Draft) {
        if source == Source::Stream
            && let Some(given_up) = self.strangers.give_up_beyond(STRANGERS_MAX)
        {
            let symbol = &self.symbols.get(given_up.symbol).name;
            let what = format!("too many orders that nobody knows: {:?} on {symbol} is given up", given_up.name);
            draft.effects.told.push(super::Told { time: None, change: AccountChange::Inconsistent { what } });
        }
    }
}

fn nowhere(what: &str, symbol: &str, time: Timestamp, draft: &mut Draft) {
    let change = AccountChange::Inconsistent { what: format!("{what} on {symbol} names no order") };
    draft.effects.told.push(super::Told { time: Some(time), change });
}
