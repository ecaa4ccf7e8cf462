use tradewire_core::{Instrument, Timestamp};

use crate::{LocalBook, RawBestPrices, RawTrade};

/// Called on the socket's own task, right after a frame was applied: no queue and no wake-up in between.
///
/// An implementation must be quick and must not block: the socket waits for it. Numbers are integers at the scale of the
/// instrument's rules ([`Scale::of`](crate::Scale::of)).
pub trait MarketObserver: Send + Sync {
    /// A valid book has changed. Its lock is held: do not call a `BookReader` of the same pair in here.
    fn book(&self, instrument: &Instrument, book: &LocalBook, received: Timestamp);
    /// A trade.
    fn trade(&self, instrument: &Instrument, trade: &RawTrade, received: Timestamp);
    /// Best prices as the exchange states them.
    fn best_prices(&self, instrument: &Instrument, best: &RawBestPrices, received: Timestamp);
}
