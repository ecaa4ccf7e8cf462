//! Start, stop, readiness.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep, timeout};
use tradewire_core::{BookState, ErrorKind, Event, GapReason, LifeEvent, Part};
use tradewire_simulator::{Fault, FaultKind, Simulator};
use tradewire_tracking::{MarketConfig, MarketData, OrderEntry};

use super::book_live::stir;
use super::life_account::{
    account_dropped, account_falls_and_heals, account_started_while_down, life_03, maintenance_with_orders,
    parts_of_an_account, starts_again, stops,
};
use super::life_day::a_day;
use super::mkt::{MINUTE, SECOND, STREAMS_PER_SOCKET, take};
use crate::Row;
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, addresses};
use crate::bench::{Altered, Bench, Setup, World, comes_true, is_gone};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Start, stop, readiness.
pub(super) const ROWS: &[Row] = &[
    Row::traded("LIFE-01", "Ready comes once all parts are; each waiting part says why", |b| life_01(b).boxed_local()),
    Row::traded("LIFE-02", "readiness is revoked at once and given back; the two alternate", |b| {
        life_02(b).boxed_local()
    }),
    Row::traded("LIFE-03", "a part that is not ready keeps new orders back", |b| life_03(b).boxed_local()),
    Row::traded(
        "LIFE-04",
        "the status is asked for every 10 s; three misses revoke it; maintenance brings no more",
        |b| life_04(b).boxed_local(),
    ),
    Row::traded("LIFE-05", "started while the exchange is down, it becomes ready by itself", |b| {
        life_05(b).boxed_local()
    }),
    Row::traded("LIFE-06", "stop closes sockets and joins every task within 10 s; Stopped is the last event", |b| {
        life_06(b).boxed_local()
    }),
    Row::traded("LIFE-07", "after 100 stops and starts nothing has piled up, and no old book is valid", |b| {
        life_07(b).boxed_local()
    }),
    Row::traded("LIFE-08", "dropped without a stop everything ends; a panicking decoder is contained", |b| {
        life_08(b).boxed_local()
    }),
    Row::traded("LIFE-09", "24 h with 100 pairs and random faults: it goes on by itself, and nothing grows", |b| {
        life_09(b).boxed_local()
    }),
];

async fn life_01(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    let waiting = world.market.waiting();
    let parts: Vec<_> = waiting.keys().copied().collect();
    equal("parts that wait", vec![Part::Clock, Part::Exchange, Part::Instruments, Part::Books], parts)?;
    expect(waiting.values().all(|reason| !reason.is_empty()), "a reason of each", format_args!("{waiting:?}"))?;
    world.ready().await?;
    expect(world.market.waiting().is_empty(), "no part waits", format_args!("{:?}", world.market.waiting()))?;
    let ready = |event: &LifeEvent| *event == LifeEvent::Ready;
    let (at, _) = world.witness.life(Mark::default(), SECOND, "Ready", ready).await?;
    let before = world.witness.since(Mark::default());
    let after = world.witness.since(at).len();
    let parts: Vec<_> = before[..before.len() - after]
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Life(LifeEvent::PartReady { part }) => Some(*part),
            _ => None,
        })
        .collect();
    let mut sorted = parts.clone();
    sorted.sort_unstable();
    equal("parts ready before Ready", vec![Part::Clock, Part::Exchange, Part::Instruments, Part::Books], sorted)?;
    world.end(bench).await?;
    parts_of_an_account(bench).await
}

/// Waits for readiness to fall together with a part, ends the faults, and waits for both to come back.
async fn falls_and_heals(world: &World, mark: Mark, part: Part, within: Duration) -> Result<(), Failed> {
    let fell = |event: &LifeEvent| matches!(event, LifeEvent::PartNotReady { part: known, .. } if *known == part);
    let (after, at) = world.witness.life(mark, within, &format!("PartNotReady({part})"), fell).await?;
    let not_ready = |event: &LifeEvent| *event == LifeEvent::NotReady;
    let (_, told) = world.witness.life(mark, SECOND, "NotReady", not_ready).await?;
    expect(told <= at + Duration::from_millis(1), "NotReady at once", format_args!("{:?} later", told - at))?;
    world.simulator.clear_faults();
    let back = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: known } if *known == part);
    world.witness.life(after, MINUTE, &format!("PartReady({part})"), back).await?;
    world.ready_within(MINUTE).await?;
    let ready = |event: &LifeEvent| *event == LifeEvent::Ready;
    world.witness.life(mark, MINUTE, "Ready", ready).await.map(drop)
}

