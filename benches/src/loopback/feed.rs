use std::fmt::Write as _;

use crate::{Layout, Message, Set, made_set};

/// The one symbol of the stand-in.
pub const SYMBOL: &str = "MADEUSDT";
/// Version of the snapshot.
const FIRST: u64 = 1_000_000_000;

/// What the stand-in serves: a snapshot, and updates in the form of Binance spot that follow it without a hole.
pub struct Feed {
    /// Decimals.
    pub layout: Layout,
    /// The answer to a snapshot request.
    pub snapshot: String,
    /// The updates as frames of a socket, headers included.
    pub wire: Vec<Box<[u8]>>,
    /// The same as decoded messages.
    pub set: Set,
}

impl Feed {
    /// A feed of `messages` updates.
    pub fn made(messages: usize) -> Self {
        let mut set = made_set(1, messages);
        for (index, message) in set.messages.iter_mut().enumerate() {
            message.frame = spot_frame(FIRST + 1 + 2 * index as u64, message).into_bytes().into();
        }
        let levels = &set.snapshots[0];
        let snapshot =
            format!(r#"{{"lastUpdateId":{FIRST},"bids":{},"asks":{}}}"#, written(&levels.bids), written(&levels.asks));
        let wire = set.messages.iter().map(|message| wire_frame(&message.frame)).collect();
        Self { layout: set.layout, snapshot, wire, set }
    }

    /// The version of the snapshot.
    pub fn snapshot_update_id(&self) -> u64 {
        FIRST
    }
}

fn spot_frame(first: u64, message: &Message) -> String {
    format!(
        r#"{{"stream":"{}@depth@100ms","data":{{"e":"depthUpdate","E":1723161257440,"s":"{SYMBOL}","U":{first},"u":{},"b":{},"a":{}}}}}"#,
        SYMBOL.to_lowercase(),
        first + 1,
        written(&message.bids),
        written(&message.asks)
    )
}

/// An unmasked text frame, as servers send them.
fn wire_frame(payload: &[u8]) -> Box<[u8]> {
    let mut frame = vec![0x81];
    match u16::try_from(payload.len()) {
        Ok(short) if short < 126 => frame.push(short as u8),
        Ok(medium) => {
            frame.push(126);
            frame.extend_from_slice(&medium.to_be_bytes());
        }
        Err(_) => {
            frame.push(127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame.into()
}

fn written(levels: &[(i64, i64)]) -> String {
    let mut text = String::from("[");
    for (index, (price, quantity)) in levels.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, r#"{comma}["{}.{}","{quantity}"]"#, price / 10, price % 10);
    }
    text.push(']');
    text
}
