//! The private stream.

use std::time::Duration;

use futures_util::FutureExt;
use tradewire_core::{AccountChange, ErrorKind, LifeEvent, Order, OrderChange, OrderState, Origin, Part, Side};
use tradewire_simulator::{Fault, FaultKind, Novelty};
use tradewire_tracking::{AccountSource, PrivateFrame};

use super::auth::{Idle, unconnected};
use super::mkt::SECOND;
use super::private::{
    amend_elsewhere, cancel_elsewhere, newest_request, part, place_elsewhere, questions, reconciled, rests,
};
use super::user_connections::{user_11, user_12, user_13, user_14};
use super::user_keys::{user_08, user_09, user_10};
use crate::Row;
use crate::account_wire::WireTells;
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal, pair};
use crate::bench::{Bench, Desk, DeskSetup, Setup};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// The private stream.
pub(super) const ROWS: &[Row] = &[
    Row::traded("USER-01", "connect, log in, subscribe, reconcile, in this order; then ready", |b| {
        user_01(b).boxed_local()
    }),
    Row::once("USER-02", "every documented private event decodes with every needed field", |b| {
        user_02(b).boxed_local()
    }),
    Row::traded("USER-03", "the report of a cancel reaches the order that it cancels", |b| user_03(b).boxed_local()),
    Row::once("USER-04", "a message with several orders is processed whole, whatever one of them is", |b| {
        user_04(b).boxed_local()
    }),
    Row::traded("USER-05", "unknown kinds and words are kept as text and stop nothing", |b| user_05(b).boxed_local()),
    Row::traded("USER-06", "an unreadable private frame is told and the account reconciled", |b| {
        user_06(b).boxed_local()
    }),
    Row::once("USER-07", "events of pairs that are not followed are tracked", |b| user_07(b).boxed_local()),
    Row::once("USER-08", "a listen key is extended in time", |b| user_08(b).boxed_local()),
    Row::once("USER-09", "an expired listen key is replaced within a second", |b| user_09(b).boxed_local()),
    Row::once("USER-10", "a listen key that dies without notice is found", |b| user_10(b).boxed_local()),
    Row::traded("USER-11", "the private stream is renewed without a gap", |b| user_11(b).boxed_local()),
    Row::traded("USER-12", "a lost private stream is replaced and polls stand in", |b| user_12(b).boxed_local()),
    Row::once("USER-13", "a login refused for the clock is repeated, one refused for the key is not", |b| {
        user_13(b).boxed_local()
    }),
    Row::once("USER-14", "private events are never dropped", |b| user_14(b).boxed_local()),
];

async fn user_01(bench: &Bench) -> Verdict {
    const SLOW: Duration = Duration::from_secs(3);
    let paths = bench.account_wire()?.paths();
    let delay = Fault::new(FaultKind::Delay { ms: 3_000 }).path(paths.login);
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.fault(delay)).await?;
    let private = part(&desk, Mark::default(), Part::Private, true, SOON).await?;
    expect(desk.started.elapsed() >= SLOW, "no readiness before the acknowledgement", "PartReady(private)")?;
    part(&desk, private, Part::Account, true, SOON).await?;
    desk.ready().await?;
    equal("events of the account up to ready", 1, count(&desk, "Reconciled"))?;
    let login = desk.requests(paths.login);
    equal("logins", vec![(200, 0)], login.iter().map(|login| (login.status, login.code)).collect())?;
    let acknowledged = login[0].time.0 + i64::try_from(SLOW.as_micros()).unwrap_or(i64::MAX);
    for read in [paths.open_orders, paths.fills, paths.balances] {
        let first = desk.requests(read).into_iter().next();
        let after = first.as_ref().is_some_and(|first| first.time.0 >= acknowledged);
        let when = first.map(|first| first.time);
        expect(after, format_args!("{read} after the login is acknowledged"), format_args!("{when:?}"))?;
    }
    desk.end(bench).await
}

fn count(desk: &Desk, wanted: &str) -> usize {
    desk.story.words().iter().filter(|word| *word == wanted).count()
}

