use std::collections::{BTreeMap, HashMap};

use tradewire_core::{
    AccountChange, CommandError, ErrorKind, ExecutionReport, Fill, FillReport, OrderState, ReportedStatus, Source,
    Timestamp,
};

use super::desk::{error, limit, refused, settings, unknown};
use super::exchange::{Dice, Exchange};
use super::grammar::Grammar;
use crate::orders::{CancelStart, CountedFill, Effects, Need, Orders, Queried, Reconciliation, Search, Told};
use crate::{OrderRecord, Saved, SavedOrder};

/// How far the exchange can be behind with new orders.
const LAG_MILLIS: u128 = 3_000;

/// A connector on one side, an exchange on the other, and everything between them that can go wrong.
struct World {
    dice: Dice,
    orders: Orders,
    now: Timestamp,
    exchange: Exchange,
    grammar: Grammar,
    journal: BTreeMap<u64, OrderRecord>,
    fills: HashMap<String, BTreeMap<String, Fill>>,
    numbers: HashMap<String, u64>,
    /// Orders on their way to the exchange, and when they arrive.
    arriving: Vec<(Timestamp, String)>,
    made: usize,
    events: usize,
    faults: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            orders: Orders::new(settings()),
            now: Timestamp::from_millis(1_000_000),
            exchange: Exchange::default(),
            grammar: Grammar::default(),
            journal: BTreeMap::new(),
            fills: HashMap::new(),
            numbers: HashMap::new(),
            arriving: Vec::new(),
            made: 0,
            events: 0,
            faults: true,
        }
    }

    fn take(&mut self, effects: Effects) {
        self.grammar.check(&effects);
        self.events += effects.told.len();
        let contradicts = |told: &Told| matches!(told.change, AccountChange::Inconsistent { .. });
        assert!(!effects.told.iter().any(contradicts), "{:?}", effects.told);
        for CountedFill { fill, .. } in effects.fills {
            let order = self.fills.entry(fill.exchange_order_id.to_string()).or_default();
            order.insert(fill.trade_id.to_string(), fill);
        }
        for record in effects.orders {
            self.check_end(&record);
            if let Some(id) = &record.order.exchange_order_id {
                self.numbers.insert(id.to_string(), record.number);
            }
            self.journal.insert(record.number, record);
        }
    }

    /// No end without the exchange having ended it, or never having had it.
    fn check_end(&self, record: &OrderRecord) {
        let order = &record.order;
        if order.state.is_live() {
            return;
        }
        let id = order.client_order_id.as_str();
        match self.exchange.by_client_id(id) {
            Some(truth) => assert_eq!(order.state, truth.state, "{order:?} is {truth:?}"),
            None => {
                assert_eq!(order.state, OrderState::Rejected, "{order:?}");
                assert!(self.arriving.iter().all(|(_, arriving)| arriving != id), "{order:?} is on its way");
            }
        }
    }

    fn fails(&mut self, percent: usize) -> bool {
        self.faults && self.dice.chance(percent)
    }

    fn step(&mut self) {
        self.now = Timestamp::from_millis(self.now.as_millis() + 1 + self.dice.below(40) as i64);
        self.arrive();
        let stimulus = if self.exchange.stream.len() > 100 { 999 } else { self.dice.below(1000) };
        match stimulus {
            0..120 if self.exchange.live.len() < 200 => self.place(),
            120..140 if self.exchange.live.len() < 200 => {
                self.made += 1;
                self.exchange.accept(&format!("theirs{}", self.made));
            }
            140..550 => {
                let Self { exchange, dice, .. } = self;
                exchange.happen(dice);
            }
            550..600 => self.cancel(),
            600 => self.restart(),
            601..603 => self.reconcile(),
            603 => {
                let healthy = self.dice.chance(50);
                self.orders.stream(healthy, self.now);
            }
            _ => self.deliver(),
        }
        if self.orders.next_deadline().is_some_and(|deadline| deadline <= self.now) {
            self.meet_needs();
        }
    }

    fn arrive(&mut self) {
        let now = self.now;
        let (arrived, arriving) = std::mem::take(&mut self.arriving).into_iter().partition(|(at, _)| *at <= now);
        self.arriving = arriving;
        let arrived: Vec<(Timestamp, String)> = arrived;
        for (_, id) in arrived {
            self.exchange.accept(&id);
        }
    }

    fn place(&mut self) {
        self.made += 1;
        let id = format!("own{}", self.made);
        let effects = self.orders.submit(&limit(&id, 10), self.now).expect("a new id");
        self.take(effects);
        if self.dice.chance(3) {
            let outcome = Err(CommandError::NotSent(error(ErrorKind::Connection)));
            let effects = self.orders.placed(&id.as_str().into(), outcome, self.now);
            return self.take(effects);
        }
        let effects = self.orders.sent(&id.as_str().into(), self.now);
        self.take(effects);
        let outcome = self.send(&id);
        let effects = match outcome {
            Some(outcome) => self.orders.placed(&id.as_str().into(), outcome, self.now),
            None => self.orders.place_dropped(&id.as_str().into(), self.now),
        };
        self.take(effects);
    }

    /// What becomes of an order on the wire; `None`: nobody waits for the reply.
    fn send(&mut self, id: &str) -> Option<Result<ExecutionReport, CommandError>> {
        match self.dice.below(100) {
            0..8 => Some(Err(unknown(id))),
            8..16 => Some(Err(refused(ErrorKind::InsufficientBalance))),
            16..28 => {
                let delay = self.dice.below(4_000) as i64;
                self.arriving.push((Timestamp::from_millis(self.now.as_millis() + delay), id.to_owned()));
                Some(Err(unknown(id)))
            }
            fate => {
                let number = self.exchange.accept(id);
                let report = self.exchange.orders[&number].report();
                match fate {
                    28..40 => Some(Err(unknown(id))),
                    40..45 => Some(Err(refused(ErrorKind::Duplicate))),
                    45..50 => None,
                    50..60 => Some(Ok(ExecutionReport { status: ReportedStatus::Received, ..report })),
                    _ => Some(Ok(report)),
                }
            }
        }
    }

    fn cancel(&mut self) {
        let live: Vec<_> = self.orders.own_live().map(|record| record.order.client_order_id.clone()).collect();
        if live.is_empty() {
            return;
        }
        let id = &live[self.dice.below(live.len())];
        let (start, effects) = self.orders.cancel(id, self.now);
        self.take(effects);
        if start == CancelStart::Send {
            self.send_cancel(id.as_str());
        }
    }

    fn send_cancel(&mut self, id: &str) {
        let lost = self.fails(20);
        let number = self.exchange.number(id).filter(|_| !lost);
        let outcome = match number.map(|number| self.exchange.orders[&number].is_live()) {
            _ if lost => Err(unknown(id)),
            Some(true) => {
                let number = number.expect("known");
                self.exchange.end(number, OrderState::Cancelled, false);
                let report = self.exchange.orders[&number].report();
                match self.dice.below(10) {
                    0 => Err(unknown(id)),
                    1 => Ok(ExecutionReport { status: ReportedStatus::Received, filled: None, ..report }),
                    _ => Ok(report),
                }
            }
            _ => Err(refused(ErrorKind::NotFound)),
        };
        let effects = self.orders.cancelled(&id.into(), outcome, self.now);
        self.take(effects);
    }

    /// One message of the stream: any, perhaps again later, perhaps never.
    fn deliver(&mut self) {
        if self.exchange.stream.is_empty() {
            return;
        }
        let ahead = self.exchange.stream.len().min(20);
        let place = self.dice.below(ahead);
        let report = match self.dice.below(100) {
            0..5 => {
                self.exchange.stream.remove(place);
                return;
            }
            5..15 => self.exchange.stream[place].clone(),
            _ => self.exchange.stream.remove(place),
        };
        let split = self.dice.chance(10);
        let fills = if split { report.fills.clone() } else { Vec::new() };
        let effects = self.orders.report(report, Source::Stream, self.now);
        self.take(effects);
        for fill in fills {
            let effects = self.orders.fill(fill, Source::Stream, self.now);
            self.take(effects);
        }
    }

    fn meet_needs(&mut self) {
        for need in self.orders.needs(self.now, usize::MAX) {
            let asks = !matches!(need, Need::DistrustStream { .. });
            if asks && self.fails(15) {
                self.orders.unanswered(&need, self.now);
            } else {
                self.meet(need);
            }
        }
    }

    fn meet(&mut self, need: Need) {
        let effects = match need {
            Need::Query(subject) => {
                let answer = self.look_up(subject.client_order_id.as_str());
                self.orders.answered(subject.number, answer, self.now, self.now)
            }
            Need::Trades(subject) => {
                let id = subject.exchange_order_id.expect("known");
                let mut fills = self.exchange.by_exchange_id(id.as_str()).expect("exists").fills.clone();
                if self.fails(20) {
                    fills.pop();
                }
                self.orders.trades(subject.number, fills, self.now)
            }
            Need::Proof(subject) => {
                let found = self.exchange.by_client_id(subject.client_order_id.as_str());
                let reports = found.map(|order| order.report()).into_iter().collect();
                let fills = found.map(|order| order.fills.clone()).unwrap_or_default();
                self.orders.searched(subject.number, &Search { reports, fills, asked: self.now }, self.now)
            }
            Need::Cancel(subject) => return self.send_cancel(subject.client_order_id.as_str()),
            Need::Recall(stranger) => {
                let id = stranger.exchange_order_id.expect("all have one");
                let saved = self.numbers.get(id.as_str()).map(|number| self.saved(*number));
                self.orders.recalled(stranger.number, saved, self.now)
            }
            Need::Identify(stranger) => {
                let id = stranger.exchange_order_id.expect("all have one");
                let answer = self.exchange.by_exchange_id(id.as_str()).map(|order| order.report());
                self.orders.identified(stranger.number, answer, self.now)
            }
            Need::DistrustStream { .. } => {
                self.orders.stream(false, self.now);
                return self.reconcile();
            }
        };
        self.take(effects);
    }

    fn look_up(&mut self, client_id: &str) -> Option<ExecutionReport> {
        let lagging = self.fails(50);
        let order = self.exchange.by_client_id(client_id)?;
        // The exchange's clock counts events, so that age is taken from ours.
        let young = self
            .orders
            .by_client_id(&client_id.into())
            .is_some_and(|record| self.now.since(record.recorded).as_millis() < LAG_MILLIS);
        (!(lagging && young)).then(|| order.report())
    }

    fn saved(&self, number: u64) -> SavedOrder {
        let record = self.journal[&number].clone();
        let id = record.order.exchange_order_id.as_ref().map(|id| id.to_string()).unwrap_or_default();
        let fills = self.fills.get(&id).map(|fills| fills.values().cloned().collect()).unwrap_or_default();
        SavedOrder { record, fills }
    }

    fn restart(&mut self) {
        let live = self.orders.live().map(|record| record.number).collect::<Vec<_>>();
        let last_order = self.journal.keys().last().copied().unwrap_or(0);
        let orders = live.into_iter().map(|number| self.saved(number)).collect();
        let saved = Saved { last_order, orders, ..Saved::default() };
        let (orders, effects) = Orders::restore(settings(), saved, self.now);
        self.orders = orders;
        self.take(effects);
        self.reconcile();
    }

    /// Open orders, what is not among them, and the fills of these and of what is still live.
    fn reconcile(&mut self) {
        self.reconcile_with(Vec::new());
    }

    fn reconcile_with(&mut self, mut fills: Vec<FillReport>) {
        let open: Vec<_> = self.exchange.live.iter().map(|number| self.exchange.orders[number].report()).collect();
        let subjects = self.orders.unlisted(&open, self.now);
        let mut queried = Vec::new();
        for subject in subjects {
            let answer = self.look_up(subject.client_order_id.as_str());
            queried.push(Queried { number: subject.number, answer, asked: self.now });
        }
        let answers = queried.iter().filter_map(|queried| queried.answer.as_ref());
        let ids = open.iter().chain(answers).filter_map(|report| report.exchange_order_id.clone());
        let named = ids.filter_map(|id| self.exchange.by_exchange_id(id.as_str()));
        fills.extend(named.flat_map(|order| order.fills.clone()));
        let batch = Reconciliation { open, asked: self.now, queried, fills, source: Source::Rest };
        let (needs, effects) = self.orders.strangers(&batch, self.now);
        self.take(effects);
        for need in needs {
            self.meet(need);
        }
        let effects = self.orders.reconcile(batch, self.now);
        self.take(effects);
    }

    /// Nothing goes wrong any longer, but the stream tells nothing more either.
    fn calm(&mut self) {
        self.faults = false;
        self.now = Timestamp::from_millis(self.now.as_millis() + 10_000);
        self.arrive();
        self.exchange.stream.clear();
        self.orders.stream(false, self.now);
        self.reconcile_with(self.exchange.orders.values().flat_map(|order| order.fills.clone()).collect());
        for _ in 0..400 {
            self.reconcile();
            while self.orders.next_deadline().is_some_and(|deadline| deadline <= self.now) {
                self.meet_needs();
            }
            match self.orders.next_deadline() {
                Some(deadline) => self.now = deadline.max(Timestamp::from_millis(self.now.as_millis() + 1)),
                None => break,
            }
        }
        if let Some(deadline) = self.orders.next_deadline() {
            panic!("still asks {:?}", self.orders.needs(deadline, usize::MAX));
        }
        self.check_all();
    }

    /// Everything that is known is as it really is.
    fn check_all(&self) {
        assert_eq!(self.orders.parked(), 0);
        let live: Vec<_> = self.orders.live().map(|record| record.order.client_order_id.to_string()).collect();
        let truly = self.exchange.live.iter().map(|number| self.exchange.orders[number].client_id.clone());
        assert_eq!(sorted(live), sorted(truly.collect()));
        for record in self.journal.values() {
            let order = &record.order;
            let Some(truth) = self.exchange.by_client_id(order.client_order_id.as_str()) else {
                assert_eq!(order.state, OrderState::Rejected);
                continue;
            };
            let closed_state = (!truth.is_live()).then_some(truth.state);
            assert_eq!((!order.state.is_live()).then_some(order.state), closed_state, "{order:?}");
            assert!(!order.cancel_requested || order.state.is_live());
            assert_eq!(order.outcome_unknown_since, None);
            assert_eq!(order.filled, super::desk::quantity(truth.filled), "{order:?}");
            let known: Vec<_> =
                self.fills.get(&truth.exchange_id).into_iter().flat_map(BTreeMap::keys).cloned().collect();
            let fills = truth.fills.iter().map(|fill| fill.trade_id.to_string()).collect();
            assert_eq!(sorted(known), sorted(fills));
        }
        let unknown = self.exchange.orders.values().filter(|truth| !self.numbers.contains_key(&truth.exchange_id));
        assert!(unknown.into_iter().all(|truth| truth.fills.is_empty() && truth.client_id.starts_with("theirs")));
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

fn walk(seed: u64, events: usize) -> World {
    println!("seed {seed}");
    let mut world = World::new(seed);
    while world.events < events {
        world.step();
    }
    world.calm();
    world
}

#[test]
fn whatever_goes_wrong_states_are_legal_and_end_as_the_exchange_has_them() {
    for seed in 0..20 {
        walk(seed, 5_000);
    }
}

#[test]
fn a_long_walk_stays_true_and_bounded() {
    let world = walk(42, if cfg!(debug_assertions) { 200_000 } else { 1_000_000 });
    assert!(world.orders.live().count() < 1_000);
}
