//! What the trades of orders have cost so far.

use std::collections::HashMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::order_rows::fee;
use crate::accounts::{AccountId, Order};
use crate::engine::OrderId;
use crate::exchange::Exchange;
use crate::listing::Listing;
use crate::market::MarketId;

/// Fees of live orders, added up once: events tell the sum again with every trade.
#[derive(Debug, Default)]
pub(super) struct Fees(Mutex<HashMap<(AccountId, MarketId, OrderId), Sum>>);

/// The first trades of an order.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    trades: usize,
    quantity: Decimal,
    fees: Decimal,
}

impl Fees {
    /// The fees, in quote units, of what an order had traded at an event, of which later trades are no part.
    pub(super) fn so_far(&self, exchange: &Exchange, order: &Order, listing: &Listing) -> Decimal {
        let key = (order.account, order.market, order.id);
        let mut sum = self.0.lock().remove(&key).filter(|sum| sum.quantity <= order.executed).unwrap_or_default();
        if let Ok(account) = exchange.accounts.lock().account(order.account) {
            for fill in account.later_fills_of(order.market, order.id, sum.trades) {
                if sum.quantity >= order.executed {
                    break;
                }
                sum.trades += 1;
                sum.quantity += fill.quantity;
                sum.fees += fee(fill, listing);
            }
        }
        if order.is_live() {
            self.0.lock().insert(key, sum);
        }
        sum.fees
    }
}
