//! Polls of the account, and what they find.

use std::time::Duration;

use tokio::time::Instant;
use tradewire_core::{BalanceStream, ErrorKind, LifeEvent, Part, Side};
use tradewire_simulator::{Fault, FaultKind};

use super::mkt::{MINUTE, SECOND};
use super::ord_cancel::goes_on;
use super::ord_hands::ends_before_its_fill;
use super::private::{
    kept_away, lists_after, lose_private, newest_request, part, place_elsewhere, questions, reconciled, requests_after,
    rests, silence,
};
use super::user_connections::pauses;
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

pub(super) async fn recon_06(bench: &Bench) -> Verdict {
    let paths = bench.account_wire()?.paths();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let newest = newest_request(&desk);
    desk.pass(10 * MINUTE + SECOND).await;
    for path in [paths.open_orders, paths.balances] {
        let asked = pauses(&lists_after(bench, &desk, newest, path)?);
        let rare = asked.len() >= 3 && asked.iter().all(|pause| (119..=122).contains(pause));
        expect(rare, format_args!("{path} every 120 s"), format_args!("{asked:?}"))?;
    }
    // A stream that was contradicted is watched more closely for a while, though it is up again.
    let mark = desk.story.length();
    let muted = desk.inject(silence())?;
    let order = desk.place(desk.resting(Side::Buy, "0.01")?).await?;
    desk.story.hears_after(mark, "Gap", known_after(&desk) + 6 * SECOND).await?;
    desk.simulator.clear_fault(muted);
    reconciled(&desk, mark, SOON).await?;
    let newest = newest_request(&desk);
    desk.pass(100 * SECOND).await;
    let close = pauses(&lists_after(bench, &desk, newest, paths.open_orders)?);
    let slowest = i64::try_from(bench.account_wire()?.polls_every().as_secs()).unwrap_or(i64::MAX);
    let often =
        i64::try_from(close.len()).unwrap_or(0) >= 85 / slowest && close.iter().all(|pause| *pause <= slowest + 1);
    expect(often, format_args!("a poll every {slowest} s"), format_args!("{close:?}"))?;
    desk.pass(30 * SECOND).await;
    let newest = newest_request(&desk);
    desk.pass(5 * MINUTE).await;
    let rare = lists_after(bench, &desk, newest, paths.open_orders)?.len();
    expect((2..=3).contains(&rare), "a poll every 120 s again", rare)?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open"], SECOND).await?;
    desk.end(bench).await
}

/// How long after the reply REST knows that an order was accepted: where that means received, it is asked for.
fn known_after(desk: &Desk) -> Duration {
    if desk.places_are_received() { 5 * SECOND } else { Duration::ZERO }
}

const LIVE: usize = 500;

pub(super) async fn recon_07(bench: &Bench) -> Verdict {
    let pairs = ["BTC-USDT", "ETH-USDT", "BNB-USDT"];
    let desk = bench.desk(DeskSetup::quiet(bench, &pairs)?).await?;
    desk.ready().await?;
    for place in 0..LIVE {
        place_elsewhere(&desk, pairs[place % 3], decimal(["0.001", "0.01", "0.05"][place % 3])?)?;
    }
    let all = || desk.connector.account_orders().len() == LIVE;
    expect(comes_true(SOON, all).await, "500 live orders", desk.connector.account_orders().len())?;
    let newest = newest_request(&desk);
    desk.pass(2 * MINUTE + SECOND).await;
    in_bulk(bench, &desk, newest, "a poll")?;
    let newest = newest_request(&desk);
    let mark = lose_private(bench, &desk).await?;
    reconciled(&desk, mark, SOON).await?;
    in_bulk(bench, &desk, newest, "a reconciliation")?;
    parts_fail_alone(bench, &desk).await?;
    never_twice_at_once(bench, &desk).await?;
    desk.end(bench).await
}

/// The most requests for all of an account with 500 orders on three pairs: up to eleven pages of orders, fills, settings and funding
/// payments of each pair, and the account's own, with a second look at positions or balances that have changed meanwhile.
const REQUESTS_MAX: usize = 27;

