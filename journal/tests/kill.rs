//! Killed in the middle of writes, at any of them: what was reported as written is there, and of the rest either all of
//! a write or nothing.
//!
//! The process that is killed is this test program itself, started with the name of one test and told by its
//! environment to write.

mod sample;

use std::env;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use sample::{accept, submit, trade};
use tradewire_core::{Decimal, ErrorKind};
use tradewire_journal::SqliteJournal;
use tradewire_tracking::{Durability, Journal, Record};

const FILE: &str = "TRADEWIRE_JOURNAL_TO_WRITE";
/// Files, and how often the writer of each is killed.
const FILES: usize = 12;
const LIVES: usize = 6;

/// Runs in the process that is killed. Each write is one order with its life: three records, of which none may be there
/// without the others.
#[test]
#[ignore = "started by the other tests, in a process of its own"]
fn writes_until_killed() {
    let Some(path) = env::var_os(FILE) else { return };
    let journal = open(Path::new(&path));
    let mut out = std::io::stdout();
    for order in journal.load().expect("loads").last_order + 1.. {
        journal.write(&life(order)).expect("written");
        writeln!(out, "wrote {order}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

fn life(order: u64) -> [Record; 3] {
    let event = (order - 1) * 4;
    let facts = vec![("orders".to_owned(), order.to_string())];
    let traded = trade(event + 3, order, 1);
    let again = trade(event + 4, order, 2);
    [
        submit(event + 1, order),
        Record { facts, ..accept(event + 2, order) },
        Record {
            events: [traded.events, again.events].concat(),
            fills: [traded.fills, again.fills].concat(),
            orders: again.orders,
            balances: vec![sample::balance("BTC", i64::try_from(order * 2).expect("few"))],
            ..Record::default()
        },
    ]
}

fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(path, "a", Durability::Process).expect("a journal")
}

/// A process that writes.
struct Victim {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Victim {
    fn start(path: &Path) -> Self {
        let mut process = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "writes_until_killed", "--ignored", "--nocapture"])
            .env(FILE, path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        Self { process, lines }
    }

    /// The order that it has written next.
    fn wrote(&mut self) -> Option<u64> {
        self.lines.by_ref().map(|line| line.expect("text")).find_map(|line| line.rsplit_once("wrote ")?.1.parse().ok())
    }

    /// Kills it after so many writes, and says which order it reported last.
    fn kill_after(mut self, writes: usize) -> Option<u64> {
        let last = (0..writes).map(|_| self.wrote().expect("it writes until it is killed")).last();
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
        std::iter::from_fn(|| self.wrote()).last().or(last)
    }
}

/// Everything there agrees, and the last order that was reported is there.
fn check(path: &Path, reported: u64) -> (u64, bool) {
    let journal = open(path);
    let saved = journal.load().expect("loads");
    assert!(saved.last_order >= reported, "{} is less than {reported}", saved.last_order);
    assert_eq!(saved.last_event, saved.last_order * 4);
    let events = journal.events(0, usize::MAX).expect("reads");
    assert!((1..).zip(&events).all(|(number, event)| event.number == number), "a hole");
    assert_eq!(events.len() as u64, saved.last_event);
    assert_eq!(saved.orders.len() as u64, saved.last_order, "all of them are live");
    for order in &saved.orders {
        let filled: Decimal = order.fills.iter().map(|fill| fill.quantity.value()).sum();
        assert_eq!((order.fills.len(), filled), (2, order.record.order.filled.value()));
    }
    let total = saved.balances.first().map_or(Decimal::ZERO, |balance| balance.total);
    assert_eq!(total, Decimal::from(saved.last_order * 2));
    let counted = saved.facts.first().map_or("0", |(_, value)| value.as_str());
    assert_eq!(counted, saved.last_order.to_string());
    (saved.last_order, journal.torn_tail().is_some())
}

fn journal_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("journal.db")
}

#[test]
fn a_kill_in_the_middle_of_writes_leaves_whole_ones() {
    let mut torn = 0;
    for file in 0..FILES {
        let folder = tempfile::tempdir().expect("a folder");
        let path = journal_in(&folder);
        let mut there = 0;
        for life in 0..LIVES {
            // Spread over a few checkpoints, of which there is one every 85 writes or so.
            let last = Victim::start(&path).kill_after((file * LIVES + life) * 37 % 101);
            let (now, was_torn) = check(&path, last.unwrap_or(there));
            assert!(now >= there, "nothing goes away");
            there = now;
            torn += usize::from(was_torn);
        }
        assert!(there > 0);
    }
    println!("{torn} of {} lives ended within a write", FILES * LIVES);
}

#[test]
fn a_kill_while_the_file_comes_into_being_leaves_a_usable_one() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().expect("a folder");
        let path = journal_in(&folder);
        let victim = Victim::start(&path);
        while !path.exists() {
            std::thread::yield_now();
        }
        victim.kill_after(0);
        check(&path, 0);
    }
}

#[test]
fn a_second_process_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = journal_in(&folder);
    let mut victim = Victim::start(&path);
    victim.wrote().expect("it has the journal");
    let refusal = SqliteJournal::open(&path, "a", Durability::Process).expect_err("in use");
    assert_eq!(refusal.kind(), ErrorKind::Journal);
    assert!(refusal.to_string().contains(&format!("in use by process {}", victim.process.id())), "{refusal}");
    let other = SqliteJournal::open(&path, "b", Durability::Process).expect("another account of the file");
    other.write(&[submit(1, 1)]).expect("written beside the other process");
    let reported = victim.kill_after(0);
    assert!(check(&path, reported.unwrap_or(0)).0 > 0);
    assert_eq!(other.load().expect("loads").last_event, 1);
}