async fn user_02(bench: &Bench) -> Verdict {
    if !bench.has_server() {
        let source = unconnected(bench)?;
        let read = frames_are_read(bench, &*source);
        source.close().await;
        return read.map(|()| Shown::Works);
    }
    let idle = Idle::start(bench, Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    frames_are_read(bench, &*idle.source)?;
    idle.stop().await
}

/// That the frames of the wire tell what they should.
fn frames_are_read(bench: &Bench, source: &dyn AccountSource) -> Result<(), Failed> {
    for example in bench.account_wire()?.private_frames() {
        let told = match source.decode_private(example.frame.as_bytes()) {
            Ok(PrivateFrame::Messages(messages, errors)) if errors.is_empty() => WireTells::Messages(messages),
            Ok(PrivateFrame::Messages(messages, errors)) => WireTells::Partly(messages, errors.len()),
            Ok(PrivateFrame::SubscriptionEnded) => WireTells::SubscriptionEnded,
            Ok(PrivateFrame::ShutdownNotice) => WireTells::ShutdownNotice,
            Ok(PrivateFrame::Unknown(_)) => WireTells::Unknown,
            Ok(other) => return Err(Failed::new(example.name, format_args!("{other:?}"))),
            Err(error) => {
                equal(example.name, ErrorKind::Decode, error.kind())?;
                equal("the frame in the error", Some(example.frame.as_bytes()), error.frame())?;
                WireTells::Unreadable
            }
        };
        equal(example.name, example.tells, told)?;
    }
    Ok(())
}

async fn user_03(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (first, second) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?);
    // The request to cancel the first order has the id of the second.
    cancel_elsewhere(&desk, &first, Some(&second.client_order_id))?;
    desk.story.becomes(&first.client_order_id, &["Pending", "Open", "Cancelled"], SECOND).await?;
    desk.story.becomes(&second.client_order_id, &["Pending", "Open"], SECOND).await?;
    amend_elsewhere(&desk, &second, decimal("0.015")?)?;
    desk.story.becomes(&second.client_order_id, &["Pending", "Open", "Amended"], SECOND).await?;
    cancel_elsewhere(&desk, &second, None)?;
    desk.story.becomes(&second.client_order_id, &["Pending", "Open", "Amended", "Cancelled"], SECOND).await?;
    let third = rests(&desk, "0.03").await?;
    let cancelled = desk.connector.cancel(&third.client_order_id).await;
    expect(cancelled.is_ok(), "a cancel of our own", format_args!("{cancelled:?}"))?;
    let whole = &["Pending", "Open", "CancelRequested", "Cancelled"];
    desk.story.becomes(&third.client_order_id, whole, SECOND).await?;
    equal("orders of others", 0, count(&desk, "External"))?;
    desk.end(bench).await
}

async fn user_04(bench: &Bench) -> Verdict {
    let frames = bench.account_wire()?.private_frames();
    let partly = frames.into_iter().filter(|frame| matches!(frame.tells, WireTells::Partly(..))).count();
    if partly == 0 {
        return Ok(Shown::NotRun("an exchange whose messages tell of several orders".to_owned()));
    }
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?.following(1)).await?;
    desk.ready().await?;
    let orders = [rests(&desk, "0.01").await?, rests(&desk, "0.02").await?, rests(&desk, "0.03").await?];
    let event = bench.account_wire()?.paths().order_event;
    desk.inject(Fault::new(FaultKind::Garble).event(event).order(orders[1].client_order_id.as_str()))?;
    let mark = desk.story.length();
    // All of them in one moment, one of a pair that is not followed, one that cannot be read.
    desk.fill(&orders[0], None)?;
    place_elsewhere(&desk, "ETH-USDT", decimal("0.5")?)?;
    desk.fill(&orders[1], None)?;
    desk.fill(&orders[2], None)?;
    let whole = &["Pending", "Open", "Fill", "Completed"];
    desk.story.becomes(&orders[0].client_order_id, whole, SECOND).await?;
    desk.story.becomes(&orders[2].client_order_id, whole, SECOND).await?;
    desk.story.hears_after(mark, "External", SECOND).await?;
    desk.story.becomes(&orders[1].client_order_id, whole, SOON).await?;
    desk.end(bench).await
}

/// Whether a place names the word that nobody knows, however the exchange writes words.
fn is_never_seen(place: &str) -> bool {
    place.replace('_', "").to_ascii_lowercase().contains("neverseen")
}

