use rustc_hash::FxHashSet;
use tradewire_core::{ClientOrderId, ExchangeOrderId, ExecutionReport, FillReport, Source, Timestamp};

use super::apply::introduces;
use super::order::Tracked;
use super::route::Route;
use super::step::{Draft, Via};
use super::strangers::{Name, Parked};
use super::{Effects, Need, Orders, Queried, Reconciliation, Subject};

/// Something that a read told of one order.
#[derive(Debug)]
pub(super) struct Item {
    number: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Report(Box<ExecutionReport>, Via),
    Fill(Box<FillReport>, Source),
}

/// What is done of an item at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// The order of a report was accepted.
    Beginning,
    Fill,
    /// The order of a report came to where it is.
    Report,
}

impl Orders {
    /// Tracked orders that a list of open orders, asked for at `asked`, should show and does not: to be asked for one by one.
    pub fn unlisted(&self, open: &[ExecutionReport], asked: Timestamp) -> Vec<Subject> {
        let names = Names::of(open);
        let missing = |tracked: &&Tracked| {
            tracked.record.recorded < asked
                && tracked.record.seen.is_none_or(|seen| seen < asked)
                && !names.hold(tracked)
        };
        self.tracked_live().filter(missing).map(subject).collect()
    }

    /// Orders of a batch that have to be looked up in the journal before it is merged: the needs are `Recall`. Without that
    /// they are merged when the same needs are answered later.
    pub fn strangers(&mut self, batch: &Reconciliation, now: Timestamp) -> (Vec<Need>, Effects) {
        let mut numbers = Vec::new();
        let effects = self.run(now, |orders, draft| {
            let answers = batch.queried.iter().filter_map(|queried| queried.answer.as_ref());
            for report in batch.open.iter().chain(answers) {
                let route = orders.route_report(report);
                orders.contradict(&route, &report.client_order_id, now, draft);
                numbers.extend(orders.to_recall(&route));
            }
            for fill in &batch.fills {
                let route = orders.route_fill(fill);
                numbers.extend(orders.to_recall(&route));
            }
        });
        numbers.sort_unstable();
        numbers.dedup();
        (numbers.into_iter().filter_map(|number| self.stranger(number)).map(Need::Recall).collect(), effects)
    }

    fn to_recall(&self, route: &Route) -> Option<u64> {
        let Route::Stranger(number) = *route else { return None };
        self.strangers.get(number).is_some_and(|parked| !parked.unrecorded).then_some(number)
    }

    /// Takes what reads have brought in one step: all of it in the order of the exchange's time, fills before the end of
    /// their order. Orders that the list should show and does not are asked for.
    pub fn reconcile(&mut self, batch: Reconciliation, now: Timestamp) -> Effects {
        let Reconciliation { open, asked, queried, fills, source } = batch;
        let names = Names::of(&open);
        self.run(now, |orders, draft| {
            let mut items = Vec::with_capacity(open.len() + queried.len() + fills.len());
            for report in open {
                orders.gather_report(report, Via::asked(source, asked), now, draft, &mut items);
            }
            let mut absent = Vec::new();
            for Queried { number, answer, asked } in queried {
                match answer {
                    Some(report) => {
                        orders.gather_answer(number, report, Via::asked(source, asked), now, draft, &mut items);
                    }
                    None => absent.push((number, asked)),
                }
            }
            for fill in fills {
                orders.gather_fill(fill, source, now, draft, &mut items);
            }
            orders.merge(items, now, draft);
            orders.strangers.drop_empty();
            for &(number, asked) in &absent {
                orders.with(number, now, draft, |tracked, step| tracked.not_found(asked, step));
            }
            orders.doubt_unlisted(&names, asked, now, draft);
        })
    }

    /// Applies items of any number of orders by the exchange's time.
    pub(super) fn merge(&mut self, items: Vec<Item>, now: Timestamp, draft: &mut Draft) {
        let mut moments = Vec::with_capacity(items.len() * 2);
        for (place, item) in items.iter().enumerate() {
            match &item.what {
                What::Fill(fill, _) => moments.push((fill.time, Moment::Fill, place)),
                What::Report(report, _) => {
                    moments.extend(report.created.map(|created| (created, Moment::Beginning, place)));
                    moments.push((report.time, Moment::Report, place));
                }
            }
        }
        moments.sort_unstable();
        for (at, moment, place) in moments {
            let Item { number, what } = &items[place];
            self.with(*number, now, draft, |tracked, step| match what {
                What::Fill(fill, source) => tracked.take_fill(fill, *source, step),
                What::Report(report, _) if moment == Moment::Beginning => tracked.take_beginning(report, at, step),
                What::Report(report, via) => tracked.take(report, *via, step),
            });
        }
    }

