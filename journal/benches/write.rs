//! Prints one markdown table: what one write costs, by durability and by what is written, in microseconds.
//!
//! The file is in the folder for temporary files, or in `TRADEWIRE_BENCH_DIR`: the cost of `power` is that of its disk.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::time::{Duration, Instant};

use tradewire_journal::SqliteJournal;
use tradewire_tracking::{Durability, Journal, Record};

fn main() {
    println!("| durability | one write of | writes | median us | 99 % us | most us | us a record |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (durability, writes) in [(Durability::Process, 20_000), (Durability::Power, 1_000)] {
        measure(durability, "1 new order", writes, 1, sample::submit);
        measure(durability, "1 order accepted", writes, 1, sample::accept);
        measure(durability, "1 fill, 2 balances", writes, 1, |event, number| sample::trade(event, number, 1));
        measure(durability, "10 new orders", writes / 10, 10, sample::submit);
        measure(durability, "100 new orders", writes / 100, 100, sample::submit);
    }
}

/// Writes groups of records, each about an order of its own that the journal knows already unless the record is its
/// first.
fn measure(durability: Durability, what: &str, writes: u64, group: u64, record: fn(u64, u64) -> Record) {
    let folder = std::env::var_os("TRADEWIRE_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let journal = SqliteJournal::open(folder.path().join("bench.db"), "bench", durability).expect("a journal");
    let mut events = 0;
    if record(1, 1) != sample::submit(1, 1) {
        let known: Vec<_> = (1..=writes * group).map(|number| sample::submit(number, number)).collect();
        journal.write(&known).expect("written");
        events = writes * group;
    }
    let mut times: Vec<Duration> = (0..writes)
        .map(|write| {
            let numbers = write * group + 1..=(write + 1) * group;
            let records: Vec<_> = numbers.map(|number| record(events + number, number)).collect();
            time(|| journal.write(&records).expect("written"))
        })
        .collect();
    print(durability, what, group, &mut times);
}

#[expect(clippy::disallowed_methods, reason = "a measurement of real time")]
fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn print(durability: Durability, what: &str, group: u64, times: &mut [Duration]) {
    times.sort_unstable();
    let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
    let median = micros(times[times.len() / 2]);
    println!(
        "| {} | {what} | {} | {median:.1} | {:.1} | {:.1} | {:.1} |",
        format!("{durability:?}").to_lowercase(),
        times.len(),
        micros(times[times.len() * 99 / 100]),
        micros(times[times.len() - 1]),
        median / group as f64,
    );
}
