//! Instrument lists, in the form that all categories share.

use serde_json::value::RawValue;
use tradewire_core::{Decimal, Error, ErrorKind, Instrument, InstrumentStatus, Range};
use tradewire_tracking::InstrumentList;
use tradewire_wire::{Fault, Text, object};

use crate::envelope::{List, result};

/// Reads the body of an instrument list, or of a page of one. `read` gives `None` for an instrument of another kind of
/// market.
///
/// An instrument that cannot be read is left out and named in [`InstrumentList::unreadable`].
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub(crate) fn decode(
    body: &[u8],
    read: impl Fn(&str) -> Result<Option<Instrument>, Fault>,
) -> Result<InstrumentList, Error> {
    result(body, |raw, _| {
        let page: List<'_> = object(raw)?;
        let mut list = InstrumentList { next_page: page.next_page(), ..InstrumentList::default() };
        for raw in &page.list {
            match read(raw.get()) {
                Ok(instrument) => list.instruments.extend(instrument),
                Err(fault) => list.unreadable.push(unreadable(raw, fault)),
            }
        }
        Ok(list)
    })
}

/// An error that names the instrument, if its name can be read.
fn unreadable(raw: &RawValue, fault: Fault) -> Error {
    #[derive(serde::Deserialize)]
    struct Name<'a> {
        #[serde(borrow)]
        symbol: Text<'a>,
    }
    let error = Error::new(ErrorKind::Decode, fault.message).with_frame(raw.get().as_bytes());
    match object::<Name<'_>>(raw.get()) {
        Ok(name) => error.with("symbol", &*name.symbol),
        Err(_) => error,
    }
}

/// What a word for a status means.
pub(crate) fn status(word: &str) -> InstrumentStatus {
    match word {
        "Trading" => InstrumentStatus::Trading,
        "PreLaunch" | "PendingOpen" | "Delivering" | "Closed" => InstrumentStatus::Halted(word.to_owned()),
        _ => InstrumentStatus::Unknown(word.to_owned()),
    }
}

/// Bounds of which zero is none.
pub(crate) fn range<T>(min: Option<Decimal>, max: Option<Decimal>, of: fn(Decimal) -> T) -> Range<T> {
    let bound = |value: Option<Decimal>| value.filter(|value| *value > Decimal::ZERO).map(of);
    Range { min: bound(min), max: bound(max) }
}
