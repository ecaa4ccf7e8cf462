//! Errors of order commands.

use std::time::Duration;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_core::{ClientOrderId, CommandError, ErrorKind, OrderState, Side};
use tradewire_simulator::{ExternalOrder, Fault, FaultKind, OrderCommand};

use super::auth::is_kind;
use super::mkt::{MINUTE, SECOND};
use crate::WireOrderError;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// An undocumented code.
const NOVEL: i64 = -99_999;

/// Places an order that gets this error, and checks kind, outcome and events.
async fn feed(bench: &Bench, desk: &Desk, known: &WireOrderError, text: Option<&str>) -> Result<CommandError, Failed> {
    let place = format!("code {} with status {}", known.code, known.status);
    let kind = bench.code(known.code, text, known.status);
    // A time error is answered by another sending.
    let times = if known.kind == ErrorKind::Clock { 2 } else { 1 };
    desk.inject(bench.struck(OrderCommand::Place, kind)?.times(times))?;
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.001")?).await.map_err(|failed| failed.at(&place))?;
    let id = id.ok_or_else(|| Failed::new("an id of the order", &error).at(&place))?;
    is_kind(&place, known.kind, error.error())?;
    expect(bench.has_code(error.error(), known.code), format_args!("{place}: the code"), error.error())?;
    equal(format_args!("{place}: the status"), Some(known.status), error.error().status())?;
    let outcome = match error {
        CommandError::Rejected(_) => "Rejected",
        CommandError::Unknown { .. } => "Unknown",
        CommandError::NotSent(_) => "NotSent",
    };
    let (expected, word) = if known.refuses { ("Rejected", "Rejected") } else { ("Unknown", "OutcomeUnknown") };
    equal(format_args!("{place}: the outcome"), expected, outcome)?;
    let told = || desk.story.of_order(&id).into_iter().take(2).collect::<Vec<_>>() == ["Pending", word];
    let came = comes_true(SOON, told).await;
    expect(came, format_args!("{place}: Pending → {word}"), desk.story.of_order(&id).join(" → "))?;
    if known.kind == ErrorKind::RateLimited {
        desk.pass(MINUTE + 5 * SECOND).await;
    }
    Ok(error)
}

pub(super) async fn err_01(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let known = bench.account_wire()?.order_errors();
    for error in known {
        feed(bench, &desk, error, None).await?;
        let contradicts = |other: &WireOrderError| other.code == error.code && other.kind != error.kind;
        expect(!known.iter().any(contradicts), format_args!("one kind of {}", error.code), "several")?;
    }
    desk.end(bench).await
}

pub(super) async fn err_02(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    for (status, refuses) in bench.account_wire()?.undocumented().iter().copied() {
        let novel = WireOrderError { status, code: NOVEL, kind: ErrorKind::Exchange, refuses };
        feed(bench, &desk, &novel, None).await?;
    }
    let path = bench.account_wire()?.paths().balances;
    let before = desk.requests(path).len();
    let kind = bench.code(NOVEL, None, 400);
    desk.inject(Fault::new(kind).path(path).times(9))?;
    match desk.source.balances().await {
        Err(error) => is_kind("a read", ErrorKind::Exchange, &error)?,
        Ok(_) => return Err(Failed::new("an error of the read", "balances")),
    }
    equal("reads sent", 1, desk.requests(path).len() - before)?;
    desk.end(bench).await
}

pub(super) async fn err_03(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let wire = bench.account_wire()?;
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    let unlimited: Vec<_> = wire.order_errors().iter().filter(|known| known.kind != ErrorKind::RateLimited).collect();
    for _ in 0..6 {
        let Some(known) = unlimited.choose(&mut random) else { return Err(Failed::new("documented errors", "none")) };
        // Another's whole text, changed, so that it is not documented for any code.
        let words = wire.order_error_texts().choose(&mut random).map_or("", |known| known.text);
        let text = format!("{words} {}", random.random::<u32>());
        feed(bench, &desk, known, Some(&text)).await?;
    }
    if bench.seed() == 1 {
        for known in wire.order_error_texts() {
            let finer =
                WireOrderError { status: wire.refusal_status(), code: known.code, kind: known.kind, refuses: true };
            feed(bench, &desk, &finer, Some(known.text)).await?;
        }
    }
    desk.end(bench).await
}

pub(super) async fn err_04(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let status = |status| FaultKind::Status { status };
    for kind in [
        FaultKind::LoseReply,
        FaultKind::LoseRequest,
        FaultKind::Cut,
        FaultKind::Truncate,
        FaultKind::NotJson,
        status(200),
        status(408),
        status(500),
        status(502),
        status(503),
    ] {
        let place = format!("{kind:?}");
        unanswered(bench, &desk, kind).await.map_err(|failed| failed.at(place))?;
    }
    desk.end(bench).await
}

/// Places an order that gets no readable answer, and sees it through to what is true at the exchange.
async fn unanswered(bench: &Bench, desk: &Desk, kind: FaultKind) -> Result<(), Failed> {
    desk.ready().await?;
    // Neither the private stream nor a poll is to tell before the outcome is unknown.
    let unread = desk.inject(bench.read(|paths| paths.open_orders, FaultKind::Status { status: 503 })?.always())?;
    let late = desk.inject(bench.told(|reports| reports.any, FaultKind::Hold { ms: 8_000 })?.always())?;
    desk.inject(bench.struck(OrderCommand::Place, kind)?)?;
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.001")?).await?;
    expect(error.is_unknown(), "Unknown", format_args!("{error:?}"))?;
    desk.simulator.clear_fault(unread);
    let id = id.ok_or_else(|| Failed::new("an id of the order", "none"))?;
    let landed = desk.simulator.orders(crate::bench::desk::MAIN).iter().any(|order| order.client_id == id.as_str());
    let state = if landed { OrderState::Open } else { OrderState::Rejected };
    desk.order_is(&id, state).await?;
    let end = if landed { "Open" } else { "Rejected" };
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", end], SOON).await?;
    desk.simulator.clear_fault(late);
    desk.pass(10 * SECOND).await;
    Ok(())
}

