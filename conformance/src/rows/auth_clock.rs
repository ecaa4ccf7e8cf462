//! Authorisation: the times in signed requests.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use tradewire_core::{AccountChange, ErrorKind, Side};
use tradewire_simulator::{Fault, FaultKind, OrderCommand, RequestRecord};
use tradewire_transport::{LOGIN_VALIDITY, Window};

use super::auth::{Idle, is_kind, signed, stamped};
use super::mkt::{MINUTE, SECOND};
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, DeskSetup, Setup};
use crate::row::{Failed, Verdict, equal, expect};

/// How far a timestamp may be from the exchange's time, in milliseconds.
const NEAR: i64 = 1_000;

/// Whether a time is near the exchange's, as exactly as the exchange tells its own.
fn is_near(bench: &Bench, away: i64) -> bool {
    let step = i64::try_from(bench.wire().time_step().as_millis()).unwrap_or(0);
    (1 - NEAR - step..NEAR).contains(&away)
}

pub(super) async fn auth_03(bench: &Bench) -> Verdict {
    match bench.wire().limits().window {
        Window::Fixed(_) => waits_for_the_turn(bench).await,
        Window::Rolling(_) | Window::Draining(_) => waits_for_room(bench).await,
    }
}

/// More signed requests than may leave in a second: each tells the time at which it left.
async fn waits_for_room(bench: &Bench) -> Verdict {
    let at_once = bench.account_wire()?.reads_at_once();
    let idle = Idle::start(bench, Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    let asked = Instant::now();
    let answers = join_all((0..at_once).map(|_| idle.source.balances())).await;
    if let Some(error) = answers.into_iter().find_map(Result::err) {
        return Err(Failed::new("an answer to each", error));
    }
    expect(asked.elapsed() >= 2 * SECOND, "a wait of some seconds", format_args!("{:?}", asked.elapsed()))?;
    let requests = signed(&idle.simulator);
    equal("signed requests", at_once, requests.len())?;
    for request in &requests {
        left_with_its_time(bench, request)?;
    }
    idle.stop().await
}

fn left_with_its_time(bench: &Bench, request: &RequestRecord) -> Result<(), Failed> {
    let (away, valid) = stamped(bench, request, 0)?;
    expect(is_near(bench, away), "a timestamp of when it left", format_args!("{away} ms away"))?;
    let window = if bench.account_wire()?.has_window() { 5 * SECOND } else { Duration::MAX };
    equal("its receive window", window, valid)
}

/// The exchange's minute is used up: a signed request leaves with the next one, and its time is that of then.
async fn waits_for_the_turn(bench: &Bench) -> Verdict {
    let idle = Idle::start(bench, Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    let wait_until = |into: i64| {
        let now = idle.simulator.clock().server_now().millis().rem_euclid(60_000);
        Duration::from_millis(u64::try_from((into - now).rem_euclid(60_000)).unwrap_or(0))
    };
    tokio::time::sleep(wait_until(51_500)).await;
    let weight = bench.wire().limits().weight;
    let load = FaultKind::OtherLoad { weight: weight * 96 / 100, orders: 0 };
    idle.simulator.inject(Fault::new(load).lasting(8 * SECOND))?;
    idle.source.market().status().await?;
    tokio::time::sleep(wait_until(52_000)).await;
    let asked = Instant::now();
    idle.source.balances().await?;
    let waited = asked.elapsed();
    expect((7_900..9_000).contains(&waited.as_millis()), "a wait of 8 s", format_args!("{waited:?}"))?;
    let requests = signed(&idle.simulator);
    equal("signed requests", 1, requests.len())?;
    left_with_its_time(bench, &requests[0])?;
    idle.stop().await
}

/// Checks that all signed requests were accepted, with timestamps near the exchange's time.
fn all_accepted(bench: &Bench, desk: &Desk, skew_ms: i64) -> Result<(), Failed> {
    let requests = signed(&desk.simulator);
    expect(requests.len() > 3, "signed requests", requests.len())?;
    for request in requests {
        let place = format!("{} {}", request.method, request.path);
        equal(format_args!("status and code of {place}"), (200, 0), (request.status, request.code))?;
        timely(bench, &request, skew_ms).map_err(|failed| failed.at(place))?;
    }
    Ok(())
}

/// Checks that the time in a signed request is near the exchange's or, where a login tells its end alone, not far ahead.
fn timely(bench: &Bench, request: &RequestRecord, skew_ms: i64) -> Result<(), Failed> {
    let (away, valid) = stamped(bench, request, skew_ms)?;
    if valid.is_zero() {
        let ahead = u64::try_from(away).map(Duration::from_millis);
        let soon = ahead.is_ok_and(|ahead| ahead <= LOGIN_VALIDITY);
        return expect(soon, "an end within 10 s of the exchange's time", format_args!("{away} ms"));
    }
    expect(is_near(bench, away), "a time near the exchange's", format_args!("{away} ms"))
}

pub(super) async fn auth_05(bench: &Bench) -> Verdict {
    for skew in [30_000, -30_000] {
        let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
        let desk = bench.desk(setup.fault(Fault::new(FaultKind::Skew { ms: skew }))).await?;
        desk.ready().await?;
        desk.open_order(Side::Buy, "0.01").await?;
        all_accepted(bench, &desk, skew)?;
        let time = bench.wire().paths().time;
        let asked = desk.requests(time).len();
        // A sample that took long on one way says less than the one before it.
        desk.inject(Fault::new(FaultKind::Delay { ms: 900 }).path(time))?;
        desk.pass(5 * MINUTE + 5 * SECOND).await;
        let renewed = desk.requests(time).len();
        expect(renewed > asked, "the clock measured again within 5 minutes", "not")?;
        let offset = desk.source.market().server_clock().offset_nanos().unwrap_or(0) / 1_000_000;
        // What is told in whole seconds is up to one second less than the time.
        let less = i64::try_from(bench.wire().time_step().as_millis()).unwrap_or(0) - 1;
        let near = skew - less - 100..skew + 100;
        expect(near.contains(&offset), format_args!("an offset of {skew} ms, or {less} ms less"), offset)?;
        all_accepted(bench, &desk, skew)?;
        desk.end(bench).await?;
    }
    Ok(crate::row::Shown::Works)
}

/// What was sent for an order: statuses and codes of the answers, and how often the time was asked for meanwhile.
fn sendings(bench: &Bench, desk: &Desk, id: &str) -> (Vec<(u16, i64)>, usize) {
    let log = desk.simulator.requests().records;
    let of_it: Vec<_> = desk
        .commands(OrderCommand::Place)
        .into_iter()
        .filter(|it| it.note.client_order_id.as_deref() == Some(id))
        .collect();
    let (first, last) = (of_it.first().map_or(0, |it| it.number), of_it.last().map_or(0, |it| it.number));
    let time = bench.wire().paths().time;
    let asked = log.iter().filter(|it| it.path == time && it.number > first && it.number < last).count();
    (of_it.iter().map(|it| (it.status, it.code)).collect(), asked)
}

pub(super) async fn auth_06(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let error = bench.account_wire()?.clock_error();
    let code = bench.code(error.code, None, error.status);
    let refusal = (error.status, bench.logged(error.code, None));
    // Where a number is in the place of a time, it is refused whatever the clocks say.
    let cause = match bench.account_wire()?.has_window() {
        true => Fault::new(FaultKind::Skew { ms: 10_000 }),
        false => bench.struck(OrderCommand::Place, code.clone())?,
    };
    let jump = desk.inject(cause)?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    let (answers, asked) = sendings(bench, &desk, order.client_order_id.as_str());
    equal("answers to its sendings", vec![refusal, (200, 0)], answers)?;
    expect(asked >= 1, "the time asked for between them", asked)?;
    let sent: Vec<_> = desk.commands(OrderCommand::Place);
    let stamp = |sent: &RequestRecord| bench.account_wire().map(|wire| wire.stamp(sent));
    expect(stamp(&sent[0])? != stamp(&sent[1])?, "another time in the second sending", "the same")?;

    desk.inject(bench.struck(OrderCommand::Place, code)?.times(9))?;
    let (id, refused) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    is_kind("a second time error", ErrorKind::Clock, refused.error())?;
    let id = id.ok_or_else(|| Failed::new("an id of the order", "none"))?;
    desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
    equal("answers to its sendings", vec![refusal; 2], sendings(bench, &desk, id.as_str()).0)?;
    desk.simulator.clear_fault(jump);
    desk.end(bench).await
}

pub(super) async fn auth_07(bench: &Bench) -> Verdict {
    // Timers run ahead of the machine's clock in a row: after this wait the clock is 3 hours behind, as if set back.
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    for _ in 0..6 {
        desk.pass(30 * MINUTE).await;
        let order = desk.open_order(Side::Buy, "0.01").await?;
        desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
    }
    all_accepted(bench, &desk, 0)?;
    let mut newest = None;
    for request in desk.commands(OrderCommand::Place) {
        let (at, _) = bench.account_wire()?.stamp(&request).ok_or_else(|| Failed::new("a time", "none"))?;
        expect(newest.is_none_or(|before| before < at), "times that rise", at)?;
        newest = Some(at);
    }
    desk.end(bench).await
}

pub(super) async fn auth_08(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let paths = bench.account_wire()?.paths();
    for _ in 0..4 {
        let (seen, logins) = (desk.story.all().len(), desk.requests(paths.login).len());
        desk.inject(Fault::new(FaultKind::Drop).path(paths.private))?;
        let gap = |change: &AccountChange| matches!(change, AccountChange::Gap { .. });
        let reconciled = |change: &AccountChange| matches!(change, AccountChange::Reconciled { .. });
        desk.story.sees_after(seen, "Gap(private)", SOON, gap).await?;
        desk.story.sees_after(seen, "Reconciled", SOON, reconciled).await?;
        expect(desk.requests(paths.login).len() > logins, "a login for the new connection", "none")?;
        desk.pass(7 * SECOND).await;
    }
    let logins = desk.requests(paths.login);
    for login in logins.iter().filter(|_| paths.login_is_signed()) {
        timely(bench, login, 0).map_err(|failed| failed.at("a login signed for its own connection"))?;
        let (_, valid) = stamped(bench, login, 0)?;
        let short = valid <= LOGIN_VALIDITY || !bench.account_wire()?.has_window();
        expect(short, "a login that is good for 10 s at most", format_args!("{valid:?}"))?;
    }
    expect(logins.len() >= 5, "a login for each connection", logins.len())?;
    desk.end(bench).await
}
