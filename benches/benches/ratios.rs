//! Prints one markdown table: each stage on each set, in nanoseconds a message and as a multiple of the floor.
//!
//! All stages of a set run in turn within each round; the medians of the rounds are compared. `ROUNDS` in the environment
//! sets their number (31).

use std::hint::black_box;
use std::time::Duration;

use tradewire_benches::{Book, DenseBook, FloorParser, Interleaved, Set, Stage, TreeBook, made_set, recorded_sets};
use tradewire_tracking::OrderBook;

fn main() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(31);
    let mut sets = recorded_sets();
    sets.push(made_set(1, 20_000));
    sets.push(made_set(500, 60_000));
    println!("| stage | set | ns/msg | ns/level | x FLOOR |");
    println!("| --- | --- | --- | --- | --- |");
    for set in &sets {
        print(set, Interleaved::new(apply_stages(set)).medians(rounds));
        if let Some(stages) = whole_stages(set) {
            print(set, Interleaved::new(stages).medians(rounds));
        }
    }
}

/// The book alone: changes that are integers already.
fn apply_stages(set: &Set) -> Vec<Stage<'_>> {
    vec![
        apply::<DenseBook>(set, "apply, FLOOR: dense ladder"),
        apply::<OrderBook>(set, "apply, tradewire"),
        apply::<TreeBook>(set, "apply, BTreeMap"),
    ]
}

fn apply<'a, B: Book + 'a>(set: &'a Set, name: &'static str) -> Stage<'a> {
    Stage::new(
        name,
        || set.books::<B>(),
        |books| {
            black_box(set.apply(books));
        },
    )
}

/// From bytes to book.
fn whole_stages(set: &Set) -> Option<Vec<Stage<'_>>> {
    FloorParser::new(set.layout, set.messages.first()?)?;
    Some(vec![
        floor::<DenseBook>(set, "parse + apply, FLOOR"),
        floor::<OrderBook>(set, "parse as FLOOR, apply tradewire"),
    ])
}

fn floor<'a, B: Book + 'a>(set: &'a Set, name: &'static str) -> Stage<'a> {
    let ready = || {
        let parser = set.messages.first().and_then(|first| FloorParser::new(set.layout, first));
        (parser.expect("a form that the floor knows"), set.books::<B>())
    };
    Stage::new(name, ready, |(parser, books)| {
        for message in &set.messages {
            parse(parser, &message.frame);
            let book = &mut books[message.symbol];
            book.apply(&parser.bids, &parser.asks);
            black_box(book.touch());
        }
    })
}

#[allow(unsafe_code)]
#[inline]
fn parse(parser: &mut FloorParser, frame: &[u8]) {
    // SAFETY: `tests/agreement.rs` has parsed the same frames and compared them with another decoder's results.
    black_box(unsafe { parser.parse(frame) });
}

fn print(set: &Set, medians: Vec<(&'static str, Duration)>) {
    let Some((_, floor)) = medians.first().copied() else { return };
    for (stage, median) in medians {
        let nanos = median.as_nanos() as f64;
        println!(
            "| {stage} | {} | {:.0} | {:.1} | {:.2} |",
            set.name,
            nanos / set.messages.len() as f64,
            nanos / set.changes() as f64,
            nanos / floor.as_nanos() as f64
        );
    }
}
