//! Request limits.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::time::{Instant, timeout};
use tradewire_core::{ErrorKind, Instrument, LifeEvent, Part};
use tradewire_simulator::{Fault, FaultKind, Novelty, RequestRecord, Simulator};
use tradewire_tracking::MarketSource;
use tradewire_transport::{Applicant, Class, Clock, Cost, Limits, ServerClock, Unit, Window};

use super::limit_orders::{ANSWERED, TOLD_BAN, limit_08, limit_09, limit_10_orders, limit_11_orders, limit_12_orders};
use super::mkt::{MINUTE, SECOND};
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, addresses};
use crate::bench::{Bench, Setup, World, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};
use crate::{Row, WireLimits};

/// Request limits.
pub(super) const ROWS: &[Row] = &[
    Row::once("LIMIT-01", "after 2 000 random requests the local count equals the server's", |b| {
        limit_01(b).boxed_local()
    }),
    Row::once("LIMIT-02", "64 parallel callers never take more than there is", |b| limit_02(b).boxed_local()),
    Row::once("LIMIT-03", "published limits replace the built-in ones; an unknown kind is told and not obeyed", |b| {
        limit_03(b).boxed_local()
    }),
    Row::once("LIMIT-04", "three pools asked for at once bring no 429, and no window above 95 %", |b| {
        limit_04(b).boxed_local()
    }),
    Row::once("LIMIT-05", "what another client spends is seen in the answers and left to it", |b| {
        limit_05(b).boxed_local()
    }),
    Row::once("LIMIT-06", "a waiting request leaves when the exchange's window turns", |b| limit_06(b).boxed_local()),
    Row::once("LIMIT-07", "requests leave in the order of arrival; one that gives up frees its place", |b| {
        limit_07(b).boxed_local()
    }),
    Row::traded("LIMIT-08", "a part of every pool is kept for cancels", |b| limit_08(b).boxed_local()),
    Row::traded("LIMIT-09", "orders are counted and do not wait long", |b| limit_09(b).boxed_local()),
    Row::traded("LIMIT-10", "after 429 with a time, nothing leaves before it; then reads go on", |b| {
        limit_10(b).boxed_local()
    }),
    Row::traded("LIMIT-11", "after a ban nothing leaves before its end; sockets stay", |b| limit_11(b).boxed_local()),
    Row::traded("LIMIT-12", "without a time given: 60 s after 429, 120 s after a ban, doubled for each repeat", |b| {
        limit_12(b).boxed_local()
    }),
    Row::once("LIMIT-13", "frames and connections stay under the socket's pace", |b| limit_13(b).boxed_local()),
];

/// A simulator and a connector that does nothing by itself.
struct Idle {
    simulator: Simulator,
    source: Arc<dyn MarketSource>,
    instruments: Vec<Arc<Instrument>>,
}

impl Idle {
    async fn start(bench: &Bench, setup: Setup) -> Result<Self, Failed> {
        let simulator = Simulator::start(setup.exchange).await?;
        let source = bench.subject().source(&addresses(simulator.addresses()))?;
        source.server_clock().add(source.time().await?);
        let body = source.instruments().await?.body;
        let instruments = source.decode_instruments(&body)?.instruments.into_iter().map(Arc::new).collect();
        Ok(Self { simulator, source, instruments })
    }

