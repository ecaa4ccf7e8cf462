//! Mistakes in the order book.

use crate::mutant::{Mutant, ORDER_BOOK};
use crate::subject::EXAMPLE;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "snapshot-id",
        wrong: "the id of a snapshot is one too high",
        file: "src/book.rs",
        right: "update_id: wire.seq, ..",
        instead: "update_id: wire.seq + 1, ..",
        rows: "BOOK-01,BOOK-05,BOOK-06",
        tells: "update id 500",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
    Mutant {
        name: "previous-off-by-one",
        wrong: "the number of the message before is one too high",
        file: "src/book.rs",
        right: "previous_id: Some(update.prev),",
        instead: "previous_id: Some(update.prev + 1),",
        rows: "BOOK-06,BOOK-02,BOOK-05",
        tells: "the step to 100 Applied",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
    Mutant {
        name: "sides-swapped",
        wrong: "asks of an update are taken for bids",
        file: "src/book.rs",
        right: r"side_from_json(update.bids, scale, &mut levels.bids)?;
    side_from_json(update.asks, scale, &mut levels.asks)?;",
        instead: r"side_from_json(update.asks, scale, &mut levels.bids)?;
    side_from_json(update.bids, scale, &mut levels.asks)?;",
        rows: "BOOK-02,BOOK-06,BOOK-11",
        tells: "bids [",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
    Mutant {
        name: "snapshot-side-missing",
        wrong: "the asks of a snapshot are not read",
        file: "src/book.rs",
        right: r"    side_from_json(wire.asks, scale, &mut snapshot.asks)?;
",
        instead: r"    let _ = wire.asks;
",
        rows: "BOOK-01,BOOK-02,BOOK-09",
        tells: "asks [",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
    Mutant {
        name: "sum-sides",
        wrong: "the checksum is taken over bids first",
        file: "src/book.rs",
        right: "for side in [Side::Sell, Side::Buy] {",
        instead: "for side in [Side::Buy, Side::Sell] {",
        rows: "BOOK-16,BOOK-14",
        tells: "checksum",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
    Mutant {
        name: "sum-ignored",
        wrong: "the checksum is not looked at",
        file: "src/book.rs",
        right: "checksum: update.sum.map(|expected| Checksum { expected, of: sum }),",
        instead: "checksum: update.sum.map(|expected| Checksum { expected, of: sum }).filter(|_| false),",
        rows: "BOOK-14",
        tells: "Gap(checksum)",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
    Mutant {
        name: "rule-first-last",
        wrong: "updates are checked by the first and last id, which this exchange does not count",
        file: "src/exchange.rs",
        right: r"SequenceRule::Previous
",
        instead: r"SequenceRule::FirstLast
",
        rows: "BOOK-06,BOOK-05",
        tells: "Lost(Sequence); happened: Applied",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
    Mutant {
        name: "broken-update-skipped",
        wrong: "an update that cannot be read is left out without a word",
        file: "src/frames.rs",
        right: "self.read(frame, sink).map_err(|fault| ",
        instead: "self.read(frame, sink).or(Ok(Frame::Unknown)).map_err(|fault: Fault| ",
        rows: "BOOK-12,BOOK-13",
        tells: "an error for the level",
        ..Mutant::of(&ORDER_BOOK, &EXAMPLE)
    },
];
