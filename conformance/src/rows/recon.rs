//! Reconciliation and restart.

use std::time::Duration;

use futures_util::FutureExt;
use tradewire_core::{AccountChange, BalanceReason, Decimal, Order, OrderChange, OrderEvent, Part, Timestamp};
use tradewire_simulator::{Fault, FaultKind};

use super::mkt::{MINUTE, SECOND};
use super::private::{
    amend_elsewhere, cancel_elsewhere, kept_away, lists_after, lose_private, newest_request, part, place_elsewhere,
    questions, reconciled, requests_after, rests,
};
use super::recon_polls::{recon_06, recon_07, recon_08, recon_09, recon_10};
use super::recon_record::{recon_14, recon_15, recon_16};
use super::recon_restart::{recon_11, recon_12, recon_13};
use crate::Row;
use crate::bench::desk::MAIN;
use crate::bench::story::word;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// Reconciliation and restart.
pub(super) const ROWS: &[Row] = &[
    Row::traded("RECON-01", "after every private connect the account is fetched and merged", |b| {
        recon_01(b).boxed_local()
    }),
    Row::traded("RECON-02", "fills of the time down come once, in order, before the end", |b| {
        recon_02(b).boxed_local()
    }),
    Row::traded("RECON-03", "whatever changed while down is seen", |b| recon_03(b).boxed_local()),
    Row::once("RECON-04", "the window moves only after all of it has arrived", |b| recon_04(b).boxed_local()),
    Row::once("RECON-05", "lists are read to the last page", |b| recon_05(b).boxed_local()),
    Row::traded("RECON-06", "polls go by the health of the private stream", |b| recon_06(b).boxed_local()),
    Row::once("RECON-07", "a poll asks in bulk", |b| recon_07(b).boxed_local()),
    Row::traded("RECON-08", "ten minutes without network end no order", |b| recon_08(b).boxed_local()),
    Row::traded("RECON-09", "a private stream that REST contradicts is replaced", |b| recon_09(b).boxed_local()),
    Row::once("RECON-10", "a pair without readable history delays only itself", |b| recon_10(b).boxed_local()),
    Row::traded("RECON-11", "killed before sending: found missing, ended", |b| recon_11(b).boxed_local()),
    Row::traded("RECON-12", "killed after sending: found, no second order", |b| recon_12(b).boxed_local()),
    Row::traded("RECON-13", "killed with live orders: as if unbroken", |b| recon_13(b).boxed_local()),
    Row::traded("RECON-14", "killed at any write of the journal: the same events", |b| recon_14(b).boxed_local()),
    Row::once("RECON-15", "a torn record is dropped, other damage stops the start", |b| recon_15(b).boxed_local()),
    Row::traded("RECON-16", "without a journal nothing is placed, and cancels go on", |b| recon_16(b).boxed_local()),
];

/// What happened to orders after a mark.
fn order_events(desk: &Desk, mark: usize) -> Vec<(Option<Timestamp>, OrderEvent)> {
    let events = desk.story.all().into_iter().skip(mark);
    let of_orders = events.filter_map(|event| match &event.change {
        AccountChange::Order(order) => Some((event.time, order.clone())),
        _ => None,
    });
    of_orders.collect()
}

fn fills_of(desk: &Desk, order: &Order) -> Vec<(String, String)> {
    let told = desk.story.order_events(&order.client_order_id).into_iter();
    let fills = told.filter_map(|event| match event.change {
        OrderChange::Fill(fill) => Some((fill.trade_id.to_string(), fill.quantity.to_string())),
        _ => None,
    });
    fills.collect()
}

async fn recon_01(bench: &Bench) -> Verdict {
    let paths = bench.account_wire()?.paths();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (gone, streamed) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?);
    // Where orders are followed by a read of balances, it has come by then.
    desk.pass(2 * SECOND).await;
    desk.inject(Fault::new(FaultKind::Delay { ms: 3_000 }).path(paths.fills))?;
    let newest = newest_request(&desk);
    let mark = lose_private(bench, &desk).await?;
    desk.fill(&gone, None)?;
    let asked = || requests_after(&desk, newest, paths.fills).len() == 1;
    expect(comes_true(5 * SECOND, asked).await, "a question for the fills of the time", "none")?;
    // The stream tells this at once, and it waits until what was before it is known.
    desk.pass(100 * Duration::from_millis(1)).await;
    desk.fill(&streamed, None)?;
    desk.pass(SECOND).await;
    equal("what is told meanwhile", vec!["Gap".to_owned()], besides_reads(&desk, mark))?;
    desk.story.hears_after(mark, "Reconciled", 10 * SECOND).await?;
    let login = requests_after(&desk, newest, paths.login);
    let login = login.first().ok_or_else(|| Failed::new("a login", "none"))?;
    for read in [paths.open_orders, paths.fills, paths.balances] {
        let lists = lists_after(bench, &desk, login.number, read)?;
        equal(format_args!("reads of {read}"), 1, lists.len())?;
    }
    equal("questions for single orders", 1, questions(bench, &desk, login.number)?.len())?;
    reconciled(&desk, mark, 10 * SECOND).await?;
    let told = order_events(&desk, mark);
    let ends: Vec<_> = told
        .iter()
        .filter(|(_, event)| event.change == OrderChange::Completed)
        .map(|(_, event)| event.client_order_id.clone())
        .collect();
    equal("orders in the order of their ends", vec![gone.client_order_id, streamed.client_order_id], ends)?;
    expect(told.is_sorted_by_key(|(time, _)| *time), "events in the exchange's order", format_args!("{told:?}"))?;
    desk.end(bench).await
}

