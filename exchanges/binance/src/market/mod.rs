//! What Binance's market streams say, whichever of its markets they come from.
//!
//! Each message has two readers: a fast one that knows the layout which the exchange sends, and a typed one
//! (serde) that takes any valid JSON. The fast one gives up at the first surprise and leaves the judgement to the typed
//! one, so whatever the fast one accepts the typed one accepts with the same result.

mod book_ticker;
mod depth;
mod fields;
mod frame;
mod kline;
pub(crate) mod mark_price;
mod reply;
pub(crate) mod snapshot;
mod symbol;
#[cfg(test)]
mod tests;
mod trade;

pub(crate) use frame::{Content, FrameDecoder, FrameForm};
pub(crate) use reply::Reply;
pub(crate) use snapshot::decode_snapshot;
pub(crate) use trade::taker;
pub(crate) use tradewire_wire::{Fault, Number, exact, exact_decimal, millis, object};