    fn gather_report(
        &mut self,
        report: ExecutionReport,
        via: Via,
        now: Timestamp,
        draft: &mut Draft,
        items: &mut Vec<Item>,
    ) {
        let number = match self.route_report(&report) {
            Route::Known(number) => Some(number),
            Route::Stranger(stranger) => self.known_foreign(stranger, &report, now, items),
            Route::Nowhere => None,
        };
        match number {
            Some(number) => self.gather_answer(number, report, via, now, draft, items),
            None => self.take_report(report, via, now, draft),
        }
    }

    /// The order of a stranger that the journal does not have.
    fn known_foreign(
        &mut self,
        stranger: u64,
        report: &ExecutionReport,
        now: Timestamp,
        items: &mut Vec<Item>,
    ) -> Option<u64> {
        self.strangers.get(stranger).filter(|parked| parked.unrecorded && introduces(report))?;
        let parked = self.strangers.take(stranger)?;
        let number = self.track_foreign(report, now)?;
        items.extend(items_of(parked, number));
        Some(number)
    }

    /// Gathers a report of a known order, with what was told of it before its exchange id was known.
    fn gather_answer(
        &mut self,
        number: u64,
        report: ExecutionReport,
        via: Via,
        now: Timestamp,
        draft: &mut Draft,
        items: &mut Vec<Item>,
    ) {
        self.stream.note(report.time);
        let symbol = self.symbols.id(&report.symbol);
        if let Some(id) = &report.exchange_order_id {
            let parked = self.strangers.named(symbol, &Name::Exchange(id.clone()));
            let unnamed = self.can_take_id(number);
            if let Some(parked) = parked.filter(|_| unnamed).and_then(|parked| self.strangers.take(parked)) {
                items.extend(items_of(parked, number));
            }
        }
        self.with(number, now, draft, |tracked, step| {
            tracked.learn_exchange_id(report.exchange_order_id.as_ref(), step);
        });
        items.push(Item { number, what: What::Report(Box::new(report), via) });
    }

    fn gather_fill(
        &mut self,
        fill: FillReport,
        source: Source,
        now: Timestamp,
        draft: &mut Draft,
        items: &mut Vec<Item>,
    ) {
        match self.route_fill(&fill) {
            Route::Known(number) => {
                self.stream.note(fill.time);
                items.push(Item { number, what: What::Fill(Box::new(fill), source) });
            }
            _ => self.take_fill(fill, source, now, draft),
        }
    }

    /// A live order that was seen before a list was asked for, and is not in it, may have ended.
    fn doubt_unlisted(&mut self, names: &Names, asked: Timestamp, now: Timestamp, draft: &mut Draft) {
        let doubtful: Vec<u64> = self
            .tracked_live()
            .filter(|tracked| tracked.is_open() && !names.hold(tracked))
            .filter(|tracked| tracked.record.seen.is_none_or(|seen| seen < asked))
            .filter(|tracked| tracked.end.is_none() && tracked.doubted.is_none())
            .map(Tracked::number)
            .collect();
        for number in doubtful {
            self.with(number, now, draft, Tracked::doubt);
        }
    }
}

/// What was told of a stranger, as items of the order that it turned out to be.
pub(super) fn items_of(parked: Parked, number: u64) -> Vec<Item> {
    let Parked { reports, fills, .. } = parked;
    let fills = fills.into_iter().map(|(fill, source)| What::Fill(Box::new(fill), source));
    let reports = reports.into_iter().map(|(report, via)| What::Report(Box::new(report), via));
    fills.chain(reports).map(|what| Item { number, what }).collect()
}

pub(super) fn subject(tracked: &Tracked) -> Subject {
    let order = tracked.order();
    Subject {
        number: tracked.number(),
        symbol: order.symbol.clone(),
        pair: order.pair.clone(),
        client_order_id: order.client_order_id.clone(),
        exchange_order_id: order.exchange_order_id.clone(),
        conditional: order.trigger.is_some(),
        recorded: tracked.record.recorded,
    }
}

/// The orders of a list.
struct Names {
    exchange: FxHashSet<(String, ExchangeOrderId)>,
    client: FxHashSet<(String, ClientOrderId)>,
}

impl Names {
    fn of(reports: &[ExecutionReport]) -> Self {
        let exchange =
            reports.iter().filter_map(|report| Some((report.symbol.clone(), report.exchange_order_id.clone()?)));
        let client = reports.iter().filter_map(|report| Some((report.symbol.clone(), report.client_order_id.clone()?)));
        Self { exchange: exchange.collect(), client: client.collect() }
    }

    fn hold(&self, tracked: &Tracked) -> bool {
        let order = tracked.order();
        let symbol = || order.symbol.to_string();
        match &order.exchange_order_id {
            Some(id) if !tracked.awaits_other_id() => self.exchange.contains(&(symbol(), id.clone())),
            _ => self.client.contains(&(symbol(), order.client_order_id.clone())),
        }
    }
}