/// What happened after a mark, a word each, balances by a read apart: while the stream is away they are read often.
fn besides_reads(desk: &Desk, mark: usize) -> Vec<String> {
    let read = |change: &AccountChange| matches!(change, AccountChange::Balance { reason: BalanceReason::Read, .. });
    let events = desk.story.all().into_iter().skip(mark);
    events.filter(|event| !read(&event.change)).map(|event| word(&event.change)).collect()
}

async fn recon_02(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let order = rests(&desk, "0.01").await?;
    desk.fill(&order, Some("0.001"))?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill"], SECOND).await?;
    desk.inject(kept_away(bench)?.lasting(3 * SECOND))?;
    let mark = lose_private(bench, &desk).await?;
    let quantities = ["0.002", "0.003", "0.0015", "0.0025"];
    for quantity in quantities {
        desk.fill(&order, Some(quantity))?;
        desk.pass(50 * Duration::from_millis(1)).await;
    }
    reconciled(&desk, mark, MINUTE).await?;
    let words = desk.story.words_after(mark);
    let words: Vec<_> = words.iter().map(String::as_str).filter(|word| !word.starts_with("Balance")).collect();
    let (of_orders, of_positions): (Vec<_>, Vec<_>) = words.iter().copied().partition(|word| *word != "Position");
    equal("events", vec!["Gap", "Fill", "Fill", "Fill", "Fill", "Completed", "Reconciled"], of_orders)?;
    let place = |wanted: &str| words.iter().rposition(|word| *word == wanted);
    let last = place("Fill") < place("Position") && place("Position") < place("Reconciled");
    let holds = if bench.capabilities().perpetual.is_some() { last } else { of_positions.is_empty() };
    expect(holds, "Fill → Position → Reconciled where contracts are traded", words.join(" → "))?;
    let fills = fills_of(&desk, &order);
    let told: Vec<_> = fills.iter().skip(1).map(|(_, quantity)| quantity.as_str()).collect();
    equal("quantities in order", quantities.to_vec(), told)?;
    same_fills(&desk, &order)?;
    desk.end(bench).await
}

/// Checks that the fills of an order were told as the exchange has them, once each, in its order.
fn same_fills(desk: &Desk, order: &Order) -> Result<(), Failed> {
    let ledger = desk.simulator.account_ledger(MAIN).ok_or_else(|| Failed::new("an account", "none"))?;
    let number = desk.number(order)?;
    let theirs = ledger.fills.iter().filter(|fill| fill.order == number && *fill.symbol == *order.symbol);
    let theirs: Vec<_> = theirs.map(|fill| desk.simulator.trade_text(fill)).collect();
    let ours: Vec<_> = fills_of(desk, order).into_iter().map(|(id, _)| id).collect();
    let apart = theirs.iter().zip(&ours).find(|(theirs, ours)| theirs != ours);
    equal("the first fill that is out of its order", None, apart)?;
    equal("fills told", theirs.len(), ours.len())
}

async fn recon_03(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (cancelled, ended) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?);
    let (amended, both) = (rests(&desk, "0.03").await?, rests(&desk, "0.04").await?);
    desk.inject(kept_away(bench)?.lasting(3 * SECOND))?;
    let mark = lose_private(bench, &desk).await?;
    cancel_elsewhere(&desk, &cancelled, None)?;
    desk.inject(Fault::new(FaultKind::ExchangeCancelAll).order(ended.client_order_id.as_str()))?;
    amend_elsewhere(&desk, &amended, decimal("0.025")?)?;
    desk.fill(&both, Some("0.01"))?;
    cancel_elsewhere(&desk, &both, None)?;
    place_elsewhere(&desk, "BTC-USDT", decimal("0.05")?)?;
    desk.inject(Fault::new(FaultKind::Transfer { asset: "USDT".to_owned(), amount: decimal("1234.5")? }))?;
    equal("what is told meanwhile", vec!["Gap".to_owned()], desk.story.words_after(mark))?;
    reconciled(&desk, mark, MINUTE).await?;
    for (order, words) in [
        (&cancelled, vec!["Pending", "Open", "Cancelled"]),
        (&ended, vec!["Pending", "Open", "Cancelled"]),
        (&amended, vec!["Pending", "Open", "Amended"]),
        (&both, vec!["Pending", "Open", "Fill", "Cancelled"]),
    ] {
        desk.story.becomes(&order.client_order_id, &words, Duration::ZERO).await?;
    }
    let words = desk.story.words_after(mark);
    for (word, times) in [("External", 1), ("Balance(USDT)", 1), ("Reconciled", 1)] {
        let told = words.iter().filter(|known| *known == word).count();
        expect(told >= times, word, words.join(" → "))?;
    }
    equal("the last of them", Some("Reconciled"), words.last().map(String::as_str))?;
    desk.comparison().check()?;
    desk.end(bench).await
}

