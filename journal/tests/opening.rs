//! What is wrong with a file is said before anything in it is changed.

mod sample;

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sample::{submit, trade};
use tempfile::TempDir;
use tradewire_core::ErrorKind;
use tradewire_journal::{JournalReader, SqliteJournal};
use tradewire_tracking::{Durability, Journal};

const PAGE: u64 = 4096;
const FRAME: u64 = PAGE + 24;

fn open(path: &Path) -> Result<SqliteJournal, String> {
    SqliteJournal::open(path, "a", Durability::Process).map_err(|error| {
        assert_eq!(error.kind(), ErrorKind::Journal);
        let text = error.to_string();
        assert!(text.contains(path.file_name().expect("a name").to_str().expect("a name")), "no path in: {text}");
        text
    })
}

fn refused(path: &Path, reason: &str) {
    let before = fs::read(path).ok();
    let text = open(path).map(|_| ()).expect_err("refused");
    assert!(text.contains(reason), "'{reason}' is not in: {text}");
    assert_eq!(fs::read(path).ok(), before, "the file is as it was");
}

/// A folder with a journal of `writes` writes as a killed process leaves it: the newest of it only in the log.
fn killed(writes: u64) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (living, copy) = (folder.path().join("living.db"), folder.path().join("journal.db"));
    let journal = open(&living).expect("a journal");
    (1..=writes).for_each(|number| journal.write(&[submit(number, number)]).expect("written"));
    for end in ["", "-wal"] {
        let name = |path: &Path| format!("{}{end}", path.display());
        fs::copy(name(&living), name(&copy)).expect("copied");
    }
    (folder, copy)
}

fn log_of(path: &Path) -> PathBuf {
    format!("{}-wal", path.display()).into()
}

/// The frames with which transactions end in the log.
fn ends(log: &Path) -> Vec<u64> {
    let bytes = fs::read(log).expect("the log");
    let frames = (bytes.len() as u64 - 32) / FRAME;
    (0..frames).filter(|frame| bytes[(32 + frame * FRAME + 4) as usize..][..4] != [0; 4]).collect()
}

fn overwrite(path: &Path, at: u64) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).expect("the file");
    let mut bytes = [0; 64];
    file.seek(SeekFrom::Start(at)).expect("the place");
    file.read_exact(&mut bytes).expect("bytes");
    file.seek(SeekFrom::Start(at)).expect("the place");
    file.write_all(&bytes.map(|byte| !byte)).expect("other bytes");
}

#[test]
fn an_account_is_opened_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let first = open(&path).expect("a journal");
    refused(&path, &format!("the account is in use by process {}", std::process::id()));
    #[cfg(unix)]
    {
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let refusal = SqliteJournal::open(&link, "a", Durability::Process).expect_err("the same file");
        assert!(refusal.to_string().contains("in use"), "{refusal}");
    }
    drop(first);
    open(&path).expect("free again");
}

#[test]
fn what_is_no_journal_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("notes.txt");
    fs::write(
        &text,
        "not a database, but long enough to be taken for the header of one, with a hundred bytes and more",
    )
    .expect("written");
    refused(&text, "it is no journal");

    let foreign = folder.path().join("prices.db");
    Connection::open(&foreign).and_then(|other| other.execute_batch("CREATE TABLE prices (x)")).expect("a table");
    refused(&foreign, "belongs to another program");

    let newer = folder.path().join("newer.db");
    drop(open(&newer).expect("a journal"));
    Connection::open(&newer).and_then(|other| other.pragma_update(None, "user_version", 77)).expect("a version");
    refused(&newer, "newer version");

    refused(&folder.path().join("nowhere").join("journal.db"), "cannot open the file");
    refused(folder.path(), "cannot open the file");
}

#[test]
fn a_damaged_page_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let journal = open(&path).expect("a journal");
    (1..=500).for_each(|number| journal.write(&[submit(number, number)]).expect("written"));
    drop(journal);
    let whole = fs::read(&path).expect("the file");
    for page in [1, 5, 40, whole.len() as u64 / PAGE - 1] {
        fs::write(&path, &whole).expect("written");
        overwrite(&path, page * PAGE);
        refused(&path, "damaged");
    }
    fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    refused(&path, "damaged");
    fs::write(&path, &whole).expect("written");
    assert_eq!(open(&path).expect("whole again").load().expect("loads").last_event, 500);
}

