//! Errors.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tradewire_core::{Addresses, Error, ErrorKind, Event, Instrument, LifeEvent};
use tradewire_simulator::{Fault, FaultKind, Novelty, Simulator};

use super::book::SCALE;
use super::book_live::stir;
use super::err_orders::{err_01, err_02, err_03, err_04, err_05_orders, err_08, err_09_orders};
use super::mkt::{MINUTE, SECOND};
use crate::Row;
use crate::bench::stand::Ids;
use crate::bench::world::addresses;
use crate::bench::{Bench, Setup, Stand, World};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Errors.
pub(super) const ROWS: &[Row] = &[
    Row::traded("ERR-01", "every documented code has one kind and one outcome", |b| err_01(b).boxed_local()),
    Row::traded("ERR-02", "an undocumented code refuses only where its class does", |b| err_02(b).boxed_local()),
    Row::traded_seeded("ERR-03", "the outcome never depends on the words of a message", |b| err_03(b).boxed_local()),
    Row::traded("ERR-04", "an order without a readable answer is unknown", |b| err_04(b).boxed_local()),
    Row::traded("ERR-05", "a request that never left says so", |b| err_05(b).boxed_local()),
    Row::once("ERR-06", "reads are sent again up to three times, never after 4xx", |b| err_06(b).boxed_local()),
    Row::once("ERR-07", "success with an error in its body is an error", |b| err_07(b).boxed_local()),
    Row::traded("ERR-08", "a duplicate client order id means that a copy has landed", |b| err_08(b).boxed_local()),
    Row::traded("ERR-09", "an error carries kind, code, text, status, endpoint and when to try again", |b| {
        err_09(b).boxed_local()
    }),
    Row::once("ERR-10", "unknown fields are ignored; missing and empty ones are Decode, with the frame", |b| {
        err_10(b).boxed_local()
    }),
    Row::once("ERR-11", "a lasting failure is told once a minute with its count, and counted", |b| {
        err_11(b).boxed_local()
    }),
];

/// The error of something that must fail.
fn failure<T>(what: &str, result: Result<T, Error>) -> Result<Error, Failed> {
    match result {
        Err(error) => Ok(error),
        Ok(_) => Err(Failed::new(format_args!("an error of {what}"), "success")),
    }
}

/// Asks for a ticker: for what is offered of it.
async fn ticker(bench: &Bench, world: &World, instrument: &Arc<Instrument>) -> Result<(), Error> {
    match bench.capabilities().market.ticker_24h {
        true => world.source.ticker_24h(instrument).await.map(drop),
        false => world.source.best_prices(std::slice::from_ref(instrument)).await.map(drop),
    }
}

async fn err_05(bench: &Bench) -> Verdict {
    let setup = Setup::many(bench, 1)?;
    let simulator = Simulator::start(setup.exchange).await?;
    let source = bench.subject().source(&addresses(simulator.addresses()))?;
    simulator.inject(Fault::new(FaultKind::RefuseConnect))?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = failure("a request without a connection", source.status().await)?;
    equal("kind", ErrorKind::Connection, error.kind())?;
    equal("whether it was sent", Some("no"), error.context("sent"))?;
    equal("requests seen", 0, simulator.requests().total)?;
    drop(source);
    let unknown = Addresses::own("http://no-such-host.invalid:1", "ws://127.0.0.1:1");
    let source = bench.subject().source(&unknown)?;
    let error = failure("a request to a name that is not found", source.status().await)?;
    equal("whether it was sent", Some("no"), error.context("sent"))?;
    drop(source);
    simulator.stop().await;
    err_05_orders(bench).await
}