async fn recon_04(bench: &Bench) -> Verdict {
    let (wire, paths) = (bench.account_wire()?, bench.account_wire()?.paths());
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let mut starts = Vec::new();
    for failures in [8, 0] {
        desk.pass(5 * MINUTE).await;
        let order = rests(&desk, "0.01").await?;
        let (newest, life) = (newest_request(&desk), desk.witness.mark());
        // The last poll has found nothing that the stream had left out.
        let proved = desk.requests(paths.open_orders).last().map(|poll| poll.time.millis());
        if failures > 0 {
            desk.inject(Fault::new(FaultKind::Status { status: 500 }).path(paths.fills).times(failures))?;
        }
        let mark = lose_private(bench, &desk).await?;
        desk.fill(&order, None)?;
        let not_ready = part(&desk, life, Part::Account, false, SECOND).await?;
        part(&desk, not_ready, Part::Account, true, MINUTE).await?;
        let told = desk.story.words_after(mark).iter().filter(|word| *word == "Reconciled").count();
        equal("reconciliations told", 1, told)?;
        let asked = requests_after(&desk, newest, paths.fills);
        let failed = asked.iter().filter(|request| request.status == 500).count() as u64;
        equal("failures", failures, failed)?;
        let windows: Vec<_> = asked
            .iter()
            .filter(|request| !wire.asks_beside_list(request))
            .filter_map(|request| wire.window_start(&format!("{}&{}", request.query, request.body)))
            .collect();
        let expected = proved.unwrap_or_default() - 60_000;
        // A time in whole seconds is cut off once as the exchange's, and once as the window's.
        let step = i64::try_from(bench.wire().time_step().as_millis()).unwrap_or(0) - 1;
        let near = |start: &Timestamp| (expected - 100 - 2 * step..=expected + 1_000).contains(&start.as_millis());
        expect(
            !windows.is_empty() && windows.iter().all(near),
            format_args!("from {expected}"),
            format_args!("{windows:?}"),
        )?;
        expect(windows.iter().all(|start| *start == windows[0]), "the same window", format_args!("{windows:?}"))?;
        starts.push(windows[0]);
        desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SECOND).await?;
    }
    expect(starts[1] > starts[0], "a later window", format_args!("{starts:?}"))?;
    desk.end(bench).await
}

async fn recon_05(bench: &Bench) -> Verdict {
    const HOUR: Duration = Duration::from_secs(3_600);
    const FILLS: u64 = 2_500;
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    // Each fill is of one step.
    let quantity = desk.instrument(desk.pair(0))?.rules.quantity_step.size * Decimal::from(FILLS);
    let order = rests(&desk, &quantity.to_string()).await?;
    let id = order.client_order_id.clone();
    let desk = desk
        .restart_after(bench, |simulator| {
            // More than a page in one moment, and more than a window from first to last.
            for (fills, pause) in [(1_200, 30 * HOUR), (1_100, 30 * HOUR), (200, 12 * HOUR)] {
                let many = FaultKind::FillWhileDown { count: Some(fills), quantity: None };
                simulator.inject(Fault::new(many).order(id.as_str()))?;
                simulator.advance(pause);
            }
            Ok(())
        })
        .await?;
    let pages = u32::try_from(FILLS / u64::from(bench.trading()?.trades_page)).unwrap_or(1);
    desk.ready_within(SOON + 2 * pages * bench.account_wire()?.page_every()).await?;
    let told = desk.story.of_order(&id);
    let fills = told.iter().filter(|word| *word == "Fill").count();
    equal("fills told", FILLS, fills as u64)?;
    equal("the end", Some("Completed"), told.last().map(String::as_str))?;
    same_fills(&desk, &order)?;
    expect(comes_true(SOON, || desk.comparison().check().is_ok()).await, "the exchange's state", "another")?;
    desk.end(bench).await
}
