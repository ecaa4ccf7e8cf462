//! Mistakes where no stream tells balances.

use crate::mutant::{Mutant, NO_BALANCE_STREAM};
use crate::subject::EXAMPLE;

pub(super) const MUTANTS: &[Mutant] = &[Mutant {
    name: "fee-dropped",
    wrong: "the commission of a fill is dropped",
    file: "src/fill_row.rs",
    right: "(Some(amount), Some(asset)) => Some(Fee",
    instead: "(Some(amount), Some(asset)) if self.maker => Some(Fee",
    rows: "NOBAL-01",
    tells: "its fills",
    ..Mutant::of(&NO_BALANCE_STREAM, &EXAMPLE)
}];
