//! Start, stop, readiness: with an account.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use tradewire_core::{AccountChange, ErrorKind, LifeEvent, OrderRequest, OrderState, Part, Side};
use tradewire_simulator::{ExternalOrder, Fault, FaultKind, OrderCommand, Side as Taker, Simulator};
use tradewire_tracking::{Connector, MarketConfig, OnStop};
use tradewire_transport::READ_TRIES;

use super::mkt::{MINUTE, SECOND};
use crate::bench::desk::MAIN;
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Altered, Bench, Desk, DeskSetup, comes_true, is_gone};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// A stop without cancels takes no longer.
const STOP: Duration = Duration::from_secs(10);
/// The parts of a connector with an account.
const PARTS: [Part; 7] =
    [Part::Clock, Part::Exchange, Part::Instruments, Part::Books, Part::Private, Part::Account, Part::Journal];

async fn ready_desk(bench: &Bench) -> Result<Desk, Failed> {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    Ok(desk)
}

/// All parts count, and those that wait say why; without credentials only those of the market count.
pub(super) async fn parts_of_an_account(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    let waiting = desk.connector.waiting();
    let mode = bench.capabilities().perpetual.as_ref().map(|_| Part::Mode);
    let parts: Vec<_> = PARTS[..6].iter().copied().chain(mode).collect();
    equal("parts that wait", &parts, &waiting.keys().copied().collect())?;
    expect(waiting.values().all(|reason| !reason.is_empty()), "a reason of each", format_args!("{waiting:?}"))?;
    desk.ready().await?;
    expect(desk.connector.waiting().is_empty(), "no part waits", format_args!("{:?}", desk.connector.waiting()))?;
    let (_, ready_at) = desk.witness.life(Mark::default(), SECOND, "Ready", |event| *event == LifeEvent::Ready).await?;
    for part in &parts {
        let is_it = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: known } if known == part);
        let (_, at) = desk.witness.life(Mark::default(), SECOND, &format!("PartReady({part})"), is_it).await?;
        expect(at <= ready_at, format_args!("PartReady({part}) before Ready"), "after")?;
    }
    let source = Arc::clone(desk.source.market());
    let market = Connector::market_only(source, MarketConfig::default(), desk.pairs.clone());
    equal("parts that wait without credentials", PARTS[..4].to_vec(), market.waiting().into_keys().collect())?;
    let ready = timeout(SOON, market.ready()).await;
    expect(ready.is_ok_and(|ready| ready.is_ok()), "readiness without an account", "none")?;
    market.stop().await;
    desk.end(bench).await
}

/// Readiness falls at once with a part, and comes back with it.
async fn falls(desk: &Desk, mark: Mark, part: Part, within: Duration) -> Result<(), Failed> {
    let fell = |event: &LifeEvent| matches!(event, LifeEvent::PartNotReady { part: known, .. } if *known == part);
    let (_, at) = desk.witness.life(mark, within, &format!("PartNotReady({part})"), fell).await?;
    let (_, told) = desk.witness.life(mark, SECOND, "NotReady", |event| *event == LifeEvent::NotReady).await?;
    expect(told <= at + Duration::from_millis(1), "NotReady at once", format_args!("{:?} later", told - at))
}

async fn heals(desk: &Desk, mark: Mark, part: Part) -> Result<(), Failed> {
    let back = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: known } if *known == part);
    desk.witness.life(mark, 2 * MINUTE, &format!("PartReady({part})"), back).await?;
    desk.witness.life(mark, 2 * MINUTE, "Ready", |event| *event == LifeEvent::Ready).await.map(drop)
}

pub(super) async fn account_falls_and_heals(bench: &Bench) -> Verdict {
    let desk = ready_desk(bench).await?;
    for part in [Part::Private, Part::Account] {
        let mark = desk.witness.mark();
        desk.inject(Fault::new(FaultKind::Drop).path(bench.account_wire()?.paths().private))?;
        falls(&desk, mark, part, SECOND).await?;
        heals(&desk, mark, part).await?;
        desk.ready().await?;
        desk.open_order(Side::Buy, "0.01").await.map_err(|failed| failed.at("ready again"))?;
    }
    let mark = desk.witness.mark();
    desk.disk.full(true);
    let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    equal("kind while nothing can be recorded", ErrorKind::Journal, error.error().kind())?;
    falls(&desk, mark, Part::Journal, SECOND).await?;
    desk.disk.full(false);
    heals(&desk, mark, Part::Journal).await?;
    desk.open_order(Side::Buy, "0.01").await?;
    desk.end(bench).await
}

