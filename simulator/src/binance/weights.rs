//! What operations cost, and where costs are read off.

use crate::exchange::Exchange;

/// Decoded parameters, as given.
pub(super) type Given = [(String, String)];

/// What an operation costs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Weight {
    /// Always the same.
    Fixed(u64),
    /// According to its parameters.
    By(fn(&Exchange, &Given) -> u64),
    /// Nothing if it succeeds, else this.
    OnFailure(u64),
}

impl Weight {
    /// What is charged before the operation is carried out.
    pub(super) fn before(self, exchange: &Exchange, given: &Given) -> u64 {
        match self {
            Weight::Fixed(weight) => weight,
            Weight::By(weight) => weight(exchange, given),
            Weight::OnFailure(_) => 0,
        }
    }

    /// What is charged when it has failed.
    pub(super) fn after_failure(self) -> u64 {
        match self {
            Weight::OnFailure(weight) => weight,
            Weight::Fixed(_) | Weight::By(_) => 0,
        }
    }
}

/// The value of a parameter.
pub(super) fn value<'a>(given: &'a Given, name: &str) -> Option<&'a str> {
    given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
