//! Prints two markdown tables: what this project, the floor and other libraries need from a recorded message to the book, and
//! what parsers need for messages alone; each set with everything interleaved.
//!
//! `ROUNDS` in the environment sets the number of rounds (15). The README beside says what is measured and how fair it is.

mod barter;
mod floor;
mod hft;
mod ours;
mod parse;
mod stream;

use std::time::Duration;

use tradewire_benches::{Interleaved, Stage, recorded_sets};

use crate::stream::Stream;

/// A library that follows a depth stream.
trait Follower {
    /// Takes a message, from its text to the book.
    fn message(&mut self, number: usize, text: &str);
    /// Best bid and ask as integers of the stream's scale.
    fn touch(&self) -> (i64, i64);
}

type Make = fn(&Stream) -> Box<dyn Follower + '_>;

const FOLLOWERS: [(&str, Make); 6] = [
    ("FLOOR: unchecked parser + dense ladder", |stream| Box::new(floor::Floor::new(stream))),
    ("tradewire: decoder + checked book", |stream| Box::new(ours::Tradewire::new(stream))),
    ("hftbacktest 0.9.4, ROIVector +-5 %, serde to f64", |stream| Box::new(hft::Hft::roi(stream))),
    ("hftbacktest 0.9.4, HashMap, serde to f64", |stream| Box::new(hft::Hft::hash_map(stream))),
    ("hftbacktest 0.9.4, BTree, serde to f64", |stream| Box::new(hft::Hft::tree(stream))),
    ("barter-data 0.13.0", barter::follower),
];

fn main() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(15);
    let streams: Vec<_> = recorded_sets().into_iter().map(Stream::new).collect();
    println!("| parse + apply | set | ns/msg | x FLOOR | x tradewire |\n| --- | --- | --- | --- | --- |");
    for stream in &streams {
        compare_ends(stream);
        let stages = FOLLOWERS
            .map(|(name, make)| Stage::new(name, move || make(stream), |follower| stream.run(&mut **follower)));
        print(&stream.set.name, stream.set.messages.len(), Interleaved::new(stages.into()).medians(rounds));
    }
    println!("\n| parse | set | ns/msg | x FLOOR | x tradewire |\n| --- | --- | --- | --- | --- |");
    for stream in &streams {
        print(&stream.set.name, stream.set.messages.len(), parse::depth(stream).medians(rounds));
    }
    let (trades, best_prices) = parse::made();
    print("made trades", trades.frames.len(), parse::trades(&trades).medians(rounds));
    print("made best prices", best_prices.frames.len(), parse::best_prices(&best_prices).medians(rounds));
}

/// All must end with the same best prices: otherwise no ratio means anything.
fn compare_ends(stream: &Stream) {
    let ends = FOLLOWERS.map(|(name, make)| {
        let mut follower = make(stream);
        stream.run(&mut *follower);
        (name, follower.touch())
    });
    for (name, end) in ends {
        assert_eq!(end, ends[0].1, "{name} on {}", stream.set.name);
    }
}

/// The floor is first, this project second.
fn print(set: &str, messages: usize, medians: Vec<(&'static str, Duration)>) {
    let (floor, ours) = (medians[0].1.as_nanos() as f64, medians[1].1.as_nanos() as f64);
    for (name, median) in medians {
        let nanos = median.as_nanos() as f64;
        println!("| {name} | {set} | {:.0} | {:.2} | {:.2} |", nanos / messages as f64, nanos / floor, nanos / ours);
    }
}