/// Checks that a new order is kept back because of a part.
async fn kept_back(desk: &Desk, request: OrderRequest, part: Part) -> Result<(), Failed> {
    let sent = (desk.commands(OrderCommand::Place).len(), desk.story.all().len());
    let (id, error) = desk.refused(request).await.map_err(|failed| failed.at(part))?;
    let not_sent = matches!(error, tradewire_core::CommandError::NotSent(_));
    expect(
        not_sent && error.error().kind() == ErrorKind::NotReady,
        format_args!("NotSent(NotReady) without {part}"),
        &error,
    )?;
    equal("the part that it names", Some(part.to_string().as_str()), error.error().context("part"))?;
    expect(id.is_none(), "no id", "one")?;
    equal("orders sent, and events", sent, (desk.commands(OrderCommand::Place).len(), desk.story.all().len()))
}

/// A part that is not ready from the start keeps orders back, until it is.
async fn not_ready_at_start(bench: &Bench, part: Part, path: &str) -> Result<(), Failed> {
    let fault = Fault::new(FaultKind::Status { status: 500 }).path(path).always();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.fault(fault)).await?;
    let others_ready = || match part {
        Part::Clock => !desk.connector.waiting().contains_key(&Part::Instruments),
        Part::Account => !desk.connector.waiting().contains_key(&Part::Private),
        _ => !desk.connector.waiting().contains_key(&Part::Clock),
    };
    expect(comes_true(SOON, others_ready).await, "other parts ready", format_args!("{:?}", desk.connector.waiting()))?;
    let price = desk.simulator.last_price(desk.pair(0).as_str()).unwrap_or_default().trunc();
    let request = OrderRequest::limit(
        desk.pair(0).clone(),
        Side::Buy,
        "0.01".parse::<tradewire_core::Quantity>()?,
        tradewire_core::Price::new(price),
    );
    kept_back(&desk, request.clone(), part).await?;
    desk.simulator.clear_faults();
    let ready = timeout(5 * MINUTE, desk.connector.ready()).await;
    expect(ready.is_ok_and(|ready| ready.is_ok()), "readiness", format_args!("{:?}", desk.connector.waiting()))?;
    desk.place(request).await?;
    desk.end(bench).await.map(drop)
}

pub(super) async fn life_03(bench: &Bench) -> Verdict {
    let (market, account) = (bench.wire().paths(), bench.account_wire()?.paths());
    not_ready_at_start(bench, Part::Clock, market.time).await?;
    not_ready_at_start(bench, Part::Instruments, market.instruments).await?;
    not_ready_at_start(bench, Part::Account, account.balances).await?;
    account_and_journal_fall(bench).await?;
    book_falls(bench, false).await?;
    book_falls(bench, true).await
}

