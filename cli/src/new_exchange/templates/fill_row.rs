//! A fill, as answers and events show it alike.

use serde::Deserialize;
use tradewire_core::FillReport;
use tradewire_wire::{Fault, Text};

/// The fields of a fill: those that are missing here are to be added.
#[derive(Deserialize)]
pub(crate) struct FillRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

impl FillRow<'_> {
    /// What it says. What is not told, for example a fee, stays `None`.
    pub(crate) fn report(&self) -> Result<FillReport, Fault> {
        unread!("report a fill")
    }
}
