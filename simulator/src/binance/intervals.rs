//! Names of candle intervals.

use crate::intervals::{DAY, HOUR, Interval, MINUTE, SECOND, Span};

const INTERVALS: [(&str, Span); 16] = [
    ("1s", Span::Millis(SECOND)),
    ("1m", Span::Millis(MINUTE)),
    ("3m", Span::Millis(3 * MINUTE)),
    ("5m", Span::Millis(5 * MINUTE)),
    ("15m", Span::Millis(15 * MINUTE)),
    ("30m", Span::Millis(30 * MINUTE)),
    ("1h", Span::Millis(HOUR)),
    ("2h", Span::Millis(2 * HOUR)),
    ("4h", Span::Millis(4 * HOUR)),
    ("6h", Span::Millis(6 * HOUR)),
    ("8h", Span::Millis(8 * HOUR)),
    ("12h", Span::Millis(12 * HOUR)),
    ("1d", Span::Millis(DAY)),
    ("3d", Span::Millis(3 * DAY)),
    ("1w", Span::Week),
    ("1M", Span::Month),
];

/// The interval of that name; `m` and `M` differ.
pub(super) fn named(name: &str) -> Option<Interval> {
    Interval::among(&INTERVALS, name)
}
