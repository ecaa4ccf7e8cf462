//! What the fills of an order sum up to, as its events tell it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use crate::accounts::{OrderChange, OrderEvent};
use crate::engine::OrderId;
use crate::market::MarketId;

/// Sums of the fills of one order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    /// Fees by asset.
    pub(super) fees: BTreeMap<Arc<str>, Decimal>,
    /// Profit of what it has closed, before fees.
    pub(super) profit: Decimal,
}

/// The sums of live orders.
#[derive(Debug, Default)]
pub(super) struct OrderSums(Mutex<HashMap<(MarketId, OrderId), Sum>>);

impl OrderSums {
    /// The sums of an order after an event of it; events come in their order.
    pub(super) fn after(&self, changed: &OrderEvent) -> Sum {
        let (order, mut sums) = (&changed.order, self.0.lock());
        let mut sum = sums.remove(&(order.market, order.id)).unwrap_or_default();
        if let OrderChange::Trade(trade) = &changed.change {
            let fill = &trade.fill;
            *sum.fees.entry(Arc::clone(&fill.commission_asset)).or_default() += fill.commission;
            sum.profit += fill.realised;
        }
        if order.is_live() {
            sums.insert((order.market, order.id), sum.clone());
        }
        sum
    }
}