#[test]
fn an_unfinished_end_is_dropped_and_told() {
    let (_folder, path) = killed(20);
    let log = log_of(&path);
    let ends = ends(&log);
    // Within the frame that ends the last transaction, and a whole frame before it.
    for cut in [32 + (ends.last().expect("20 ends") + 1) * FRAME - 100, 32 + ends.last().expect("20 ends") * FRAME] {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("journal.db");
        fs::copy(&path, &copy).expect("copied");
        fs::copy(&log, log_of(&copy)).expect("copied");
        OpenOptions::new().write(true).open(log_of(&copy)).and_then(|log| log.set_len(cut)).expect("cut");
        let journal = open(&copy).expect("opens");
        assert!(journal.torn_tail().expect("told").pages > 0);
        assert_eq!(journal.load().expect("loads").last_event, 19);
        journal.write(&[submit(20, 20)]).expect("goes on");
        drop(journal);
        assert_eq!(open(&copy).expect("opens").torn_tail(), None, "told once");
    }
    let journal = open(&path).expect("opens");
    assert_eq!(journal.torn_tail(), None, "a whole log is no torn one");
    assert_eq!(journal.load().expect("loads").last_event, 20);
}

#[test]
fn an_older_generation_of_the_log_is_not_an_unfinished_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (living, copy) = (folder.path().join("living.db"), folder.path().join("journal.db"));
    let journal = open(&living).expect("a journal");
    (1..=20).for_each(|number| journal.write(&[submit(number, number)]).expect("written"));
    let moved = Connection::open(&living)
        .and_then(|other| other.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0)));
    assert_eq!(moved, Ok(0), "the next write begins at the start of the log");
    journal.write(&[submit(21, 21)]).expect("written");
    fs::copy(&living, &copy).expect("copied");
    fs::copy(log_of(&living), log_of(&copy)).expect("copied");
    let journal = open(&copy).expect("opens");
    assert_eq!(journal.torn_tail(), None);
    assert_eq!(journal.load().expect("loads").last_event, 21);
}

#[test]
fn a_damaged_log_is_refused() {
    let (_folder, path) = killed(20);
    let log = log_of(&path);
    let whole = fs::read(&log).expect("the log");
    let middle = ends(&log)[10];
    for (at, reason) in
        [(32 + middle * FRAME + 1000, "write-ahead log"), (32 + middle * FRAME, "write-ahead log"), (8, "page 0")]
    {
        fs::write(&log, &whole).expect("written");
        overwrite(&log, at);
        refused(&path, reason);
    }
    fs::write(&log, &whole).expect("written");
    let database = fs::read(&path).expect("the file");
    fs::write(&path, []).expect("emptied");
    refused(&path, "it is empty, but its write-ahead log is not");
    fs::write(&path, database).expect("written");
    assert_eq!(open(&path).expect("whole again").load().expect("loads").last_event, 20);
}

#[test]
fn a_damaged_row_is_an_error_when_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let journal = open(&path).expect("a journal");
    journal.write(&[submit(1, 1), trade(2, 1, 1)]).expect("written");
    let other = Connection::open(&path).expect("another connection");
    other.execute("UPDATE event_rows SET json = '{\"event\":\"surprise\"}' WHERE id & 255 = 2", []).expect("changed");
    assert_eq!(journal.events(0, 1).expect("the first is whole").len(), 1);
    let refusal = journal.events(0, 2).expect_err("not what an event looks like");
    assert!(refusal.to_string().contains("a row is damaged, or written by a newer program"), "{refusal}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = killed(1);
    for file in [&path, &log_of(&path)] {
        assert_eq!(fs::metadata(file).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_reader_needs_a_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let missing = JournalReader::open(&path).expect_err("no file");
    assert_eq!(missing.kind(), ErrorKind::Journal);
    assert!(!path.exists(), "reading creates nothing");
    fs::write(&path, []).expect("an empty file");
    assert!(JournalReader::open(&path).expect_err("empty").to_string().contains("no journal is in it yet"));
}
