//! What an order costs beside the exchange's own time: until its first byte leaves, there and back, and what is told of it; and how
//! fast private events and a restart are taken. All against a simulated exchange in this process, each beside a bare client that
//! signs, sends and waits, or only reads.
//!
//! `cargo bench -p tradewire-benches --bench orders`; `ORDERS=500` sets how many orders each way gets, `ONLY=first-byte` which
//! part is run: `round-trip`, `first-byte`, `frames`, `flood` or `start`.
#![allow(clippy::disallowed_methods, reason = "real time on purpose: it is what is measured")]

mod exchange;
mod first_byte;
mod frames;
mod report;
mod round_trip;
mod silent_journal;
mod start;
mod tap;
mod times;

use tradewire::OrderEntry;
use tradewire::tracking::Durability;
use tradewire_simulator::KeyType;

use exchange::{Failure, Kept};
use times::micros;

fn main() -> Result<(), Failure> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let count = number("ORDERS").unwrap_or(1_000);
    let only = std::env::var("ONLY").unwrap_or_default();
    println!("{count} each way; medians in us (and 9 of 10 within)");
    let parts = ["round-trip", "first-byte", "frames", "flood", "start"];
    for part in parts.into_iter().filter(|part| only.is_empty() || only == *part) {
        match part {
            "round-trip" => round_trips(count)?,
            "first-byte" => first_byte::measure(count)?,
            "frames" => frames::measure(count)?,
            "flood" => frames::flood()?,
            _ => start::measure()?,
        }
    }
    Ok(())
}

fn round_trips(count: usize) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        for key in [KeyType::Hmac, KeyType::Ed25519] {
            round_trip::building(key, count).await?;
        }
        let bare = round_trip::bare(count).await?;
        println!("a bare client over the socket      {bare}");
        for entry in [OrderEntry::Socket, OrderEntry::Rest] {
            for kept in [Kept::Nowhere, Kept::InMemory, Kept::File(Durability::Process), Kept::File(Durability::Power)]
            {
                let times = round_trip::connector(entry, kept, count).await?;
                let added = times.median.saturating_sub(bare.median);
                println!("connector, {entry:?}, journal {kept:?}: {times}; {:.0} more than bare", micros(added));
            }
        }
        Ok(())
    })
}
