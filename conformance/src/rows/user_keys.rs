//! The private stream: keys that it is opened with.

use std::time::Duration;

use tradewire_core::{OrderState, Side};
use tradewire_simulator::{Fault, FaultKind, RequestRecord};

use super::mkt::{MINUTE, SECOND};
use super::private::{private_connection, reconciled, rests};
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Half of a key's life.
const RENEW: Duration = Duration::from_secs(30 * 60);
/// After a failed extension.
const RETRY: Duration = Duration::from_secs(60);

/// Says why the row does not run where the private stream needs no key.
fn without_keys(bench: &Bench) -> Result<Option<Shown>, Failed> {
    let signed = bench.account_wire()?.paths().login_is_signed();
    Ok(signed.then(|| Shown::NotRun("an exchange with listen keys".to_owned())))
}

async fn desk(bench: &Bench) -> Result<Desk, Failed> {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    Ok(desk)
}

/// The requests that extended a key.
fn extensions(bench: &Bench, desk: &Desk) -> Result<Vec<RequestRecord>, Failed> {
    let all = desk.requests(bench.account_wire()?.paths().login).into_iter();
    Ok(all.filter(|request| request.method == "PUT").collect())
}

/// The requests that took a key.
fn taken(bench: &Bench, desk: &Desk) -> Result<usize, Failed> {
    let all = desk.requests(bench.account_wire()?.paths().login);
    Ok(all.iter().filter(|request| request.method == "POST").count())
}

/// Lets time go by in jumps, with a moment for what is due after each.
async fn hours(desk: &Desk, count: u64) {
    for _ in 0..count * 15 {
        tokio::time::advance(4 * MINUTE - 2 * SECOND).await;
        desk.pass(2 * SECOND).await;
    }
}

pub(super) async fn user_08(bench: &Bench) -> Verdict {
    if let Some(not_run) = without_keys(bench)? {
        return Ok(not_run);
    }
    let desk = desk(bench).await?;
    desk.pass(RENEW + 5 * SECOND).await;
    equal("extensions in half an hour", 1, extensions(bench, &desk)?.len())?;
    // The next one fails, and is made again while the key lives.
    let login = bench.account_wire()?.paths().login;
    desk.inject(Fault::new(FaultKind::Status { status: 400 }).method("PUT").path(login))?;
    desk.pass(RENEW + RETRY + 5 * SECOND).await;
    let asked = extensions(bench, &desk)?;
    equal("extensions", 3, asked.len())?;
    let pause = asked[2].time.since(asked[1].time);
    let near = pause >= RETRY - 2 * SECOND && pause <= RETRY + 2 * SECOND;
    expect(near, "another attempt after 60 s", format_args!("{pause:?}"))?;
    hours(&desk, 26).await;
    desk.ready().await?;
    let order = rests(&desk, "0.01").await?;
    desk.fill(&order, None)?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SECOND).await?;
    let lost = desk.story.words().into_iter().find(|word| word == "Gap");
    equal("gaps in 27 hours", None, lost)?;
    desk.end(bench).await
}

pub(super) async fn user_09(bench: &Bench) -> Verdict {
    if let Some(not_run) = without_keys(bench)? {
        return Ok(not_run);
    }
    let desk = desk(bench).await?;
    let order = rests(&desk, "0.01").await?;
    let (old, before, mark) = (private_connection(bench, &desk)?, taken(bench, &desk)?, desk.story.length());
    desk.inject(Fault::new(FaultKind::ExpireKey))?;
    let another = || private_connection(bench, &desk).is_ok_and(|now| now != old);
    expect(comes_true(SECOND, another).await, "another socket within a second", "none")?;
    expect(taken(bench, &desk)? > before, "another key", "none")?;
    desk.story.hears_after(mark, "Gap", SECOND).await?;
    reconciled(&desk, mark, MINUTE).await?;
    let closed = || !desk.simulator.connections().iter().any(|connection| connection.id == old);
    expect(comes_true(5 * SECOND, closed).await, "the old socket closed", "it is open")?;
    desk.fill(&order, None)?;
    desk.order_is(&order.client_order_id, OrderState::Filled).await?;
    desk.end(bench).await
}

pub(super) async fn user_10(bench: &Bench) -> Verdict {
    if let Some(not_run) = without_keys(bench)? {
        return Ok(not_run);
    }
    // By the first report of an own order that does not come.
    let first = desk(bench).await?;
    let (old, mark) = (private_connection(bench, &first)?, first.story.length());
    first.inject(Fault::new(FaultKind::ExpireKeySilently))?;
    first.place(first.resting(Side::Buy, "0.01")?).await?;
    first.story.hears_after(mark, "Gap", MINUTE).await?;
    reconciled(&first, mark, MINUTE).await?;
    expect(private_connection(bench, &first)? != old, "another socket", old)?;
    first.end(bench).await?;

    // Without orders, by the next extension.
    let second = desk(bench).await?;
    let (before, mark) = (taken(bench, &second)?, second.story.length());
    second.inject(Fault::new(FaultKind::ExpireKeySilently))?;
    second.story.hears_after(mark, "Gap", RENEW + 2 * MINUTE).await?;
    reconciled(&second, mark, MINUTE).await?;
    expect(taken(bench, &second)? > before, "another key", "none")?;
    second.end(bench).await
}
