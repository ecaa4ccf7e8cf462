use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::Timestamp;
use tradewire_tracking::{BookMessage, MarketSink, Scale, Slot};

use super::cursor::{Cursor, Key, once};
use super::fault::Fault;
use super::frame::{FrameForm, millis};
use super::level::{Levels, read_side, side_from_json};

/// What a `depthUpdate` says besides its levels.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#diff-depth-stream>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Depth {
    first: u64,
    last: u64,
    previous: Option<u64>,
    time: Timestamp,
}

impl Depth {
    /// The message with its levels.
    pub(crate) fn message(self, levels: &Levels) -> BookMessage<'_> {
        BookMessage {
            snapshot: false,
            first_id: self.first,
            last_id: self.last,
            previous_id: self.previous,
            time: self.time,
            bids: &levels.bids,
            asks: &levels.asks,
        }
    }

    /// Reads the fields, without the kind if that came first.
    pub(crate) fn read(
        cursor: &mut Cursor<'_>,
        form: FrameForm,
        levels: &mut Levels,
        sink: &mut dyn MarketSink,
    ) -> Option<(Slot, Self)> {
        let (mut first, mut last, mut previous, mut time) = (None, None, None, None);
        let mut place: Option<(Slot, Scale)> = None;
        let (mut bids, mut asks) = (None, None);
        loop {
            match cursor.key()? {
                Key::EVENT_TIME => once(&mut time, cursor.integer()?)?,
                Key::SYMBOL => once(&mut place, cursor.symbol(sink)?)?,
                Key::FIRST_ID => once(&mut first, cursor.integer()?)?,
                Key::LAST_ID => once(&mut last, cursor.integer()?)?,
                Key::PREVIOUS_ID => once(&mut previous, cursor.integer()?)?,
                Key::BIDS => once(&mut bids, read_side(cursor, place?.1, &mut levels.bids)?)?,
                Key::ASKS => once(&mut asks, read_side(cursor, place?.1, &mut levels.asks)?)?,
                key => cursor.skip_field(key)?,
            }
            if !cursor.another()? {
                break;
            }
        }
        bids.and(asks)?;
        let depth = Self { first: first?, last: last?, previous, time: millis(time?)? };
        depth.check(form).ok()?;
        Some((place?.0, depth))
    }

    /// As [`Self::read`], for any valid JSON.
    pub(crate) fn from_json(raw: &str, form: FrameForm, scale: Scale, levels: &mut Levels) -> Result<Self, Fault> {
        let wire: Wire<'_> = serde_json::from_str(raw)?;
        let time = millis(wire.time).ok_or_else(|| Fault::decode("a time out of range"))?;
        let depth = Self { first: wire.first, last: wire.last, previous: wire.previous, time };
        depth.check(form)?;
        side_from_json(wire.bids, scale, &mut levels.bids)?;
        side_from_json(wire.asks, scale, &mut levels.asks)?;
        Ok(depth)
    }

    fn check(&self, form: FrameForm) -> Result<(), Fault> {
        if self.first > self.last {
            return Err(Fault::decode("the first id is above the last"));
        }
        if form == FrameForm::Futures && self.previous.is_none() {
            return Err(Fault::decode("missing field `pu`"));
        }
        Ok(())
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
