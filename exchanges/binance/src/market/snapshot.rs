use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{RawSnapshot, Scale};
use tradewire_wire::{Cursor, Fault, object, read_side, side_from_json};

/// Bytes of a level in a snapshot, at least.
const LEVEL_BYTES: usize = 12;

/// Reads the body of a book snapshot.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints#order-book>
pub(crate) fn decode_snapshot(body: &[u8], scale: Scale) -> Result<RawSnapshot, Fault> {
    read(body, scale).map_or_else(|| from_json(body, scale), Ok)
}

/// Reads the layout that the exchange sends: spot's `lastUpdateId`, `bids`, `asks`, and what futures put in between.
pub(crate) fn read(body: &[u8], scale: Scale) -> Option<RawSnapshot> {
    let mut cursor = Cursor::new(body);
    let capacity = body.len() / LEVEL_BYTES / 4;
    let mut snapshot =
        RawSnapshot { update_id: 0, bids: Vec::with_capacity(capacity), asks: Vec::with_capacity(capacity) };
    cursor.expect(b"{\"lastUpdateId\":")?;
    snapshot.update_id = cursor.integer()?;
    cursor.expect(b",")?;
    while !cursor.eat(b"\"bids\":") {
        cursor.skip_field_except(&[b"lastUpdateId", b"bids", b"asks"])?;
        cursor.expect(b",")?;
    }
    read_side(&mut cursor, scale, &mut snapshot.bids)?;
    cursor.expect(b",\"asks\":")?;
    read_side(&mut cursor, scale, &mut snapshot.asks)?;
    cursor.expect(b"}")?;
    cursor.ends_with(b"").then_some(snapshot)
}

/// As [`read`], for any valid JSON.
pub(crate) fn from_json(body: &[u8], scale: Scale) -> Result<RawSnapshot, Fault> {
    let raw: &RawValue = serde_json::from_slice(body)?;
    let wire: Wire<'_> = object(raw.get())?;
    let mut snapshot = RawSnapshot { update_id: wire.update_id, ..RawSnapshot::default() };
    side_from_json(wire.bids, scale, &mut snapshot.bids)?;
    side_from_json(wire.asks, scale, &mut snapshot.asks)?;
    Ok(snapshot)
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "lastUpdateId")]
    update_id: u64,
    #[serde(borrow)]
    bids: &'a RawValue,
    #[serde(borrow)]
    asks: &'a RawValue,
}
