//! Connections of the private stream: renewed, lost, refused, and read by the slow.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tradewire_core::{AccountChange, Decimal, ErrorKind, LifeEvent, Order, OrderChange, Part, Side};
use tradewire_simulator::{Fault, FaultKind, RequestRecord};

use super::mkt::{MINUTE, SECOND};
use super::private::{
    kept_away, lose_private, newest_request, part, private_connection, reconciled, requests_after, rests,
    strike_private,
};
use crate::account_wire::WireTells;
use crate::bench::desk::MAIN;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// The time between two requests, in seconds.
pub(super) fn pauses(requests: &[RequestRecord]) -> Vec<i64> {
    requests.windows(2).map(|two| (two[1].time.0 - two[0].time.0 + 500_000) / 1_000_000).collect()
}

pub(super) async fn user_11(bench: &Bench) -> Verdict {
    if bench.capabilities().market.shutdown_notice {
        renewed(bench, true).await?;
    }
    renewed(bench, false).await
}

/// The private stream is replaced by a second one while an order fills bit by bit: every fill once, no gap.
async fn renewed(bench: &Bench, by_notice: bool) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let order = rests(&desk, "0.5").await?;
    let old = private_connection(bench, &desk)?;
    if !by_notice {
        for _ in 0..(22 * 60 + 44) / 4 {
            tokio::time::advance(4 * MINUTE - 2 * SECOND).await;
            desk.pass(2 * SECOND).await;
        }
        equal("the connection before 22 h 45 min", old, private_connection(bench, &desk)?)?;
    }
    let mark = desk.story.length();
    // The new login is answered late: meanwhile the old subscription goes on.
    desk.inject(Fault::new(FaultKind::Delay { ms: 900 }).path(bench.account_wire()?.paths().login))?;
    if by_notice {
        desk.inject(Fault::new(FaultKind::ShutdownNotice).connection(old))?;
    }
    let made = fill_until_gone(&desk, &order, old, by_notice).await?;
    expect(private_connection(bench, &desk)? != old, "another connection", old)?;
    desk.pass(3 * SECOND).await;
    let words = desk.story.words_after(mark);
    let fills = words.iter().filter(|word| *word == "Fill").count();
    equal("fills told", made, fills)?;
    let broken = words.iter().find(|word| matches!(word.as_str(), "Gap" | "Inconsistent" | "Reconciled"));
    equal("breaks", None, broken)?;
    desk.end(bench).await
}

/// Fills an order bit by bit until a connection is gone; each fill is told at once. Returns how many there were.
async fn fill_until_gone(desk: &Desk, order: &Order, connection: u64, fast: bool) -> Result<usize, Failed> {
    let limit = Instant::now() + if fast { 10 * SECOND } else { 32 * MINUTE };
    let pause = if fast { Duration::from_millis(100) } else { 5 * SECOND };
    let open = || desk.simulator.connections().iter().any(|known| known.id == connection);
    let mut made = 0;
    while open() {
        expect(Instant::now() < limit, "a renewal in time", "the old connection lives")?;
        desk.fill(order, Some("0.0005"))?;
        made += 1;
        desk.pass(pause).await;
    }
    Ok(made)
}

pub(super) async fn user_12(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let ended = subscription_end(bench)?.map(|kind| (kind, SECOND));
    for (kind, found_in) in [(FaultKind::Drop, SECOND), (FaultKind::Freeze, 31 * SECOND)].into_iter().chain(ended) {
        let name = kind.name();
        replaced(bench, &desk, kind, found_in).await.map_err(|failed| failed.at(name))?;
        desk.pass(2 * MINUTE).await;
    }
    polls_stand_in(bench, &desk).await?;
    desk.end(bench).await
}

