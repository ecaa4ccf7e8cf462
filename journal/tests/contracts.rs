//! Positions, settings and funding payments: written, loaded, listed, exported, pruned.

mod sample;

use sample::{at, pair};
use tempfile::TempDir;
use tradewire_core::{
    FundingPayment, LeverageReport, MarginMode, Position, PositionMode, PositionModeReport, PositionSide, Scope, Source,
};
use tradewire_journal::{ExportFormat, FillFilter, JournalReader, PositionFilter, SqliteJournal};
use tradewire_tracking::{Durability, Journal, Record, Setting};

fn open(folder: &TempDir) -> SqliteJournal {
    SqliteJournal::open(folder.path().join("journal.db"), "main", Durability::Process).expect("a journal")
}

fn position(side: Option<PositionSide>, size: &str, seconds: u64) -> Position {
    Position {
        symbol: "BTCUSDT".into(),
        pair: Some(pair()),
        side,
        size: size.parse().expect("a size"),
        entry_price: "61837.63".parse().ok(),
        mark_price: None,
        unrealised_profit: None,
        realised_profit: "-12.50".parse().expect("a profit"),
        liquidation_price: None,
        isolated_margin: None,
        leverage: "20".parse().ok(),
        margin_mode: Some(MarginMode::Cross),
        time: at(seconds),
    }
}

fn payment(id: &str, seconds: u64) -> FundingPayment {
    FundingPayment {
        symbol: "BTCUSDT".into(),
        pair: Some(pair()),
        side: None,
        id: id.to_owned(),
        asset: "USDT".into(),
        amount: "-0.1250".parse().expect("an amount"),
        rate: "0.0001".parse().ok(),
        size: None,
        time: at(seconds),
        source: Source::Rest,
    }
}

fn leverage(side: Option<PositionSide>, leverage: &str) -> Setting {
    let leverage = leverage.parse().expect("a number");
    Setting::Leverage(LeverageReport { symbol: "BTCUSDT".into(), side, leverage, margin_mode: None })
}

fn hedge() -> Setting {
    Setting::PositionMode(PositionModeReport { scope: Scope::Account, mode: PositionMode::Hedge })
}

/// A short one that is open, a long one that is closed, and two payments.
fn written(folder: &TempDir) -> SqliteJournal {
    let journal = open(folder);
    let (long, short) = (Some(PositionSide::Long), Some(PositionSide::Short));
    let first = Record {
        positions: vec![position(long, "2", 1), position(short, "-1", 1)],
        settings: vec![hedge(), leverage(long, "20"), leverage(short, "5")],
        payments: vec![payment("b", 20), payment("a", 10)],
        ..Record::default()
    };
    let then =
        Record { positions: vec![position(long, "0", 2)], payments: vec![payment("b", 20)], ..Record::default() };
    journal.write(&[first, then]).expect("written");
    journal
}

#[test]
fn each_key_has_one_row_and_a_restart_reads_them_all() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(written(&folder));
    let journal = open(&folder);
    let saved = journal.load().expect("loads");
    let (long, short) = (Some(PositionSide::Long), Some(PositionSide::Short));
    assert_eq!(saved.positions, [position(long, "0", 2), position(short, "-1", 1)]);
    assert_eq!(saved.payments, [payment("a", 10), payment("b", 20)], "by time, each once");
    assert_eq!(saved.settings, [leverage(long, "20"), leverage(short, "5"), hedge()]);
    journal.write(&[Record { settings: vec![leverage(None, "7")], ..Record::default() }]).expect("written");
    assert_eq!(journal.load().expect("loads").settings, [leverage(None, "7"), hedge()], "one in place of two");
}

#[test]
fn they_are_listed_and_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let _journal = written(&folder);
    let reader = JournalReader::open(folder.path().join("journal.db")).expect("a reader");
    let open = PositionFilter { open_only: true, ..Default::default() };
    assert_eq!(reader.positions(&PositionFilter::default()).expect("reads").len(), 2);
    assert_eq!(reader.positions(&open).expect("reads")[0].entry, position(Some(PositionSide::Short), "-1", 1));
    assert_eq!(reader.settings("main").expect("reads").len(), 3);
    let later = FillFilter { since: Some(at(15)), ..Default::default() };
    assert_eq!(reader.funding(&later).expect("reads")[0].entry, payment("b", 20));

    let mut csv = Vec::new();
    assert_eq!(reader.export_positions(&open, ExportFormat::Csv, &mut csv).expect("written"), 1);
    let text = String::from_utf8(csv).expect("text");
    let row = "main,2026-05-28T20:26:41Z,BTCUSDT,BTC-USDT,short,-1,61837.63,,,-12.5,,,20,cross";
    assert_eq!(text.lines().nth(1), Some(row));
    assert_eq!(text.lines().next().expect("names").split(',').count(), row.split(',').count());
    let mut csv = Vec::new();
    assert_eq!(reader.export_funding(&FillFilter::default(), ExportFormat::Csv, &mut csv).expect("written"), 2);
    let text = String::from_utf8(csv).expect("text");
    let row = "main,2026-05-28T20:26:50Z,BTCUSDT,BTC-USDT,,a,USDT,-0.125,0.0001,,rest";
    assert_eq!(text.lines().nth(1), Some(row));
    assert_eq!(text.lines().next().expect("names").split(',').count(), row.split(',').count());
}

#[test]
fn old_payments_are_deleted_and_positions_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = written(&folder);
    assert_eq!(journal.prune(at(15)).expect("pruned").payments, 1);
    let saved = journal.load().expect("loads");
    assert_eq!((saved.payments.len(), saved.positions.len(), saved.settings.len()), (1, 2, 3));
}

#[test]
fn a_journal_of_the_first_version_is_brought_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let old = rusqlite::Connection::open(&path).expect("a database");
    old.execute_batch(include_str!("../src/schema/1.sql")).expect("the first tables");
    old.pragma_update(None, "application_id", 0x5457_4a4c).expect("a mark");
    old.pragma_update(None, "user_version", 1).expect("a version");
    old.close().expect("closed");
    drop(written(&folder));
    assert_eq!(open(&folder).load().expect("loads").positions.len(), 2);
}
