//! The record under the account: writes that are cut off, files that are damaged, disks that are full.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tradewire_core::{AccountEvent, CommandError, ErrorKind, LifeEvent, OrderState, Part, Side, Timestamp};
use tradewire_journal::SqliteJournal;
use tradewire_simulator::{Fault, FaultKind, OrderCommand};
use tradewire_tracking::{Connector, Durability, Journal, MarketConfig, TradingConfig};

use super::mkt::SECOND;
use super::private::{part, place_elsewhere, rests};
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup, LastWrite};
use crate::row::{Failed, Verdict, equal, expect};

/// More writes than the story below has.
const WRITES_MAX: u64 = 80;

pub(super) async fn recon_14(bench: &Bench) -> Verdict {
    for last in [LastWrite::Lost, LastWrite::Kept] {
        let mut write = 1;
        while killed_at(bench, write, last)
            .await
            .map_err(|failed| failed.at(format_args!("write {write}, {last:?}")))?
        {
            write += 1;
            expect(write < WRITES_MAX, "a story of fewer writes", write)?;
        }
        expect(write > 10, "a story of many writes", write)?;
    }
    Ok(crate::row::Shown::Works)
}

/// Trades until the process dies at a write; another goes on with its record. Returns whether there was such a write.
async fn killed_at(bench: &Bench, write: u64, last: LastWrite) -> Result<bool, Failed> {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    desk.disk.dies_at(write, last);
    trade(&desk).await?;
    let killed = desk.disk.is_dead();
    if !killed {
        desk.disk.full(false);
        desk.end(bench).await?;
        return Ok(false);
    }
    let read = desk.story.all();
    let desk = desk.restart(bench).await?;
    desk.ready().await?;
    desk.settled().await?;
    // The program trades on, under ids that were never used.
    let order = rests(&desk, "0.005").await?;
    let cancelled = desk.connector.cancel(&order.client_order_id).await;
    expect(cancelled.is_ok(), "a cancel after the restart", format_args!("{cancelled:?}"))?;
    desk.settled().await?;
    goes_on(&desk, &read)?;
    desk.end(bench).await?;
    Ok(true)
}

/// A reader that goes on from its last number misses nothing and sees nothing twice.
fn goes_on(desk: &Desk, read: &[Arc<AccountEvent>]) -> Result<(), Failed> {
    let all = desk.story.all();
    expect(all.len() > read.len(), "more events", all.len())?;
    let other = read.iter().zip(&all).find(|(before, now)| before != now);
    expect(other.is_none(), "events that stay as they were told", format_args!("{other:?}"))
}

/// Orders placed, filled, changed and cancelled, by us and by others, until the process is dead.
async fn trade(desk: &Desk) -> Result<(), Failed> {
    let mut first = None;
    for step in 0..8 {
        if desk.disk.is_dead() {
            return Ok(());
        }
        match step {
            0 => first = desk.connector.place(desk.resting(Side::Buy, "0.01")?).await.ok(),
            1 => drop(desk.connector.place(desk.taking(Side::Sell, "0.02")?).await),
            2 => act(desk, FaultKind::PartialFill { quantity: Some(decimal("0.004")?) })?,
            3 => drop(place_elsewhere(desk, "BTC-USDT", decimal("0.03")?)?),
            4 => act(desk, FaultKind::Transfer { asset: "USDT".to_owned(), amount: decimal("55")? })?,
            5 => drop(desk.connector.place(desk.resting(Side::Sell, "0.03")?).await),
            6 => {
                if let Some(order) = &first {
                    drop(desk.connector.cancel(&order.client_order_id).await);
                }
            }
            _ => act(desk, FaultKind::FillWhileDown { count: None, quantity: None })?,
        }
        desk.pass(SECOND / 5).await;
    }
    Ok(())
}

