//! Orders: cancels, batches, other hands, sockets.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;
use tradewire_core::{ClientOrderId, CommandError, ErrorKind, Order, OrderState, Side};
use tradewire_simulator::{Fault, FaultKind, OrderCommand};
use tradewire_tracking::CancelResult;

use super::auth::is_kind;
use super::mkt::SECOND;
use super::ord::quiet;
use super::ord_unknown::silent;
use super::{ord_dead_man, ord_hands};
use crate::bench::desk::MAIN;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk};
use crate::row::{Failed, Verdict, equal, expect};
use crate::{Row, WireErrorText};

/// Orders: cancels, batches, other hands, sockets.
pub(super) const ROWS: &[Row] = &[
    Row::traded("ORD-23", "a positive cancel reply ends the order where it means done", |b| ord_23(b).boxed_local()),
    Row::traded("ORD-24", "a cancel before the acceptance is not lost", |b| ord_24(b).boxed_local()),
    Row::traded("ORD-25", "a fill during a cancel counts before the end", |b| ord_25(b).boxed_local()),
    Row::traded("ORD-26", "filled during a cancel ends as Filled", |b| ord_26(b).boxed_local()),
    Row::traded("ORD-27", "a refused cancel says neither alive nor dead", |b| ord_27(b).boxed_local()),
    Row::traded("ORD-28", "a cancel without an answer is repeated, then unknown", |b| ord_28(b).boxed_local()),
    Row::traded("ORD-29", "cancel-all gives one result an order and spares those of others", |b| {
        ord_29(b).boxed_local()
    }),
    Row::traded("ORD-30", "a batch gives one result an element, in order", |b| ord_hands::ord_30(b).boxed_local()),
    Row::traded("ORD-31", "orders of other origin are seen, and can be adopted", |b| {
        ord_hands::ord_31(b).boxed_local()
    }),
    Row::traded("ORD-32", "two connectors on one account end with the same balances", |b| {
        ord_hands::ord_32(b).boxed_local()
    }),
    Row::traded("ORD-33", "no frame of an old order socket is written on a new one", |b| {
        ord_hands::ord_33(b).boxed_local()
    }),
    Row::traded("ORD-34", "closed orders stay in memory for a while, then in the journal", |b| {
        ord_hands::ord_34(b).boxed_local()
    }),
    Row::traded("ORD-35", "the dead-man switch is armed and renewed", |b| ord_dead_man::ord_35(b).boxed_local()),
    Row::traded_seeded("ORD-36", "after a thousand orders with random faults everything equals the ledger", |b| {
        ord_hands::ord_36(b).boxed_local()
    }),
];

/// The first words of the story of an order that rests.
pub(super) const RESTS: &[&str] = &["Pending", "Open"];

/// Checks the whole story of an order that rested, from then on.
pub(super) async fn goes_on(desk: &Desk, id: &ClientOrderId, words: &[&str], within: Duration) -> Result<(), Failed> {
    desk.story.becomes(id, &[RESTS, words].concat(), within).await
}

/// Cancels an order that must end by it.
pub(super) async fn cancelled(desk: &Desk, id: &ClientOrderId) -> Result<Order, Failed> {
    let order = desk.connector.cancel(id).await.map_err(|error| Failed::new("a cancel", error))?;
    if desk.cancels_are_received() {
        return desk.order_is(id, OrderState::Cancelled).await;
    }
    equal("its state", OrderState::Cancelled, order.state)?;
    Ok(order)
}

/// Cancels an order that must not end by it.
async fn not_cancelled(desk: &Desk, id: &ClientOrderId) -> Result<CommandError, Failed> {
    desk.connector.cancel(id).await.err().ok_or_else(|| Failed::new("an error", "a cancelled order"))
}

async fn ord_23(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    silent(bench, &desk, 4 * SECOND)?;
    let began = Instant::now();
    if desk.cancels_are_received() {
        let marked =
            desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
        equal("its state and mark by the reply", (OrderState::Open, true), (marked.state, marked.cancel_requested))?;
        desk.order_is(&order.client_order_id, OrderState::Cancelled).await?;
        expect(began.elapsed() >= 4 * SECOND, "an end by the report", format_args!("{:?}", began.elapsed()))?;
    } else {
        cancelled(&desk, &order.client_order_id).await?;
        expect(began.elapsed() <= SECOND, "an end by the reply", format_args!("{:?}", began.elapsed()))?;
    }
    goes_on(&desk, &order.client_order_id, &["CancelRequested", "Cancelled"], SECOND).await?;
    desk.pass(8 * SECOND).await;
    goes_on(&desk, &order.client_order_id, &["CancelRequested", "Cancelled"], SECOND).await?;
    equal("cancels sent", 1, desk.commands(OrderCommand::Cancel).len())?;
    desk.end(bench).await
}

