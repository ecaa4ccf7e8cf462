//! Orders of which nobody knows what became.

use std::time::Duration;

use tokio::time::Instant;
use tradewire_core::{ClientOrderId, EndReason, Order, OrderChange, OrderRequest, OrderState, Side};
use tradewire_simulator::{Fault, FaultKind, OrderCommand};

use super::mkt::{MINUTE, SECOND};
use super::ord::quiet;
use crate::bench::desk::MAIN;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// The longest pause between two questions, and what may be added by chance.
const QUERY_MAX: Duration = Duration::from_secs(36);
/// Virtual time in which an order must be known after the exchange answers again.
const RESOLVED: Duration = Duration::from_secs(60);

/// An order whose outcome place does not know.
pub(super) async fn lost(desk: &Desk, order: OrderRequest) -> Result<ClientOrderId, Failed> {
    let (id, error) = desk.refused(order).await?;
    expect(error.is_unknown(), "an unknown outcome", error)?;
    id.ok_or_else(|| Failed::new("an id", "none"))
}

/// What the private stream tells of orders comes so much later.
pub(super) fn silent(bench: &Bench, desk: &Desk, time: Duration) -> Result<(), Failed> {
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    desk.inject(bench.told(|reports| reports.any, FaultKind::Hold { ms })?.lasting(time)).map(drop)
}

pub(super) async fn ord_10(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    for accepted in [FaultKind::LoseReply, FaultKind::Cut, FaultKind::Truncate, FaultKind::NotJson] {
        let name = accepted.name();
        asked_for(bench, &desk, accepted).await.map_err(|failed| failed.at(name))?;
    }
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::Status { status: 502 })?)?;
    let id = lost(&desk, desk.resting(Side::Buy, "0.01")?).await?;
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Rejected"], RESOLVED).await?;
    late_reply(bench, &desk).await.map_err(|failed| failed.at("a late reply"))?;
    dropped(bench, &desk).await.map_err(|failed| failed.at("a dropped future"))?;
    desk.end(bench).await
}

/// An order that was accepted without a good answer is marked, keeps its lock, and is found by asking.
async fn asked_for(bench: &Bench, desk: &Desk, fault: FaultKind) -> Result<(), Failed> {
    let free =
        |desk: &Desk| desk.connector.balances().get(&tradewire_core::Asset::new("USDT")).map(|known| known.available);
    let before = free(desk);
    let began = Instant::now();
    desk.inject(bench.struck(OrderCommand::Place, fault)?)?;
    desk.inject(Fault::new(FaultKind::LagQuery { ms: 8_000 }).lasting(12 * SECOND))?;
    silent(bench, desk, 10 * SECOND)?;
    desk.inject(bench.told(|reports| reports.balances, FaultKind::Hold { ms: 10_000 })?)?;
    let request = desk.resting(Side::Buy, "0.01")?;
    let cost = Some(desk.lock(&request));
    let id = lost(desk, request).await?;
    let marked = desk.order(&id).await?;
    expect(marked.state == OrderState::PendingSubmit, "an order that is pending still", format_args!("{marked:?}"))?;
    expect(marked.outcome_unknown_since.is_some(), "a mark with the time", "none")?;
    equal("what is available meanwhile", before.zip(cost).map(|(before, cost)| before - cost), free(desk))?;
    let words = &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"];
    desk.story.becomes(&id, words, RESOLVED).await?;
    expect(began.elapsed() >= 8 * SECOND, "no verdict while queries lag", format_args!("{:?}", began.elapsed()))?;
    let found = desk.order(&id).await?;
    expect(found.exchange_order_id.is_some(), "the exchange's id", "none")?;
    desk.pass(20 * SECOND).await;
    desk.connector.cancel(&id).await.map_err(|error| Failed::new("a cancel", error))?;
    equal("what is available at the end", before, free(desk))
}