async fn err_06(bench: &Bench) -> Verdict {
    let simulator = Simulator::start(Setup::many(bench, 1)?.exchange).await?;
    let source = bench.subject().source(&addresses(simulator.addresses()))?;
    let path = bench.wire().paths().time;
    let sent =
        || -> Vec<_> { simulator.requests().records.into_iter().filter(|request| request.path == path).collect() };
    // What strikes, how often, how often the request is sent then, and whether it succeeds.
    for (kind, times, tries, succeeds) in [
        (FaultKind::Status { status: 500 }, 2, 3, true),
        (FaultKind::Status { status: 502 }, 9, 3, false),
        (FaultKind::Cut, 2, 3, true),
        (FaultKind::Truncate, 1, 2, true),
        (FaultKind::LoseReply, 1, 2, true),
        (FaultKind::Status { status: 400 }, 9, 1, false),
        (bench.refused_read()?, 9, 1, false),
        (FaultKind::Status { status: 404 }, 9, 1, false),
    ] {
        let before = sent().len();
        let word = kind.name();
        simulator.inject(Fault::new(kind).path(path).times(times))?;
        let outcome = source.time().await;
        let requests = sent().split_off(before);
        equal(format_args!("tries with {word} × {times}"), tries, requests.len())?;
        equal(format_args!("success with {word} × {times}"), succeeds, outcome.is_ok())?;
        for (n, two) in requests.windows(2).enumerate() {
            let pause = two[1].time.since(two[0].time).as_millis();
            let most = 600 << n;
            let lost = if word == "lose-reply" { 10_000 } else { 0 };
            let within = pause >= (400 << n) + lost && pause <= most + lost + 20;
            expect(within, format_args!("{} to {most} ms before try {}", 400 << n, n + 2), format_args!("{pause} ms"))?;
        }
        simulator.clear_faults();
    }
    drop(source);
    simulator.stop().await;
    Ok(Shown::Works)
}

async fn err_07(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let (paths, instrument) = (bench.wire().paths(), world.instrument(world.pair(0))?);
    let FaultKind::Code { code, .. } = bench.refused_read()? else { return Err(Failed::new("a code", "none")) };
    let strike = |path: &str| {
        let kind = bench.code(code, Some("odd"), 200);
        world.simulator.inject(Fault::new(kind).path(path)).map(drop)
    };
    strike(paths.ticker)?;
    failure("a ticker", ticker(bench, &world, &instrument).await)?;
    strike(paths.trades)?;
    failure("trades", world.source.recent_trades(&instrument, 5).await)?;
    strike(paths.time)?;
    failure("the time", world.source.time().await)?;
    strike(paths.snapshot)?;
    let answer = world.source.snapshot(&instrument, 100).await;
    let read = answer.is_ok_and(|answer| world.source.decode_snapshot(&answer.body, SCALE).is_ok());
    expect(!read, "an error of a snapshot", "a book")?;
    strike(paths.instruments)?;
    let answer = world.source.instruments().await;
    let read = answer.is_ok_and(|answer| world.source.decode_instruments(&answer.body).is_ok());
    expect(!read, "an error of an instrument list", "a list")?;
    world.end(bench).await
}

async fn err_09(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let (path, instrument) = (bench.wire().paths().ticker, world.instrument(world.pair(0))?);
    let limits = bench.wire().limits();
    // A read is sent three times where that may help.
    let pace = limits.window.length() * 3 / u32::try_from(limits.weight).unwrap_or(1).max(1);
    for known in bench.wire().errors() {
        for text in ["As documented.", "Entirely other words: timestamp, Invalid symbol, banned.", ""] {
            let (status, code) = (known.status, known.code);
            let kind = bench.code(code, Some(text), status);
            world.simulator.inject(Fault::new(kind).path(path).times(3))?;
            let error = failure("a read", ticker(bench, &world, &instrument).await)?;
            world.simulator.clear_faults();
            world.pass(pace).await;
            equal(format_args!("kind of {code}"), known.kind, error.kind())?;
            expect(bench.has_code(&error, code), format_args!("the code {code}"), &error)?;
            equal("HTTP status", Some(status), error.status())?;
            equal("the exchange's text", bench.stated(code, Some(text)).as_deref(), Some(error.message()))?;
            let endpoint = error.context("endpoint").unwrap_or_default();
            expect(endpoint.contains(path), format_args!("the endpoint {path}"), endpoint)?;
        }
    }
    world.simulator.inject(Fault::new(FaultKind::RetryAfter { seconds: 3, status: 429 }).path(path))?;
    let error = failure("a read", ticker(bench, &world, &instrument).await)?;
    equal("kind of 429", ErrorKind::RateLimited, error.kind())?;
    let now = world.source.server_clock().local().now();
    let wait = error.retry_at().map(|at| at.since(now).as_secs());
    expect(wait.is_some_and(|wait| (2..=3).contains(&wait)), "when to try again, in 3 s", format_args!("{wait:?}"))?;
    world.pass(5 * SECOND).await;
    world.end(bench).await?;
    err_09_orders(bench).await
}

