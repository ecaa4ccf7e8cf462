//! Request limits, as orders meet them.

use std::time::Duration;

use futures_util::TryFutureExt;
use tokio::time::{Instant, timeout};
use tradewire_core::{ClientOrderId, CommandError, ErrorKind, LifeEvent, Order, OrderRequest, Part, Side, Timestamp};
use tradewire_simulator::{Fault, FaultId, FaultKind, OrderCommand, RequestRecord};
use tradewire_tracking::Connector;
use tradewire_transport::{PoolUsage, Unit, Window};

use super::auth::is_kind;
use super::mkt::{MINUTE, SECOND};
use crate::WireOrderLimit;
use crate::bench::beside::Beside;
use crate::bench::story::Story;
use crate::bench::witness::Mark;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Within so much of a request its answer has come.
pub(super) const ANSWERED: Duration = Duration::from_millis(50);
/// Seconds for which nothing leaves after an answer that asks for a pause and does not tell how long.
const PAUSE: u64 = 60;
/// Seconds of a ban whose answer can tell them.
pub(super) const TOLD_BAN: u64 = 95;

async fn ready_desk(bench: &Bench) -> Result<Desk, Failed> {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    Ok(desk)
}

/// Waits until so much of the exchange's window has passed.
async fn wait_into(desk: &Desk, window: Duration, into: Duration) {
    let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    let now = (desk.simulator.clock().server_now().millis() * 1_000).rem_euclid(micros(window));
    let wait = (micros(into) - now).rem_euclid(micros(window));
    desk.pass(Duration::from_micros(u64::try_from(wait).unwrap_or(0))).await;
}

/// Checks that a command was refused here, with the time from which it is worth another attempt.
fn not_before(desk: &Desk, error: &CommandError, expected: Duration) -> Result<(), Failed> {
    expect(matches!(error, CommandError::NotSent(_)), "NotSent", format_args!("{error:?}"))?;
    is_kind("a command while nothing may leave", ErrorKind::RateLimited, error.error())?;
    waits_for(desk, error, expected)
}

fn waits_for(desk: &Desk, error: &CommandError, expected: Duration) -> Result<(), Failed> {
    let now = desk.source.market().server_clock().local().now();
    let until = error.error().retry_at().ok_or_else(|| Failed::new("a time to try again", error))?;
    let wait = until.since(now);
    let near = wait <= expected + SECOND && wait + SECOND >= expected;
    expect(near, format_args!("a time in {expected:?}"), format_args!("in {wait:?}"))
}

async fn cancelled(connector: &Connector, id: &ClientOrderId) -> Result<Order, Failed> {
    connector.cancel(id).await.map_err(|error| Failed::new("a cancelled order", error))
}

pub(super) async fn limit_08(bench: &Bench) -> Verdict {
    let desk = ready_desk(bench).await?;
    let mut orders = vec![desk.open_order(Side::Buy, "0.01").await?, desk.open_order(Side::Buy, "0.02").await?];
    let load = spend_the_rest(bench, &desk).await?;
    if bench.wire().limits().order_weight > 0 {
        let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
        expect(matches!(error, CommandError::NotSent(_)), "no room for a new order", format_args!("{error:?}"))?;
    } else {
        // What takes nothing of a pool is not held up by it.
        orders.push(desk.open_order(Side::Buy, "0.01").await?);
    }
    let read = timeout(SECOND, desk.source.balances()).await;
    expect(read.is_err(), "no room for a read", "an answer")?;
    for order in orders {
        let asked = desk.simulator.clock().server_now();
        cancelled(&desk.connector, &order.client_order_id).await?;
        let left = desk.commands(OrderCommand::Cancel).last().map(|request| request.time.since(asked));
        let soon = left.is_some_and(|after| after < Duration::from_millis(100));
        expect(soon, "a cancel that leaves within 100 ms", format_args!("{left:?}"))?;
        desk.story.becomes(&order.client_order_id, &["Pending", "Open", "CancelRequested", "Cancelled"], SOON).await?;
    }
    equal("refusals by the exchange", 0, refusals(bench, &desk))?;
    if let Some(load) = load {
        desk.simulator.clear_fault(load);
    }
    desk.pass(MINUTE).await;
    desk.end(bench).await
}

