//! Instruments and their rules, and how symbols are written.

use tradewire_core::{Error, Pair};
use tradewire_tracking::InstrumentList;

/// The symbol of a pair.
pub(crate) fn symbol(pair: &Pair) -> String {
    format!("{}/{}", pair.base(), pair.quote())
}

/// The pair of a symbol, where no instrument list tells.
pub(crate) fn pair(symbol: &str) -> Option<Pair> {
    let (base, quote) = symbol.split_once('/')?;
    Pair::new(base, quote).ok()
}

/// Reads the instrument list. An instrument that cannot be read is left out and named in `unreadable`; a rule that is not known is
/// named in `unknown_filters`; a bound that is not stated is `None`.
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub(crate) fn decode_instruments(_body: &[u8]) -> Result<InstrumentList, Error> {
    unwritten!("read the instrument list")
}
