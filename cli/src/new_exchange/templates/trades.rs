//! Trades, as the socket and REST tell them.

use tradewire_core::{Pair, Side, Timestamp, Trade};
use tradewire_tracking::{MarketSink, RawTrade};
use tradewire_wire::Fault;

/// Reads a message with trades into `trades` and tells the sink: all of them or none.
pub(crate) fn read(
    _raw: &str,
    _symbol: &str,
    _trades: &mut Vec<RawTrade>,
    _sink: &mut dyn MarketSink,
) -> Result<(), Fault> {
    unread!("read a message with trades")
}

/// Reads the body of an answer with past trades, oldest first.
pub(crate) fn read_past(_raw: &str, _pair: &Pair, _received: Timestamp) -> Result<Vec<Trade>, Fault> {
    unread!("read past trades")
}

/// The side that a word means.
pub(crate) fn side(_word: &str) -> Result<Side, Fault> {
    unread!("read a side")
}