/// All that is asked takes few requests, pages included. Where no stream tells balances they are read every five seconds besides,
/// which is another row's.
fn in_bulk(bench: &Bench, desk: &Desk, newest: u64, what: &str) -> Result<(), Failed> {
    let requests = desk.simulator.requests().records;
    let balances = bench.account_wire()?.paths().balances;
    let besides =
        |path: &str| bench.trading().is_ok_and(|t| t.balance_stream == BalanceStream::None) && path == balances;
    let asked = requests.iter().filter(|record| record.number > newest && record.note.signed && !besides(&record.path));
    let paths: Vec<_> = asked.map(|record| record.path.as_str()).collect();
    let few = (2..=REQUESTS_MAX).contains(&paths.len());
    expect(few, format_args!("2 to {REQUESTS_MAX} requests for {what}"), format_args!("{paths:?}"))?;
    equal("questions for single orders", 0, questions(bench, desk, newest)?.len())
}

/// While one part of the polls fails, the other goes on; the failing one backs off to 30 s.
async fn parts_fail_alone(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let paths = bench.account_wire()?.paths();
    for (failing, other) in [(paths.open_orders, paths.balances), (paths.balances, paths.open_orders)] {
        let (newest, life) = (newest_request(desk), desk.witness.mark());
        let fault = desk.inject(Fault::new(FaultKind::Status { status: 500 }).path(failing).always())?;
        desk.pass(6 * MINUTE).await;
        let (failed, fine) = (requests_after(desk, newest, failing), requests_after(desk, newest, other));
        let answered = |path: &str| fine.iter().all(|request| request.path == path && request.status == 200);
        expect(fine.len() >= 2 && answered(other), format_args!("{other} goes on"), fine.len())?;
        let longest = pauses(&failed[failed.len().saturating_sub(9)..]).into_iter().max();
        let paced = longest.is_some_and(|pause| (24..=37).contains(&pause));
        expect(paced, format_args!("{failing} backing off to 30 s"), format_args!("{longest:?}"))?;
        let problem = |event: &LifeEvent| matches!(event, LifeEvent::Problem { kind: ErrorKind::Unavailable, .. });
        desk.witness.life(life, SECOND, "Problem(Unavailable)", problem).await?;
        desk.simulator.clear_fault(fault);
        desk.pass(MINUTE).await;
    }
    Ok(())
}

/// A poll that takes longer than the time to its next is waited for.
async fn never_twice_at_once(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let path = bench.account_wire()?.paths().open_orders;
    let away = desk.inject(kept_away(bench)?)?;
    let slow = desk.inject(Fault::new(FaultKind::Delay { ms: 8_000 }).path(path).always())?;
    let (newest, mark) = (newest_request(desk), lose_private(bench, desk).await?);
    desk.pass(MINUTE).await;
    let asked = pauses(&requests_after(desk, newest, path));
    let apart = asked.len() >= 3 && asked.iter().all(|pause| *pause >= 8);
    expect(apart, "one poll at a time", format_args!("{asked:?}"))?;
    desk.simulator.clear_fault(away);
    desk.simulator.clear_fault(slow);
    reconciled(desk, mark, MINUTE).await
}

pub(super) async fn recon_08(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (filled, part, kept) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?, rests(&desk, "0.03").await?);
    let mark = desk.story.length();
    let dark = desk.inject(Fault::new(FaultKind::RefuseConnect))?;
    // Connections that are kept open bring nothing either.
    let deaf = desk.inject(Fault::new(FaultKind::LoseRequest).always())?;
    desk.inject(Fault::new(FaultKind::Drop))?;
    desk.story.hears_after(mark, "Gap", SECOND).await?;
    desk.pass(5 * MINUTE).await;
    desk.fill(&filled, None)?;
    desk.fill(&part, Some("0.005"))?;
    desk.pass(5 * MINUTE).await;
    equal("what is told meanwhile", vec!["Gap".to_owned()], desk.story.words_after(mark))?;
    desk.simulator.clear_fault(dark);
    desk.simulator.clear_fault(deaf);
    let back = Instant::now();
    reconciled(&desk, mark, MINUTE).await?;
    let same = comes_true(MINUTE.saturating_sub(back.elapsed()), || desk.comparison().check().is_ok()).await;
    expect(same, "all of it within 60 s", format_args!("{:?}", desk.comparison().check()))?;
    for (order, words) in [
        (&filled, vec!["Pending", "Open", "Fill", "Completed"]),
        (&part, vec!["Pending", "Open", "Fill"]),
        (&kept, vec!["Pending", "Open"]),
    ] {
        desk.story.becomes(&order.client_order_id, &words, Duration::ZERO).await?;
    }
    desk.end(bench).await
}

