//! Take-profit and stop-loss of positions: orders that wait, take the whole position, and end with it.

use std::collections::HashMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::json;

use super::Bybit;
use super::call::{Asked, Reply};
use super::errors::ApiError;
use super::order_errors::told;
use super::order_params::{position_side, trigger_by};
use super::params::Params;
use super::positions::contract;
use crate::accounts::{AccountId, CancelRequest, Order, OrderKind, OrderRef, OrderRequest, PositionSide, TriggerBy};
use crate::engine::{OrderId, Side};
use crate::exchange::Exchange;
use crate::market::MarketId;

/// The prices at which a position is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stops {
    pub(super) take_profit: Option<Decimal>,
    pub(super) stop_loss: Option<Decimal>,
}

/// A wish for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wish {
    kind: OrderKind,
    price: Decimal,
    by: TriggerBy,
}

/// A position whose orders are to be placed.
#[derive(Debug)]
struct Due {
    account: AccountId,
    market: MarketId,
    side: PositionSide,
    wishes: Vec<Wish>,
}

impl Due {
    fn of(order: &Order, wishes: Vec<Wish>) -> Due {
        Due { account: order.account, market: order.market, side: order.position.side, wishes }
    }
}

/// The wishes of orders that have not traded yet.
#[derive(Debug, Default)]
pub(super) struct Attached {
    wishes: Mutex<HashMap<(MarketId, OrderId), Vec<Wish>>>,
    due: Mutex<Vec<Due>>,
}

impl Attached {
    /// Whether a position waits for its orders.
    pub(super) fn any_due(&self) -> bool {
        !self.due.lock().is_empty()
    }
}

/// The wishes of a request; a price of zero takes the order away.
fn wishes(params: &Params) -> Result<Vec<Wish>, ApiError> {
    let names =
        [("takeProfit", "tpTriggerBy", OrderKind::TakeProfit), ("stopLoss", "slTriggerBy", OrderKind::StopLoss)];
    let mut wishes = Vec::new();
    for (name, by, kind) in names {
        if let Some(price) = params.decimal(name)? {
            wishes.push(Wish { kind, price, by: trigger_by(params, by)? });
        }
    }
    Ok(wishes)
}

/// The orders that close a position at a price.
fn stop_orders(exchange: &Exchange, account: AccountId, market: MarketId, side: PositionSide) -> Vec<Order> {
    let accounts = exchange.accounts.lock();
    let open = accounts.account(account).into_iter().flat_map(|account| account.open_orders(Some(market)));
    let stops = |order: &&Order| order.position.ends_with_position && order.position.side == side && !order.is_working;
    open.filter(stops).cloned().collect()
}

/// The prices at which a position is closed.
pub(super) fn stops_of(exchange: &Exchange, account: AccountId, market: MarketId, side: PositionSide) -> Stops {
    let orders = stop_orders(exchange, account, market, side);
    let price = |kind| orders.iter().find(|order| order.kind == kind).map(|order| order.stop_price);
    Stops { take_profit: price(OrderKind::TakeProfit), stop_loss: price(OrderKind::StopLoss) }
}

/// `POST /v5/position/trading-stop`
pub(super) fn trading_stop(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let market = contract(asked)?;
    let (account, side) = (asked.account()?, position_side(asked.params)?);
    let wishes = wishes(asked.params)?;
    let position = asked.exchange.positions(account, Some(market)).into_iter().find(|found| found.side == side);
    let size = position.map(|position| position.size).unwrap_or_default();
    if size.is_zero() {
        return Err(ApiError::new(10001, "can not set tp/sl/ts for zero position"));
    }
    for wish in wishes {
        set(asked.exchange, (account, market, side), size, wish).map_err(|error| told(asked.bybit.category, error))?;
    }
    Ok(json!({}).into())
}

/// Puts an order in place of the one of its kind.
fn set(
    exchange: &Exchange,
    (account, market, side): (AccountId, MarketId, PositionSide),
    size: Decimal,
    wish: Wish,
) -> Result<(), crate::accounts::OrderError> {
    let listed = exchange.market_by_id(market);
    for old in stop_orders(exchange, account, market, side).iter().filter(|order| order.kind == wish.kind) {
        exchange.cancel_order(account, &listed, &CancelRequest::new(OrderRef::Id(old.id)))?;
    }
    if wish.price.is_zero() {
        return Ok(());
    }
    let closing = if size > Decimal::ZERO { Side::Sell } else { Side::Buy };
    let mut request = OrderRequest::new(closing, wish.kind);
    request.stop_price = Some(wish.price);
    request.position.side = side;
    request.position.close_position = true;
    request.position.ends_with_position = true;
    request.trigger.by = wish.by;
    request.trigger.holds_nothing = true;
    exchange.place_order(account, &listed, &request).map(|_| ())
}

impl Bybit {
    /// Notes what an order wants for the position that it opens.
    pub(super) fn attach(&self, params: &Params, order: &Order) -> Result<(), ApiError> {
        let mut wishes = wishes(params)?;
        wishes.retain(|wish| !wish.price.is_zero());
        if wishes.is_empty() {
            return Ok(());
        }
        if order.executed.is_zero() {
            self.attached.wishes.lock().insert((order.market, order.id), wishes);
        } else {
            self.attached.due.lock().push(Due::of(order, wishes));
        }
        Ok(())
    }

    /// An order has traded: what it wants for its position is due.
    pub(super) fn attached_traded(&self, order: &Order) {
        if let Some(wishes) = self.attached.wishes.lock().remove(&(order.market, order.id)) {
            self.attached.due.lock().push(Due::of(order, wishes));
        }
    }

    /// Places the orders that are due.
    pub(super) fn attached_due(&self, exchange: &Exchange) {
        let due = std::mem::take(&mut *self.attached.due.lock());
        for Due { account, market, side, wishes } in due {
            let position = exchange.positions(account, Some(market)).into_iter().find(|found| found.side == side);
            let size = position.map(|position| position.size).unwrap_or_default();
            for wish in wishes.into_iter().filter(|_| !size.is_zero()) {
                if let Err(error) = set(exchange, (account, market, side), size, wish) {
                    tracing::debug!(%error, "no order for a position's end");
                }
            }
        }
    }
}