/// While account or journal are not ready, cancels and questions pass.
async fn account_and_journal_fall(bench: &Bench) -> Result<(), Failed> {
    let desk = ready_desk(bench).await?;
    let paths = bench.account_wire()?.paths();
    let orders = [desk.open_order(Side::Buy, "0.01").await?, desk.open_order(Side::Sell, "0.01").await?];
    let request = desk.resting(Side::Buy, "0.01")?;
    let mark = desk.witness.mark();
    desk.inject(Fault::new(FaultKind::Status { status: 500 }).path(paths.balances).always())?;
    desk.inject(Fault::new(FaultKind::Drop).path(paths.private))?;
    falls(&desk, mark, Part::Account, SECOND).await?;
    desk.pass(5 * SECOND).await;
    kept_back(&desk, request.clone(), Part::Account).await?;
    let cancelled = desk.connector.cancel(&orders[0].client_order_id).await;
    expect(cancelled.is_ok(), "a cancel that passes", format_args!("{cancelled:?}"))?;
    desk.simulator.clear_faults();
    heals(&desk, mark, Part::Account).await?;

    let mark = desk.witness.mark();
    desk.disk.full(true);
    let (_, error) = desk.refused(request.clone()).await?;
    equal("kind while nothing can be recorded", ErrorKind::Journal, error.error().kind())?;
    falls(&desk, mark, Part::Journal, SECOND).await?;
    kept_back(&desk, request.clone(), Part::Journal).await?;
    let cancelled = desk.connector.cancel(&orders[1].client_order_id).await;
    expect(cancelled.is_ok(), "a cancel that passes", format_args!("{cancelled:?}"))?;
    equal("its state", OrderState::Cancelled, desk.order(&orders[1].client_order_id).await?.state)?;
    desk.disk.full(false);
    heals(&desk, mark, Part::Journal).await?;
    desk.place(request).await?;
    desk.end(bench).await.map(drop)
}

/// A book that is not valid keeps orders of its pair back only if that is wanted.
async fn book_falls(bench: &Bench, required: bool) -> Verdict {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?;
    setup.market.stale_after = 10 * SECOND;
    let desk = bench.desk(setup.tweak(move |config| config.require_valid_book = required)).await?;
    desk.ready().await?;
    let (pair, other) = (desk.pair(0).clone(), desk.pair(1).clone());
    let request = desk.resting(Side::Buy, "0.01")?;
    let mark = desk.witness.mark();
    desk.inject(Fault::new(FaultKind::Mute).pair(pair.as_str()))?;
    let probes = Fault::new(FaultKind::Status { status: 500 }).path(bench.wire().paths().best_prices);
    desk.inject(probes.always())?;
    falls(&desk, mark, Part::Books, MINUTE).await?;
    desk.simulator.clear_faults();
    desk.inject(Fault::new(FaultKind::Mute).pair(pair.as_str()))?;
    if required {
        kept_back(&desk, request, Part::Books).await?;
    } else {
        desk.place(request).await?;
    }
    let valid = || desk.connector.book(&other).is_some_and(|book| book.state() == tradewire_core::BookState::Live);
    expect(comes_true(MINUTE, valid).await, "a valid book of another pair", "none")?;
    let price = desk.price(&other, 95)?;
    desk.place(OrderRequest::limit(other, Side::Buy, "0.1".parse::<tradewire_core::Quantity>()?, price)).await?;
    desk.end(bench).await
}

/// Maintenance ends no order, and causes no more than questions for the status and attempts to connect.
pub(super) async fn maintenance_with_orders(bench: &Bench) -> Verdict {
    let desk = ready_desk(bench).await?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    let mark = desk.witness.mark();
    desk.inject(Fault::new(FaultKind::Maintenance))?;
    let fell = |event: &LifeEvent| matches!(event, LifeEvent::PartNotReady { part: Part::Exchange, .. });
    desk.witness.life(mark, MINUTE, "PartNotReady(exchange)", fell).await?;
    // Reads that were under way then are tried to their end, each try when the limits let it go.
    let polls = bench.account_wire()?.polls_every();
    desk.pass(10 * SECOND + READ_TRIES * (polls - 5 * SECOND)).await;
    let before = desk.simulator.requests().records.len();
    desk.pass(5 * MINUTE).await;
    let (market, account) = (bench.wire().paths(), bench.account_wire()?.paths());
    let sockets = market.streams().chain([account.calls, account.private, account.login]);
    let allowed: Vec<_> = sockets.chain([market.status]).collect();
    let during = desk.simulator.requests().records.split_off(before);
    let others: Vec<_> = during
        .iter()
        .map(|request| request.path.as_str())
        .filter(|path| !allowed.iter().any(|known| path.starts_with(known)))
        .collect();
    expect(others.is_empty(), "no more than questions for the status", format_args!("{others:?}"))?;
    desk.simulator.clear_faults();
    let ready = timeout(5 * MINUTE, desk.connector.ready()).await;
    expect(ready.is_ok_and(|ready| ready.is_ok()), "readiness", format_args!("{:?}", desk.connector.waiting()))?;
    equal(
        "what happened to the order",
        vec!["Pending".to_owned(), "Open".to_owned()],
        desk.story.of_order(&order.client_order_id),
    )?;
    desk.end(bench).await
}