/// A reply that comes long after its caller has gone is used.
async fn late_reply(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let began = Instant::now();
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::Delay { ms: 9_000 })?)?;
    desk.inject(Fault::new(FaultKind::LagQuery { ms: 12_000 }).lasting(12 * SECOND))?;
    silent(bench, desk, 12 * SECOND)?;
    let id = lost(desk, desk.resting(Side::Buy, "0.01")?).await?;
    // Where a reply says only that the order was received, the answer to a question brings the evidence, however long it takes.
    let latest = if desk.places_are_received() { RESOLVED } else { 10 * SECOND };
    let opens = || desk.story.of_order(&id).last().is_some_and(|word| word == "Open");
    expect(comes_true(RESOLVED, opens).await, "an order that is open", desk.story.of_order(&id).join(" → "))?;
    if !desk.places_are_received() {
        desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], RESOLVED).await?;
    }
    let took = began.elapsed();
    expect((9 * SECOND..latest).contains(&took), "evidence by the reply, after 9 s", format_args!("{took:?}"))?;
    desk.pass(20 * SECOND).await;
    Ok(())
}

/// A caller who goes leaves an order that is tracked.
async fn dropped(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::Delay { ms: 3_000 })?)?;
    silent(bench, desk, 2 * SECOND)?;
    let mut placing = desk.connector.place(desk.resting(Side::Buy, "0.01")?);
    let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id", "none"))?;
    let early = tokio::time::timeout(SECOND, &mut placing).await;
    expect(early.is_err(), "no answer yet", "one")?;
    drop(placing);
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], RESOLVED).await?;
    desk.pass(10 * SECOND).await;
    equal("requests to place it", 1, desk.simulator.requests().places(id.as_str()))
}

pub(super) async fn ord_11(bench: &Bench) -> Verdict {
    const OUTAGE: Duration = Duration::from_secs(6 * 3_600);
    let desk = quiet(bench).await?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    silent(bench, &desk, 20 * SECOND)?;
    let placing = desk.connector.place(desk.resting(Side::Buy, "0.01")?);
    let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id", "none"))?;
    let placing = tokio::spawn(placing);
    desk.pass(SECOND).await;
    desk.inject(Fault::new(FaultKind::Maintenance).lasting(OUTAGE))?;
    let placed = placing.await.map_err(|error| Failed::new("an answer", error))?;
    expect(placed.is_err_and(|error| error.is_unknown()), "an unknown outcome", "another")?;
    desk.pass(OUTAGE - MINUTE).await;
    equal("what is told meanwhile", vec!["Pending".to_owned(), "OutcomeUnknown".to_owned()], desk.story.of_order(&id))?;
    desk.pass(MINUTE).await;
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], RESOLVED).await?;
    equal("requests to place it", 1, desk.simulator.requests().places(id.as_str()))?;
    desk.end(bench).await
}

pub(super) async fn ord_12(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let wire = bench.account_wire()?;
    let query = wire.paths().order_by_client_id;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    let unavailable = FaultKind::Status { status: 503 };
    if bench.account_wire()?.paths().open_orders != query {
        desk.inject(bench.read(|paths| paths.open_orders, unavailable.clone())?.always())?;
    }
    desk.inject(bench.read(|paths| paths.order_by_client_id, unavailable.clone())?.times(40))?;
    let mute = desk.inject(bench.told(|reports| reports.any, FaultKind::Mute)?)?;
    let id = lost(&desk, desk.resting(Side::Buy, "0.01")?).await?;
    let words = &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"];
    desk.story.becomes(&id, words, Duration::from_secs(1_800)).await?;
    let asked: Vec<_> =
        desk.requests(query).into_iter().filter(|request| request.method == wire.read_method()).collect();
    expect(asked.len() > 40, "more than 40 questions", asked.len())?;
    for pair in asked.windows(2) {
        let pause = Duration::from_micros(u64::try_from(pair[1].time.0 - pair[0].time.0).unwrap_or_default());
        expect(pause <= QUERY_MAX + SECOND, "a question every 36 s at least", format_args!("{pause:?}"))?;
    }
    desk.simulator.clear_fault(mute);
    desk.simulator.clear_faults();
    desk.pass(MINUTE).await;

    let began = Instant::now();
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    desk.inject(bench.read(|paths| paths.open_orders, unavailable.clone())?.always())?;
    desk.inject(bench.read(|paths| paths.order, unavailable)?.always())?;
    silent(bench, &desk, 7 * SECOND)?;
    let id = lost(&desk, desk.resting(Side::Buy, "0.01")?).await?;
    desk.story.becomes(&id, words, RESOLVED).await?;
    let took = began.elapsed();
    expect((7 * SECOND..8 * SECOND).contains(&took), "evidence by the stream, after 7 s", format_args!("{took:?}"))?;
    desk.end(bench).await
}

