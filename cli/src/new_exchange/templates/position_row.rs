//! A position, as answers and events show it alike.

use serde::Deserialize;
use tradewire_core::{PositionReport, PrivateMessage};
use tradewire_wire::{Fault, Text};

/// The fields of a position: those that are missing here are to be added.
#[derive(Deserialize)]
pub(crate) struct PositionRow<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
}

impl PositionRow<'_> {
    /// What it says: the size of a short position is negative, in base units.
    pub(crate) fn report(&self) -> Result<PositionReport, Fault> {
        unread!("report a position")
    }
}

/// Reads that the margin of a position is close to too little.
pub(crate) fn margin_call(_raw: &str) -> Result<PrivateMessage, Fault> {
    unread!("report a margin call")
}