pub(super) async fn account_started_while_down(bench: &Bench) -> Verdict {
    let refuse = Fault::new(FaultKind::RefuseConnect).lasting(Duration::from_secs(3600));
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.fault(refuse)).await?;
    let waits = timeout(59 * MINUTE, desk.connector.ready()).await;
    expect(waits.is_err(), "no end of the waiting for an hour", format_args!("{waits:?}"))?;
    expect(desk.connector.waiting().contains_key(&Part::Account), "an account that waits", "none")?;
    let ready = timeout(5 * MINUTE, desk.connector.ready()).await;
    expect(
        ready.is_ok_and(|ready| ready.is_ok()),
        "readiness by itself",
        format_args!("{:?}", desk.connector.waiting()),
    )?;
    desk.place(desk.resting(Side::Buy, "0.01")?).await?;
    desk.end(bench).await
}

/// Ids of the live orders of the account at the exchange.
fn live_there(simulator: &Simulator) -> Vec<String> {
    let live = simulator.orders(MAIN).into_iter().filter(tradewire_simulator::Order::is_live);
    live.map(|order| order.client_id).collect()
}

pub(super) async fn stops(bench: &Bench) -> Verdict {
    stops_and_leaves(bench).await?;
    stops_and_cancels(bench).await?;
    stops_amid_calls(bench).await
}

/// Orders stay as they are and are listed.
async fn stops_and_leaves(bench: &Bench) -> Result<(), Failed> {
    let desk = ready_desk(bench).await?;
    let mut left = vec![desk.open_order(Side::Buy, "0.01").await?.client_order_id.to_string()];
    left.push(desk.open_order(Side::Sell, "0.01").await?.client_order_id.to_string());
    let stopped = desk.stop(bench).await?;
    expect(stopped.took <= STOP, "a stop within 10 s", format_args!("{:?}", stopped.took))?;
    let mut listed: Vec<_> = stopped.live.iter().map(|order| order.client_order_id.to_string()).collect();
    left.sort();
    listed.sort();
    equal("what is still open", left.clone(), listed)?;
    let mut there = live_there(&stopped.simulator);
    there.sort();
    equal("what is open at the exchange", left, there)?;
    let saved = tradewire_tracking::Journal::load(&*stopped.journal)?;
    equal("the last event on record", stopped.events.len() as u64, saved.last_event)?;
    stopped.simulator.stop().await;
    Ok(())
}

/// Own orders are cancelled, some of them with the first answer lost; those of others stay.
async fn stops_and_cancels(bench: &Bench) -> Result<(), Failed> {
    let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?.tweak(|config| config.on_stop = OnStop::Cancel);
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    for _ in 0..10 {
        desk.open_order(Side::Buy, "0.001").await?;
    }
    let theirs = ExternalOrder { client_id: Some("theirs".to_owned()), ..external(&desk)? };
    desk.inject(Fault::new(FaultKind::ExternalOrder(theirs)).pair(desk.pair(0).as_str()))?;
    desk.pass(SECOND).await;
    desk.inject(bench.struck(OrderCommand::Cancel, FaultKind::LoseReply)?.times(3))?;
    let stopped = desk.stop(bench).await?;
    expect(stopped.took <= STOP + 20 * SECOND, "a stop within 30 s", format_args!("{:?}", stopped.took))?;
    equal("what is open at the exchange", vec!["theirs".to_owned()], live_there(&stopped.simulator))?;
    equal("what is still open", 0, stopped.live.len())?;
    let ends =
        |change: &AccountChange| matches!(change, AccountChange::Order(order) if order.own && order.change.is_end());
    equal("ends told", 10, stopped.events.iter().filter(|event| ends(&event.change)).count())?;
    stopped.simulator.stop().await;
    Ok(())
}