async fn ord_24(bench: &Bench) -> Verdict {
    let words = &["Pending", "CancelRequested", "Open", "Cancelled"];
    let desk = quiet(bench).await?;
    for unheard_of in [false, true] {
        let sent = desk.commands(OrderCommand::Cancel).len();
        desk.inject(bench.struck(OrderCommand::Place, FaultKind::Delay { ms: 3_000 })?)?;
        silent(bench, &desk, 2 * SECOND)?;
        if unheard_of {
            // The cancel overtakes the order on the way.
            let wire = bench.account_wire()?;
            let WireErrorText { code, text, .. } = wire.unknown_order();
            let unknown = bench.code(code, Some(text), wire.refusal_status());
            desk.inject(bench.struck(OrderCommand::Cancel, unknown)?)?;
        }
        let placing = desk.connector.place(desk.resting(Side::Buy, "0.01")?);
        let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id", "none"))?;
        let placing = tokio::spawn(placing);
        desk.pass(SECOND).await;
        cancelled(&desk, &id).await.map_err(|failed| failed.at(format_args!("unheard of: {unheard_of}")))?;
        desk.story.becomes(&id, words, SOON).await?;
        placing
            .await
            .map_err(|error| Failed::new("an answer", error))?
            .map_err(|error| Failed::new("an order", error))?;
        equal("cancels sent", sent + 1 + usize::from(unheard_of), desk.commands(OrderCommand::Cancel).len())?;
        desk.pass(5 * SECOND).await;
    }
    desk.end(bench).await
}

async fn ord_25(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let part = FaultKind::PartialFill { quantity: Some(decimal("0.004")?) };
    for late in [None, Some(FaultKind::Reorder), Some(FaultKind::Hold { ms: 3_000 }), Some(FaultKind::Mute)] {
        let order = desk.open_order(Side::Buy, "0.01").await?;
        let id = &order.client_order_id;
        let name = late.as_ref().map_or("in order", FaultKind::name);
        if let Some(kind) = late {
            desk.inject(bench.told(|reports| reports.fill, kind)?.times(1))?;
        }
        desk.inject(bench.struck(OrderCommand::Cancel, part.clone())?)?;
        desk.connector.cancel(id).await.map_err(|error| Failed::new("a cancel", error).at(name))?;
        let words = &["CancelRequested", "Fill", "Cancelled"];
        goes_on(&desk, id, words, SOON).await.map_err(|failed| failed.at(name))?;
        equal("what it filled", decimal("0.004")?, desk.order(id).await?.filled.value())?;
    }
    desk.end(bench).await
}

async fn ord_26(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    for late in [None, Some(FaultKind::Hold { ms: 4_000 }), Some(FaultKind::Mute)] {
        let order = desk.open_order(Side::Buy, "0.01").await?;
        let id = &order.client_order_id;
        let name = late.as_ref().map_or("in order", FaultKind::name);
        if let Some(kind) = late {
            desk.inject(bench.told(|reports| reports.fill, kind)?.times(1))?;
        }
        let whole = FaultKind::FillWhileDown { count: None, quantity: None };
        desk.inject(bench.struck(OrderCommand::Cancel, whole)?)?;
        let error = not_cancelled(&desk, id).await?;
        expect(matches!(error, CommandError::Rejected(_)), "Rejected", &error)?;
        equal("its kind", ErrorKind::AlreadyClosed, error.error().kind()).map_err(|failed| failed.at(name))?;
        let words = &["CancelRequested", "Fill", "Completed"];
        goes_on(&desk, id, words, SOON).await.map_err(|failed| failed.at(name))?;
    }
    desk.end(bench).await
}

async fn ord_27(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let wire = bench.account_wire()?;
    let known = wire.unknown_order();
    for message in [known.text, "The moon is full."] {
        let order = desk.open_order(Side::Buy, "0.01").await?;
        let id = &order.client_order_id;
        let (sent, seen) = (desk.commands(OrderCommand::Cancel).len(), desk.simulator.requests().total);
        let refusal = bench.code(known.code, Some(message), wire.refusal_status());
        desk.inject(bench.struck(OrderCommand::Cancel, refusal)?)?;
        let (first, second) = tokio::join!(desk.connector.cancel(id), desk.connector.cancel(id));
        for answer in [first, second] {
            let error = answer.err().ok_or_else(|| Failed::new("Rejected", "a cancelled order"))?;
            expect(matches!(error, CommandError::Rejected(_)), "Rejected", &error)?;
        }
        goes_on(&desk, id, &["CancelRequested", "CancelRefused"], SECOND).await?;
        let order = desk.order(id).await?;
        equal("its state and mark", (OrderState::Open, false), (order.state, order.cancel_requested))?;
        let query = bench.account_wire()?.paths().order;
        let asked = desk
            .requests(query)
            .into_iter()
            .filter(|one| one.number > seen && one.method == wire.read_method())
            .count();
        expect(asked > 0, "a question about the order", "none")?;
        desk.pass(10 * SECOND).await;
        equal("cancels sent", sent + 1, desk.commands(OrderCommand::Cancel).len())?;
        cancelled(&desk, id).await?;
    }
    let error = not_cancelled(&desk, &"never-tracked".into()).await?;
    expect(matches!(error, CommandError::NotSent(_)), "NotSent", &error)?;
    equal("its kind", ErrorKind::NotFound, error.error().kind())?;
    desk.end(bench).await
}

