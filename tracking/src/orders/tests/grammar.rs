use std::collections::{BTreeMap, BTreeSet};

use tradewire_core::{AccountChange, Decimal, Fill, OrderChange, OrderEvent};

use crate::orders::{Effects, Told};

/// Checks every event against what may come after those before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Grammar {
    orders: BTreeMap<String, Line>,
    fills: BTreeSet<(String, String, String)>,
}

#[derive(Clone, Debug, Default)]
struct Line {
    pending: bool,
    open: bool,
    filled: Decimal,
    unknown: bool,
    cancelling: bool,
    ended: bool,
    rejected: bool,
}

impl Grammar {
    pub(super) fn check(&mut self, effects: &Effects) {
        for Told { change, .. } in &effects.told {
            if let AccountChange::Order(event) = change {
                self.check_event(event);
            }
        }
    }

    fn check_event(&mut self, event: &OrderEvent) {
        if let OrderChange::Fill(fill) = &event.change {
            assert!(self.fills.insert(key(fill)), "counted twice: {fill:?}");
        }
        let who = match event.own {
            true => event.client_order_id.to_string(),
            false => format!("{}/{:?}", event.client_order_id, event.exchange_order_id),
        };
        let line = self.orders.entry(who).or_default();
        let problem = if event.own { line.own(&event.change) } else { line.foreign(&event.change) };
        assert!(problem.is_none(), "{}: {event:?} after {line:?}", problem.unwrap_or_default());
        if let OrderChange::Fill(fill) = &event.change {
            line.filled += fill.quantity.value();
            assert_eq!(event.filled.value(), line.filled, "the sum of {event:?}");
        }
    }
}

fn key(fill: &Fill) -> (String, String, String) {
    (fill.symbol.to_string(), fill.trade_id.to_string(), fill.exchange_order_id.to_string())
}

impl Line {
    fn own(&mut self, change: &OrderChange) -> Option<&'static str> {
        let first = !self.pending;
        match change {
            OrderChange::Pending => {
                (!std::mem::replace(&mut self.pending, true)).then_some(()).map_or(Some("again"), |()| None)
            }
            OrderChange::Adopted => {
                (self.pending, self.open) = (true, true);
                None
            }
            _ if first => Some("before Pending"),
            OrderChange::Fill(fill) if self.ended => (!fill.late).then_some("not marked late"),
            OrderChange::FeeCorrected(_) => None,
            _ if self.ended => Some("after the end"),
            OrderChange::Open => std::mem::replace(&mut self.open, true).then_some("opened twice"),
            OrderChange::Fill(fill) if fill.late => Some("late before the end"),
            OrderChange::Fill(_) | OrderChange::Amended { .. } => (!self.open).then_some("before Open"),
            OrderChange::OutcomeUnknown => std::mem::replace(&mut self.unknown, true).then_some("unknown twice"),
            OrderChange::OutcomeKnown => (!std::mem::replace(&mut self.unknown, false)).then_some("was not unknown"),
            OrderChange::CancelRequested => std::mem::replace(&mut self.cancelling, true).then_some("asked for twice"),
            OrderChange::CancelRefused => {
                let wrong = !self.cancelling || !self.open;
                self.cancelling = false;
                wrong.then_some("refused what was not asked for, or not found live")
            }
            end if end.is_end() => self.end(matches!(end, OrderChange::Rejected(_))),
            _ => Some("not of an own order"),
        }
    }

    fn end(&mut self, rejected: bool) -> Option<&'static str> {
        self.ended = true;
        self.rejected = rejected;
        if self.unknown {
            return Some("ended while unknown");
        }
        (self.open == rejected || (rejected && !self.filled.is_zero())).then_some("an end that does not fit")
    }

    fn foreign(&mut self, change: &OrderChange) -> Option<&'static str> {
        match change {
            OrderChange::External(_) => std::mem::replace(&mut self.pending, true).then_some("introduced twice"),
            _ if !self.pending => Some("before External"),
            OrderChange::Fill(fill) => (fill.late != self.ended).then_some("wrongly marked late"),
            OrderChange::FeeCorrected(_) => None,
            _ if self.ended => Some("after the end"),
            OrderChange::Amended { .. } => None,
            end if end.is_end() => {
                self.ended = true;
                None
            }
            _ => Some("not of an order of others"),
        }
    }
}