    /// Waits until the exchange's next window begins, and until nothing is left in one that rolls.
    async fn next_window(&self, window: Window) {
        let length = millis(window.length());
        let into = self.simulator.clock().server_now().millis().rem_euclid(length);
        let rolled = if !matches!(window, Window::Fixed(_)) { length } else { 0 };
        let wait = rolled + length + 50 - into;
        tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0))).await;
    }

    /// What the connector counts of the weight, or of the requests where nothing has a weight.
    fn counted(&self) -> Option<u64> {
        let usage = self.source.limits().usage();
        let pool = |unit| usage.iter().find(|pool| pool.spec.unit == unit).map(|pool| u64::from(pool.used));
        pool(Unit::Weight).or_else(|| pool(Unit::Requests))
    }

    /// What the exchange counts of the weight or, where it is not known what it counts, the requests of the window.
    fn used(&self, limits: &WireLimits) -> u64 {
        if limits.documented {
            return self.simulator.used_weight();
        }
        let now = self.simulator.clock().server_now();
        let in_window = |request: &&RequestRecord| now.since(request.time) < limits.window.length();
        self.records().iter().filter(in_window).count() as u64
    }

    fn records(&self) -> Vec<RequestRecord> {
        self.simulator.requests().records
    }

    fn refused(&self, too_many: [u16; 2]) -> usize {
        let refused = |request: &&RequestRecord| too_many.contains(&request.status) && request.faults.is_empty();
        self.records().iter().filter(refused).count()
    }

    async fn stop(self) -> Verdict {
        drop(self.source);
        self.simulator.stop().await;
        Ok(Shown::Works)
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// A request of a random kind.
async fn any_request(idle: &Idle, which: u32) -> Result<(), tradewire_core::Error> {
    let (source, instrument) = (&idle.source, &idle.instruments[which as usize % idle.instruments.len()]);
    match which % 9 {
        0 => source.time().await.map(drop),
        1 => source.status().await,
        2 => source.snapshot(instrument, 100).await.map(drop),
        3 => source.snapshot(instrument, 500).await.map(drop),
        4 => source.last_prices(&idle.instruments).await.map(drop),
        5 => source.best_prices(&idle.instruments[..1]).await.map(drop),
        6 => match source.capabilities().market.candle_intervals.first() {
            Some(interval) => source.candles(instrument, interval, 5).await.map(drop),
            None => source.time().await.map(drop),
        },
        7 => source.recent_trades(instrument, 5).await.map(drop),
        _ if source.capabilities().market.ticker_24h => source.ticker_24h(instrument).await.map(drop),
        _ => source.status().await,
    }
}

async fn limit_01(bench: &Bench) -> Verdict {
    let WireLimits { window, weight, .. } = bench.wire().limits();
    // Where a window has room for few, they are sent in more of them.
    let at_once = (weight * 95 / 100).min(250);
    let idle = Idle::start(bench, Setup::many(bench, 3)?).await?;
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    let mut sent = 0;
    while sent < 2_000 {
        idle.next_window(window).await;
        for _ in 0..at_once {
            any_request(&idle, random.random_range(0..900)).await?;
            sent += 1;
        }
        equal("the local count of the weight", Some(idle.used(&bench.wire().limits())), idle.counted())?;
    }
    equal("refusals", 0, idle.refused(bench.too_many()))?;
    idle.stop().await
}

async fn limit_02(bench: &Bench) -> Verdict {
    let idle = Idle::start(bench, Setup::many(bench, 2)?).await?;
    idle.next_window(bench.wire().limits().window).await;
    // All together ask for at least one and a half times what there is.
    any_request(&idle, 7).await?;
    let one = idle.records().last().map_or(1, |request| request.weight.max(1));
    let each = (bench.wire().limits().weight * 3 / 2 / one / 64).max(6);
    let callers = (0..64_u32).map(|caller| {
        let idle = &idle;
        async move {
            for n in (0..=each).filter_map(|n| u32::try_from(n).ok()) {
                // Those that find no room in time are told so, and have sent nothing.
                if let Err(error) = any_request(idle, 7 + 9 * (caller + n)).await {
                    expect(
                        error.kind() == ErrorKind::RateLimited && error.context("sent") == Some("no"),
                        "an answer, or not sent",
                        error,
                    )?;
                }
            }
            Ok(())
        }
    });
    join_all(callers).await.into_iter().collect::<Result<(), Failed>>()?;
    most_in_a_window(bench, &idle, bench.wire().limits().weight)?;
    idle.stop().await
}

/// No window of the exchange's time had more than 95 % of the weight, and nothing was refused.
fn most_in_a_window(bench: &Bench, idle: &Idle, limit: u64) -> Result<(), Failed> {
    let window = bench.wire().limits().window;
    let requests: Vec<_> = idle.records().iter().map(|request| (request.time.millis(), request.weight)).collect();
    let length = millis(window.length());
    let within = |start: i64| {
        let within = requests.iter().filter(|(at, _)| (start..start + length).contains(at));
        within.map(|(_, weight)| weight).sum::<u64>()
    };
    let starts = requests.iter().map(|(at, _)| match window {
        Window::Fixed(_) => at.div_euclid(length) * length,
        Window::Rolling(_) | Window::Draining(_) => *at,
    });
    let starts: std::collections::BTreeSet<_> = starts.collect();
    let most = starts.into_iter().map(within).max().unwrap_or(0);
    expect(most * 100 <= limit * 95, format_args!("at most 95 % of {limit} in {} s", window.length().as_secs()), most)?;
    equal("refusals", 0, idle.refused(bench.too_many()))
}

async fn limit_03(bench: &Bench) -> Verdict {
    const SMALL: u64 = 1_200;
    if !bench.wire().instrument_list().limits {
        // Nothing is published: the built-in ones hold.
        return without_a_pool().await;
    }
    let mut setup = Setup::many(bench, 2)?;
    setup.exchange.limits.weight_per_minute = SMALL;
    let idle = Idle::start(bench, setup).await?;
    idle.next_window(bench.wire().limits().window).await;
    let asking = (0..40).map(|_| idle.source.snapshot(&idle.instruments[0], 500));
    let answers = timeout(10 * MINUTE, join_all(asking)).await;
    expect(answers.is_ok(), "all answers within 10 minutes", "not all")?;
    most_in_a_window(bench, &idle, SMALL)?;
    idle.stop().await?;

    let novel = Fault::new(FaultKind::Novel { what: Novelty::Enum }).path(bench.wire().paths().instruments);
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?.fault(novel)).await?;
    let told = |event: &LifeEvent| matches!(event, LifeEvent::Problem { kind: ErrorKind::Config, .. });
    world.witness.life(Mark::default(), SOON, "Problem(Config) about the unknown limit", told).await?;
    world.simulator.clear_faults();
    world.pass(SECOND).await;
    world.end(bench).await?;
    without_a_pool().await
}

