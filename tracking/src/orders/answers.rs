use rustc_hash::FxHashSet;
use tradewire_core::{ExecutionReport, FillReport, Source, Timestamp};

use super::merge::subject;
use super::order::Tracked;
use super::step::Via;
use super::timers::Purpose;
use super::{Effects, Need, Orders, Search};

impl Orders {
    /// What has to be asked or sent by now. Each of it counts as under way until it is answered.
    pub fn needs(&mut self, now: Timestamp, at_most: usize) -> Vec<Need> {
        self.forget_closed(now);
        let mut needs = Vec::new();
        while needs.len() < at_most
            && let Some((at, purpose)) = self.timers.pop(now)
        {
            needs.extend(self.need(at, purpose, now));
        }
        needs
    }

    /// When [`Self::needs`] has something next; `None`: not before another input.
    pub fn next_deadline(&mut self) -> Option<Timestamp> {
        while let Some((at, purpose)) = self.timers.first() {
            if self.is_wanted(at, purpose) {
                return Some(at);
            }
            self.timers.drop_first();
        }
        None
    }

    /// What the exchange answers to [`Need::Query`], asked at `asked`; `None`: it knows no such order.
    pub fn answered(
        &mut self,
        number: u64,
        answer: Option<ExecutionReport>,
        asked: Timestamp,
        now: Timestamp,
    ) -> Effects {
        self.pace(Purpose::Query(number), now);
        if let Some(report) = &answer {
            self.stream.note(report.time);
        }
        self.run(now, |orders, draft| {
            orders.with(number, now, draft, |tracked, step| match answer {
                Some(report) => tracked.take(&report, Via::asked(Source::Rest, asked), step),
                None => tracked.not_found(asked, step),
            });
        })
    }

    /// All fills of an order: the answer to [`Need::Trades`].
    pub fn trades(&mut self, number: u64, fills: Vec<FillReport>, now: Timestamp) -> Effects {
        self.pace(Purpose::Trades(number), now);
        self.run(now, |orders, draft| {
            orders.with(number, now, draft, |tracked, step| {
                for fill in fills {
                    if tracked.has_fill(&fill) {
                        tracked.take_fill(&fill, Source::Rest, step);
                    }
                }
            });
        })
    }

    /// What a search found: the answer to [`Need::Proof`]. If it shows nothing of the order, that has ended.
    pub fn searched(&mut self, number: u64, found: &Search, now: Timestamp) -> Effects {
        self.pace(Purpose::Proof(number), now);
        let foreign = self.unexplained(found);
        self.run(now, |orders, draft| {
            if foreign.is_empty() {
                orders.with(number, now, draft, |tracked, step| tracked.searched(found, step));
            }
            // A fill of an order that nobody knows may be of the one in question: it is identified first.
            for fill in foreign {
                orders.take_fill(fill, Source::Rest, now, draft);
            }
        })
    }

    /// A need could not be answered: it is named again after a pause, if it still is one.
    pub fn unanswered(&mut self, need: &Need, now: Timestamp) {
        let purpose = match need {
            Need::Query(subject) => Purpose::Query(subject.number),
            Need::Trades(subject) => Purpose::Trades(subject.number),
            Need::Proof(subject) => Purpose::Proof(subject.number),
            Need::Cancel(subject) => Purpose::Cancel(subject.number),
            Need::Recall(stranger) | Need::Identify(stranger) => Purpose::Stranger(stranger.number),
            Need::DistrustStream { .. } => return,
        };
        self.pace(purpose, now);
    }

    /// Fills of a search whose order is neither known nor among its reports.
    fn unexplained(&self, found: &Search) -> Vec<FillReport> {
        let explained: FxHashSet<_> =
            found.reports.iter().filter_map(|report| report.exchange_order_id.as_ref()).collect();
        let unexplained = |fill: &&FillReport| {
            let Some(id) = &fill.exchange_order_id else { return false };
            let symbol = self.symbols.known(&fill.symbol);
            !explained.contains(id) && symbol.is_none_or(|symbol| self.index.by_exchange_id(symbol, id).is_none())
        };
        found.fills.iter().filter(unexplained).cloned().collect()
    }

    /// Sets when a question that was under way is asked again. What happens to its order can still stop it.
    fn pace(&mut self, purpose: Purpose, now: Timestamp) {
        let Self { orders, strangers, jitter, timers, .. } = self;
        match purpose {
            Purpose::Stranger(number) => {
                if let Some(parked) = strangers.get_mut(number) {
                    parked.ask.answered(now, jitter, purpose, timers);
                }
            }
            Purpose::Query(number)
            | Purpose::Trades(number)
            | Purpose::Proof(number)
            | Purpose::Cancel(number)
            | Purpose::Stream(number) => {
                if let Some(tracked) = orders.get_mut(&number) {
                    tracked.ask_answered(purpose, now, jitter, timers);
                    if matches!(purpose, Purpose::Cancel(_)) {
                        tracked.cancel_not_sent();
                    }
                }
            }
        }
    }

    fn is_wanted(&mut self, at: Timestamp, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Stranger(number) => self.strangers.get(number).is_some_and(|parked| parked.ask.is_due(at)),
            Purpose::Stream(number) => self.orders.get(&number).is_some_and(|tracked| self.is_owed(tracked, at)),
            Purpose::Query(number) | Purpose::Trades(number) | Purpose::Proof(number) | Purpose::Cancel(number) => self
                .orders
                .get_mut(&number)
                .and_then(|tracked| tracked.ask_mut(purpose))
                .is_some_and(|ask| ask.is_due(at)),
        }
    }

    fn is_owed(&self, tracked: &Tracked, at: Timestamp) -> bool {
        tracked.owed.is_some_and(|owed| owed.due == at && self.stream.owes(&owed))
    }

    fn need(&mut self, at: Timestamp, purpose: Purpose, now: Timestamp) -> Option<Need> {
        if !self.is_wanted(at, purpose) {
            return None;
        }
        match purpose {
            Purpose::Stranger(number) => self.stranger_need(number, at, now),
            Purpose::Stream(number) => {
                self.stream.healthy = false;
                let tracked = self.orders.get_mut(&number)?;
                tracked.owed = None;
                Some(Need::DistrustStream { subject: subject(tracked) })
            }
            Purpose::Query(number) | Purpose::Trades(number) | Purpose::Proof(number) | Purpose::Cancel(number) => {
                let tracked = self.orders.get_mut(&number)?;
                tracked.ask_mut(purpose)?.take(at, now);
                Some(order_need(tracked, purpose, now))
            }
        }
    }

    fn stranger_need(&mut self, number: u64, at: Timestamp, now: Timestamp) -> Option<Need> {
        let parked = self.strangers.get_mut(number)?;
        parked.ask.take(at, now);
        let unrecorded = parked.unrecorded;
        let stranger = self.stranger(number)?;
        Some(if unrecorded { Need::Identify(stranger) } else { Need::Recall(stranger) })
    }
}

fn order_need(tracked: &mut Tracked, purpose: Purpose, now: Timestamp) -> Need {
    let about = subject(tracked);
    match purpose {
        Purpose::Trades(_) => {
            if !tracked.is_lacking_fills() {
                tracked.fills.fee_tries += 1;
            }
            Need::Trades(about)
        }
        Purpose::Proof(_) => Need::Proof(about),
        Purpose::Cancel(_) => {
            tracked.cancel_sent(now);
            Need::Cancel(about)
        }
        Purpose::Query(_) | Purpose::Stream(_) | Purpose::Stranger(_) => Need::Query(about),
    }
}