pub(super) async fn recon_09(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    // A reply has accepted an order, and the stream does not show it.
    let mark = desk.story.length();
    let muted = desk.inject(silence())?;
    let order = desk.place(desk.resting(Side::Buy, "0.01")?).await?;
    let accepted = Instant::now();
    let told = desk.story.hears_after(mark, "Gap", known_after(&desk) + 6 * SECOND).await?;
    expect(
        told >= accepted + known_after(&desk) + 5 * SECOND,
        "5 s for the stream to show it",
        format_args!("{:?}", told - accepted),
    )?;
    desk.simulator.clear_fault(muted);
    reconciled(&desk, mark, SOON).await?;
    // A poll knows a fill, and the stream has not shown it.
    desk.pass(5 * MINUTE).await;
    let mark = desk.story.length();
    let muted = desk.inject(silence())?;
    desk.fill(&order, None)?;
    let newest = newest_request(&desk);
    desk.story.hears_after(mark, "Gap", 2 * MINUTE + 6 * SECOND).await?;
    let told = desk.simulator.clock().now();
    let asked = requests_after(&desk, newest, bench.account_wire()?.paths().fills);
    let waited = asked.first().map(|asked| told.since(asked.time));
    let patient = waited.is_some_and(|waited| (5 * SECOND..6 * SECOND).contains(&waited));
    expect(patient, "5 s for the stream to show what a poll knows", format_args!("{waited:?}"))?;
    desk.simulator.clear_fault(muted);
    reconciled(&desk, mark, SOON).await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SECOND).await?;
    // A stream that shows everything is left alone.
    let mark = desk.story.length();
    let other = rests(&desk, "0.02").await?;
    desk.fill(&other, None)?;
    desk.pass(5 * MINUTE).await;
    let gap = desk.story.words_after(mark).into_iter().find(|word| word == "Gap");
    equal("gaps of a stream that tells all", None, gap)?;
    // Of an order that has ended, only its fills show that something was left out.
    let ended = ends_before_its_fill(bench, &desk, 60 * MINUTE).await?;
    goes_on(&desk, &ended, &["Cancelled", "Fill(late)"], 2 * MINUTE + SECOND).await?;
    desk.end(bench).await
}

pub(super) async fn recon_10(bench: &Bench) -> Verdict {
    if !bench.account_wire()?.fills_by_instrument() {
        return Ok(Shown::NotRun("an exchange that is asked for the fills of one instrument".to_owned()));
    }
    let path = bench.account_wire()?.paths().fills;
    let unreadable = Fault::new(FaultKind::Status { status: 500 }).path(path).pair("ETH-USDT").always();
    let setup = DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?.fault(unreadable);
    let desk = bench.desk(setup).await?;
    let symbol = bench.wire().symbol(desk.pair(1));
    let waits = || {
        let waiting = desk.connector.waiting();
        waiting.len() == 1 && waiting.get(&Part::Account).is_some_and(|reason| reason.contains(&symbol))
    };
    expect(
        comes_true(SOON, waits).await,
        "the account waiting for one pair",
        format_args!("{:?}", desk.connector.waiting()),
    )?;
    let order = rests(&desk, "0.01").await?;
    let mut other = desk.resting(Side::Buy, "0.5")?;
    other.pair = desk.pair(1).clone();
    other.price = Some(desk.price(desk.pair(1), 95)?);
    let (_, error) = desk.refused(other.clone()).await?;
    equal("the refusal", ErrorKind::NotReady, error.error().kind())?;
    desk.fill(&order, None)?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SECOND).await?;
    desk.pass(2 * MINUTE).await;
    desk.simulator.clear_faults();
    part(&desk, Mark::default(), Part::Account, true, MINUTE).await?;
    desk.ready().await?;
    desk.place(other).await?;
    desk.end(bench).await
}
