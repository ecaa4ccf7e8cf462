//! Prints one markdown table: bytes a level that books hold, right after their snapshots (as allocated, and as they show in
//! the size of a process that has nothing else) and after a stream of updates.

use std::hint::black_box;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use tradewire_benches::{
    Book, CountingAllocator, DenseBook, Layout, Set, Snapshot, TreeBook, live_bytes, made_set, made_snapshot,
    recorded_sets,
};
use tradewire_core::Side;
use tradewire_tracking::{OrderBook, Scale};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const SCALE: Scale = Scale { price: 1, quantity: 0 };

/// Books of one snapshot in the process that shows their size.
const BOOKS: usize = 500;

/// In the environment of that process, the layout.
const LAYOUT: &str = "TRADEWIRE_MEMORY_OF";

fn main() {
    match std::env::var(LAYOUT).as_deref() {
        Ok("BTreeMap") => hold::<TreeBook>(),
        Ok("dense ladder") => hold::<DenseBook>(),
        Ok(_) => hold::<OrderBook>(),
        Err(_) => table(),
    }
}

fn table() {
    println!("| layout | set | B/level, snapshot | resident | after the stream |");
    println!("| --- | --- | --- | --- | --- |");
    let mut sets = recorded_sets();
    sets.push(made_set(BOOKS, 60_000));
    let layout = Layout { scale: SCALE, shown_price: 1, shown_quantity: 0 };
    let snapshots = vec![made_snapshot(5_000)];
    sets.push(Set { name: "made, 5000 levels a side".into(), layout, snapshots, messages: Vec::new() });
    for set in &sets {
        row::<OrderBook>("tradewire", set);
        row::<TreeBook>("BTreeMap", set);
        row::<DenseBook>("dense ladder", set);
    }
}

fn row<B: Book>(layout: &str, set: &Set) {
    let levels: usize = set.snapshots.iter().map(|snapshot| snapshot.bids.len() + snapshot.asks.len()).sum();
    let before = live_bytes();
    let mut books = set.books::<B>();
    let held = live_bytes() - before;
    set.apply(&mut books);
    let after = live_bytes() - before;
    drop(black_box(books));
    let mut ends = set.books::<OrderBook>();
    set.apply(&mut ends);
    let end: usize = ends.iter().map(|book| book.len(Side::Buy) + book.len(Side::Sell)).sum();
    let (held, after) = (held as f64 / levels as f64, after as f64 / end as f64);
    let resident = resident(layout, &set.snapshots[0]);
    println!("| {layout} | {} | {held:.1} | {resident:.1} | {after:.1} |", set.name);
}

/// Bytes a level that a process grows by when it makes many books of one snapshot.
fn resident(layout: &str, snapshot: &Snapshot) -> f64 {
    let program = std::env::current_exe().expect("the path of this program");
    let mut child = Command::new(program);
    child.env(LAYOUT, layout).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().expect("a process");
    let mut input = child.stdin.take().expect("its input");
    for (mark, levels) in [('B', &snapshot.bids), ('A', &snapshot.asks)] {
        for (price, quantity) in levels {
            writeln!(input, "{mark} {price} {quantity}").expect("a reader");
        }
    }
    drop(input);
    let output = child.wait_with_output().expect("its end");
    let bytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number");
    bytes / (BOOKS * (snapshot.bids.len() + snapshot.asks.len())) as f64
}

/// Reads a snapshot, makes many books of it and prints how much the process has grown.
fn hold<B: Book>() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("a snapshot");
    let mut snapshot = Snapshot::default();
    for line in text.lines() {
        let mut words = line.split(' ');
        let side = if words.next() == Some("B") { &mut snapshot.bids } else { &mut snapshot.asks };
        let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number");
        side.push((number(), number()));
    }
    let before = resident_bytes();
    let books: Vec<B> = (0..BOOKS).map(|_| B::loaded(SCALE, &snapshot)).collect();
    println!("{}", resident_bytes().saturating_sub(before));
    drop(black_box(books));
}

/// Bytes of this process in memory; 0 where the system does not tell.
fn resident_bytes() -> usize {
    let Ok(text) = std::fs::read_to_string("/proc/self/statm") else { return 0 };
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |pages| pages * 4096)
}