async fn ord_28(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    desk.inject(bench.struck(OrderCommand::Cancel, FaultKind::LoseReply)?)?;
    silent(bench, &desk, 8 * SECOND)?;
    cancelled(&desk, &order.client_order_id).await?;
    goes_on(&desk, &order.client_order_id, &["CancelRequested", "Cancelled"], SOON).await?;
    desk.pass(10 * SECOND).await;

    let order = desk.open_order(Side::Buy, "0.01").await?;
    let (id, sent) = (&order.client_order_id, desk.commands(OrderCommand::Cancel).len());
    desk.inject(bench.struck(OrderCommand::Cancel, FaultKind::LoseRequest)?.times(3))?;
    let refusing = desk.inject(bench.read(|paths| paths.order, FaultKind::Status { status: 503 })?.always())?;
    let error = not_cancelled(&desk, id).await?;
    expect(error.is_unknown(), "an unknown outcome", &error)?;
    equal("cancels sent", sent + 3, desk.commands(OrderCommand::Cancel).len())?;
    goes_on(&desk, id, &["CancelRequested", "OutcomeUnknown"], SECOND).await?;
    expect(desk.order(id).await?.cancel_requested, "a mark that stays", "none")?;
    desk.simulator.clear_fault(refusing);
    goes_on(&desk, id, &["CancelRequested", "OutcomeUnknown", "OutcomeKnown", "CancelRefused"], SOON * 3).await?;
    desk.end(bench).await
}

async fn ord_29(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let mut own = Vec::new();
    for place in 0..40 {
        if place % 16 == 7 {
            // One of them is not known to be live.
            desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
            own.extend(desk.refused(desk.resting(Side::Sell, "0.01")?).await.ok().and_then(|(id, _)| id));
        } else {
            own.push(desk.open_order(Side::Sell, "0.01").await?.client_order_id);
        }
    }
    let price = desk.price(desk.pair(0), 90)?.value();
    let stranger = tradewire_simulator::ExternalOrder::limit(tradewire_simulator::Side::Buy, price, decimal("0.01")?);
    desk.inject(Fault::new(FaultKind::ExternalOrder(stranger)).pair("BTC-USDT"))?;
    desk.inject(bench.struck(OrderCommand::Cancel, FaultKind::LoseReply)?.nth(5).times(3))?;
    desk.pass(SECOND).await;
    let began = Instant::now();
    let mut results = desk.connector.cancel_all(None).await?;
    expect(began.elapsed() <= 11 * SECOND, "an answer within 10 s", format_args!("{:?}", began.elapsed()))?;
    results.sort_by(|(a, _), (b, _)| a.cmp(b));
    own.sort();
    equal("orders answered for", &own, &results.iter().map(|(id, _)| id.clone()).collect())?;
    for (id, result) in &results {
        let good = matches!(result, CancelResult::Cancelled | CancelResult::AlreadyClosed | CancelResult::Pending);
        expect(good, format_args!("{id} cancelled, closed or pending"), format_args!("{result:?}"))?;
    }
    for id in &own {
        desk.order_is(id, OrderState::Cancelled).await?;
    }
    equal("commands that touch all orders", 0, desk.commands(OrderCommand::CancelAll).len())?;
    let live = || desk.simulator.orders(MAIN).iter().filter(|order| order.is_live()).count();
    equal("live orders of others", 1, live())?;
    match (desk.connector.clear(desk.pair(0)).await, bench.trading()?.cancel_all) {
        (Ok(_), true) => equal("live orders", 0, live())?,
        (Err(CommandError::NotSent(error)), false) => is_kind("clearing an account", ErrorKind::Unsupported, &error)?,
        (outcome, _) => return Err(Failed::new("an account that is cleared as declared", format_args!("{outcome:?}"))),
    }
    desk.end(bench).await
}
