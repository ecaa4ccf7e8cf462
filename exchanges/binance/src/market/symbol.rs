use tradewire_tracking::{MarketSink, Slot};
use tradewire_wire::value_of;

/// The slot of the instrument that a frame seems to be for, however broken the frame is.
pub(crate) fn slot_of(frame: &[u8], sink: &mut dyn MarketSink) -> Option<Slot> {
    let named = value_of(frame, b"\"s\"").and_then(|symbol| sink.find(symbol));
    let found = named.or_else(|| sink.find(symbol_of_stream(value_of(frame, b"\"stream\"")?)?.as_bytes()));
    found.map(|(slot, _)| slot)
}

/// The symbol that a stream's name begins with.
fn symbol_of_stream(stream: &[u8]) -> Option<String> {
    let symbol = stream.split(|byte| *byte == b'@').next()?;
    Some(std::str::from_utf8(symbol).ok()?.to_uppercase())
}
