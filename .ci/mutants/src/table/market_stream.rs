//! Mistakes in instruments and market streams.

use crate::mutant::{MARKET_STREAM, Mutant};
use crate::subject::EXAMPLE;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "taker-reversed",
        wrong: "the side of the taker is reversed",
        file: "src/trades.rs",
        right: r"taker: side(&row.taker)?,
            time: millis(row.time)?,",
        instead: r"taker: side(&row.taker)?.opposite(),
            time: millis(row.time)?,",
        rows: "MKT-10",
        tells: "taker Buy",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "trade-time-in-seconds",
        wrong: "times of trades are taken for seconds",
        file: "src/trades.rs",
        right: r"taker: side(&row.taker)?,
            time: millis(row.time)?,",
        instead: r"taker: side(&row.taker)?,
            time: millis(row.time * 1_000)?,",
        rows: "MKT-10",
        tells: "the exchange's time of the trade",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "min-taken-for-max",
        wrong: "the least value of an order is read as the largest",
        file: "src/symbols.rs",
        right: r#"rules.range("value_min", "value_max", |value| value)?"#,
        instead: r#"rules.range("value_max", "value_min", |value| value)?"#,
        rows: "RULE-03,RULE-06",
        tells: "field notional",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "halted-trades",
        wrong: "an instrument that is halted counts as trading",
        file: "src/symbols.rs",
        right: r#""trading" => InstrumentStatus::Trading,
                "halted" => InstrumentStatus::Halted("halted".to_owned()),"#,
        instead: r#""trading" | "halted" => InstrumentStatus::Trading,"#,
        rows: "RULE-01,RULE-06",
        tells: "instruments that do not trade",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "unknown-rules-dropped",
        wrong: "rules that nobody knows are dropped without a word",
        file: "src/symbols.rs",
        right: "unknown_filters: self.rules.0.into_keys().collect(),",
        instead: "unknown_filters: Vec::new(),",
        rows: "RULE-04",
        tells: "unknown filters",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "bad-instrument-voids-all",
        wrong: "one instrument that cannot be read voids the list",
        file: "src/symbols.rs",
        right: "Err(fault) => list.unreadable.push(unreadable(raw, fault)),",
        instead: "Err(fault) => return Err(fault),",
        rows: "RULE-04",
        tells: "cannot decode",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "trades-unsubscribed",
        wrong: "trades are not subscribed to",
        file: "src/market_stream.rs",
        right: "if of.trades == TradeStream::Single {",
        instead: "if of.trades == TradeStream::Aggregated {",
        rows: "MKT-10,MKT-11",
        tells: "Trade",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "refused-topic-taken",
        wrong: "a refused subscription counts as accepted",
        file: "src/control.rs",
        right: "refused: (!ok).then(|| error.map_or_else(wordless, Stated::error))",
        instead: "refused: (!ok && error.is_none()).then(wordless)",
        rows: "MKT-02",
        tells: "Problem(Subscribe)",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "shutdown-unnoticed",
        wrong: "the notice of a shutdown is not recognised",
        file: "src/control.rs",
        right: r#"pub(crate) const CLOSING: &str = "closing";"#,
        instead: r#"pub(crate) const CLOSING: &str = "close";"#,
        rows: "MKT-09",
        tells: "by Notice",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "shutdown-by-its-text",
        wrong: "the notice of a shutdown is recognised by its whole text, not by its event",
        file: "src/control.rs",
        right: "is_ok_and(|of| &*of.event == CLOSING)",
        instead: r##"is_ok_and(|of| &*of.event == CLOSING && raw == r#"{"event":"closing"}"#)"##,
        rows: "MKT-09",
        tells: "by Notice",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "too-many-frames",
        wrong: "more frames are sent than the exchange takes in a second",
        file: "src/limits.rs",
        right: "frames_per_second: 10",
        instead: "frames_per_second: 100",
        rows: "MKT-02",
        tells: "Too many requests",
        ..Mutant::of(&MARKET_STREAM, &EXAMPLE)
    },
];