pub(super) async fn err_05_orders(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    desk.open_order(Side::Buy, "0.001").await?;
    let line = desk.commands(OrderCommand::Place).last().and_then(|sent| sent.connection);
    let refusing = desk.inject(Fault::new(FaultKind::RefuseConnect))?;
    let cutting = desk.inject(Fault::new(FaultKind::Cut).path(bench.wire().paths().rest).always())?;
    // Kept connections close one after the other; then nothing can be sent.
    let mut closed = 0;
    for _ in 0..50 {
        let asked = desk.source.market().status().await.err();
        closed += u32::from(asked.is_some_and(|error| error.context("sent") == Some("no")));
        if closed == 3 {
            break;
        }
    }
    expect(closed == 3, "requests that never left", "answers")?;
    if let Some(line) = line {
        desk.inject(Fault::new(FaultKind::Drop).connection(line))?;
    }
    desk.pass(Duration::from_millis(20)).await;
    let before = desk.commands(OrderCommand::Place).len();
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.001")?).await?;
    expect(matches!(error, CommandError::NotSent(_)), "NotSent", format_args!("{error:?}"))?;
    is_kind("an order without a connection", ErrorKind::Connection, error.error())?;
    let id = id.ok_or_else(|| Failed::new("an id of the order", "none"))?;
    desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
    equal("orders that left", before, desk.commands(OrderCommand::Place).len())?;
    desk.simulator.clear_fault(refusing);
    desk.simulator.clear_fault(cutting);
    desk.pass(MINUTE).await;
    desk.ready().await?;
    desk.open_order(Side::Buy, "0.001").await?;
    desk.end(bench).await
}

pub(super) async fn err_08(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    desk.inject(bench.told(|reports| reports.any, FaultKind::Hold { ms: 8_000 })?.always())?;
    let id = ClientOrderId::from("tw-copy-1");
    let mut request = desk.resting(Side::Buy, "0.01")?;
    let price = request.price.ok_or_else(|| Failed::new("a price", "none"))?.value();
    request.client_order_id = Some(id.clone());
    // The copy of the request that comes first is the one that lands.
    let quantity = crate::bench::world::decimal("0.01")?;
    let copy = ExternalOrder::limit(tradewire_simulator::Side::Buy, price, quantity);
    let copy = FaultKind::ExternalOrder(ExternalOrder { client_id: Some(id.to_string()), ..copy });
    desk.inject(bench.struck(OrderCommand::Place, copy)?.pair(desk.pair(0).as_str()))?;
    let (_, error) = desk.refused(request).await?;
    expect(error.is_unknown(), "Unknown: a copy has landed", format_args!("{error:?}"))?;
    is_kind("its cause", bench.account_wire()?.copy_refused(), error.error())?;
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], SOON).await?;
    desk.order_is(&id, OrderState::Open).await?;
    equal("orders sent", 1, desk.commands(OrderCommand::Place).len())?;
    desk.end(bench).await
}

pub(super) async fn err_09_orders(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let wire = bench.account_wire()?;
    for known in wire.order_error_texts() {
        let refusal =
            WireOrderError { status: wire.refusal_status(), code: known.code, kind: known.kind, refuses: true };
        let error = feed(bench, &desk, &refusal, Some(known.text)).await?;
        says_all(&desk, error.error(), known.text).map_err(|failed| failed.at(known.text))?;
    }
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::RetryAfter { seconds: 3, status: 429 })?)?;
    let (_, error) = desk.refused(desk.resting(Side::Buy, "0.001")?).await?;
    is_kind("429", ErrorKind::RateLimited, error.error())?;
    let now = desk.source.market().server_clock().local().now();
    let wait = error.error().retry_at().map(|at| at.since(now).as_secs());
    let fits = |wait: u64| if wire.tells_pause(bench.order_entry()) { (2..=3).contains(&wait) } else { wait > 0 };
    expect(wait.is_some_and(fits), "when to try again, in 3 s if that is told", format_args!("{wait:?}"))?;
    desk.pass(Duration::from_secs(wait.unwrap_or_default() + 2)).await;
    desk.end(bench).await
}

/// The error names the exchange's text, the endpoint, the pair and the order, and no time to wait for.
fn says_all(desk: &Desk, error: &tradewire_core::Error, text: &str) -> Result<(), Failed> {
    equal("the exchange's text", text, error.message())?;
    let sent = desk.commands(OrderCommand::Place);
    let newest = sent.last().ok_or_else(|| Failed::new("a sent order", "none"))?;
    let endpoint = error.context("endpoint").unwrap_or_default();
    expect(endpoint.contains(&newest.path), format_args!("the endpoint {}", newest.path), endpoint)?;
    equal("the pair", Some(desk.pair(0).as_str()), error.context("pair"))?;
    equal("the order", newest.note.client_order_id.as_deref(), error.context("client_order_id"))?;
    equal("when to try again", None, error.retry_at())
}
