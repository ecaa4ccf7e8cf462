//! What faults do to accounts.

use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::account::AccountId;
use super::error::OrderError;
use super::order::{Order, OrderKind};
use super::request::{AmendRequest, CancelRequest, ModifyRequest, OrderRef, OrderRequest};
use crate::engine::{OrderId, OwnerId, TimeInForce};
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::faults::{ExternalOrder, Fault, FaultKind};
use crate::market::{Market, MarketId};
use crate::numbers::floor_to;

/// The account that is meant where none is named.
const USUAL_ACCOUNT: &str = "main";
/// Trader who fills orders that nobody else meets.
const HIDDEN_TRADER: &str = "hidden";

/// An order that a fault means, and its market.
type Target = (Arc<Mutex<Market>>, Order);

impl Exchange {
    /// The account that a fault means.
    ///
    /// # Errors
    /// There is none of that name.
    pub(crate) fn account_of(&self, fault: &Fault) -> Result<AccountId, String> {
        let name = fault.account.as_deref().unwrap_or(USUAL_ACCOUNT);
        self.accounts.lock().named(name).ok_or_else(|| format!("field `account`: there is no account `{name}`"))
    }

    /// The trader who fills orders that nobody else meets.
    pub(crate) fn hidden_trader(&self) -> OwnerId {
        self.owner(HIDDEN_TRADER)
    }

    /// Does what a fault orders to an account.
    ///
    /// # Errors
    /// There is no such account or pair, or a call was refused.
    pub(crate) fn act(&self, fault: &Fault) -> Result<(), String> {
        let account = self.account_of(fault)?;
        let refused = |error: OrderError| error.to_string();
        match &fault.kind {
            FaultKind::PartialFill { quantity } => self.fill_parts(fault, account, *quantity),
            FaultKind::FillWhileDown { count, quantity } => self.fill_many(fault, account, *count, *quantity),
            FaultKind::ExternalOrder(order) => self.place_from_outside(fault, account, order)?,
            FaultKind::ExternalAmend { quantity } => self.amend_from_outside(fault, account, *quantity)?,
            FaultKind::ExternalCancel => {
                for (market, order) in self.live_orders(fault, account) {
                    // A list's other orders went with the first.
                    let _gone = self.cancel_order(account, &market, &CancelRequest::new(OrderRef::Id(order.id)));
                }
            }
            FaultKind::ExchangeCancelAll => {
                for (market, order) in self.live_orders(fault, account) {
                    self.at_desk(&market, |desk| desk.expire_by_exchange(account, order.id));
                }
            }
            FaultKind::SelfCross { mode, quantity } => {
                for (market, order) in self.live_orders(fault, account) {
                    if order.is_working {
                        let request = self.crossing(&market, &order, *quantity, *mode);
                        self.place_order(account, &market, &request).map_err(refused)?;
                    }
                }
            }
            FaultKind::Transfer { asset, amount } => {
                self.deposit(account, asset, *amount);
            }
            FaultKind::ExternalLock { asset, amount } => {
                self.lock_outside(account, asset, *amount);
            }
            FaultKind::ForgetOrder => self.forget(fault, account),
            _ => self.act_on_contracts(fault, account)?,
        }
        Ok(())
    }

    /// Another client of the account places an order.
    fn place_from_outside(&self, fault: &Fault, account: AccountId, order: &ExternalOrder) -> Result<(), String> {
        let market = fault.pair.as_deref().and_then(|pair| self.find(pair));
        let market = market.ok_or("field `pair` is needed for `external-order`")?;
        let request = external_order(order);
        let own_number = self.product == Product::LinearPerpetual && self.policy.own_conditional;
        let placed = if own_number && request.kind.is_conditional() {
            self.place_algo(account, &market, &request, false).map(|_| ())
        } else {
            self.place_order(account, &market, &request).map(|_| ())
        };
        placed.map_err(|error| error.to_string())
    }

