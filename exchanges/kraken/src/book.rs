//! The order book: its messages, its snapshots and its checksum.
//! <https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/book>

use flate2::Crc;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tradewire_core::{Decimal, Side, Timestamp};
use tradewire_tracking::{BookMessage, Checksum, MarketSink, OrderBook, RawSnapshot, Scale};
use tradewire_wire::{Fault, Levels, Number, Text, object, rfc3339, side_from_objects};

use crate::rest::sole;

/// Levels of each side that the checksum is taken over.
const SUMMED: usize = 10;
/// Levels a side that the stream is asked for.
pub(crate) const DEPTH: u32 = 1_000;

/// Reads one element of a book frame and tells the sink, which checks the sum. A level may come twice in it: the last word holds.
pub(crate) fn read(snapshot: bool, raw: &str, levels: &mut Levels, sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let book: Book<'_> = object(raw)?;
    let Some((slot, scale)) = sink.find(book.symbol.as_bytes()) else { return Ok(()) };
    side_from_objects(book.bids, scale, &mut levels.bids)?;
    side_from_objects(book.asks, scale, &mut levels.asks)?;
    let time = match &book.timestamp {
        Some(text) => rfc3339(text)?,
        None if snapshot => Timestamp::default(),
        None => return Err(Fault::decode("a change without its time")),
    };
    let checksum = Some(Checksum { expected: book.checksum, of: sum });
    let (bids, asks) = (&levels.bids, &levels.asks);
    sink.book(slot, BookMessage { snapshot, first_id: 0, last_id: 0, previous_id: None, time, bids, asks, checksum });
    Ok(())
}

#[derive(Deserialize)]
struct Book<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    bids: &'a RawValue,
    #[serde(borrow)]
    asks: &'a RawValue,
    checksum: u32,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
}

/// The checksum of a book: CRC-32 over the best ten asks, then the best ten bids, best first; price and quantity of each with all
/// of their decimals, without point and without zeros in front.
fn sum(book: &OrderBook) -> u32 {
    let (scale, mut crc) = (book.scale(), Crc::new());
    let mut digits = itoa::Buffer::new();
    for side in [Side::Sell, Side::Buy] {
        for level in book.levels(side).take(SUMMED) {
            crc.update(digits.format(integer(level.price.value(), scale.price)).as_bytes());
            crc.update(digits.format(integer(level.quantity.value(), scale.quantity)).as_bytes());
        }
    }
    crc.sum()
}

fn integer(mut number: Decimal, scale: u32) -> i128 {
    number.rescale(scale);
    number.mantissa()
}

/// Reads the body of `GET /0/public/Depth`. Its books have no version, and their quantities are rounded.
pub(crate) fn read_snapshot(body: &[u8], scale: Scale) -> Result<RawSnapshot, Fault> {
    #[derive(Deserialize)]
    struct Sides<'a> {
        #[serde(borrow)]
        bids: Vec<(Number<'a>, Number<'a>, IgnoredAny)>,
        #[serde(borrow)]
        asks: Vec<(Number<'a>, Number<'a>, IgnoredAny)>,
    }
    let raw: &RawValue = serde_json::from_slice(body)?;
    let sides: Sides<'_> = object(sole(raw.get())?)?;
    let side = |levels: Vec<(Number<'_>, Number<'_>, IgnoredAny)>| {
        levels
            .iter()
            .map(|(price, quantity, _)| Ok((price.positive(scale.price)?, quantity.scaled(scale.quantity)?)))
            .collect()
    };
    let (bids, asks): (Result<_, Fault>, Result<_, Fault>) = (side(sides.bids), side(sides.asks));
    Ok(RawSnapshot { update_id: 0, bids: bids?, asks: asks? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale { price: 1, quantity: 8 };
    const BIDS: [(i64, i64); 10] = [
        (452_835, 10_000_000),
        (452_834, 154_582_015),
        (452_821, 10_000_000),
        (452_810, 10_000_000),
        (452_803, 154_592_586),
        (452_790, 7_990_000),
        (452_776, 3_310_103),
        (452_775, 30_000_000),
        (452_773, 154_602_737),
        (452_766, 15_445_238),
    ];
    const ASKS: [(i64, i64); 10] = [
        (452_852, 100_000),
        (452_864, 154_571_953),
        (452_866, 154_571_109),
        (452_896, 154_560_911),
        (452_902, 15_890_660),
        (452_918, 154_553_491),
        (452_947, 4_454_749),
        (452_961, 35_380_000),
        (452_975, 9_945_542),
        (452_995, 18_772_827),
    ];

    #[test]
    fn the_sum_is_that_of_the_documents() {
        let mut book = OrderBook::new(SCALE);
        book.load_snapshot(&BIDS, &ASKS, true, true);
        assert_eq!(sum(&book), 3_310_070_434);
        book.apply(&[(452_000, 1)], &[(453_000, 1)]);
        assert_eq!(sum(&book), 3_310_070_434, "levels beyond the tenth do not count");
        book.apply(&[(452_835, 0)], &[]);
        assert_ne!(sum(&book), 3_310_070_434);
    }

    #[test]
    fn a_snapshot_is_read_whole_or_not() {
        let body = br#"{"error":[],"result":{"XXBTZUSD":{"asks":[["45285.20000","0.001",1688671659]],"bids":[]}}}"#;
        assert_eq!(read_snapshot(body, SCALE).expect("a snapshot").asks, [(452_852, 100_000)]);
        for broken in [r#"{"asks":[["","1",1]],"bids":[]}"#, r#"{"asks":[]}"#, "[]"] {
            let body = format!(r#"{{"error":[],"result":{{"XXBTZUSD":{broken}}}}}"#);
            assert!(read_snapshot(body.as_bytes(), SCALE).is_err(), "{broken}");
        }
    }
}