async fn life_02(bench: &Bench) -> Verdict {
    let mut world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    falls_and_heals(&world, mark, Part::Books, SECOND).await?;
    let mark = world.witness.mark();
    let path = bench.wire().paths().status;
    world.simulator.inject(Fault::new(FaultKind::Status { status: 500 }).path(path).always())?;
    falls_and_heals(&world, mark, Part::Exchange, 2 * MINUTE).await?;
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Maintenance))?;
    falls_and_heals(&world, mark, Part::Exchange, 2 * MINUTE).await?;
    world.allowed_statuses = vec![503];
    world.end(bench).await?;
    account_falls_and_heals(bench).await
}

async fn life_04(bench: &Bench) -> Verdict {
    let mut world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let path = bench.wire().paths().status;
    let asked = world.requests(path).len();
    world.pass(100 * SECOND).await;
    let questions = world.requests(path).len() - asked;
    expect((9..=11).contains(&questions), "one question every 10 s", format_args!("{questions} in 100 s"))?;

    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(bench.refused_read()?).path(path).times(2))?;
    world.pass(25 * SECOND).await;
    let fell = |event: &LifeEvent| matches!(event, LifeEvent::PartNotReady { part: Part::Exchange, .. });
    let early = world.witness.life(mark, Duration::from_millis(1), "nothing", fell).await;
    expect(early.is_err(), "readiness kept after two misses", "revoked")?;
    world.simulator.clear_faults();
    world.pass(15 * SECOND).await;

    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Maintenance))?;
    world.witness.life(mark, MINUTE, "PartNotReady(exchange)", fell).await?;
    // What waits for its turn already goes on.
    world.pass(bench.account_wire().map_or(Duration::ZERO, |wire| wire.polls_every() - 5 * SECOND)).await;
    let before = world.simulator.requests().records.len();
    world.pass(5 * MINUTE).await;
    let during = world.simulator.requests().records.split_off(before);
    let paths = bench.wire().paths();
    let others: Vec<_> = during
        .iter()
        .filter(|request| request.path != path && paths.streams().all(|stream| stream != request.path))
        .map(|request| request.path.as_str())
        .collect();
    expect(
        others.is_empty(),
        "no more than questions for the status, and attempts to connect",
        format_args!("{others:?}"),
    )?;
    world.simulator.clear_faults();
    world.ready_within(2 * MINUTE).await?;
    world.allowed_statuses = vec![503];
    world.end(bench).await?;
    maintenance_with_orders(bench).await
}

async fn life_05(bench: &Bench) -> Verdict {
    let refuse = Fault::new(FaultKind::RefuseConnect).lasting(Duration::from_secs(3600));
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?.fault(refuse)).await?;
    let waits = timeout(59 * MINUTE, world.market.ready()).await;
    expect(waits.is_err(), "no end of the waiting for an hour", format_args!("{waits:?}"))?;
    expect(!world.market.waiting().is_empty(), "reasons for it", "none")?;
    world.ready_within(3 * MINUTE).await?;
    world.caught_up(world.pair(0)).await?;
    world.end(bench).await?;
    account_started_while_down(bench).await
}

async fn life_06(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::many(bench, 120)?).await?;
    world.ready_within(5 * MINUTE).await?;
    let sockets = world.simulator.connections().len();
    expect(sockets >= 2, "several sockets", sockets)?;
    world.end(bench).await?;
    // Also in the midst of a start, and while the exchange does not answer.
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.pass(Duration::from_millis(20)).await;
    world.end(bench).await?;
    let silent = Fault::new(FaultKind::LoseReply).always();
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?.fault(silent)).await?;
    world.pass(3 * SECOND).await;
    world.end(bench).await?;
    stops(bench).await
}

