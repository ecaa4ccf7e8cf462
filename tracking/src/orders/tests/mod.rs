//! Each test is named after the behaviour that it shows. Every desk checks the grammar of events, that no fill is counted
//! twice, and that what is told adds up.

mod absence;
mod cancels;
mod conditional;
pub(crate) mod desk;
mod ends;
mod exchange;
mod fills;
mod foreign;
mod grammar;
mod permutations;
mod placing;
mod reconciling;
mod restarts;
mod unknowns;
mod walk;