    /// Another client of the account makes each matching order smaller.
    fn amend_from_outside(&self, fault: &Fault, account: AccountId, quantity: Option<Decimal>) -> Result<(), String> {
        for (market, order) in self.live_orders(fault, account) {
            let step = market.lock().listing.step;
            let half = order.quantity - order.remaining() + floor_to(order.remaining() / Decimal::TWO, step);
            let quantity = quantity.unwrap_or(half);
            let amended = if self.product == Product::LinearPerpetual {
                let mut request = ModifyRequest::new(OrderRef::Id(order.id));
                request.quantity = Some(quantity);
                self.modify_order(account, &market, &request).map(|_| ())
            } else {
                let request = AmendRequest::new(OrderRef::Id(order.id), quantity);
                self.amend_order(account, &market, &request).map(|_| ())
            };
            amended.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Fills a part of each matching resting order.
    fn fill_parts(&self, fault: &Fault, account: AccountId, quantity: Option<Decimal>) {
        let hidden = self.hidden_trader();
        for (market, order) in self.live_orders(fault, account) {
            self.at_desk(&market, |desk| desk.fill_part(account, order.id, quantity, hidden));
        }
    }

    /// Fills the matching resting orders in turn until there have been `count` fills or nothing is left.
    fn fill_many(&self, fault: &Fault, account: AccountId, count: Option<u64>, quantity: Option<Decimal>) {
        let hidden = self.hidden_trader();
        let mut left = count.unwrap_or(u64::MAX);
        loop {
            let before = left;
            for (market, order) in self.live_orders(fault, account) {
                let step = market.lock().listing.step;
                let part = quantity.unwrap_or(if count.is_some() { step } else { order.remaining() });
                let filled = self.at_desk(&market, |desk| desk.fill_part(account, order.id, Some(part), hidden));
                left -= u64::from(filled.is_some());
                if left == 0 {
                    return;
                }
            }
            if left == before {
                return;
            }
        }
    }

    /// An order of the other side that meets `order`, whatever stands before it.
    fn crossing(
        &self,
        market: &Mutex<Market>,
        order: &Order,
        quantity: Option<Decimal>,
        mode: Option<super::SelfTradeMode>,
    ) -> OrderRequest {
        let reached = market.lock().engine.book().orders_reached(order.side, order.price);
        let before = reached.iter().take_while(|(id, ..)| *id != order.id).map(|(_, _, quantity)| *quantity);
        let quantity = before.sum::<Decimal>() + quantity.unwrap_or(order.remaining());
        let mut request = OrderRequest::limit(order.side.opposite(), order.price, quantity);
        request.self_trade = mode;
        request.time_in_force = Some(TimeInForce::Ioc);
        request
    }

    fn forget(&self, fault: &Fault, account: AccountId) {
        let ended: Vec<(MarketId, OrderId)> = {
            let accounts = self.accounts.lock();
            let orders = accounts.account(account).into_iter().flat_map(|account| account.orders.values());
            orders.filter(|order| !order.is_live() && self.means(fault, order)).map(|o| (o.market, o.id)).collect()
        };
        for (market, id) in ended {
            let market = self.market_by_id(market);
            if self.meant(fault, &market) {
                self.at_desk(&market, |desk| desk.archive(account, id));
            }
        }
    }

    /// The live orders that a fault means.
    fn live_orders(&self, fault: &Fault, account: AccountId) -> Vec<Target> {
        let open: Vec<Order> = {
            let accounts = self.accounts.lock();
            let orders = accounts.account(account).into_iter().flat_map(|account| account.open_orders(None));
            orders.filter(|order| self.means(fault, order)).cloned().collect()
        };
        let placed = open.into_iter().map(|order| (self.market_by_id(order.market), order));
        placed.filter(|(market, _)| self.meant(fault, market)).collect()
    }

    /// Whether a fault means this order.
    fn means(&self, fault: &Fault, order: &Order) -> bool {
        let wanted = fault.order.as_deref();
        let number = || self.front.order_text(order.market, order.id);
        wanted.is_none_or(|wanted| wanted == order.client_id || wanted == number())
    }

    /// Whether a fault means this market.
    pub(super) fn meant(&self, fault: &Fault, market: &Mutex<Market>) -> bool {
        let market = market.lock();
        fault.pair.as_ref().is_none_or(|name| *name == market.listing.symbol || *name == market.listing.pair())
    }
}

fn external_order(order: &ExternalOrder) -> OrderRequest {
    let mut request = OrderRequest::new(order.side, order.order_type);
    let timed = order.order_type.has_price() && order.order_type != OrderKind::LimitMaker;
    request.time_in_force = timed.then_some(order.time_in_force);
    request.price = order.price;
    request.stop_price = order.stop_price;
    request.quantity = Some(order.quantity);
    request.client_id.clone_from(&order.client_id);
    request.position.side = order.position_side;
    request.position.reduce_only = order.reduce_only;
    request
}