/// A request that no pool counts is a mistake in the connector, and is told as such.
async fn without_a_pool() -> Verdict {
    let limits = Limits::new(&[], 100, ServerClock::new(Clock::start()));
    match limits.acquire(Applicant::read(Cost::weight(1), Class::MarketRead)).await {
        Err(error) => equal("kind", ErrorKind::Config, error.kind())?,
        Ok(_) => return Err(Failed::new("an error for a request that no pool counts", "a permit")),
    }
    Ok(Shown::Works)
}

async fn limit_04(bench: &Bench) -> Verdict {
    let limit = bench.wire().limits().weight;
    let idle = Idle::start(bench, Setup::many(bench, 2)?).await?;
    let (levels, weight) = bench.wire().limits().largest_snapshot;
    let asking = (0..3 * limit / weight).map(|_| idle.source.snapshot(&idle.instruments[0], levels));
    let answers = timeout(20 * MINUTE, join_all(asking)).await;
    let answers = answers.map_err(|_| Failed::new("all answers within 20 minutes", "not all"))?;
    let failed = answers.iter().filter(|answer| answer.is_err()).count();
    equal("requests that failed", 0, failed)?;
    most_in_a_window(bench, &idle, limit)?;
    idle.stop().await
}

async fn limit_05(bench: &Bench) -> Verdict {
    if !bench.wire().limits().tells_weight {
        return Ok(Shown::NotRun("an exchange whose answers tell what an address has used".to_owned()));
    }
    let limit = bench.wire().limits().weight;
    let idle = Idle::start(bench, Setup::many(bench, 2)?).await?;
    idle.next_window(bench.wire().limits().window).await;
    idle.simulator.inject(Fault::new(FaultKind::OtherLoad { weight: limit / 2, orders: 0 }))?;
    idle.source.status().await?;
    equal("the local count after an answer", Some(idle.used(&bench.wire().limits())), idle.counted())?;
    expect(idle.counted() >= Some(limit / 2), "the other's half counted", format_args!("{:?}", idle.counted()))?;
    for _ in 0..8 {
        let asking = (0..40).map(|_| idle.source.recent_trades(&idle.instruments[0], 5));
        for answer in join_all(asking).await {
            if let Err(error) = answer {
                let unsent = error.kind() == ErrorKind::RateLimited && error.context("sent") == Some("no");
                expect(unsent, "an answer, or not sent", error)?;
            }
        }
        tokio::time::sleep(10 * SECOND).await;
    }
    equal("refusals", 0, idle.refused(bench.too_many()))?;
    idle.stop().await
}

async fn limit_06(bench: &Bench) -> Verdict {
    match bench.wire().limits().window {
        Window::Fixed(_) => waits_for_the_turn(bench).await,
        Window::Rolling(length) | Window::Draining(length) => waits_for_room(bench, length).await,
    }
}

/// A waiting request leaves when what was used first has left the window.
async fn waits_for_room(bench: &Bench, window: Duration) -> Verdict {
    let limits = bench.wire().limits();
    let idle = Idle::start(bench, Setup::many(bench, 2)?).await?;
    idle.next_window(limits.window).await;
    let (levels, weight) = limits.largest_snapshot;
    let share = limits.weight * 95 / 100 / 2 / weight;
    let start = Instant::now();
    let asking = (0..share + 1).map(|_| idle.source.snapshot(&idle.instruments[0], levels));
    let answers = timeout(3 * window, join_all(asking)).await;
    expect(answers.is_ok(), "the last request once there is room", "it still waits")?;
    let waited = start.elapsed();
    let in_time = waited >= window && waited <= window + SECOND;
    expect(in_time, format_args!("room after {window:?}"), format_args!("{waited:?}"))?;
    equal("refusals", 0, idle.refused(bench.too_many()))?;
    idle.stop().await
}

