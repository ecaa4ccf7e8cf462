//! Names of streams.

use super::tickers::window_size;
use crate::binance::intervals;
use crate::intervals::{Interval, zone_offset};

/// What a stream with a time of its own carries; streams driven by events need no parsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timed<'a> {
    /// Candles of a symbol.
    Kline { symbol: &'a str, interval: Interval, offset: i64 },
    /// Statistics of a day, short.
    MiniTicker { symbol: &'a str },
    /// Statistics of a day.
    Ticker { symbol: &'a str },
    /// Statistics of a window.
    WindowTicker { symbol: &'a str, window: &'a str, span: i64 },
    /// Short statistics of a day of all symbols.
    AllMiniTickers,
    /// Statistics of a window of all symbols.
    AllWindowTickers { window: &'a str, span: i64 },
    /// Average price.
    AveragePrice { symbol: &'a str },
}

impl<'a> Timed<'a> {
    /// Reads a stream's name; `None` if it is driven by events or unknown.
    pub(super) fn named(name: &'a str) -> Option<Timed<'a>> {
        if let Some(rest) = name.strip_prefix('!') {
            return match rest.strip_suffix("@arr")? {
                "miniTicker" => Some(Timed::AllMiniTickers),
                other => window(other).map(|(window, span)| Timed::AllWindowTickers { window, span }),
            };
        }
        let (symbol, kind) = name.split_once('@')?;
        match kind {
            "miniTicker" => Some(Timed::MiniTicker { symbol }),
            "ticker" => Some(Timed::Ticker { symbol }),
            "avgPrice" => Some(Timed::AveragePrice { symbol }),
            _ => match kind.strip_prefix("kline_") {
                Some(kline) => {
                    let (interval, zone) = kline.split_once('@').unwrap_or((kline, "0"));
                    let (interval, offset) = (intervals::named(interval)?, zone_offset(zone)?);
                    Some(Timed::Kline { symbol, interval, offset })
                }
                None => window(kind).map(|(window, span)| Timed::WindowTicker { symbol, window, span }),
            },
        }
    }
}

/// The window of `ticker_<window>`.
fn window(kind: &str) -> Option<(&str, i64)> {
    let window = kind.strip_prefix("ticker_")?;
    ["1h", "4h", "1d"].contains(&window).then(|| window_size(window).map(|span| (window, span))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let hour = 3_600_000;
        assert_eq!(Timed::named("!miniTicker@arr"), Some(Timed::AllMiniTickers));
        assert_eq!(Timed::named("!ticker_1h@arr"), Some(Timed::AllWindowTickers { window: "1h", span: hour }));
        let Some(Timed::Kline { symbol, interval, offset }) = Timed::named("btcusdt@kline_1M@+08:00") else { panic!() };
        assert_eq!((symbol, interval.name, offset), ("btcusdt", "1M", 8 * hour));
        assert_eq!(
            ["btcusdt@trade", "!ticker@arr", "btcusdt@kline_7m", "btcusdt@ticker_2h", "x"].map(Timed::named),
            [None; 5]
        );
    }
}