/// How the exchange ends the subscription of a private stream, if it does: where a key opens the stream, with that key.
fn subscription_end(bench: &Bench) -> Result<Option<FaultKind>, Failed> {
    let wire = bench.account_wire()?;
    if !wire.paths().login_is_signed() {
        return Ok(Some(FaultKind::ExpireKey));
    }
    let told = wire.private_frames().iter().any(|known| known.tells == WireTells::SubscriptionEnded);
    Ok(told.then_some(FaultKind::EndSubscription))
}

/// A private stream that ends in some way is found out in time, and replaced at once.
async fn replaced(bench: &Bench, desk: &Desk, kind: FaultKind, found_in: Duration) -> Result<(), Failed> {
    let order = rests(desk, "0.01").await?;
    let (mark, newest, old) = (desk.story.length(), newest_request(desk), private_connection(bench, desk)?);
    strike_private(bench, desk, kind)?;
    desk.story.hears_after(mark, "Gap", found_in).await?;
    desk.fill(&order, None)?;
    reconciled(desk, mark, 2 * SECOND).await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SECOND).await?;
    let logins = requests_after(desk, newest, bench.account_wire()?.paths().login);
    equal("answers to logins", vec![(200, 0)], logins.iter().map(|login| (login.status, login.code)).collect())?;
    // The exchange itself never notices a frozen socket of its own.
    desk.inject(Fault::new(FaultKind::Drop).connection(old)).map(drop)
}

/// While the private stream is away, orders and balances are asked for every 5 s, or as often as the limits allow, and what
/// happens is seen by that.
async fn polls_stand_in(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let (paths, every) = (bench.account_wire()?.paths(), bench.account_wire()?.polls_every());
    let order = rests(desk, "0.01").await?;
    let away = desk.inject(kept_away(bench)?)?;
    let mark = lose_private(bench, desk).await?;
    desk.pass(6 * SECOND).await;
    desk.fill(&order, None)?;
    let seen_in = every + 2 * SECOND;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], seen_in).await?;
    // A fill can have balances read once more.
    desk.pass(SECOND).await;
    let newest = newest_request(desk);
    let slowest = i64::try_from(every.as_secs()).unwrap_or(i64::MAX);
    desk.pass(MINUTE + 5 * SECOND).await;
    for path in [paths.open_orders, paths.balances] {
        let asked = pauses(&requests_after(desk, newest, path));
        let often = asked.iter().filter(|pause| **pause > 0).all(|pause| (4..=slowest + 1).contains(pause));
        let paced = often && i64::try_from(asked.len()).unwrap_or(0) >= 55 / slowest;
        expect(paced, format_args!("{path} every {slowest} s or sooner"), format_args!("{asked:?}"))?;
    }
    expect(!desk.story.words_after(mark).iter().any(|word| word == "Reconciled"), "no reconciliation yet", "one")?;
    desk.simulator.clear_fault(away);
    reconciled(desk, mark, MINUTE).await
}

pub(super) async fn user_13(bench: &Bench) -> Verdict {
    if bench.account_wire()?.paths().login_is_signed() {
        refused_for_the_clock(bench).await?;
    }
    refused_for_a_key_that_worked(bench).await?;
    refused_for_a_new_key(bench).await
}

async fn refused_for_the_clock(bench: &Bench) -> Verdict {
    let paths = bench.account_wire()?.paths();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (newest, error) = (newest_request(&desk), bench.account_wire()?.clock_error());
    let refused = bench.code(error.code, Some("request expired"), error.status);
    desk.inject(Fault::new(refused).path(paths.login))?;
    let mark = lose_private(bench, &desk).await?;
    reconciled(&desk, mark, 5 * SECOND).await?;
    let (logins, clock) = (requests_after(&desk, newest, paths.login), bench.account_wire()?.clock_error());
    equal(
        "answers to logins",
        vec![(clock.status, bench.logged(clock.code, Some("request expired"))), (200, 0)],
        logins.iter().map(|login| (login.status, login.code)).collect(),
    )?;
    let measured = requests_after(&desk, newest, bench.wire().paths().time);
    let between = measured.iter().any(|time| time.number > logins[0].number && time.number < logins[1].number);
    expect(between, "a measurement of the clock between them", measured.len())?;
    desk.end(bench).await
}