async fn user_05(bench: &Bench) -> Verdict {
    let paths = bench.account_wire()?.paths();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (order, other) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?);
    let (events, asked) = (desk.story.length(), newest_request(&desk));
    let novel = |what| Fault::new(FaultKind::Novel { what }).event(paths.order_event);
    desk.inject(novel(Novelty::Enum))?;
    desk.fill(&order, Some("0.004"))?;
    desk.pass(SECOND).await;
    let known = desk.order(&order.client_order_id).await?;
    equal("its state", OrderState::PartiallyFilled, known.state)?;
    let told = desk.connector.fills(&order.client_order_id).await?;
    equal("its fills", 1, told.len())?;
    let queries = questions(bench, &desk, asked)?.len();
    expect(queries >= 1, "a question for the order", queries)?;
    let problem = |event: &LifeEvent| matches!(event, LifeEvent::Problem { place, .. } if is_never_seen(place));
    desk.witness.life(Mark::default(), SECOND, "Problem with the word", problem).await?;

    desk.inject(novel(Novelty::Event))?;
    desk.fill(&other, None)?;
    desk.story.becomes(&other.client_order_id, &["Pending", "Open", "Fill", "Completed"], SECOND).await?;
    let unknown = bench.captured().count(&["private_unknown"]);
    equal("unknown events counted", 1, unknown)?;
    desk.inject(novel(Novelty::Field))?;
    desk.fill(&order, None)?;
    let whole = &["Pending", "Open", "Fill", "Fill", "Completed"];
    desk.story.becomes(&order.client_order_id, whole, SECOND).await?;
    let gap = desk.story.words_after(events).into_iter().find(|word| word == "Gap");
    equal("gaps", None, gap)?;
    desk.end(bench).await
}

async fn user_06(bench: &Bench) -> Verdict {
    let event = bench.account_wire()?.paths().order_event;
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (order, other) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?);
    let (mark, life) = (desk.story.length(), desk.witness.mark());
    desk.inject(Fault::new(FaultKind::Garble).event(event))?;
    desk.fill(&order, None)?;
    desk.fill(&other, None)?;
    let whole = &["Pending", "Open", "Fill", "Completed"];
    desk.story.becomes(&other.client_order_id, whole, Duration::from_millis(500)).await?;
    let problem = |told: &LifeEvent| match told {
        LifeEvent::Problem { kind: ErrorKind::Decode, place, .. } => place.contains(event),
        _ => false,
    };
    desk.witness.life(life, SECOND, "Problem(Decode) with the frame", problem).await?;
    reconciled(&desk, mark, SOON).await?;
    desk.story.becomes(&order.client_order_id, whole, SECOND).await?;
    let gap = desk.story.words_after(mark).into_iter().find(|word| word == "Gap");
    equal("gaps", None, gap)?;
    desk.end(bench).await
}

async fn user_07(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?.following(1)).await?;
    desk.ready().await?;
    desk.inject(Fault::new(FaultKind::WideSymbol))?;
    tracked_elsewhere(bench, &desk, "ETH-USDT", "0.5", true).await?;
    // Listed a moment ago, and not among the instruments yet.
    tracked_elsewhere(bench, &desk, "币安人生-USDT", "100", false).await?;
    desk.end(bench).await
}

/// Another client's order on a pair that is not followed is told from beginning to end, under its pair if it has one.
async fn tracked_elsewhere(bench: &Bench, desk: &Desk, name: &str, quantity: &str, listed: bool) -> Result<(), Failed> {
    let mark = desk.story.length();
    let number = place_elsewhere(desk, name, decimal(quantity)?)?;
    desk.story.hears_after(mark, "External", SECOND).await?;
    let symbol = bench.wire().symbol(&pair(name)?);
    let orders = desk.connector.account_orders();
    let is_it = |order: &&Order| *order.symbol == *symbol && order.exchange_order_id.as_ref() == Some(&number);
    let known = orders.iter().find(is_it);
    let order =
        known.ok_or_else(|| Failed::new(format_args!("order {number} on {symbol}"), format_args!("{orders:?}")))?;
    equal("its pair", listed.then_some(name), order.pair.as_ref().map(|pair| pair.as_str()))?;
    let somebody = order.side == Side::Buy && order.origin == Origin::External;
    expect(somebody, "a buy order of somebody else", format_args!("{order:?}"))?;
    desk.fill(order, None)?;
    let ended = |change: &AccountChange| match change {
        AccountChange::Order(told) => {
            told.client_order_id == order.client_order_id && told.change == OrderChange::Completed
        }
        _ => false,
    };
    desk.story.sees("Completed", SECOND, ended).await
}
