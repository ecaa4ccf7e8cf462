//! The limiter against a model of the exchange that counts for itself.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{Unit, Window};

const MINUTE: Duration = Duration::from_secs(60);
const US: AccountId = AccountId(0);
const START: Timestamp = Timestamp::from_millis(1_700_000_041_000);

/// A pool that every request takes from, and that is never full.
const REQUESTS: PoolSpec = PoolSpec {
    unit: Unit::Requests,
    limit: 100_000,
    window: Window::Rolling(MINUTE),
    scope: Scope::Address,
    cancels: true,
};

fn weight(limit: u32, window: Window) -> PoolSpec {
    PoolSpec { unit: Unit::Weight, limit, window, scope: Scope::Address, cancels: true }
}

fn at(millis: u64) -> Timestamp {
    START.after(Duration::from_millis(millis))
}

fn leaving(limiter: &mut Limiter, now: Timestamp) -> Vec<Ticket> {
    limiter.advance(now).turns.into_iter().map(|(ticket, _)| ticket).collect()
}

fn ask(limiter: &mut Limiter, class: Class, cost: u32) -> Ticket {
    limiter.enqueue(US, Applicant::read(Cost::weight(cost), class)).expect("a place")
}

/// What the exchange counts, in its own windows.
struct Exchange {
    spec: PoolSpec,
    uses: VecDeque<(Timestamp, u32)>,
}

impl Exchange {
    fn used(&self, now: Timestamp) -> u32 {
        let nanos = i64::try_from(self.spec.window.length().as_nanos()).expect("short");
        let inside = |at: Timestamp| match self.spec.window {
            Window::Fixed(_) => at.as_nanos().div_euclid(nanos) == now.as_nanos().div_euclid(nanos),
            Window::Rolling(length) => now.since(at) < length,
            Window::Draining(_) => unreachable!("told of uses, not of a level"),
        };
        self.uses.iter().filter(|(at, _)| inside(*at)).map(|(_, amount)| amount).sum()
    }

    fn take(&mut self, now: Timestamp, amount: u32) {
        self.uses.push_back((now, amount));
    }
}

/// One step of a random story.
#[derive(Clone, Debug)]
enum Step {
    Ask { class: Class, cost: u32 },
    GiveUp(usize),
    Wait(u64),
    Foreign(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let class = prop_oneof![
        Just(Class::Cancel),
        Just(Class::Place),
        Just(Class::AccountRead),
        Just(Class::MarketRead),
        Just(Class::Snapshot)
    ];
    let step = prop_oneof![
        6 => (class, 1_u32..=20).prop_map(|(class, cost)| Step::Ask { class, cost }),
        1 => (0_usize..20).prop_map(Step::GiveUp),
        3 => (1_u64..3_000).prop_map(Step::Wait),
        1 => (0_u32..10).prop_map(Step::Foreign),
    ];
    prop::collection::vec(step, 1..80)
}

/// A request under way: when it arrives, when its answer is here.
struct Flight {
    ticket: Ticket,
    cost: u32,
    arrives: u64,
    answered: u64,
    told: Option<u32>,
}

struct Story {
    limiter: Limiter,
    exchange: Exchange,
    now: u64,
    asked: Vec<(Ticket, u32)>,
    flights: Vec<Flight>,
    left: Vec<Ticket>,
    delays: u64,
    most: u32,
}

impl Story {
    fn new(spec: PoolSpec) -> Self {
        let limiter = Limiter::new(&[spec, REQUESTS], 100);
        let exchange = Exchange { spec, uses: VecDeque::new() };
        let (asked, flights, left) = (Vec::new(), Vec::new(), Vec::new());
        Self { limiter, exchange, now: 0, asked, flights, left, delays: 1, most: 0 }
    }

