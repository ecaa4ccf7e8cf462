use super::cell::Line;
use super::{amend, cancel, place, query};

/// What meets a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// A new order that rests.
    Place,
    /// The cancel of an open order.
    Cancel,
    /// A smaller quantity for an open order.
    Amend,
    /// The question after an order whose placing had no answer, and of which the private stream does not tell.
    Query,
}

impl Command {
    pub(super) const ALL: [Self; 4] = [Self::Place, Self::Cancel, Self::Amend, Self::Query];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Cancel => "cancel",
            Self::Amend => "amend",
            Self::Query => "query",
        }
    }

    /// What is done, in words.
    pub(super) const fn scene(self) -> &'static str {
        match self {
            Self::Place => "An order is placed that rests in the book.",
            Self::Cancel => "An open order is cancelled.",
            Self::Amend => "The quantity of an open order is made smaller.",
            Self::Query => {
                "An order is placed, its reply is lost and the private stream does not tell of it: the connector asks. The outcome \
                 is the one of the placing."
            }
        }
    }

    /// What is expected of it.
    pub(super) const fn lines(self) -> &'static [Line] {
        match self {
            Self::Place => place::LINES,
            Self::Cancel => cancel::LINES,
            Self::Amend => amend::LINES,
            Self::Query => query::LINES,
        }
    }
}
