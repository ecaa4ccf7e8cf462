//! The order book: its messages and its snapshots.

use tradewire_tracking::{MarketSink, RawSnapshot, Scale};
use tradewire_wire::{Fault, Levels};

/// Reads a change of a book and tells the sink.
///
/// `sink.find` knows the symbol's slot and scale, `side_from_json` reads a side into integers of that scale; `sink.book` gets the
/// message once all of it was read. How messages follow each other is checked there, by the rule that the exchange follows.
pub(crate) fn read(_raw: &str, _symbol: &str, _levels: &mut Levels, _sink: &mut dyn MarketSink) -> Result<(), Fault> {
    unread!("read a change of a book")
}

/// Reads the body of an answer to a request for a book, with its version.
pub(crate) fn read_snapshot(_body: &[u8], _scale: Scale) -> Result<RawSnapshot, Fault> {
    unread!("read a snapshot of a book")
}