pub(super) async fn ord_13(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let paths = bench.account_wire()?.paths();
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseRequest)?)?;
    let began = Instant::now();
    let since = desk.simulator.requests().total;
    let id = lost(&desk, desk.resting(Side::Buy, "0.01")?).await?;
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Rejected"], RESOLVED).await?;
    let took = began.elapsed();
    expect(took >= 17 * SECOND, "no verdict before two answers after 15 s", format_args!("{took:?}"))?;
    let order = desk.order(&id).await?;
    equal("why it ended", Some(EndReason::NotAccepted), order.reason)?;
    for proof in [paths.history, paths.open_orders, paths.fills] {
        let asked = desk.requests(proof).into_iter().filter(|request| request.number > since).count();
        expect(asked > 0, format_args!("a look at {proof} before the verdict"), "none")?;
    }
    equal("requests to place it", 1, desk.simulator.requests().places(id.as_str()))?;
    desk.end(bench).await
}

pub(super) async fn ord_14(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    desk.inject(Fault::new(FaultKind::LagQuery { ms: 10_000 }))?;
    silent(bench, &desk, 12 * SECOND)?;
    let id = lost(&desk, desk.resting(Side::Buy, "0.01")?).await?;
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], RESOLVED).await?;
    desk.end(bench).await
}

pub(super) async fn ord_15(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let filled = desk.open_order(Side::Buy, "0.01").await?;
    let rest = desk.open_order(Side::Buy, "0.02").await?;
    desk.pass(20 * SECOND).await;
    let mute = desk.inject(bench.told(|reports| reports.any, FaultKind::Mute)?)?;
    desk.fill(&filled, None)?;
    desk.fill(&rest, Some("0.005"))?;
    desk.inject(Fault::new(FaultKind::ExternalCancel).order(rest.client_order_id.as_str()))?;
    desk.inject(Fault::new(FaultKind::ForgetOrder))?;
    let ended = |id: &ClientOrderId| desk.story.of_order(id).len() >= 4;
    let both = || ended(&filled.client_order_id) && ended(&rest.client_order_id);
    expect(comes_true(10 * MINUTE, both).await, "both ends", desk.story.words().join(" → "))?;
    desk.simulator.clear_fault(mute);
    desk.story.becomes(&filled.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;
    desk.story.becomes(&rest.client_order_id, &["Pending", "Open", "Fill", "Cancelled"], SOON).await?;
    let order: Order = desk.order(&rest.client_order_id).await?;
    equal("why it ended", Some(EndReason::NoLongerListed), order.reason)?;
    let cancelled = |change: &OrderChange| matches!(change, OrderChange::Cancelled(EndReason::NoLongerListed));
    let told = desk.story.order_events(&rest.client_order_id);
    expect(told.last().is_some_and(|event| cancelled(&event.change)), "Cancelled(NoLongerListed)", "another end")?;
    equal("live orders", 0, desk.simulator.orders(MAIN).iter().filter(|order| order.is_live()).count())?;
    desk.end(bench).await
}
