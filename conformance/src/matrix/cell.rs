use std::fmt;

use tradewire_tracking::OrderEntry;

use super::trouble::Trouble;

/// A fault, with what is expected of it before, during and after a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line(pub(super) Trouble, pub(super) [Cell; 3]);

/// What is expected of one fault at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    /// The same by each order wire.
    Same(Seen<&'static str>),
    /// It depends on the order wire.
    ByWire { rest: Seen<&'static str>, socket: Seen<&'static str> },
    /// It exists by the order socket only.
    Socket(Seen<&'static str>),
    /// It does not exist, for this reason.
    None(&'static str),
}

/// What becomes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen<T> {
    /// What the caller of the command is given.
    pub(super) outcome: T,
    /// What the order's events are, from its beginning.
    pub(super) events: T,
    /// Its state once everything is known again.
    pub(super) end: T,
}

pub(super) const fn same(outcome: &'static str, events: &'static str, end: &'static str) -> Cell {
    Cell::Same(Seen { outcome, events, end })
}

pub(super) const fn by_wire(rest: [&'static str; 3], socket: [&'static str; 3]) -> Cell {
    Cell::ByWire { rest: seen(rest), socket: seen(socket) }
}

pub(super) const fn socket(outcome: &'static str, events: &'static str, end: &'static str) -> Cell {
    Cell::Socket(Seen { outcome, events, end })
}

pub(super) const fn none(reason: &'static str) -> Cell {
    Cell::None(reason)
}

const fn seen([outcome, events, end]: [&'static str; 3]) -> Seen<&'static str> {
    Seen { outcome, events, end }
}

impl Cell {
    /// What is expected by a wire; `None` if there is nothing to play.
    pub(super) fn by(self, wire: OrderEntry) -> Option<Seen<&'static str>> {
        match (self, wire) {
            (Self::Same(seen), _) => Some(seen),
            (Self::ByWire { rest, .. }, OrderEntry::Rest) => Some(rest),
            (Self::ByWire { socket, .. } | Self::Socket(socket), OrderEntry::Socket) => Some(socket),
            (Self::Socket(_), OrderEntry::Rest) | (Self::None(_), _) => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Seen<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}; {}", self.outcome, self.events, self.end)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(seen) => seen.fmt(f),
            Self::ByWire { rest, socket } => write!(f, "{rest}<br>by socket: {socket}"),
            Self::Socket(seen) => write!(f, "by socket: {seen}"),
            Self::None(reason) => write!(f, "– ({reason})"),
        }
    }
}
