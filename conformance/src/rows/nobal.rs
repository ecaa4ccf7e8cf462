//! Balances without a balance stream.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join;
use tradewire_core::{AccountChange, Basis, BookState, Decimal, OrderRequest, Part, Price, Quantity, Side};
use tradewire_simulator::{ExternalOrder, Fault, FaultKind, OrderCommand, Side as Taker};

use super::mkt::{MINUTE, SECOND};
use super::nobal_flow::nobal_01;
use crate::Row;
use crate::bench::desk::MAIN;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Altered, Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// What is this much apart is not in one millisecond.
pub(super) const A_MOMENT: Duration = Duration::from_millis(50);

/// Balances without a balance stream.
pub(super) const ROWS: &[Row] = &[
    Row::traded_seeded("NOBAL-01", "estimated balances equal the ledger when nothing is in flight", |b| {
        nobal_01(b).boxed_local()
    }),
    Row::traded("NOBAL-02", "each read takes everything in one step", |b| nobal_02(b).boxed_local()),
    Row::traded("NOBAL-03", "a read during a change is repeated", |b| nobal_03(b).boxed_local()),
    Row::traded("NOBAL-04", "fills at the instant of the read count as inside", |b| nobal_04(b).boxed_local()),
    Row::traded("NOBAL-05", "a market order never makes a figure missing", |b| nobal_05(b).boxed_local()),
    Row::traded("NOBAL-06", "a negative figure is shown as 0, told, and read again", |b| nobal_06(b).boxed_local()),
    Row::traded("NOBAL-07", "orders of unknown outcome keep their lock", |b| nobal_07(b).boxed_local()),
];

/// The same run with a subject whose private stream tells no balances.
pub(super) fn silent(bench: &Bench) -> Bench {
    let silent = Altered::without_balance_stream(bench.capabilities().clone());
    bench.with_subject(silent.subject(bench.subject()))
}

/// A desk that has been ready for a moment. Whatever happens in the very millisecond of a read counts as inside it, and on some
/// exchanges nothing else lets time pass after the first.
pub(super) async fn ready_desk(bench: &Bench, setup: DeskSetup) -> Result<Desk, Failed> {
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    desk.pass(A_MOMENT).await;
    Ok(desk)
}

/// Requests for balances so far.
pub(super) fn reads(bench: &Bench, desk: &Desk) -> Result<usize, Failed> {
    Ok(desk.requests(bench.account_wire()?.paths().balances).len())
}

/// Has every read of balances fail from now on.
pub(super) fn no_reads(bench: &Bench, desk: &Desk) -> Result<tradewire_simulator::FaultId, Failed> {
    let path = bench.account_wire()?.paths().balances;
    desk.inject(Fault::new(FaultKind::Status { status: 500 }).path(path).always())
}

/// Waits for the next read of balances to be answered.
pub(super) async fn next_read(bench: &Bench, desk: &Desk, within: Duration) -> Result<(), Failed> {
    let before = reads(bench, desk)?;
    let came = comes_true(within, || reads(bench, desk).is_ok_and(|reads| reads > before)).await;
    expect(came, format_args!("a read of balances within {} s", within.as_secs()), "none")?;
    desk.pass(Duration::from_millis(50)).await;
    Ok(())
}

/// Total and available of an asset, as the connector says.
pub(super) fn figures(desk: &Desk, asset: &str) -> Result<(Decimal, Decimal), Failed> {
    let balance = desk.connector.balance(&asset.into())?;
    Ok((balance.total.normalize(), balance.available.normalize()))
}

/// Waits until the connector says of its account what the exchange's own books say.
pub(super) async fn exact_within(desk: &Desk, within: Duration) -> Result<(), Failed> {
    let same = comes_true(within, || desk.comparison().check().is_ok()).await;
    if same { Ok(()) } else { desk.comparison().check() }
}

