//! The channels of the public socket, and the names of their streams.

use super::books::DEPTHS;
use super::candles::is_interval;

/// A channel of a symbol, or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Its name is `book:<symbol>:<depth>`.
    Book { depth: usize, symbol: String },
    /// `trade:<symbol>`
    Trade { symbol: String },
    /// `ticker:<symbol>`, or `ticker:<symbol>:bbo` to be told with each change of the best prices.
    Ticker { by_best: bool, symbol: String },
    /// `ohlc:<symbol>:<minutes>`
    Ohlc { minutes: i64, symbol: String },
    /// `instrument`
    Instrument,
}

impl Topic {
    /// The name of its stream.
    pub(super) fn name(&self) -> String {
        match self {
            Topic::Book { depth, symbol } => format!("book:{symbol}:{depth}"),
            Topic::Trade { symbol } => format!("trade:{symbol}"),
            Topic::Ticker { by_best: false, symbol } => format!("ticker:{symbol}"),
            Topic::Ticker { by_best: true, symbol } => format!("ticker:{symbol}:bbo"),
            Topic::Ohlc { minutes, symbol } => format!("ohlc:{symbol}:{minutes}"),
            Topic::Instrument => "instrument".to_owned(),
        }
    }

    /// What a stream of that name is.
    pub(super) fn named(name: &str) -> Option<Topic> {
        let Some((channel, symbol)) = name.split_once(':') else {
            return (name == "instrument").then_some(Topic::Instrument);
        };
        let (symbol, detail) = symbol.split_once(':').unwrap_or((symbol, ""));
        let symbol = symbol.to_owned();
        match (channel, detail) {
            ("book", depth) => {
                let depth = depth.parse().ok().filter(|depth| DEPTHS.contains(depth))?;
                Some(Topic::Book { depth, symbol })
            }
            ("trade", "") => Some(Topic::Trade { symbol }),
            ("ticker", "") => Some(Topic::Ticker { by_best: false, symbol }),
            ("ticker", "bbo") => Some(Topic::Ticker { by_best: true, symbol }),
            ("ohlc", minutes) => {
                let minutes = minutes.parse().ok().filter(|minutes| is_interval(*minutes))?;
                Some(Topic::Ohlc { minutes, symbol })
            }
            _ => None,
        }
    }

    /// Its symbol, if it is of one.
    pub(super) fn symbol(&self) -> Option<&str> {
        match self {
            Topic::Book { symbol, .. }
            | Topic::Trade { symbol }
            | Topic::Ticker { symbol, .. }
            | Topic::Ohlc { symbol, .. } => Some(symbol),
            Topic::Instrument => None,
        }
    }

    /// Whether it is told at times of its own.
    pub(super) fn is_timed(&self) -> bool {
        matches!(self, Topic::Ticker { .. } | Topic::Ohlc { .. } | Topic::Instrument)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_topics_belong_together() {
        for name in ["book:BTC/USDT:25", "trade:ETH/BTC", "ticker:X/Y", "ticker:X/Y:bbo", "ohlc:X/Y:5", "instrument"] {
            assert_eq!(Topic::named(name).map(|topic| topic.name()).as_deref(), Some(name));
        }
        assert_eq!(["book:X/Y:11", "ohlc:X/Y:2", "spread:X/Y", "book"].map(Topic::named), [None, None, None, None]);
    }
}
