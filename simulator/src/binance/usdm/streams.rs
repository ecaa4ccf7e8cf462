//! Names of streams that have a time of their own.

use crate::binance::intervals;
use crate::intervals::Interval;

/// What such a stream carries; streams driven by events need no parsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timed<'a> {
    /// Candles of a symbol.
    Kline { symbol: &'a str, interval: Interval },
    /// The same, under the name of the pair and the type of contract.
    ContinuousKline { symbol: &'a str, interval: Interval },
    /// Mark price, index price and funding rate.
    MarkPrice { symbol: &'a str, every: u64 },
    /// The same of all symbols.
    AllMarkPrices { every: u64 },
    /// Short statistics of a day.
    MiniTicker { symbol: &'a str },
    /// Statistics of a day.
    Ticker { symbol: &'a str },
    /// Short statistics of all symbols that have traded.
    AllMiniTickers,
    /// Statistics of all symbols that have traded.
    AllTickers,
    /// Best prices of all symbols.
    AllBookTickers,
    /// Changes of instruments.
    ContractInfo,
}

impl<'a> Timed<'a> {
    /// Reads a stream's name; `None` if it is driven by events or unknown.
    pub(super) fn named(name: &'a str) -> Option<Timed<'a>> {
        match name {
            "!markPrice@arr" => return Some(Timed::AllMarkPrices { every: 3000 }),
            "!markPrice@arr@1s" => return Some(Timed::AllMarkPrices { every: 1000 }),
            "!miniTicker@arr" => return Some(Timed::AllMiniTickers),
            "!ticker@arr" => return Some(Timed::AllTickers),
            "!bookTicker" => return Some(Timed::AllBookTickers),
            "!contractInfo" => return Some(Timed::ContractInfo),
            _ => {}
        }
        let (symbol, kind) = name.split_once('@')?;
        match kind {
            "markPrice" => Some(Timed::MarkPrice { symbol, every: 3000 }),
            "markPrice@1s" => Some(Timed::MarkPrice { symbol, every: 1000 }),
            "miniTicker" => Some(Timed::MiniTicker { symbol }),
            "ticker" => Some(Timed::Ticker { symbol }),
            _ => match (kind.strip_prefix("kline_"), kind.strip_prefix("continuousKline_")) {
                (Some(width), _) => interval(width).map(|interval| Timed::Kline { symbol, interval }),
                (None, Some(width)) => {
                    let symbol = symbol.strip_suffix("_perpetual")?;
                    interval(width).map(|interval| Timed::ContinuousKline { symbol, interval })
                }
                (None, None) => None,
            },
        }
    }

    /// Milliseconds between its frames.
    pub(super) fn every(self) -> u64 {
        match self {
            Timed::Kline { .. } | Timed::ContinuousKline { .. } => 250,
            Timed::MarkPrice { every, .. } | Timed::AllMarkPrices { every } => every,
            Timed::MiniTicker { .. } | Timed::Ticker { .. } => 2000,
            Timed::AllMiniTickers | Timed::AllTickers | Timed::ContractInfo => 1000,
            Timed::AllBookTickers => 5000,
        }
    }

    /// The symbol that it is about, in lower case.
    pub(super) fn symbol(self) -> Option<&'a str> {
        match self {
            Timed::Kline { symbol, .. }
            | Timed::ContinuousKline { symbol, .. }
            | Timed::MarkPrice { symbol, .. }
            | Timed::MiniTicker { symbol }
            | Timed::Ticker { symbol } => Some(symbol),
            _ => None,
        }
    }
}

/// An interval from a minute on; there are no candles of a second.
pub(super) fn interval(name: &str) -> Option<Interval> {
    intervals::named(name).filter(|interval| !interval.is_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert_eq!(Timed::named("btcusdt@markPrice@1s").map(Timed::every), Some(1000));
        let continuous = Timed::named("btcusdt_perpetual@continuousKline_1m").unwrap();
        assert_eq!((continuous.symbol(), continuous.every()), (Some("btcusdt"), 250));
        assert_eq!(Timed::named("!bookTicker"), Some(Timed::AllBookTickers));
        assert_eq!(["btcusdt@kline_1s", "btcusdt@depth", "!x"].map(Timed::named), [None; 3]);
    }
}