    /// A delay between 1 and 200 ms that differs from request to request.
    fn delay(&mut self) -> u64 {
        self.delays = self.delays.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + (self.delays >> 33) % 200
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Ask { class, cost } => self.asked.push((ask(&mut self.limiter, *class, *cost), *cost)),
            Step::GiveUp(which) => {
                let waiting: Vec<_> =
                    self.asked.iter().map(|(ticket, _)| *ticket).filter(|ticket| !self.left.contains(ticket)).collect();
                if let Some(ticket) = waiting.get(*which) {
                    self.limiter.withdraw(*ticket);
                }
            }
            Step::Foreign(amount) => {
                // Another client of the same address, whose use shows in the next answer only.
                if self.exchange.used(at(self.now)) + amount <= 5 {
                    self.exchange.take(at(self.now), *amount);
                }
            }
            Step::Wait(millis) => {
                for _ in 0..*millis {
                    self.millisecond();
                }
            }
        }
    }

    fn millisecond(&mut self) {
        self.now += 1;
        let now = at(self.now);
        for index in 0..self.flights.len() {
            if self.flights[index].arrives == self.now {
                self.exchange.take(now, self.flights[index].cost);
                let used = self.exchange.used(now);
                self.most = self.most.max(used);
                self.flights[index].told = Some(used);
            }
        }
        let here: Vec<_> = self.flights.extract_if(.., |flight| flight.answered == self.now).collect();
        for flight in here {
            let window = self.exchange.spec.window.length();
            let told = flight.told.map(|used| Used { unit: Unit::Weight, window, used });
            self.limiter.settle(flight.ticket, &Cost::weight(flight.cost), told.as_slice(), now);
        }
        for ticket in leaving(&mut self.limiter, now) {
            let cost = self.asked.iter().find(|(asked, _)| *asked == ticket).expect("asked for").1;
            let arrives = self.now + self.delay();
            let answered = arrives + self.delay();
            self.left.push(ticket);
            self.flights.push(Flight { ticket, cost, arrives, answered, told: None });
        }
    }
}

