use tradewire_tracking::{MarketSink, Slot};

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

/// The bytes of the string after the first `name` that a colon follows. Escapes are left as they are.
fn value_of<'a>(frame: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = frame.windows(name.len()).position(|window| window == name)?;
    let value =
        frame[at + name.len()..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    value.split(|byte| *byte == b'"').next()
}
