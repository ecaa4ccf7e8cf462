//! From a request to an order that the rules of the instrument permit.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::error::OrderError;
use super::order::{ExpiryReason, Order, OrderKind, OrderStatus, RejectReason};
use super::peg::{Peg, PegKind};
use super::perpetual::Origin;
use super::request::OrderRequest;
use crate::engine::{OrderId, Side, TimeInForce};

/// Letters of a client id at most.
const CLIENT_ID_LENGTH: usize = 36;

/// What an order of a kind must and must not say.
fn check_fields(request: &OrderRequest, pays_off: bool) -> Result<(), OrderError> {
    let kind = request.kind;
    let missing = |field| Err(OrderError::Missing(kind, field));
    let unexpected = |field| Err(OrderError::Unexpected(kind, field));
    let by_amount = request.quote_quantity.is_some();
    match (request.quantity.is_some() || by_amount || request.position.close_position, pays_off) {
        (false, false) => return missing("quantity"),
        (true, true) => return Err(OrderError::PendingQuantity),
        _ => {}
    }
    if by_amount && (kind != OrderKind::Market || request.quantity.is_some()) {
        return unexpected("quoteOrderQty");
    }
    if kind.has_price() && request.price.is_none() && request.peg.is_none() {
        return missing("price");
    }
    if !kind.has_price() && (request.price.is_some() || request.peg.is_some()) {
        return unexpected("price");
    }
    let timed = kind.has_price() && kind != OrderKind::LimitMaker;
    if timed && request.time_in_force.is_none() {
        return missing("timeInForce");
    }
    if kind.is_conditional() && request.stop_price.is_none() && request.trailing_delta.is_none() {
        return missing("stopPrice");
    }
    if !kind.is_conditional() && (request.stop_price.is_some() || request.trailing_delta.is_some()) {
        return unexpected(if request.stop_price.is_some() { "stopPrice" } else { "trailingDelta" });
    }
    if !kind.has_price() && request.iceberg_quantity.is_some() {
        return unexpected("icebergQty");
    }
    Ok(())
}

fn check_numbers(request: &OrderRequest) -> Result<(), OrderError> {
    let numbers = [
        ("quantity", request.quantity),
        ("quoteOrderQty", request.quote_quantity),
        ("price", request.price),
        ("stopPrice", request.stop_price),
    ];
    match numbers.iter().find(|(_, number)| number.is_some_and(|number| number <= Decimal::ZERO)) {
        Some((name, _)) => Err(OrderError::NotPositive(name)),
        None => Ok(()),
    }
}

fn check_iceberg(request: &OrderRequest) -> Result<(), OrderError> {
    let Some(visible) = request.iceberg_quantity.filter(|visible| !visible.is_zero()) else { return Ok(()) };
    if visible < Decimal::ZERO {
        return Err(OrderError::NotPositive("icebergQty"));
    }
    if request.quantity.is_some_and(|quantity| visible > quantity) {
        return Err(OrderError::IcebergExceedsQuantity);
    }
    let stays = request.kind == OrderKind::LimitMaker || request.time_in_force == Some(TimeInForce::Gtc);
    if stays { Ok(()) } else { Err(OrderError::IcebergNeedsGtc) }
}

impl Desk<'_> {
    /// The order that a request asks for, checked by all rules that do not depend on the account's other orders
    /// and funds. It has no number yet. `pays_off`: the quantity follows from another order.
    pub(super) fn draft(
        &mut self,
        account: AccountId,
        request: &OrderRequest,
        pays_off: bool,
    ) -> Result<Order, OrderError> {
        check_fields(request, pays_off)?;
        check_numbers(request)?;
        check_iceberg(request)?;
        let client_id = self.client_id(request)?;
        let price = match request.peg {
            Some(peg) => self.pegged(request.side, peg)?,
            None => request.price.unwrap_or_default(),
        };
        let mut order = self.build(account, request, client_id, price);
        order.hold = self.hold_price(&order);
        self.check_rules(&order, pays_off)?;
        Ok(order)
    }

    /// The order that a request asks for, unchecked; nothing is held for it yet.
    pub(super) fn build(&self, account: AccountId, request: &OrderRequest, client_id: String, price: Decimal) -> Order {
        let gtc = !request.kind.has_price() || request.kind == OrderKind::LimitMaker;
        let time_in_force = if gtc { TimeInForce::Gtc } else { request.time_in_force.unwrap_or_default() };
        Order {
            id: OrderId(0),
            symbol: Arc::clone(&self.market.names.symbol),
            market: self.market.id,
            account,
            list: None,
            client_id,
            named: request.client_id.is_some(),
            side: request.side,
            kind: request.kind,
            time_in_force,
            price,
            quantity: request.quantity.unwrap_or_default(),
            quote_quantity: request.quote_quantity.unwrap_or_default(),
            executed: Decimal::ZERO,
            executed_quote: Decimal::ZERO,
            status: OrderStatus::New,
            expiry: ExpiryReason::None,
            reject: RejectReason::None,
            stop_price: request.stop_price.unwrap_or_default(),
            iceberg_quantity: request.iceberg_quantity.unwrap_or_default(),
            trailing_delta: request.trailing_delta,
            trailing_time: None,
            peg: request.peg,
            created: self.now,
            updated: self.now,
            working_time: None,
            is_working: false,
            self_trade: request.self_trade.unwrap_or(self.market.listing.rules.self_trade),
            prevented_quantity: Decimal::ZERO,
            prevented: Vec::new(),
            strategy_id: request.strategy_id,
            strategy_type: request.strategy_type,
            amendments: Vec::new(),
            locked: Decimal::ZERO,
            hold: None,
            archived: false,
            position: request.position,
            trigger: request.trigger,
            origin: Origin::User,
        }
    }

    /// The client's id, or a made one.
    fn client_id(&mut self, request: &OrderRequest) -> Result<String, OrderError> {
        match &request.client_id {
            Some(id) if id.is_empty() || id.len() > CLIENT_ID_LENGTH => Err(OrderError::ClientId),
            Some(id) => Ok(id.clone()),
            None => Ok(self.accounts.made_id()),
        }
    }

    /// Price by which an order holds funds until it ends, or until it works as a market order.
    fn hold_price(&self, order: &Order) -> Option<Decimal> {
        match order.kind {
            OrderKind::Market => None,
            OrderKind::StopLoss | OrderKind::TakeProfit if order.stop_price.is_zero() => Some(self.last_price()),
            OrderKind::StopLoss | OrderKind::TakeProfit => Some(order.stop_price),
            _ => Some(order.price),
        }
    }

    /// The price that a peg gives now.
    pub(super) fn pegged(&self, side: Side, peg: Peg) -> Result<Decimal, OrderError> {
        let of = if peg.kind == PegKind::PrimaryPeg { side } else { side.opposite() };
        let offset = peg.offset.unwrap_or(0) as usize;
        self.market.engine.book().level_price(of, offset).ok_or(OrderError::NoLiquidity)
    }
}
