use tradewire_core::Timestamp;

use super::cancel::Cancel;
use super::order::Tracked;
use super::step::Step;
use super::unknown::Command;
use super::{Effects, Orders, OrdersSettings};
use crate::{Saved, SavedOrder};

impl Orders {
    /// Goes on after a restart. Whether orders that were on their way have arrived is unknown, and told so; nothing is sent
    /// again but a cancel that was asked for, once its order is seen open.
    pub fn restore(settings: OrdersSettings, saved: Saved, now: Timestamp) -> (Self, Effects) {
        let mut orders = Self::new(settings);
        orders.last_number = saved.last_order;
        for order in saved.orders {
            orders.admit(seen_before(order, now), now);
        }
        let live: Vec<u64> = orders.live.iter().copied().collect();
        let effects = orders.run(now, |orders, draft| {
            for number in live {
                orders.with(number, now, draft, Tracked::resume);
            }
        });
        (orders, effects)
    }
}

/// What an earlier process did lies in the past, also where the machine's clock has been set back since.
fn seen_before(mut saved: SavedOrder, now: Timestamp) -> SavedOrder {
    let past = |at: Timestamp| if at > now { Timestamp::from_nanos(now.as_nanos().saturating_sub(1)) } else { at };
    let record = &mut saved.record;
    record.recorded = past(record.recorded);
    record.sent = record.sent.map(past);
    record.seen = record.seen.map(past);
    let unknown = &mut record.order.outcome_unknown_since;
    *unknown = unknown.map(past);
    saved
}

impl Tracked {
    /// What was under way when the process ended is not known now.
    fn resume(&mut self, step: &mut Step<'_>) {
        let order = self.order();
        let was_unknown = order.outcome_unknown_since.is_some();
        let cancelling = order.cancel_requested;
        let doubtful = order.missing_fills.is_some() || (self.is_pending() && order.exchange_order_id.is_some());
        if was_unknown {
            self.unknown = Some(match cancelling {
                _ if self.is_pending() => Command::Place,
                true => Command::Cancel,
                false => Command::Amend,
            });
            self.hurry_query(step);
        } else {
            self.place_unknown(step);
        }
        if cancelling {
            self.cancel = Some(Cancel::restored(step.now, self.unknown == Some(Command::Cancel)));
        }
        if doubtful {
            self.doubt(step);
        }
    }
}