async fn nobal_02(bench: &Bench) -> Verdict {
    let bench = &silent(bench);
    let desk = ready_desk(bench, DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    let before = reads(bench, &desk)?;
    desk.pass(4 * MINUTE).await;
    let idle = reads(bench, &desk)? - before;
    expect((1..=3).contains(&idle), "a read every 120 s while no order is live", format_args!("{idle} in 240 s"))?;

    let order = desk.open_order(Side::Buy, "0.01").await?;
    let before = reads(bench, &desk)?;
    desk.pass(MINUTE).await;
    let busy = reads(bench, &desk)? - before;
    expect((10..=13).contains(&busy), "a read every 5 s while an order is live", format_args!("{busy} in 60 s"))?;
    exact_within(&desk, Duration::ZERO).await?;

    let fault = no_reads(bench, &desk)?;
    let known = desk.connector.balance(&"USDT".into())?;
    equal("basis", Basis::Estimated, known.basis)?;
    let (before, seen) = (reads(bench, &desk)?, desk.story.all().len());
    desk.pass(20 * SECOND).await;
    expect(reads(bench, &desk)? > before, "reads that fail", "none")?;
    equal("the balance after failed reads, its age included", known.clone(), desk.connector.balance(&"USDT".into())?)?;
    equal("events of failed reads", 0, desk.story.all().len() - seen)?;
    desk.fill(&order, Some("0.004"))?;
    exact_within(&desk, SECOND).await?;
    equal("as of the last read", known.time, desk.connector.balance(&"USDT".into())?.time)?;
    desk.simulator.clear_fault(fault);
    next_read(bench, &desk, MINUTE).await?;
    exact_within(&desk, Duration::ZERO).await?;
    let newer = desk.connector.balance(&"USDT".into())?.time;
    expect(newer > known.time, "the age of the new read", newer)?;
    desk.end(bench).await
}

/// A fault that holds the answers of so many reads of balances back, which are as of when they were asked for.
fn slow_reads(bench: &Bench, times: u64) -> Result<Fault, Failed> {
    let path = bench.account_wire()?.paths().balances;
    Ok(Fault::new(FaultKind::Delay { ms: 1_000 }).path(path).times(times))
}

fn provisional(desk: &Desk, from: usize) -> usize {
    let is_it = |change: &AccountChange| matches!(change, AccountChange::Balance { balance, .. } if balance.basis == Basis::Provisional);
    desk.story.all().iter().skip(from).filter(|event| is_it(&event.change)).count()
}

async fn nobal_03(bench: &Bench) -> Verdict {
    let bench = &silent(bench);
    let desk = ready_desk(bench, DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    let order = desk.open_order(Side::Buy, "0.1").await?;
    // A change while a read is under way: it is repeated at once.
    desk.inject(slow_reads(bench, 1)?)?;
    let seen = desk.story.all().len();
    next_read(bench, &desk, 10 * SECOND).await?;
    desk.fill(&order, Some("0.001"))?;
    let before = reads(bench, &desk)?;
    desk.pass(2 * SECOND).await;
    equal("reads after a void one", before + 1, reads(bench, &desk)?)?;
    equal("provisional figures", 0, provisional(&desk, seen))?;
    exact_within(&desk, Duration::ZERO).await?;
    // A change that is learnt of only after the read.
    desk.inject(slow_reads(bench, 1)?)?;
    next_read(bench, &desk, 10 * SECOND).await?;
    let fill_event = bench.account_wire()?.fill_event();
    desk.inject(Fault::new(FaultKind::Hold { ms: 3_000 }).event(fill_event))?;
    desk.fill(&order, Some("0.001"))?;
    let before = reads(bench, &desk)?;
    desk.pass(Duration::from_millis(3_500)).await;
    equal("reads once it is learnt of", before + 1, reads(bench, &desk)?)?;
    exact_within(&desk, Duration::ZERO).await?;
    // Changes all the time.
    let seen = desk.story.all().len();
    desk.inject(slow_reads(bench, 100)?)?;
    for _ in 0..40 {
        desk.pass(Duration::from_millis(300)).await;
        desk.fill(&order, Some("0.001"))?;
    }
    expect(provisional(&desk, seen) > 0, "provisional figures from a read that is never quiet", "none")?;
    desk.simulator.clear_faults();
    desk.pass(12 * SECOND).await;
    equal("its basis after a quiet read", Basis::Estimated, desk.connector.balance(&"USDT".into())?.basis)?;
    exact_within(&desk, Duration::ZERO).await?;
    desk.end(bench).await
}

async fn nobal_04(bench: &Bench) -> Verdict {
    let bench = &silent(bench);
    let desk = ready_desk(bench, DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    let wire = bench.account_wire()?;
    let order = desk.open_order(Side::Sell, "0.1").await?;
    // Inside the read, and told after it: it counts nothing.
    next_read(bench, &desk, 10 * SECOND).await?;
    desk.inject(Fault::new(FaultKind::Hold { ms: 8_000 }).event(wire.fill_event()))?;
    desk.fill(&order, Some("0.01"))?;
    next_read(bench, &desk, 6 * SECOND).await?;
    let fault = no_reads(bench, &desk)?;
    desk.pass(8 * SECOND).await;
    equal("fills", 1, desk.connector.fills(&order.client_order_id).await?.len())?;
    exact_within(&desk, Duration::ZERO).await?;
    // After the read, told late and twice: it counts once.
    desk.inject(Fault::new(FaultKind::Duplicate).event(wire.paths().order_event).always())?;
    desk.inject(Fault::new(FaultKind::Hold { ms: 3_000 }).event(wire.fill_event()).times(2))?;
    desk.fill(&order, Some("0.01"))?;
    desk.fill(&order, Some("0.02"))?;
    desk.pass(4 * SECOND).await;
    desk.fill(&order, Some("0.01"))?;
    desk.pass(SECOND).await;
    equal("fills", 4, desk.connector.fills(&order.client_order_id).await?.len())?;
    exact_within(&desk, Duration::ZERO).await?;
    // Of the very instant of a read.
    desk.simulator.clear_fault(fault);
    next_read(bench, &desk, MINUTE).await?;
    let fault = no_reads(bench, &desk)?;
    desk.fill(&order, Some("0.01"))?;
    exact_within(&desk, SECOND).await?;
    desk.simulator.clear_fault(fault);
    desk.end(bench).await
}

async fn nobal_05(bench: &Bench) -> Verdict {
    let bench = &silent(bench);
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    setup.market.stale_after = 5 * SECOND;
    let desk = ready_desk(bench, setup).await?;
    let pair = desk.pair(0).clone();
    desk.place(desk.taking(Side::Buy, "0.001")?).await?;
    let book = desk.connector.book(&pair).ok_or_else(|| Failed::new("a book", "none"))?;
    desk.inject(Fault::new(FaultKind::Mute).stream(&bench.wire().book_stream(&bench.wire().symbol(&pair))))?;
    desk.inject(Fault::new(FaultKind::Status { status: 500 }).path(bench.wire().paths().best_prices).always())?;
    let invalid = comes_true(MINUTE, || book.state() != BookState::Live).await;
    expect(invalid, "a book that is not valid", book.state())?;
    no_reads(bench, &desk)?;
    for side in [Side::Buy, Side::Sell] {
        let request = OrderRequest::market(pair.clone(), side, "0.01".parse::<Quantity>()?);
        let last = desk.simulator.last_price(pair.as_str()).unwrap_or_default();
        let (asset, least) = desk.held(&request, Price::new(last))?;
        let asset = asset.as_str();
        let before = figures(&desk, asset)?;
        desk.inject(Fault::new(FaultKind::Hold { ms: 2_000 }).stream("userData").lasting(SECOND))?;
        desk.inject(bench.struck(OrderCommand::Place, FaultKind::Delay { ms: 2_000 })?)?;
        let placing = desk.place(request);
        let watching = async {
            desk.pass(SECOND).await;
            figures(&desk, asset)
        };
        let (placed, meanwhile) = join(placing, watching).await;
        let (order, meanwhile) = (placed?, meanwhile?);
        equal(format_args!("total of {asset} meanwhile"), before.0, meanwhile.0)?;
        let locked = before.1 - meanwhile.1;
        expect(locked >= least * decimal("0.99")?, format_args!("about {least} {asset} held back"), locked)?;
        exact_within(&desk, 4 * SECOND).await?;
        let order = desk.order(&order.client_order_id).await?;
        expect(!order.state.is_live(), "an order that has closed", format_args!("{:?}", order.state))?;
    }
    desk.end(bench).await
}

async fn nobal_06(bench: &Bench) -> Verdict {
    let bench = &silent(bench);
    let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?.of_one_asset(bench, "USDT")?;
    let desk = ready_desk(bench, setup).await?;
    let one = desk.resting(Side::Sell, "1")?;
    let (asset, of_one) = desk.held(&one, one.price.unwrap_or_default())?;
    let asset = asset.as_str();
    let before = figures(&desk, asset)?;
    let more = before.1 / Decimal::TWO;
    let deposited = desk.simulator.deposit(MAIN, asset, more);
    deposited.map_err(|error| Failed::new("a deposit", error))?;
    desk.pass(SECOND).await;
    equal("balance before the next read", before, figures(&desk, asset)?)?;
    let (seen, asked) = (desk.story.all().len(), reads(bench, &desk)?);
    // A fifth more than what is known to be there, and less than there is.
    let much = (before.1 * decimal("1.2")? / of_one).trunc();
    let order = desk.place(desk.resting(Side::Sell, &much.to_string())?).await?;
    let told = |change: &AccountChange| matches!(change, AccountChange::Inconsistent { .. });
    desk.story.sees_after(seen, "Inconsistent", SECOND, told).await?;
    let events = desk.story.all();
    let shown = events.iter().skip(seen).filter_map(|event| match &event.change {
        AccountChange::Balance { balance, .. } if balance.asset.as_str() == asset => Some(balance.available),
        _ => None,
    });
    let shown: Vec<_> = shown.collect();
    expect(shown.contains(&Decimal::ZERO), "0 shown for a negative figure", format_args!("{shown:?}"))?;
    expect(shown.iter().all(|available| !available.is_sign_negative()), "nothing below 0", format_args!("{shown:?}"))?;
    exact_within(&desk, SECOND).await?;
    expect(reads(bench, &desk)? > asked, "a read at once", "none")?;
    equal("total with what was brought in", before.0 + more, figures(&desk, asset)?.0)?;
    desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
    desk.end(bench).await
}

async fn nobal_07(bench: &Bench) -> Verdict {
    let bench = &silent(bench);
    let desk = ready_desk(bench, DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    let fault = no_reads(bench, &desk)?;
    let before = figures(&desk, "USDT")?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    desk.inject(Fault::new(FaultKind::Hold { ms: 12_000 }).event(bench.account_wire()?.paths().order_event))?;
    desk.inject(Fault::new(FaultKind::LagQuery { ms: 12_000 }))?;
    let request = desk.resting(Side::Buy, "0.1")?;
    let lock = desk.lock(&request);
    let (_, error) = desk.refused(request).await?;
    expect(error.is_unknown(), "an unknown outcome", &error)?;
    equal("what is left for others", before.1 - lock, figures(&desk, "USDT")?.1)?;
    desk.pass(2 * SECOND).await;
    equal("what is left for others, still", before.1 - lock, figures(&desk, "USDT")?.1)?;
    desk.settled().await?;
    // Orders of others on the account count like own ones.
    let order = ExternalOrder::limit(Taker::Sell, desk.price(desk.pair(0), 106)?.value(), decimal("0.5")?);
    desk.inject(Fault::new(FaultKind::ExternalOrder(order)).pair(desk.pair(0).as_str()))?;
    exact_within(&desk, SECOND).await?;
    desk.inject(Fault::new(FaultKind::PartialFill { quantity: None }))?;
    exact_within(&desk, SECOND).await?;
    desk.simulator.clear_fault(fault);
    // After a restart the first read is awaited.
    let path = bench.account_wire()?.paths().balances;
    let slow = Fault::new(FaultKind::Delay { ms: 4_000 }).path(path);
    let restarted = desk.restart_after(bench, |simulator| Ok(simulator.inject(slow).map(drop)?)).await?;
    let asked = comes_true(SOON, || reads(bench, &restarted).is_ok_and(|reads| reads > 0)).await;
    expect(asked, "a read", "none")?;
    while !restarted.connector.waiting().is_empty() {
        let (balances, waits) = (restarted.comparison().check(), restarted.connector.waiting());
        if waits.len() == 1 && waits.contains_key(&Part::Account) {
            break;
        }
        expect(!waits.is_empty() || balances.is_ok(), "no readiness before the balances", "readiness")?;
        restarted.pass(Duration::from_millis(10)).await;
    }
    restarted.ready().await?;
    exact_within(&restarted, Duration::ZERO).await?;
    restarted.end(bench).await
}
