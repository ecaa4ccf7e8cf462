use tradewire_core::{ClientOrderId, ExchangeOrderId, ExecutionReport, FillReport, Source, Timestamp};

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
        match self.route_report(&report, now, draft) {
            Route::Known(number) => {
                self.with(number, now, draft, |tracked, step| tracked.take(&report, via, step));
            }
            Route::Stranger(number) => {
                self.park(number, now, draft, |parked| parked.reports.push((report, via)));
            }
            Route::Nowhere => nowhere("a report", &report.symbol, report.time, draft),
        }
    }

    pub(super) fn take_fill(&mut self, fill: FillReport, source: Source, now: Timestamp, draft: &mut Draft) {
        self.stream.note(fill.time);
        match self.route_fill(&fill, now, draft) {
            Route::Known(number) => {
                self.with(number, now, draft, |tracked, step| tracked.take_fill(&fill, source, step));
            }
            Route::Stranger(number) => {
                self.park(number, now, draft, |parked| parked.fills.push((fill, source)));
            }
            Route::Nowhere => nowhere("a fill", &fill.symbol, fill.time, draft),
        }
    }

    pub(super) fn route_report(&mut self, report: &ExecutionReport, now: Timestamp, draft: &mut Draft) -> Route {
        let symbol = self.symbols.id(&report.symbol);
        self.route(symbol, report.exchange_order_id.as_ref(), report.client_order_id.as_ref(), now, draft)
    }

    pub(super) fn route_fill(&mut self, fill: &FillReport, now: Timestamp, draft: &mut Draft) -> Route {
        let symbol = self.symbols.id(&fill.symbol);
        self.route(symbol, fill.exchange_order_id.as_ref(), fill.client_order_id.as_ref(), now, draft)
    }

    /// The exchange's id decides; the client's only where that leaves it open.
    fn route(
        &mut self,
        symbol: SymbolId,
        exchange_id: Option<&ExchangeOrderId>,
        client_id: Option<&ClientOrderId>,
        now: Timestamp,
        draft: &mut Draft,
    ) -> Route {
        if let Some(number) = exchange_id.and_then(|id| self.index.by_exchange_id(symbol, id)) {
            return Route::Known(number);
        }
        if let Some(number) = client_id.and_then(|id| self.by_client_name(symbol, id)) {
            let Some(tracked) = self.orders.get(&number) else { return Route::Nowhere };
            let known = tracked.order().exchange_order_id.is_some();
            match exchange_id {
                Some(id) if known => {
                    if tracked.is_own() {
                        self.with(number, now, draft, |tracked, step| tracked.contradict(id, step));
                    }
                }
                _ => return Route::Known(number),
            }
        }
        match (exchange_id, client_id) {
            (Some(id), _) => Route::Stranger(self.strangers.number(symbol, Name::Exchange(id.clone()), client_id)),
            (None, Some(id)) => Route::Stranger(self.strangers.number(symbol, Name::Client(id.clone()), client_id)),
            (None, None) => Route::Nowhere,
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
}

fn nowhere(what: &str, symbol: &str, time: Timestamp, draft: &mut Draft) {
    let change = tradewire_core::AccountChange::Inconsistent { what: format!("{what} on {symbol} names no order") };
    draft.effects.told.push(super::Told { time: Some(time), change });
}
