//! The order book: its messages, its snapshots and its checksum. See "Market socket" in `API.md`.

use std::fmt::Write;

use flate2::Crc;
use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Level, Side};
use tradewire_tracking::{BookMessage, Checksum, MarketSink, OrderBook, RawSnapshot, Scale};
use tradewire_wire::{Fault, Levels, millis, object, side_from_json};

/// Levels of each side that the checksum is taken over.
const SUMMED: usize = 10;

/// Reads a change of a book and tells the sink, which checks `prev` and `sum`.
pub(crate) fn read(raw: &str, symbol: &str, levels: &mut Levels, sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let Some((slot, scale)) = sink.find(symbol.as_bytes()) else { return Ok(()) };
    let update: Update<'_> = object(raw)?;
    side_from_json(update.bids, scale, &mut levels.bids)?;
    side_from_json(update.asks, scale, &mut levels.asks)?;
    let message = BookMessage {
        snapshot: false,
        first_id: update.prev.saturating_add(1),
        last_id: update.seq,
        previous_id: Some(update.prev),
        time: millis(update.time)?,
        bids: &levels.bids,
        asks: &levels.asks,
        checksum: update.sum.map(|expected| Checksum { expected, of: sum }),
    };
    sink.book(slot, message);
    Ok(())
}

#[derive(Deserialize)]
struct Update<'a> {
    seq: u64,
    prev: u64,
    time: u64,
    #[serde(borrow)]
    bids: &'a RawValue,
    #[serde(borrow)]
    asks: &'a RawValue,
    sum: Option<u32>,
}

/// The checksum of a book.
fn sum(book: &OrderBook) -> u32 {
    let mut text = String::new();
    for side in [Side::Sell, Side::Buy] {
        for Level { price, quantity } in book.levels(side).take(SUMMED) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{}:{};", price.value().normalize(), quantity.value().normalize());
        }
    }
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    crc.sum()
}

/// Reads the body of `GET /1/book`.
pub(crate) fn read_snapshot(body: &[u8], scale: Scale) -> Result<RawSnapshot, Fault> {
    let raw: &RawValue = serde_json::from_slice(body)?;
    let wire: Snapshot<'_> = object(raw.get())?;
    let mut snapshot = RawSnapshot { update_id: wire.seq, ..RawSnapshot::default() };
    side_from_json(wire.bids, scale, &mut snapshot.bids)?;
    side_from_json(wire.asks, scale, &mut snapshot.asks)?;
    Ok(snapshot)
}

#[derive(Deserialize)]
struct Snapshot<'a> {
    seq: u64,
    #[serde(borrow)]
    bids: &'a RawValue,
    #[serde(borrow)]
    asks: &'a RawValue,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale { price: 2, quantity: 5 };

    #[test]
    fn the_sum_is_that_of_the_best_levels_in_their_shortest_form() {
        let mut book = OrderBook::new(SCALE);
        let asks: Vec<_> = (0..12).map(|n| (6_100_020 + n, 200_000)).collect();
        book.load_snapshot(&[(6_100_010, 50_000), (6_100_000, 100_000)], &asks, true, true);
        let asks: String = (0..10).map(|n| format!("{}:2;", rust_text(6_100_020 + n))).collect();
        let mut crc = Crc::new();
        crc.update(format!("{asks}61000.1:0.5;61000:1;").as_bytes());
        assert_eq!(sum(&book), crc.sum());
    }

    fn rust_text(cents: i64) -> String {
        format!("{}.{:02}", cents / 100, cents % 100).trim_end_matches('0').to_owned()
    }

    #[test]
    fn a_snapshot_is_read_whole_or_not() {
        let body = br#"{"symbol":"BTC/USDT","seq":7,"time":1,"bids":[["61000.10","0.5"]],"asks":[]}"#;
        let snapshot = read_snapshot(body, SCALE).expect("a snapshot");
        assert_eq!((snapshot.update_id, snapshot.bids), (7, vec![(6_100_010, 50_000)]));
        assert!(read_snapshot(br#"{"seq":7,"bids":[["","0.5"]],"asks":[]}"#, SCALE).is_err());
        assert!(read_snapshot(br#"{"bids":[],"asks":[]}"#, SCALE).is_err());
    }
}