fn external(desk: &Desk) -> Result<ExternalOrder, Failed> {
    Ok(ExternalOrder::limit(Taker::Sell, desk.price(desk.pair(0), 106)?.value(), decimal("0.5")?))
}

/// Also while an order is on its way, and while the exchange does not answer.
async fn stops_amid_calls(bench: &Bench) -> Verdict {
    let desk = ready_desk(bench).await?;
    let request = desk.resting(Side::Buy, "0.01")?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    let placing = desk.place(request);
    let waits = timeout(SECOND, placing).await;
    expect(waits.is_err(), "an order that waits for its answer", "an answer")?;
    let stopped = desk.stop(bench).await?;
    expect(stopped.took <= STOP, "a stop within 10 s amid a call", format_args!("{:?}", stopped.took))?;
    equal("what is still open", 1, stopped.live.len())?;
    stopped.simulator.stop().await;

    let silent = Fault::new(FaultKind::LoseReply).always();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.fault(silent)).await?;
    desk.pass(3 * SECOND).await;
    let stopped = desk.stop(bench).await?;
    expect(stopped.took <= STOP, "a stop within 10 s without answers", format_args!("{:?}", stopped.took))?;
    stopped.simulator.stop().await;
    Ok(Shown::Works)
}

/// Started and stopped again and again with one record: nothing piles up, no event comes twice.
pub(super) async fn starts_again(bench: &Bench) -> Verdict {
    const ROUNDS: usize = 20;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut after_first = None;
    let (mut desk, mut told) = (bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?, 0);
    for round in 1..=ROUNDS {
        // What starts cost makes some of them wait for the next window.
        desk.ready_within(MINUTE + SOON).await?;
        equal("live orders", round - 1, desk.connector.orders().len())?;
        desk.open_order(Side::Buy, "0.001").await?;
        desk.settled().await?;
        // The next one cannot know what this one has spent of the limits of this second.
        desk.pass(SECOND).await;
        let (next, events) = desk.start_again(bench).await?;
        crate::bench::ledger::no_hole(events.iter().map(|event| event.number))?;
        expect(events.len() > told, "new events", events.len())?;
        told = events.len();
        desk = next;
        if round == 2 {
            after_first = Some(tasks());
        }
        let limit = after_first.unwrap_or(usize::MAX);
        expect(is_gone(|| tasks() <= limit).await, format_args!("at most {limit} tasks after round {round}"), tasks())?;
    }
    desk.ready_within(MINUTE + SOON).await?;
    desk.end(bench).await
}

/// Dropped without a stop everything ends; a panicking private decoder costs its connection, and no more.
pub(super) async fn account_dropped(bench: &Bench) -> Verdict {
    let desk = ready_desk(bench).await?;
    desk.open_order(Side::Buy, "0.01").await?;
    let simulator = desk.drop_connector(bench);
    let gone = comes_true(SOON, || simulator.connections().is_empty()).await;
    expect(gone, "no socket of a connector that was dropped", format_args!("{:?}", simulator.connections()))?;
    simulator.stop().await;
    bench.nothing_is_left().await?;

    let armed = Arc::new(AtomicBool::new(false));
    let inner = bench.with_subject(Altered::panicking_in_private(&armed).subject(bench.subject()));
    let desk = ready_desk(&inner).await?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    let (mark, seen) = (desk.witness.mark(), desk.story.all().len());
    armed.store(true, Ordering::Relaxed);
    desk.fill(&order, Some("0.004"))?;
    let told = |event: &LifeEvent| match event {
        LifeEvent::Problem { kind: ErrorKind::Decode, place, .. } => place.contains("panic"),
        _ => false,
    };
    desk.witness.life(mark, SECOND, "Problem with the panic", told).await?;
    desk.story.sees_after(seen, "Gap", SECOND, |change| matches!(change, AccountChange::Gap { .. })).await?;
    let reconciled = |change: &AccountChange| matches!(change, AccountChange::Reconciled { .. });
    desk.story.sees_after(seen, "Reconciled", SOON, reconciled).await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill"], SOON).await?;
    desk.end(&inner).await
}
