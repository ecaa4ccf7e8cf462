use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{RawSnapshot, Scale};
use tradewire_wire::{Fault, object, side_from_json};

/// Reads the body of a book snapshot. Its count is that of the stream with 1 000 levels.
///
/// <https://bybit-exchange.github.io/docs/v5/market/orderbook>
pub(crate) fn decode_snapshot(body: &[u8], scale: Scale) -> Result<RawSnapshot, Fault> {
    let raw: &RawValue = serde_json::from_slice(body)?;
    let wire: Wire<'_> = object(object::<Envelope<'_>>(raw.get())?.result.get())?;
    let mut snapshot = RawSnapshot { update_id: wire.update_id, ..RawSnapshot::default() };
    side_from_json(wire.bids, scale, &mut snapshot.bids)?;
    side_from_json(wire.asks, scale, &mut snapshot.asks)?;
    Ok(snapshot)
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "u")]
    update_id: u64,
    #[serde(rename = "b", borrow)]
    bids: &'a RawValue,
    #[serde(rename = "a", borrow)]
    asks: &'a RawValue,
}
