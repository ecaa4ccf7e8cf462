//! What Binance's market streams say, whichever of its markets they come from.
//!
//! Each message has two readers: a fast one that knows the layout which the exchange sends, and a typed one
//! (serde) that takes any valid JSON. The fast one gives up at the first surprise and leaves the judgement to the typed
//! one, so whatever the fast one accepts the typed one accepts with the same result.

mod book_ticker;
mod cursor;
mod depth;
mod digits;
mod fault;
mod fields;
mod frame;
mod kline;
mod level;
mod number;
mod reply;
pub(crate) mod snapshot;
mod symbol;
#[cfg(test)]
mod tests;
mod trade;

pub(crate) use fault::Fault;
pub(crate) use frame::{Content, FrameDecoder, FrameForm, millis, object};
pub(crate) use number::{Number, exact, exact_decimal};
pub(crate) use reply::{Reply, even_null};
pub(crate) use snapshot::decode_snapshot;
pub(crate) use trade::taker;