/// A waiting request leaves when the window turns.
async fn waits_for_the_turn(bench: &Bench) -> Verdict {
    let setup = Setup::many(bench, 2)?;
    // The exchange's clock is ahead of ours, so that its minutes turn at other times.
    let simulator = Simulator::start(setup.exchange).await?;
    simulator.inject(Fault::new(FaultKind::Skew { ms: 23_000 }))?;
    let source = bench.subject().source(&addresses(simulator.addresses()))?;
    source.server_clock().add(source.time().await?);
    let body = source.instruments().await?.body;
    let instruments = source.decode_instruments(&body)?.instruments.into_iter().map(Arc::new).collect();
    let idle = Idle { simulator, source, instruments };
    idle.next_window(bench.wire().limits().window).await;
    let (levels, weight) = bench.wire().limits().largest_snapshot;
    let share = bench.wire().limits().weight * 95 / 100 / 2 / weight;
    let start = Instant::now();
    let asking = (0..share + 1).map(|_| idle.source.snapshot(&idle.instruments[0], levels));
    let answers = timeout(2 * MINUTE, join_all(asking)).await;
    expect(answers.is_ok(), "the last request after the turn", "it still waits")?;
    let Some(last) = idle.records().pop() else { return Err(Failed::new("a request", "none")) };
    let into = (last.time.millis() + 23_000).rem_euclid(60_000);
    expect(
        into <= 1_000,
        "the last request right after the exchange's minute turned",
        format_args!("{into} ms into it"),
    )?;
    let waited = start.elapsed();
    expect(waited >= 55 * SECOND && waited <= 62 * SECOND, "one turn of the window", format_args!("{waited:?}"))?;
    equal("refusals", 0, idle.refused(bench.too_many()))?;
    idle.stop().await
}

async fn limit_07(bench: &Bench) -> Verdict {
    let idle = Idle::start(bench, Setup::many(bench, 2)?).await?;
    idle.next_window(bench.wire().limits().window).await;
    let (source, instrument) = (&idle.source, &idle.instruments[0]);
    let (levels, weight) = bench.wire().limits().largest_snapshot;
    let limits = bench.wire().limits();
    let half = limits.weight * 95 / 100 / 2;
    // What is left has room for a light one, and for no heavy one.
    let (heavy, light) = if half.is_multiple_of(weight) { (half / weight - 1, 1) } else { (half / weight, 0) };
    join_all((0..heavy).map(|_| source.snapshot(instrument, levels))).await;
    join_all((0..light).map(|_| source.snapshot(instrument, 100))).await;
    let before = idle.records().len();
    // Room for a light one is left where weights differ, but a heavy one came first; another heavy one gives up.
    let (gives_up, first) = (limits.window.length() / 12, &idle.instruments[1]);
    let gives_up = timeout(gives_up, source.snapshot(instrument, levels));
    let heavy = source.snapshot(first, levels);
    let light = join_all((0..30).map(|_| source.snapshot(instrument, 100)));
    let (gone, heavy, light) = tokio::join!(gives_up, heavy, light);
    expect(gone.is_err(), "a caller that gave up", "an answer")?;
    heavy?;
    light.into_iter().try_for_each(|answer| answer.map(drop))?;
    let sent = idle.records().split_off(before);
    equal("requests", 31, sent.len())?;
    equal("weight of the first to leave", weight, sent[0].weight)?;
    let about_first = sent[0].note.symbol.as_deref() == Some(&*first.symbol);
    expect(about_first, "the one that came first as the first to leave", &sent[0].query)?;
    // What the one that gave up would have taken is not counted.
    equal("the local count", Some(idle.used(&bench.wire().limits())), idle.counted())?;
    equal("refusals", 0, idle.refused(bench.too_many()))?;
    idle.stop().await
}