async fn refused_for_a_key_that_worked(bench: &Bench) -> Verdict {
    let paths = bench.account_wire()?.paths();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (newest, life) = (newest_request(&desk), desk.witness.mark());
    let (connection, mark) = (private_connection(bench, &desk)?, desk.story.length());
    desk.inject(Fault::new(FaultKind::RevokeKey { key: None }))?;
    desk.inject(Fault::new(FaultKind::Drop).connection(connection))?;
    desk.story.hears_after(mark, "Gap", SOON).await?;
    part(&desk, life, Part::Private, false, SOON).await?;
    let refused = |event: &LifeEvent| match event {
        LifeEvent::Problem { kind: ErrorKind::Auth, place, .. } => place.contains("private stream"),
        _ => false,
    };
    desk.witness.life(life, SOON, "Problem(Auth) of the private stream", refused).await?;
    let reason = desk.connector.waiting().remove(&Part::Private).unwrap_or_default();
    expect(reason.contains("credentials refused"), "the reason of the private part", reason)?;
    desk.pass(16 * MINUTE).await;
    let logins = pauses(&requests_after(&desk, newest, paths.login));
    equal("seconds between logins", vec![300; 3], logins)?;
    desk.end_unsettled(bench).await
}

async fn refused_for_a_new_key(bench: &Bench) -> Verdict {
    let revoked = Fault::new(FaultKind::RevokeKey { key: None });
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.fault(revoked)).await?;
    let ready = timeout(SOON, desk.connector.ready()).await;
    let refused = matches!(&ready, Ok(Err(error)) if error.kind() == ErrorKind::Auth);
    expect(refused, "a refusal of the credentials", format_args!("{ready:?}"))?;
    desk.pass(30 * MINUTE).await;
    let wire = bench.account_wire()?;
    let logins = [Some(wire.paths().login), wire.command_login()].into_iter().flatten();
    equal("logins", 1, logins.map(|login| desk.requests(login).len()).sum())?;
    desk.end_unsettled(bench).await
}

/// Events of which a slow reader reads none for now.
const UNREAD: usize = 100_000;

pub(super) async fn user_14(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let mut slow = desk.connector.account_events(0)?;
    // Each fill of a step brings an event at least.
    let step = desk.instrument(desk.pair(0))?.rules.quantity_step.size;
    let order = desk.place(desk.resting(Side::Buy, &(step * Decimal::from(UNREAD)).to_string())?).await?;
    let mut filled = 0;
    while desk.story.length() < UNREAD {
        let some = FaultKind::FillWhileDown { count: Some(200), quantity: None };
        desk.inject(Fault::new(some).order(order.client_order_id.as_str()))?;
        filled += 200;
        let told = || desk.connector.orders().iter().any(|known| known.filled.value() >= step * Decimal::from(filled));
        expect(comes_true(SOON, told).await, "every fill told", desk.story.length())?;
    }
    equal("fills at the exchange", filled, i64::try_from(desk.simulator.fills(MAIN).len()).unwrap_or(0))?;
    let reached = desk.story.length() as u64;
    let mut fills = 0;
    for expected in 1..=reached {
        let event = timeout(SOON, slow.next()).await;
        let event = event.ok().and_then(Result::ok).flatten();
        let event = event.ok_or_else(|| Failed::new(format_args!("event {expected}"), "none"))?;
        equal("its number", expected, event.number)?;
        fills += i64::from(
            matches!(&event.change, AccountChange::Order(told) if matches!(told.change, OrderChange::Fill(_))),
        );
    }
    equal("fills read", filled, fills)?;
    equal("losses of the private stream", 0, desk.story.words().iter().filter(|word| *word == "Gap").count())?;
    desk.end(bench).await
}
