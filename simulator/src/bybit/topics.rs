//! Names of public topics.

use super::books::Depth;
use super::market::klines::interval;
use crate::intervals::Interval;

/// What a public topic carries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic<'a> {
    Book {
        depth: &'static Depth,
        symbol: &'a str,
    },
    Trades {
        symbol: &'a str,
    },
    Ticker {
        symbol: &'a str,
    },
    Kline {
        interval: Interval,
        symbol: &'a str,
    },
    Liquidations {
        symbol: &'a str,
    },
    PriceLimit {
        symbol: &'a str,
    },
    /// Announcements, of which there are none.
    Status,
}

impl<'a> Topic<'a> {
    /// Reads a topic's name.
    pub(super) fn named(name: &'a str) -> Option<Topic<'a>> {
        if name == "system.status" {
            return Some(Topic::Status);
        }
        let (kind, rest) = name.split_once('.')?;
        match kind {
            "orderbook" => {
                let (depth, symbol) = rest.split_once('.')?;
                Some(Topic::Book { depth: Depth::named(depth)?, symbol })
            }
            "kline" => {
                let (name, symbol) = rest.split_once('.')?;
                Some(Topic::Kline { interval: interval(name)?, symbol })
            }
            "publicTrade" => Some(Topic::Trades { symbol: rest }),
            "tickers" => Some(Topic::Ticker { symbol: rest }),
            "allLiquidation" => Some(Topic::Liquidations { symbol: rest }),
            "priceLimit" => Some(Topic::PriceLimit { symbol: rest }),
            _ => None,
        }
    }

    /// The symbol that it is about.
    pub(super) fn symbol(self) -> Option<&'a str> {
        match self {
            Topic::Book { symbol, .. }
            | Topic::Trades { symbol }
            | Topic::Ticker { symbol }
            | Topic::Kline { symbol, .. }
            | Topic::Liquidations { symbol }
            | Topic::PriceLimit { symbol } => Some(symbol),
            Topic::Status => None,
        }
    }

    /// Whether something is told though nothing happens in the market.
    pub(super) fn is_timed(self) -> bool {
        match self {
            Topic::Book { depth, .. } => Some(depth) == Depth::named("1"),
            Topic::Ticker { .. } | Topic::Kline { .. } | Topic::PriceLimit { .. } => true,
            Topic::Trades { .. } | Topic::Liquidations { .. } | Topic::Status => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert!(matches!(Topic::named("orderbook.50.BTCUSDT"), Some(Topic::Book { symbol: "BTCUSDT", .. })));
        assert!(matches!(
            Topic::named("kline.60.BTCUSDT-21FEB25"),
            Some(Topic::Kline { symbol: "BTCUSDT-21FEB25", .. })
        ));
        for wrong in ["orderbook.500.BTCUSDT", "kline.2.BTCUSDT", "trade.BTCUSDT", "orderbook", ""] {
            assert!(Topic::named(wrong).is_none(), "{wrong}");
        }
    }
}
