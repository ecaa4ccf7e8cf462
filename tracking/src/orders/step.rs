use tradewire_core::{AccountChange, ClientOrderId, Source, Timestamp};

use super::effects::{Effects, Told};
use super::stream_watch::StreamWatch;
use super::symbols::Symbol;
use super::timers::Timers;

/// From where something is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Via {
    pub(super) source: Source,
    /// When it was asked for, by our clock; `None` for what came by itself or as a reply to a command.
    pub(super) asked: Option<Timestamp>,
}

impl Via {
    pub(super) fn told(source: Source) -> Self {
        Self { source, asked: None }
    }

    pub(super) fn asked(source: Source, at: Timestamp) -> Self {
        Self { source, asked: Some(at) }
    }
}

/// What one order needs while an input is applied to it.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) now: Timestamp,
    pub(super) symbol: &'a Symbol,
    pub(super) stream: StreamWatch,
    pub(super) timers: &'a mut Timers,
    pub(super) effects: &'a mut Effects,
    /// Whether the order changed in a way that has to be recorded.
    pub(super) touched: bool,
    /// A client order id that the exchange gave the order.
    pub(super) alias: Option<ClientOrderId>,
}

impl Step<'_> {
    pub(super) fn tell(&mut self, time: Option<Timestamp>, change: AccountChange) {
        self.effects.told.push(Told { time, change });
    }

    pub(super) fn inconsistent(&mut self, time: Option<Timestamp>, what: String) {
        self.tell(time, AccountChange::Inconsistent { what });
    }
}

/// The effects of an input while it is applied, order by order.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) effects: Effects,
    /// Numbers of orders to be recorded, with repeats.
    pub(super) touched: Vec<u64>,
}