/// Spends all of the address's limit that is not kept for cancels: by another client where answers tell of it, else by reads
/// here, until one does not leave.
async fn spend_the_rest(bench: &Bench, desk: &Desk) -> Result<Option<FaultId>, Failed> {
    let limits = bench.wire().limits();
    if limits.tells_weight {
        wait_into(desk, MINUTE, SECOND).await;
        let load = desk.inject(Fault::new(FaultKind::OtherLoad { weight: limits.weight * 87 / 100, orders: 0 }))?;
        desk.source.market().status().await?;
        return Ok(Some(load));
    }
    desk.pass(limits.window.length()).await;
    until_none_leaves(limits.weight, || desk.source.market().status()).await?;
    if let Some(calls) = bench.account_wire()?.calls_at_once() {
        until_none_leaves(2 * calls, || desk.source.balances().map_ok(drop)).await?;
        // A counter that falls by one at a time has room for none just after it had for one.
        desk.source.balances().await?;
    }
    Ok(None)
}

/// Sends reads one after the other until one does not leave; no more than so many do.
async fn until_none_leaves<F>(most: u64, read: impl Fn() -> F) -> Result<(), Failed>
where
    F: Future<Output = Result<(), tradewire_core::Error>>,
{
    let mut left = 0;
    while let Ok(answer) = timeout(SECOND, read()).await {
        answer?;
        left += 1;
        expect(left <= most, format_args!("at most {most} reads"), left)?;
    }
    Ok(())
}

fn refusals(bench: &Bench, desk: &Desk) -> usize {
    let too_many = bench.too_many();
    let refused = |request: &&RequestRecord| too_many.contains(&request.status) && request.faults.is_empty();
    desk.simulator.requests().records.iter().filter(refused).count()
}

/// The count of new orders in a window, as the connector reports it.
fn orders_counted(desk: &Desk, window: Duration) -> Result<PoolUsage, Failed> {
    let usage = desk.source.market().limits().account(desk.source.account()).usage();
    let is_it = |pool: &PoolUsage| pool.spec.unit == Unit::Orders && pool.spec.window == Window::Fixed(window);
    usage
        .into_iter()
        .find(is_it)
        .ok_or_else(|| Failed::new(format_args!("a count of new orders in {window:?}"), "none"))
}

pub(super) async fn limit_09(bench: &Bench) -> Verdict {
    let Some(known) = bench.account_wire()?.order_limit() else {
        return Ok(Shown::NotRun("an exchange that counts new orders".to_owned()));
    };
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    let published = bench.wire().instrument_list().limits;
    let limit = if published { 20 } else { known.limit };
    setup.exchange.limits.orders_per_10_seconds = limit;
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let counted = || Ok::<_, Failed>(u64::from(orders_counted(&desk, known.window)?.used));
    equal("the limit of new orders", limit, u64::from(orders_counted(&desk, known.window)?.spec.limit))?;
    wait_into(&desk, known.window, Duration::from_millis(100)).await;
    let first = desk.open_order(Side::Buy, "0.01").await?;
    let second = desk.open_order(Side::Buy, "0.01").await?;
    equal("orders counted", 2, counted()?)?;
    cancelled(&desk.connector, &second.client_order_id).await?;
    equal("orders counted after a cancel", 2, counted()?)?;
    desk.fill(&first, None)?;
    desk.open_order(Side::Buy, "0.01").await?;
    let so_far = if bench.wire().limits().fills_give_orders_back { 1 } else { 3 };
    equal("orders counted after a fill", so_far, counted()?)?;
    // Up to 95 % of the limit are used.
    let all = limit * 95 / 100;
    use_up(&desk, known, all - 1 - so_far).await?;
    desk.open_order(Side::Buy, "0.01").await?;
    equal("orders counted when all are used", all, counted()?)?;
    waits_for_the_next_window(&desk, known.window).await?;
    equal("refusals by the exchange", 0, refusals(bench, &desk))?;
    desk.end(bench).await
}

/// Uses so many new orders: by another client where answers tell of it, else here.
async fn use_up(desk: &Desk, known: WireOrderLimit, orders: u64) -> Result<(), Failed> {
    if known.told {
        return desk.inject(Fault::new(FaultKind::OtherLoad { weight: 0, orders })).map(drop);
    }
    for _ in 0..orders {
        let order = desk.place(desk.resting(Side::Buy, "0.001")?).await?;
        cancelled(&desk.connector, &order.client_order_id).await?;
    }
    Ok(())
}

/// With the count used up an order waits for a short time, or is refused with the time at which there will be room.
async fn waits_for_the_next_window(desk: &Desk, window: Duration) -> Result<(), Failed> {
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    let length = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    let into = desk.simulator.clock().server_now().millis().rem_euclid(length);
    not_before(desk, &error, Duration::from_millis(u64::try_from(length - into).unwrap_or(0)))?;
    let id = id.ok_or_else(|| Failed::new("an id of the order", "none"))?;
    desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
    wait_into(desk, window, window - Duration::from_millis(1_500)).await;
    desk.simulator.clear_faults();
    let asked = Instant::now();
    desk.open_order(Side::Buy, "0.01").await?;
    let waited = asked.elapsed();
    expect(waited >= SECOND && waited <= 2 * SECOND, "a short wait for the next window", format_args!("{waited:?}"))
}