async fn market_life_07(bench: &Bench) -> Verdict {
    let simulator = Simulator::start(Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    let pair = crate::bench::world::pair("BTC-USDT")?;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let (mut after_first, streams) = (None, bench.streams_snapshots()?);
    for round in 1..=100 {
        let source = bench.subject().source(&addresses(simulator.addresses()))?;
        let market = MarketData::start(source, MarketConfig::default(), [pair.clone()]);
        expect(
            market.book(&pair).is_none_or(|book| book.state() == BookState::Syncing),
            "no valid book at a start",
            "one",
        )?;
        // What starts cost makes some of them wait for the next window.
        timeout(MINUTE + SOON, market.ready())
            .await
            .map_err(|_| Failed::new("readiness", format_args!("none in round {round}")))??;
        let snapshots = if streams { 0 } else { round };
        equal("snapshots asked for", snapshots, simulator.requests().count(bench.wire().paths().snapshot))?;
        market.close().await;
        expect(comes_true(SOON, || simulator.connections().is_empty()).await, "no socket after a stop", "one")?;
        sleep(SECOND).await;
        let limit = *after_first.get_or_insert_with(tasks);
        expect(is_gone(|| tasks() <= limit).await, format_args!("at most {limit} tasks after round {round}"), tasks())?;
    }
    simulator.stop().await;
    Ok(Shown::Works)
}

/// The market's part takes long, and no order command is in it: it is shown once.
async fn life_07(bench: &Bench) -> Verdict {
    if bench.order_entry() == OrderEntry::Rest {
        market_life_07(bench).await?;
    }
    starts_again(bench).await
}

async fn life_09(bench: &Bench) -> Verdict {
    if bench.order_entry() == OrderEntry::Rest {
        market_life_09(bench).await?;
    }
    a_day(bench).await
}

async fn life_08(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let simulator = world.drop_connector(bench);
    let gone = comes_true(SOON, || simulator.connections().is_empty()).await;
    expect(gone, "no socket of a connector that was dropped", format_args!("{:?}", simulator.connections()))?;
    simulator.stop().await;
    bench.nothing_is_left().await?;
    contained(bench).await?;
    account_dropped(bench).await
}

/// A decoder that panics costs its connection, and no more.
async fn contained(bench: &Bench) -> Verdict {
    let armed = Arc::new(AtomicBool::new(false));
    let subject = Altered::panicking(&armed).subject(bench.subject());
    let inner = bench.with_subject(subject);
    let world = inner.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let (pair, mark) = (world.pair(0).clone(), world.witness.mark());
    armed.store(true, Ordering::Relaxed);
    stir(&world, &pair)?;
    let told = |event: &LifeEvent| match event {
        LifeEvent::Problem { kind: ErrorKind::Decode, place, .. } => place.contains("panic"),
        _ => false,
    };
    world.witness.life(mark, SECOND, "Problem with the panic", told).await?;
    let (after, _) = world.witness.gap(mark, SECOND, &pair, GapReason::Reconnect).await?;
    world.witness.valid(after, SOON, &pair).await?;
    world.caught_up(&pair).await?;
    world.end(&inner).await
}

async fn market_life_09(bench: &Bench) -> Verdict {
    const PAIRS: usize = 100;
    let mut setup = Setup::many(bench, PAIRS)?;
    setup.unread = true;
    setup.market.snapshot_depth = 100;
    // Most of the time is let pass in jumps, in which nothing can confirm a book.
    setup.market.stale_after = Duration::from_secs(48 * 3600);
    let mut world = bench.world(setup).await?;
    world.ready_within(5 * MINUTE).await?;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut after_first_hour = None;
    for step in 0..24 * 4_usize {
        strike(bench, &world, step)?;
        for n in 0..10 {
            let pair = world.pair((step * 7 + n * 11) % PAIRS).clone();
            stir(&world, &pair)?;
            take(
                &world,
                &pair,
                if n % 2 == 0 { tradewire_simulator::Side::Buy } else { tradewire_simulator::Side::Sell },
            )?;
        }
        world.pass(15 * SECOND).await;
        world.valid_books_are_true()?;
        let start = Instant::now();
        while start.elapsed() < 14 * MINUTE {
            tokio::time::advance(MINUTE - SECOND).await;
            world.pass(SECOND).await;
        }
        if step == 4 {
            after_first_hour = Some(tasks());
        }
    }
    world.simulator.clear_faults();
    world.ready_within(10 * MINUTE).await?;
    // Idle connections are kept, at either end by a task: at most as many as there were requests at once.
    let limit = after_first_hour.unwrap_or_default() + 40;
    expect(tasks() <= limit, format_args!("at most {limit} tasks after a day"), tasks())?;
    let sockets = world.simulator.connections().len();
    let needed = (PAIRS * bench.wire().streams("GEN0001USDT").len()).div_ceil(STREAMS_PER_SOCKET);
    expect(sockets <= needed + 1, format_args!("{needed} sockets after a day"), sockets)?;
    world.allowed_statuses = vec![429, 500, 502, 503];
    world.end(bench).await
}

/// One of the faults that a day brings.
fn strike(bench: &Bench, world: &World, step: usize) -> Result<(), Failed> {
    let paths = bench.wire().paths();
    let fault = match (step * 5 + usize::try_from(bench.seed()).unwrap_or(0)) % 11 {
        0 => Fault::new(FaultKind::Drop),
        1 => Fault::new(FaultKind::Status { status: 500 }).path(paths.snapshot).times(5),
        2 => Fault::new(FaultKind::SkipUpdate).times(3),
        3 => Fault::new(FaultKind::Garble).times(2),
        4 => Fault::new(FaultKind::Status { status: 502 }).path(paths.best_prices).times(3),
        5 => Fault::new(FaultKind::ShutdownNotice),
        6 => Fault::new(FaultKind::RetryAfter { seconds: 5, status: 429 }).path(paths.status),
        7 => Fault::new(FaultKind::CrossBook),
        8 => Fault::new(FaultKind::RefuseConnect).lasting(20 * SECOND),
        9 => Fault::new(FaultKind::LoseReply).path(paths.instruments),
        _ => Fault::new(FaultKind::Maintenance).lasting(30 * SECOND),
    };
    world.simulator.inject(fault).map(drop).map_err(Failed::from)
}