async fn err_10(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let (paths, instrument) = (bench.wire().paths(), world.instrument(world.pair(0))?);
    for path in [paths.ticker, paths.trades, paths.time, paths.best_prices] {
        world.simulator.inject(Fault::new(FaultKind::Novel { what: Novelty::Field }).path(path))?;
    }
    ticker(bench, &world, &instrument).await?;
    world.source.recent_trades(&instrument, 5).await?;
    world.source.time().await?;
    world.source.best_prices(std::slice::from_ref(&instrument)).await?;
    world.simulator.clear_faults();
    world.simulator.inject(Fault::new(FaultKind::NotJson).path(paths.ticker))?;
    let error = failure("a web page", ticker(bench, &world, &instrument).await)?;
    equal("kind", ErrorKind::Decode, error.kind())?;
    let frame = error.frame().unwrap_or_default();
    expect(frame.starts_with(b"<html>"), "the beginning of the body", String::from_utf8_lossy(frame))?;
    world.end(bench).await?;
    missing_fields(bench)
}

/// Frames with a field missing, empty or too long: errors, with at most 4 KiB of the frame.
fn missing_fields(bench: &Bench) -> Verdict {
    let mut stand = Stand::new(bench, SCALE)?;
    let good = String::from_utf8(stand.update_frame(
        Ids { previous: 100, first: 101, last: 102 },
        &[("99.5", "9.25")],
        &[("100.5", "9.25")],
    ));
    let good = good.map_err(|error| Failed::new("a frame of text", error))?;
    // Numbers are quoted at some exchanges, and levels have names at some; not every frame names a first id.
    let price = if good.contains("\"99.5\"") { "\"99.5\"" } else { "99.5" };
    let size = if good.contains("\"9.25\"") { "\"9.25\"" } else { "9.25" };
    let damages =
        [("102", "null"), ("101", "\"\""), (price, "null"), (size, "\"\""), ("[\"99.5\",\"9.25\"]", "[\"99.5\"]")];
    for (from, to) in damages.into_iter().filter(|(from, _)| good.contains(from)) {
        let bad = good.replacen(from, to, 1);
        match stand.frame(bad.as_bytes()) {
            Err(error) => {
                equal("kind", ErrorKind::Decode, error.error.kind())?;
                equal("the frame", Some(bad.as_bytes()), error.error.frame())?;
            }
            Ok(frame) => return Err(Failed::new(format_args!("an error for {bad}"), format_args!("{frame:?}"))),
        }
    }
    let long = good.replacen(size, &format!("\"{}\"", "x".repeat(100_000)), 1);
    match stand.frame(long.as_bytes()) {
        Err(error) => expect(
            error.error.frame().is_some_and(|frame| frame.len() <= 4096),
            "at most 4 KiB of the frame",
            format_args!("{:?}", error.error.frame().map(<[u8]>::len)),
        )?,
        Ok(frame) => return Err(Failed::new("an error for a long number", format_args!("{frame:?}"))),
    }
    Ok(Shown::Works)
}

async fn err_11(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let stream = bench.wire().book_stream(&bench.wire().symbol(&pair));
    let mark = world.witness.mark();
    let counted = |texts: &[&str]| bench.captured().count(texts);
    let before = counted(&["tradewire_problems_total", "cannot decode"]);
    world.simulator.inject(Fault::new(FaultKind::Garble).stream(&stream).times(1_000))?;
    for _ in 0..1_000 {
        stir(&world, &pair)?;
        world.pass(Duration::from_millis(9)).await;
    }
    let told = || -> Vec<u64> {
        let problem = |(_, event)| match event {
            Event::Life(LifeEvent::Problem { kind: ErrorKind::Decode, count, .. }) => Some(count),
            _ => None,
        };
        world.witness.since(mark).into_iter().filter_map(problem).collect()
    };
    let struck = world.simulator.faults_struck().get("garble").copied().unwrap_or(0);
    equal("events of 1 000 equal failures in 9 s", vec![1], told())?;
    equal("the counter", struck, counted(&["tradewire_problems_total", "cannot decode"]) - before)?;
    world.simulator.clear_faults();
    world.pass(MINUTE).await;
    world.simulator.inject(Fault::new(FaultKind::Garble).stream(&stream))?;
    stir(&world, &pair)?;
    world.pass(SECOND).await;
    equal("events a minute later, with the count", vec![1, struck], told())?;
    world.ready().await?;
    let (lost, sockets) = (counted(&["tradewire_socket_losses_total"]), world.simulator.connections().len() as u64);
    for _ in 0..3 {
        world.simulator.inject(Fault::new(FaultKind::Drop))?;
        world.pass(10 * SECOND).await;
    }
    equal("connections counted as lost", 3 * sockets, counted(&["tradewire_socket_losses_total"]) - lost)?;
    world.ready().await?;
    world.end(bench).await
}
