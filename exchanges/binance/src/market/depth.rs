use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::{BookMessage, MarketSink, Scale, Slot};
use tradewire_wire::{Fault, Levels, millis, read_side, side_from_json};

use super::fields::{Fields, Key, Seen};
use super::frame::FrameForm;

const NEEDED: Seen = Seen::of(&[Key::EVENT_TIME, Key::SYMBOL, Key::FIRST_ID, Key::LAST_ID, Key::BIDS, Key::ASKS]);

/// Reads the fields of a `depthUpdate` after the kind, and tells the sink.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#diff-depth-stream>
#[inline]
pub(crate) fn read(
    mut fields: Fields<'_>,
    form: FrameForm,
    levels: &mut Levels,
    sink: &mut dyn MarketSink,
) -> Option<()> {
    let mut ids = Ids::default();
    let mut place: Option<(Slot, Scale)> = None;
    let mut key = Some(fields.first()?);
    while let Some(current) = key {
        match current {
            Key::EVENT_TIME => ids.time = fields.value().time()?,
            Key::SYMBOL => place = Some(fields.symbol(sink)?),
            Key::FIRST_ID => ids.first = fields.value().integer()?,
            Key::LAST_ID => ids.last = fields.value().integer()?,
            Key::PREVIOUS_ID => ids.previous = Some(fields.value().integer()?),
            Key::BIDS => read_side(fields.value(), place?.1, &mut levels.bids)?,
            Key::ASKS => read_side(fields.value(), place?.1, &mut levels.asks)?,
            other => fields.skip(other)?,
        }
        key = fields.next()?;
    }
    fields.close(NEEDED)?;
    sink.book(place?.0, ids.message(form, levels).ok()?);
    Some(())
}

/// As [`read`], for any valid JSON.
pub(crate) fn read_json(
    raw: &str,
    form: FrameForm,
    (slot, scale): (Slot, Scale),
    levels: &mut Levels,
    sink: &mut dyn MarketSink,
) -> Result<(), Fault> {
    let wire: Wire<'_> = serde_json::from_str(raw)?;
    side_from_json(wire.bids, scale, &mut levels.bids)?;
    side_from_json(wire.asks, scale, &mut levels.asks)?;
    let ids = Ids { first: wire.first, last: wire.last, previous: wire.previous, time: wire.time };
    sink.book(slot, ids.message(form, levels)?);
    Ok(())
}

#[derive(Default)]
struct Ids {
    first: u64,
    last: u64,
    previous: Option<u64>,
    time: u64,
}

impl Ids {
    #[inline]
    fn message(self, form: FrameForm, levels: &Levels) -> Result<BookMessage<'_>, Fault> {
        if self.first > self.last {
            return Err(Fault::decode("the first id is above the last"));
        }
        if form == FrameForm::Futures && self.previous.is_none() {
            return Err(Fault::decode("missing field `pu`"));
        }
        Ok(BookMessage {
            snapshot: false,
            first_id: self.first,
            last_id: self.last,
            previous_id: self.previous,
            time: millis(self.time)?,
            bids: &levels.bids,
            asks: &levels.asks,
            checksum: None,
        })
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "E")]
    time: u64,
    #[serde(rename = "U")]
    first: u64,
    #[serde(rename = "u")]
    last: u64,
    #[serde(rename = "pu")]
    previous: Option<u64>,
    #[serde(rename = "b", borrow)]
    bids: &'a RawValue,
    #[serde(rename = "a", borrow)]
    asks: &'a RawValue,
}