fn tell(spec: PoolSpec, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut story = Story::new(spec);
    for step in steps {
        story.step(step);
    }
    prop_assert!(story.most <= spec.limit, "{} of {}", story.most, spec.limit);
    // First come, first served, inside each class.
    for class in [Class::Cancel, Class::Place, Class::AccountRead, Class::MarketRead, Class::Snapshot] {
        let left: Vec<_> = story.left.iter().filter(|ticket| ticket.class == class).collect();
        prop_assert!(left.is_sorted(), "{left:?}");
    }
    // Everybody gets a turn, and then all is at rest.
    for _ in 0..20 {
        story.step(&Step::Wait(u64::try_from(spec.window.length().as_millis()).expect("short")));
    }
    prop_assert!(story.limiter.waiting.is_empty() && story.limiter.under_way.is_empty());
    story.limiter.usage(US, at(story.now + 60_000)).iter().try_for_each(|pool| {
        prop_assert_eq!(pool.used, 0);
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn fixed_windows_are_never_exceeded(steps in steps()) {
        tell(weight(200, Window::Fixed(Duration::from_secs(10))), &steps)?;
    }

    #[test]
    fn rolling_windows_are_never_exceeded(steps in steps()) {
        tell(weight(100, Window::Rolling(Duration::from_secs(1))), &steps)?;
    }
}

#[test]
fn a_heavy_request_is_not_overtaken_in_its_class() {
    let mut limiter = Limiter::new(&[weight(100, Window::Fixed(MINUTE)), REQUESTS], 100);
    let first = ask(&mut limiter, Class::MarketRead, 60);
    let heavy = ask(&mut limiter, Class::MarketRead, 50);
    let light = ask(&mut limiter, Class::MarketRead, 1);
    assert_eq!(leaving(&mut limiter, at(0)), [first]);
    limiter.settle(first, &Cost::weight(60), &[], at(100));
    let advance = limiter.advance(at(100));
    assert!(advance.turns.is_empty());
    let turn = advance.look_again.expect("the window turns");
    assert_eq!(turn, at(59_020), "with a guard of 20 ms");
    assert_eq!(leaving(&mut limiter, turn), [heavy, light]);
}

#[test]
fn a_reserve_serves_cancels_when_the_rest_is_spent() {
    let mut limiter = Limiter::new(&[weight(100, Window::Fixed(MINUTE))], 100);
    let reads: Vec<_> = (0..90).map(|_| ask(&mut limiter, Class::MarketRead, 1)).collect();
    assert_eq!(leaving(&mut limiter, at(0)), reads[..85]);
    let cancels: Vec<_> = (0..11).map(|_| ask(&mut limiter, Class::Cancel, 1)).collect();
    assert_eq!(leaving(&mut limiter, at(1)), cancels[..10], "up to 95 %");
}

#[test]
fn urgent_classes_go_first_and_snapshots_take_half() {
    let mut limiter = Limiter::new(&[weight(100, Window::Fixed(MINUTE))], 100);
    let snapshots: Vec<_> = (0..20).map(|_| ask(&mut limiter, Class::Snapshot, 5)).collect();
    let read = ask(&mut limiter, Class::MarketRead, 1);
    let place = ask(&mut limiter, Class::Place, 1);
    let left = leaving(&mut limiter, at(0));
    assert_eq!(left[..2], [place, read]);
    assert_eq!(left[2..], snapshots[..9], "45 of 95");
    let read = ask(&mut limiter, Class::MarketRead, 30);
    assert_eq!(leaving(&mut limiter, at(1)), [read], "held back by no snapshot");
}

#[test]
fn a_request_takes_from_all_its_pools_or_from_none() {
    let orders =
        PoolSpec { unit: Unit::Orders, limit: 2, window: Window::Fixed(MINUTE), scope: Scope::Account, cancels: false };
    let mut limiter = Limiter::new(&[weight(100, Window::Fixed(MINUTE)), orders], 100);
    let order = Applicant::command(Cost::weight(10).with_orders(1), Class::Place);
    let first = limiter.enqueue(US, order).expect("a place");
    limiter.enqueue(US, order).expect("a place");
    let read = ask(&mut limiter, Class::MarketRead, 1);
    assert_eq!(leaving(&mut limiter, at(0)), [first, read], "the second order waits for the order count only");
    let used: Vec<_> = limiter.usage(US, at(0)).iter().map(|pool| pool.used).collect();
    assert_eq!(used, [11, 1]);
}

#[test]
fn the_newest_count_of_the_exchange_plus_what_is_under_way() {
    let window = Window::Fixed(MINUTE);
    let mut limiter = Limiter::new(&[weight(1_000, window)], 100);
    let told = |used| [Used { unit: Unit::Weight, window: MINUTE, used }];
    let tickets: Vec<_> = (0..3).map(|_| ask(&mut limiter, Class::MarketRead, 10)).collect();
    leaving(&mut limiter, at(0));
    limiter.settle(tickets[0], &Cost::weight(10), &told(410), at(50));
    assert_eq!(limiter.usage(US, at(50))[0].used, 430, "two are under way");
    limiter.settle(tickets[2], &Cost::weight(10), &told(430), at(60));
    limiter.settle(tickets[1], &Cost::weight(10), &told(420), at(70));
    assert_eq!(limiter.usage(US, at(70))[0].used, 430, "an answer overtaken on its way takes nothing back");
    let later = ask(&mut limiter, Class::MarketRead, 10);
    leaving(&mut limiter, at(80));
    limiter.settle(later, &Cost::weight(10), &told(300), at(90));
    assert_eq!(limiter.usage(US, at(90))[0].used, 300, "the exchange has given some back");
}

#[test]
fn giving_up_leaves_nothing_behind() {
    let mut limiter = Limiter::new(&[weight(100, Window::Fixed(MINUTE))], 100);
    let first = ask(&mut limiter, Class::MarketRead, 80);
    let second = ask(&mut limiter, Class::MarketRead, 80);
    let third = ask(&mut limiter, Class::MarketRead, 5);
    assert_eq!(leaving(&mut limiter, at(0)), [first]);
    limiter.withdraw(second);
    assert_eq!(leaving(&mut limiter, at(0)), [third]);
    limiter.withdraw(first);
    assert_eq!(limiter.usage(US, at(0))[0].used, 5);
}

#[test]
fn published_limits_replace_the_built_in_ones_and_keep_the_count() {
    let orders =
        PoolSpec { unit: Unit::Orders, limit: 2, window: Window::Fixed(MINUTE), scope: Scope::Address, cancels: false };
    let mut limiter = Limiter::new(&[weight(100, Window::Fixed(MINUTE)), orders], 100);
    let first = ask(&mut limiter, Class::MarketRead, 60);
    leaving(&mut limiter, at(0));
    limiter.settle(first, &Cost::weight(60), &[], at(0));
    let day = Window::Fixed(Duration::from_secs(86_400));
    limiter.replace_pools(&[weight(6_000, Window::Fixed(MINUTE)), weight(50_000, day)]);
    let usage = limiter.usage(US, at(1));
    let shown: Vec<_> = usage.iter().map(|pool| (pool.spec.unit, pool.spec.limit, pool.used)).collect();
    assert_eq!(shown, [(Unit::Weight, 6_000, 60), (Unit::Weight, 50_000, 0), (Unit::Orders, 2, 0)]);
}

#[test]
fn what_can_never_leave_is_refused_at_once() {
    let mut limiter = Limiter::new(&[weight(100, Window::Fixed(MINUTE))], 50);
    let ask = |limiter: &mut Limiter, cost| limiter.enqueue(US, Applicant::read(cost, Class::MarketRead));
    assert_eq!(ask(&mut limiter, Cost::weight(38)), Err(NoPlace::TooLarge), "half of 95 % less 10 % are 37");
    assert_eq!(ask(&mut limiter, Cost::weight(0).with_orders(1)), Err(NoPlace::NoPool));
    for _ in 0..WAITING_MAX {
        ask(&mut limiter, Cost::weight(1)).expect("a place");
    }
    assert_eq!(ask(&mut limiter, Cost::weight(1)), Err(NoPlace::QueueFull));
}

#[test]
fn accounts_share_the_pools_of_the_address_and_count_their_orders_alone() {
    let window = Window::Fixed(MINUTE);
    let orders = |limit| PoolSpec { unit: Unit::Orders, limit, window, scope: Scope::Account, cancels: false };
    let mut limiter = Limiter::new(&[weight(100, window), orders(2)], 100);
    let them = limiter.add_account();
    let order = Applicant::command(Cost::weight(1).with_orders(1), Class::Place);
    let first = limiter.enqueue(US, order).expect("a place");
    let second = limiter.enqueue(US, order).expect("a place");
    let theirs = limiter.enqueue(them, order).expect("a place");
    assert_eq!(leaving(&mut limiter, at(0)), [first, theirs], "one order each: 95 % of 2");
    let used = |limiter: &mut Limiter, whose| {
        limiter.usage(whose, at(1)).iter().map(|pool| (pool.spec.unit, pool.used)).collect::<Vec<_>>()
    };
    assert_eq!(used(&mut limiter, US), [(Unit::Weight, 2), (Unit::Orders, 1)]);
    let told =
        [Used { unit: Unit::Orders, window: MINUTE, used: 0 }, Used { unit: Unit::Weight, window: MINUTE, used: 7 }];
    limiter.settle(first, &Cost::weight(1).with_orders(1).free_on_success().of_success(), &told, at(2));
    assert_eq!(used(&mut limiter, US), [(Unit::Weight, 8), (Unit::Orders, 0)], "the count follows both ways");
    assert_eq!(used(&mut limiter, them), [(Unit::Weight, 8), (Unit::Orders, 1)]);
    assert_eq!(leaving(&mut limiter, at(3)), [second]);
    limiter.replace_pools(&[orders(100)]);
    assert_eq!(used(&mut limiter, them), [(Unit::Orders, 1), (Unit::Weight, 9)], "published for every account");
}

#[test]
fn a_refusal_of_orders_stops_the_orders_of_one_account() {
    let window = Window::Fixed(MINUTE);
    let orders = PoolSpec { unit: Unit::Orders, limit: 100, window, scope: Scope::Account, cancels: false };
    let mut limiter = Limiter::new(&[weight(100, window), orders], 100);
    let them = limiter.add_account();
    let pause = Some(Duration::from_secs(7));
    let refusal = Refusal { kind: crate::RefusalKind::TooMany, unit: Some(Unit::Orders), pause };
    assert_eq!(limiter.refuse(US, refusal, at(0)), at(7_000));
    let order = Cost::weight(1).with_orders(1);
    assert!(limiter.block(US, &order, at(1)).is_some());
    assert!(limiter.block(them, &order, at(1)).is_none());
    assert!(limiter.block(US, &Cost::weight(1), at(1)).is_none(), "cancels and reads go on");
    limiter.refuse(US, Refusal { unit: None, ..refusal }, at(0));
    assert!(limiter.block(them, &Cost::weight(1), at(1)).is_some(), "the whole address");
}

#[test]
fn an_answer_can_speak_of_the_pool_of_its_own_endpoint() {
    let window = Window::Rolling(Duration::from_secs(1));
    let calls = |name| PoolSpec { unit: Unit::Named(name), limit: 10, window, scope: Scope::Account, cancels: false };
    let mut limiter = Limiter::new(&[calls("create"), calls("amend")], 100);
    let create = Cost::weight(0).with_named("create", 1);
    let ticket = limiter.enqueue(US, Applicant::command(create, Class::Place)).expect("a place");
    assert_eq!(leaving(&mut limiter, at(0)), [ticket]);
    let told = [Used { unit: Unit::Endpoint, window: window.length(), used: 6 }];
    limiter.settle(ticket, &create, &told, at(1));
    let used: Vec<_> = limiter.usage(US, at(2)).iter().map(|pool| pool.used).collect();
    assert_eq!(used, [6, 0]);
    assert_eq!(create.meant(Unit::Endpoint), Unit::Named("create"));
}

#[test]
fn a_counter_that_drains_gives_room_unit_by_unit() {
    let window = Window::Draining(Duration::from_secs(3));
    let pool = PoolSpec { cancels: false, ..weight(15, window) };
    let mut limiter = Limiter::new(&[pool], 100);
    let read = |limiter: &mut Limiter| {
        limiter.enqueue(US, Applicant::read(Cost::weight(2), Class::AccountRead)).expect("a place")
    };
    let first: Vec<_> = (0..7).map(|_| read(&mut limiter)).collect();
    assert_eq!(leaving(&mut limiter, at(0)), first, "14 units: 95 % of 15");
    first.iter().for_each(|ticket| limiter.settle(*ticket, &Cost::weight(2), &[], at(100)));
    let next = read(&mut limiter);
    let advance = limiter.advance(at(200));
    assert_eq!((advance.turns.len(), advance.look_again), (0, Some(at(3_100))));
    assert!(leaving(&mut limiter, at(3_100)).is_empty(), "one unit is too little");
    assert_eq!(leaving(&mut limiter, at(6_100)), [next]);
    limiter.settle(next, &Cost::weight(2), &[], at(6_200));
    assert_eq!(limiter.usage(US, at(9_100))[0].used, 13);
    assert_eq!(limiter.usage(US, at(90_000))[0].used, 0);
}
