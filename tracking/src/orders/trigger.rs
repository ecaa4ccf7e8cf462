use tradewire_core::{ClientOrderId, ExchangeOrderId};

use super::order::Tracked;
use super::step::Step;

/// Conditional orders that some exchanges give another id once they are sent.
impl Tracked {
    /// Whether the exchange may show it under another id than the one known: it waits for its trigger.
    pub(super) fn awaits_other_id(&self) -> bool {
        self.is_live() && self.order().trigger.is_some() && self.former_id.is_none()
    }

    /// It has been sent, under this id from now on.
    pub(super) fn triggered_as(&mut self, id: &ExchangeOrderId, step: &mut Step<'_>) {
        self.former_id = self.order_mut().exchange_order_id.replace(id.clone());
        self.triggered(step);
    }

    /// It waits no longer.
    pub(super) fn triggered(&mut self, step: &mut Step<'_>) {
        if self.order_mut().trigger.take().is_some() {
            step.touched = true;
        }
    }

    /// Whether something that has these ids belongs to it.
    pub(super) fn goes_by(&self, id: Option<&ExchangeOrderId>, client_id: Option<&ClientOrderId>) -> bool {
        let order = self.order();
        let ours = client_id == Some(&order.client_order_id);
        match (&order.exchange_order_id, id) {
            (Some(known), Some(id)) => known == id || (ours && self.awaits_other_id()),
            _ => ours,
        }
    }
}