/// The next request after a refused order, sockets and their frames aside, comes when it may.
async fn pause_after(desk: &Desk, kept_until: u64) -> Result<(), Failed> {
    let log = || desk.simulator.requests().records;
    let struck = desk.commands(OrderCommand::Place).into_iter().rev().find(|request| !request.faults.is_empty());
    let struck = struck.ok_or_else(|| Failed::new("a struck order", "none"))?;
    // What left before the answer had come does not count.
    let later = |request: &RequestRecord| request.time.since(struck.time) > ANSWERED && request.status != 101;
    expect(comes_true(30 * MINUTE, || log().iter().any(later)).await, "requests that go on", "none")?;
    let pause = log().iter().find(|request| later(request)).map_or(Duration::ZERO, |next| next.time.since(struck.time));
    let fits = pause.as_millis() >= u128::from(kept_until) * 1_000 - 50 && pause.as_secs() <= kept_until + 12;
    expect(fits, format_args!("no request for {kept_until} s, then some"), format_args!("{pause:?}"))?;
    Ok(())
}

pub(super) async fn limit_10_orders(bench: &Bench) -> Verdict {
    let desk = ready_desk(bench).await?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::RetryAfter { seconds: 7, status: 429 })?)?;
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    expect(matches!(error, CommandError::Rejected(_)), "Rejected", format_args!("{error:?}"))?;
    is_kind("an order answered 429", ErrorKind::RateLimited, error.error())?;
    let told = bench.account_wire()?.tells_pause(bench.order_entry());
    let seconds = if told { 7 } else { PAUSE };
    waits_for(&desk, &error, Duration::from_secs(seconds))?;
    let id = id.ok_or_else(|| Failed::new("an id of the order", "none"))?;
    desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
    if told {
        let asked = Instant::now();
        desk.source.market().status().await?;
        let waited = asked.elapsed();
        expect(waited <= 8 * SECOND, "a waiting read that goes on after 7 s", format_args!("{waited:?}"))?;
    }
    pause_after(&desk, seconds).await?;
    desk.pass(MINUTE).await;
    equal("orders that left", 1, desk.commands(OrderCommand::Place).len())?;
    desk.open_order(Side::Buy, "0.01").await?;
    desk.end(bench).await
}

pub(super) async fn limit_11_orders(bench: &Bench) -> Verdict {
    let ban = bench.wire().limits().ban;
    let lasts = Duration::from_secs(if ban.tells_time { TOLD_BAN } else { ban.seconds[0] });
    let desk = ready_desk(bench).await?;
    let beside = Beside::start(bench, &desk, "other").await?;
    let ours = desk.open_order(Side::Buy, "0.01").await?;
    let theirs = beside.place(desk.resting(Side::Buy, "0.02")?).await?;
    desk.pass(SECOND).await;
    let sockets = || desk.simulator.connections().iter().map(|socket| socket.id).collect::<Vec<_>>();
    let (open, marks) = (sockets(), [desk.witness.mark(), beside.witness.mark()]);
    let status = bench.wire().paths().status;
    desk.inject(Fault::new(bench.ban(TOLD_BAN)).path(status))?;
    let banned = desk.source.market().status().await.err().ok_or_else(|| Failed::new("a ban", "an answer"))?;
    is_kind("the answer", ErrorKind::Banned, &banned)?;
    let since = desk.simulator.requests().total;
    let request = desk.resting(Side::Buy, "0.03")?;
    banned_commands(&desk, (&desk.connector, &desk.story), (request.clone(), &ours), lasts)
        .await
        .map_err(|it| it.at("the banned"))?;
    banned_commands(&desk, (&beside.connector, &beside.story), (request, &theirs), lasts)
        .await
        .map_err(|it| it.at("the other"))?;
    desk.pass(lasts - 10 * SECOND).await;
    equal("requests during the ban", since, desk.simulator.requests().total)?;
    equal("open sockets", open, sockets())?;
    desk.pass(MINUTE).await;
    for (witness, mark) in [(&desk.witness, marks[0]), (&beside.witness, marks[1])] {
        told_of_ban(witness, mark).await?;
    }
    cancelled(&desk.connector, &ours.client_order_id).await?;
    cancelled(&beside.connector, &theirs.client_order_id).await?;
    beside.end(&desk).await?;
    desk.end(bench).await
}

