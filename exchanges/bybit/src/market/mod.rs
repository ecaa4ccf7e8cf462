//! What market streams say.
//!
//! Books and trades have two readers: a fast one that knows the layout which the exchange sends, and a typed one (serde)
//! that takes any valid JSON. The fast one gives up at the first surprise and leaves the judgement to the typed one, so
//! whatever the fast one accepts the typed one accepts with the same result.

mod book;
mod frame;
mod head;
mod kline;
mod snapshot;
#[cfg(test)]
mod tests;
mod ticker;
mod trade;

pub(crate) use frame::FrameDecoder;
pub(crate) use snapshot::decode_snapshot;
pub(crate) use ticker::Wire as FundingWire;
pub(crate) use trade::side;
