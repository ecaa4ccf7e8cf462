use tradewire_core::Timestamp;

use super::cancel::Cancel;
use super::order::Tracked;
use super::step::Step;
use super::unknown::Command;
use super::{Effects, Orders, OrdersSettings};
use crate::Saved;

impl Orders {
    /// Goes on after a restart. Whether orders that were on their way have arrived is unknown, and told so; nothing is sent
    /// again but a cancel that was asked for, once its order is seen open.
    pub fn restore(settings: OrdersSettings, saved: Saved, now: Timestamp) -> (Self, Effects) {
        let mut orders = Self::new(settings);
        orders.last_number = saved.last_order;
        for order in saved.orders {
            orders.admit(order, now);
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