/// Nothing of it leaves: an order and a cancel are told so, with the time of the ban's end.
async fn banned_commands(
    desk: &Desk,
    (connector, story): (&Connector, &Story),
    (request, live): (OrderRequest, &Order),
    ban: Duration,
) -> Result<(), Failed> {
    let placing = connector.place(request);
    let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id of the order", "none"))?;
    let error = placing.await.err().ok_or_else(|| Failed::new("a refusal", "an accepted order"))?;
    not_before(desk, &error, ban)?;
    story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
    let cancel = timeout(SECOND, connector.cancel(&live.client_order_id)).await;
    let cancel = cancel.map_err(|_| Failed::new("an outcome of the cancel at once", "it waits"))?;
    let error = cancel.err().ok_or_else(|| Failed::new("a refused cancel", "a cancelled order"))?;
    not_before(desk, &error, ban).map_err(|failed| failed.at("the cancel"))
}

async fn told_of_ban(witness: &crate::bench::Witness, mark: Mark) -> Result<(), Failed> {
    let banned = |event: &LifeEvent| match event {
        LifeEvent::PartNotReady { part: Part::Exchange, reason } => reason.contains("ban"),
        _ => false,
    };
    let (after, _) = witness.life(mark, SECOND, "PartNotReady(exchange, banned)", banned).await?;
    let ready = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: Part::Exchange });
    witness.life(after, MINUTE, "PartReady(exchange)", ready).await.map(drop)
}

pub(super) async fn limit_12_orders(bench: &Bench) -> Verdict {
    let desk = ready_desk(bench).await?;
    let mut last = Timestamp::default();
    for (refusal, seconds) in untimed_refusals(bench)? {
        let what = format!("{refusal:?}");
        desk.inject(bench.struck(OrderCommand::Place, refusal)?)?;
        let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
        expect(matches!(error, CommandError::Rejected(_)), "Rejected", format_args!("{what}: {error:?}"))?;
        waits_for(&desk, &error, Duration::from_secs(seconds)).map_err(|failed| failed.at(&what))?;
        let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
        not_before(&desk, &error, Duration::from_secs(seconds)).map_err(|failed| failed.at(&what))?;
        pause_after(&desk, seconds).await.map_err(|failed| failed.at(&what))?;
        let until = error.error().retry_at().unwrap_or_default();
        expect(until > last, "a later end of each pause", until)?;
        last = until;
        desk.pass(MINUTE).await;
        desk.ready().await?;
    }
    desk.open_order(Side::Buy, "0.01").await?;
    if let Some(limit) = bench.account_wire()?.new_orders_a_second() {
        one_endpoint_waits(&desk, limit).await?;
    }
    desk.end(bench).await
}

/// Answers that refuse an order as one too many and do not tell for how long, with the seconds for which nothing leaves then.
fn untimed_refusals(bench: &Bench) -> Result<Vec<(FaultKind, u64)>, Failed> {
    if let Some(code) = bench.account_wire()?.frequency_code(bench.order_entry()) {
        return Ok(vec![(bench.code(code, None, bench.account_wire()?.refusal_status()), PAUSE)]);
    }
    let bans = bench.wire().limits().ban.seconds.iter().take(2);
    let bans = bans.map(|seconds| (bench.ban_without_time(), *seconds));
    Ok([(FaultKind::Status { status: 429 }, PAUSE)].into_iter().chain(bans).collect())
}

/// Where new orders have a limit of their own, one that was passed stops new orders alone, until the time that the answer tells.
async fn one_endpoint_waits(desk: &Desk, limit: u64) -> Result<(), Failed> {
    let live = desk.open_order(Side::Buy, "0.01").await?;
    desk.pass(SECOND).await;
    let load = desk.inject(Fault::new(FaultKind::OtherLoad { weight: 0, orders: limit }))?;
    let placed = || desk.commands(OrderCommand::Place).len();
    let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    expect(matches!(error, CommandError::Rejected(_)), "Rejected", format_args!("{error:?}"))?;
    is_kind("an order beyond the limit of its endpoint", ErrorKind::RateLimited, error.error())?;
    let until = error.error().retry_at().ok_or_else(|| Failed::new("a time to try again", &error))?;
    let now = || desk.source.market().server_clock().local().now();
    let wait = until.since(now());
    expect(!wait.is_zero() && wait <= SECOND, "a pause of up to a second", format_args!("{wait:?}"))?;
    let left = placed();
    let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    not_before(desk, &error, wait)?;
    equal("orders that left meanwhile", left, placed())?;
    desk.source.balances().await?;
    cancelled(&desk.connector, &live.client_order_id).await?;
    let passed = now() < until;
    expect(passed, "reads and cancels that go on meanwhile", "they waited")?;
    desk.simulator.clear_fault(load);
    desk.pass(wait).await;
    desk.open_order(Side::Buy, "0.01").await.map(drop)
}