fn act(desk: &Desk, kind: FaultKind) -> Result<(), Failed> {
    desk.inject(Fault::new(kind)).map(drop)
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn io(error: std::io::Error) -> Failed {
    Failed::new("a file", error)
}

/// A copy of a journal as a killed process leaves it, the log of its newest writes changed.
fn left_behind(path: &Path, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<PathBuf, Failed> {
    let copy = path.with_file_name(name);
    fs::copy(path, &copy).map_err(io)?;
    let mut log = fs::read(log_of(path)).map_err(io)?;
    change(&mut log);
    fs::write(log_of(&copy), log).map_err(io)?;
    Ok(copy)
}

/// Opening this file for this account must fail, say why, and change nothing.
fn refused(path: &Path, account: &str, reason: &str) -> Result<(), Failed> {
    let before = (fs::read(path).ok(), fs::read(log_of(path)).ok());
    match SqliteJournal::open(path, account, Durability::Process) {
        Ok(_) => return Err(Failed::new(format_args!("a refusal: {reason}"), "a journal")),
        Err(error) => {
            equal("the kind", ErrorKind::Journal, error.kind())?;
            expect(error.to_string().contains(reason), reason, error)?;
        }
    }
    expect(before == (fs::read(path).ok(), fs::read(log_of(path)).ok()), "the file as it was", "another")
}

pub(super) async fn recon_15(bench: &Bench) -> Verdict {
    let folder = tempfile::tempdir().map_err(io)?;
    let path = folder.path().join("journal.db");
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.file(&path)).await?;
    desk.ready().await?;
    let account = desk.source.account().to_owned();
    let order = rests(&desk, "0.01").await?;
    desk.fill(&order, None)?;
    desk.order_is(&order.client_order_id, OrderState::Filled).await?;
    let (other, third) = (rests(&desk, "0.02").await?, rests(&desk, "0.03").await?);
    refused(&path, &account, "in use")?;
    let damaged = left_behind(&path, "damaged.db", |log| {
        let middle = log.len() / 2;
        log[middle..middle + 64].iter_mut().for_each(|byte| *byte = !*byte);
    })?;
    refused(&damaged, &account, "damaged")?;
    of_another_account(bench, &desk)?;

    let torn = left_behind(&path, "torn.db", |log| log.truncate(log.len() - 100))?;
    let desk = desk.restart_on(bench, &torn).await?;
    desk.ready().await?;
    let told = |event: &LifeEvent| matches!(event, LifeEvent::Problem { kind: ErrorKind::Journal, .. });
    desk.witness.life(Mark::default(), SECOND, "Problem(Journal)", told).await?;
    desk.order_is(&other.client_order_id, OrderState::Open).await?;
    desk.order_is(&third.client_order_id, OrderState::Open).await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SECOND).await?;
    desk.end(bench).await
}

/// A connector does not start on the record of another account.
fn of_another_account(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let journal = Arc::new(SqliteJournal::in_memory("somebody else")?);
    let config = TradingConfig::new(journal.clone());
    match Connector::start(Arc::clone(&desk.source), MarketConfig::default(), config, desk.pairs.iter().cloned()) {
        Ok(_) => Err(Failed::new("a refusal", format_args!("{} started", bench.capabilities().exchange))),
        Err(error) => {
            equal("the kind", ErrorKind::Journal, error.kind())?;
            expect(error.to_string().contains("somebody else"), "the account of the record named", error)?;
            equal("events in it", 0, journal.events(0, 10)?.len())
        }
    }
}

pub(super) async fn recon_16(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (order, other) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?);
    let (life, placed) = (desk.witness.mark(), desk.commands(OrderCommand::Place).len());
    desk.disk.full(true);
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.03")?).await?;
    expect(matches!(error, CommandError::NotSent(_)), "an order that is not sent", &error)?;
    equal("the kind", ErrorKind::Journal, error.error().kind())?;
    let life = part(&desk, life, Part::Journal, false, SECOND).await?;
    let cancelled = desk.connector.cancel(&order.client_order_id).await;
    expect(cancelled.is_ok(), "a cancel without a journal", format_args!("{cancelled:?}"))?;
    let known = desk.order(&order.client_order_id).await?;
    equal("its state", OrderState::Cancelled, known.state)?;
    desk.fill(&other, None)?;
    desk.pass(5 * SECOND).await;
    let (_, again) = desk.refused(desk.resting(Side::Buy, "0.03")?).await?;
    expect(matches!(again, CommandError::NotSent(_)), "an order that is not sent", &again)?;
    equal("orders sent", placed, desk.commands(OrderCommand::Place).len())?;
    desk.disk.full(false);
    part(&desk, life, Part::Journal, true, 2 * SECOND).await?;
    desk.ready().await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "CancelRequested", "Cancelled"], SOON).await?;
    desk.story.becomes(&other.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;
    if let Some(id) = id {
        desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
    }
    let live = rests(&desk, "0.04").await?;
    desk.fill(&live, Some("0.01"))?;
    desk.story.becomes(&live.client_order_id, &["Pending", "Open", "Fill"], SECOND).await?;
    pruned(&desk, &live.client_order_id, &other.client_order_id)?;
    desk.end(bench).await
}

/// Old closed orders go; a live one stays with its fills.
fn pruned(
    desk: &Desk,
    live: &tradewire_core::ClientOrderId,
    closed: &tradewire_core::ClientOrderId,
) -> Result<(), Failed> {
    let now = desk.simulator.clock().server_now().millis();
    desk.journal.prune(Timestamp::from_millis(now - 60_000))?;
    expect(desk.journal.find_by_client_id(closed)?.is_some(), "an order that has just ended", "none")?;
    desk.journal.prune(Timestamp::from_millis(now + 1_000))?;
    expect(desk.journal.find_by_client_id(closed)?.is_none(), "no closed order", "one")?;
    let kept = desk.journal.find_by_client_id(live)?;
    equal("fills of the live order", Some(1), kept.map(|kept| kept.fills.len()))
}