/// Strikes the status question, then sees for how long nothing leaves, sockets and their frames aside.
async fn pause_after(world: &World, bench: &Bench, kind: FaultKind) -> Result<Duration, Failed> {
    let path = bench.wire().paths().status;
    world.simulator.inject(Fault::new(kind).path(path))?;
    let struck =
        || world.requests(path).iter().rev().find(|request| !request.faults.is_empty()).map(|request| request.number);
    let known = struck();
    expect(comes_true(MINUTE, || struck() != known).await, "the fault to strike", "it waits")?;
    let number = struck().unwrap_or_default();
    let struck_at =
        world.simulator.requests().records.iter().find(|request| request.number == number).map(|one| one.time);
    let Some(struck_at) = struck_at else { return Err(Failed::new("the request that was struck", "none")) };
    // What left before the answer had come does not count.
    let later = |request: &RequestRecord| request.time.since(struck_at) > ANSWERED && request.status != 101;
    let next = || world.simulator.requests().records.into_iter().find(later);
    expect(comes_true(30 * MINUTE, || next().is_some()).await, "requests that go on", "none in 30 minutes")?;
    next().map(|next| next.time.since(struck_at)).ok_or_else(|| Failed::new("a next request", "none"))
}

/// A pause is as long as it must be, and requests go on when the status is next asked for, every 10 s.
fn lasts(pause: Duration, seconds: u64) -> Result<(), Failed> {
    let long_enough = pause.as_secs() >= seconds;
    expect(
        long_enough && pause.as_secs() <= seconds + 12,
        format_args!("no request for {seconds} s, then some"),
        format_args!("{pause:?}"),
    )
}

async fn limit_10(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pause = pause_after(&world, bench, FaultKind::RetryAfter { seconds: 17, status: 429 }).await?;
    lasts(pause, 17)?;
    world.ready().await?;
    world.end(bench).await?;
    limit_10_orders(bench).await
}

async fn limit_11(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let mark = world.witness.mark();
    let sockets: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    let ban = bench.wire().limits().ban;
    let seconds = if ban.tells_time { TOLD_BAN } else { ban.seconds[0] };
    let pause = pause_after(&world, bench, bench.ban(TOLD_BAN)).await?;
    lasts(pause, seconds)?;
    let banned = |event: &LifeEvent| match event {
        LifeEvent::PartNotReady { part: Part::Exchange, reason } => reason.contains("ban"),
        _ => false,
    };
    let (after, _) = world.witness.life(mark, SECOND, "PartNotReady(exchange, banned)", banned).await?;
    let ready = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: Part::Exchange });
    world.witness.life(after, MINUTE, "PartReady(exchange)", ready).await?;
    let now: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    equal("sockets", sockets, now)?;
    world.ready().await?;
    world.end(bench).await?;
    limit_11_orders(bench).await
}

async fn limit_12(bench: &Bench) -> Verdict {
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    setup.market.stale_after = Duration::from_secs(24 * 3600);
    setup.market.topics.funding = false;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let bans = bench.wire().limits().ban.seconds.iter().map(|seconds| (bench.ban_without_time(), *seconds));
    for (refusal, seconds) in [(FaultKind::Status { status: 429 }, 60)].into_iter().chain(bans) {
        let what = format!("{refusal:?}");
        let pause = pause_after(&world, bench, refusal).await?;
        lasts(pause, seconds).map_err(|failed| failed.at(what))?;
        world.pass(MINUTE).await;
    }
    world.ready().await?;
    world.end(bench).await?;
    limit_12_orders(bench).await
}

async fn limit_13(bench: &Bench) -> Verdict {
    let limits = bench.wire().limits();
    let mut setup = Setup::many(bench, 500)?;
    setup.market.snapshot_depth = 100;
    // Pings of the server, whose pongs cannot be delayed, come in the midst of it.
    setup.exchange.limits.ping_seconds = 3;
    let world = bench.world(setup).await?;
    world.ready_within(5 * MINUTE).await?;
    let streams: Vec<_> = bench.wire().paths().streams().collect();
    let handshakes = || {
        let records = world.simulator.requests().records.into_iter();
        records.filter(|record| streams.contains(&record.path.as_str())).collect::<Vec<_>>()
    };
    let opened = handshakes().len();
    equal("connections, none of them lost", world.simulator.connections().len(), opened)?;
    for _ in 0..200 {
        world.simulator.inject(Fault::new(FaultKind::Drop))?;
        world.pass(3 * SECOND).await;
    }
    let handshakes = handshakes();
    for (n, first) in handshakes.iter().enumerate() {
        let (most, window) = (limits.connections * 4 / 5, limits.connections_window);
        let near = handshakes[n..].iter().filter(|other| other.time.since(first.time) < window).count() as u64;
        expect(near <= most, format_args!("at most {most} connections in {window:?}"), near)?;
    }
    world.ready_within(5 * MINUTE).await?;
    world.end(bench).await
}
